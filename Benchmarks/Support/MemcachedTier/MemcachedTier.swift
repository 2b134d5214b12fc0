import LambdaCacheHandlers

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A memcached server as the tier that all environments of a function share: an example of another
/// engine than Valkey, to be copied.
///
/// It uses the meta commands (memcached 1.6), of which several are sent at once and answered in
/// order. memcached runs no programs, so that nothing can be decided about two items in one step; a
/// lease is therefore the state of the value's own item:
///
/// - Of a key without a value, `mg` with `N` makes an empty item that lives as long as the lease,
///   and marks the reply to the first of several. The lease is the version of that item.
/// - Of a key with a value, an item beside it is added that lives as long as the lease, and which
///   only one can add. The lease is the version of the value. Two leases of a value that stays the
///   same are alike: of their loads the first that ends is stored, also if its lease has ended.
///
/// An entry is stored under a lease by comparing the version (`ms` with `C`). A removal deletes the
/// item, and whatever comes after it has another version. A server that restarts counts versions
/// from 1 again, so that a lease also names the connection that it was granted on.
///
/// memcached counts time in whole seconds, and has no command for its clock; see ``Clock``.
public final class MemcachedTier: SharedTier {
  private let connection: ServerConnection
  private let names: ItemNames

  /// Describes a tier; nothing is connected yet.
  ///
  /// - Parameters:
  ///   - host: The server's name or address.
  ///   - port: The server's port.
  ///   - keyPrefix: The beginning of the names of all items.
  ///   - connectLimit: The longest wait for each of the host's addresses, and for its first answer.
  public init(
    host: String, port: UInt16, keyPrefix: String = "", connectLimit: Duration = .seconds(1)
  ) {
    connection = ServerConnection(host: host, port: port, connectLimit: connectLimit)
    names = ItemNames(prefix: keyPrefix)
  }

  deinit { connection.close() }

  /// Fetches values and the generations of tags in one round trip.
  ///
  /// - Parameters:
  ///   - request: The keys, tags and lease.
  ///   - limit: The longest time that it may take.
  /// - Returns: The values and the generations, in the order of the request.
  /// - Throws: ``MemcachedError``, or `CancellationError` when the task is cancelled.
  public func fetch(_ request: TierRequest, within limit: Duration) async throws -> TierResponse {
    let isForAll = request.lease?.isForMissingKeysOnly == false
    let lifetime = request.lease.map { Seconds.atLeast($0.duration) }
    var commands = MetaCommands()
    for key in request.keys {
      if isForAll, let lifetime {
        commands.add(names.lease(key), lifetime: lifetime)
      }
      commands.get(names.value(key), creatingFor: lifetime)
    }
    let now = Clock.microseconds
    for tag in request.tags {
      commands.count(names.tag(tag), by: 0, from: UInt64(now))
    }
    let answer = try await connection.exchange(commands, within: limit)
    var replies = answer.replies[...]
    let values = try request.keys.map { _ in
      let addition = isForAll ? replies.popFirst() : nil
      guard let reply = replies.popFirst() else { throw MemcachedError.malformedReply("mg") }
      return try value(
        reply, addition: addition, asksForLease: lifetime != nil, epoch: answer.epoch)
    }
    let generations = try request.tags.map { _ in
      guard let reply = replies.popFirst() else { throw MemcachedError.malformedReply("ma") }
      return try Self.generation(reply)
    }
    return TierResponse(
      values: values, generations: generations, serverTime: Clock.microseconds / 1000)
  }

  /// The answer for one key.
  ///
  /// - Parameters:
  ///   - reply: The reply to its `mg`.
  ///   - addition: The reply to the addition of a lease beside the value; `nil` if none was asked.
  ///   - asksForLease: Whether a lease was asked for.
  ///   - epoch: The number of the connection.
  private func value(
    _ reply: MetaReply, addition: MetaReply?, asksForLease: Bool, epoch: UInt64
  ) throws -> TierResponse.Value {
    switch reply.code {
    case .noItem:
      return TierResponse.Value(bytes: nil)
    case .value(let bytes):
      guard let version = reply.version else { throw MemcachedError.malformedReply("mg") }
      if reply.clientFlags == MetaCommands.valueFlag {
        guard asksForLease else { return TierResponse.Value(bytes: bytes) }
        let isGranted = addition.map { $0.code != .notStored } ?? false
        let lease = Self.lease(version, epoch, isBeside: true)
        return TierResponse.Value(bytes: bytes, lease: isGranted ? lease : .heldElsewhere)
      }
      // An empty item stands for a lease, which the request has that made the item.
      guard asksForLease else { return TierResponse.Value(bytes: nil) }
      let lease = Self.lease(version, epoch, isBeside: false)
      return TierResponse.Value(bytes: nil, lease: reply.isWinner ? lease : .heldElsewhere)
    case .serverError:
      // There is no memory for a lease. Loads must not wait for one that cannot be had.
      return TierResponse.Value(
        bytes: nil, lease: asksForLease ? .granted(token: LeaseToken.never) : .notAsked)
    default:
      throw MemcachedError.malformedReply("mg")
    }
  }

  private static func lease(
    _ version: UInt64, _ epoch: UInt64, isBeside: Bool
  ) -> TierResponse.Lease {
    let token = LeaseToken(version: version, epoch: epoch, isBeside: isBeside)
    return .granted(token: token.rawValue)
  }

  private static func generation(_ reply: MetaReply) throws -> UInt64 {
    switch reply.code {
    case .value(let bytes):
      guard let number = UInt64(String(decoding: bytes, as: UTF8.self)) else {
        throw MemcachedError.malformedReply("ma")
      }
      return number
    case .serverError:
      // There is no memory for it: one that no other request gets, so that values are loaded.
      return UInt64(Clock.microseconds) << 8 | UInt64.random(in: 0..<256)
    default:
      throw MemcachedError.malformedReply("ma")
    }
  }

  /// Stores values in one round trip.
  ///
  /// An entry whose lease was granted on an earlier connection is not stored.
  ///
  /// - Parameters:
  ///   - entries: The entries. Of several that the server refuses, the others are stored.
  ///   - limit: The longest time that it may take.
  /// - Throws: ``MemcachedError``, or `CancellationError` when the task is cancelled.
  public func store(_ entries: [TierEntry], within limit: Duration) async throws {
    var leased = MetaCommands()
    var plain = MetaCommands()
    var epoch: UInt64?
    for entry in entries {
      let lifetime = Seconds.atLeast(entry.timeToLive)
      guard let token = entry.leaseToken else {
        plain.set(names.value(entry.key), entry.bytes, lifetime: lifetime, version: nil)
        continue
      }
      guard token != LeaseToken.never else { throw MemcachedError.refused("no memory for a lease") }
      let lease = LeaseToken(rawValue: token)
      guard lease.epoch == connection.epoch else { continue }
      epoch = lease.epoch
      leased.set(
        names.value(entry.key), entry.bytes, lifetime: lifetime, version: lease.version)
      if lease.isBeside { leased.delete(names.lease(entry.key)) }
    }
    let start = ContinuousClock.now
    var replies: [MetaReply] = []
    if leased.count > 0 {
      // `nil`: the connection is another one by now, and with it all leases are void.
      replies += try await connection.exchange(leased, within: limit, onlyIn: epoch)?.replies ?? []
    }
    if plain.count > 0 {
      let left = limit - (ContinuousClock.now - start)
      replies += try await connection.exchange(plain, within: left).replies
    }
    for reply in replies { try reply.check() }
  }

  /// Removes values with the leases of their keys, and gives tags new generations, in one round
  /// trip.
  ///
  /// - Parameters:
  ///   - removal: The keys and tags.
  ///   - limit: The longest time that it may take.
  /// - Throws: ``MemcachedError``, or `CancellationError` when the task is cancelled.
  public func remove(_ removal: TierRemoval, within limit: Duration) async throws {
    var commands = MetaCommands()
    let now = UInt64(Clock.microseconds)
    for tag in removal.tags { commands.count(names.tag(tag), by: 1, from: now) }
    for key in removal.keys {
      commands.delete(names.value(key))
      commands.delete(names.lease(key))
    }
    guard commands.count > 0 else { return }
    for reply in try await connection.exchange(commands, within: limit).replies {
      try reply.check()
    }
  }
}

/// The name of a lease: a version, the connection that it was seen on, and where the lease is.
struct LeaseToken {
  /// The token of a lease that could not be written.
  static let never: UInt64 = .max

  let rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  /// - Parameters:
  ///   - version: The version of the value's item; a server does not write so often that 40 bits
  ///     do not hold it.
  ///   - epoch: The number of the connection.
  ///   - isBeside: Whether the lease is an item of its own.
  init(version: UInt64, epoch: UInt64, isBeside: Bool) {
    rawValue =
      (version & Self.versionMask) << 24 | (epoch & Self.epochMask) << 1 | (isBeside ? 1 : 0)
  }

  private static let versionMask: UInt64 = (1 << 40) - 1
  static let epochMask: UInt64 = (1 << 23) - 1

  var version: UInt64 { rawValue >> 24 }
  var epoch: UInt64 { rawValue >> 1 & Self.epochMask }
  var isBeside: Bool { rawValue & 1 == 1 }
}

/// The time that values are dated by.
///
/// memcached has no command that answers a time, but for a list of eighty figures with one in whole
/// seconds. Values are dated by the environment's own wall clock, which Lambda keeps by the time
/// service of its network; that it is right is checked with each connection, against that figure.
enum Clock {
  /// By how many seconds the clocks may differ, of which the server's is behind by up to two.
  static let tolerance: Int64 = 5

  /// The microseconds since 1970.
  static var microseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }
}

/// Durations as memcached takes them.
enum Seconds {
  /// A longer duration would be taken for a time since 1970.
  private static let longest: Int64 = 30 * 86_400

  /// Whole seconds that are no less than a duration: the server's clock may tick at once.
  static func atLeast(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return min(max(0, min(seconds, longest)) + (attoseconds > 0 ? 2 : 1), longest)
  }
}
