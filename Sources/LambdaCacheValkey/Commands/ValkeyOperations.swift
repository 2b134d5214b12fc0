internal import LambdaCacheHandlers

/// The operations of a tier as commands, and their replies as answers.
struct ValkeyOperations: Sendable {
  let client: ValkeyClient
  let names: KeyNames

  func fetch(_ request: TierRequest, within limit: Duration) async throws -> TierResponse {
    if request.lease == nil, request.tags.isEmpty {
      return try await read(request.keys, within: limit)
    }
    // Only the server tells tokens apart by more than chance: a request that is sent twice has one.
    let token = UInt64.random(in: 1 ... .max)
    var keys = request.keys.map(names.value)
    keys += request.keys.map(names.lease)
    keys += request.tags.map(names.tag)
    let arguments = [
      String(request.keys.count), request.lease == nil ? "" : String(token),
      Self.milliseconds(request.lease?.duration ?? .zero),
      request.lease?.isForMissingKeysOnly == false ? "1" : "0",
    ]
    let reply = try await client.perform(
      [.script(.fetch, keys: keys, arguments: arguments.map { Array($0.utf8) })], within: limit)[0]
    guard case .array(let parts) = reply, parts.count == 5,
      case .array(let values) = parts[2], values.count == request.keys.count,
      case .array(let leases) = parts[3],
      leases.count == (request.lease == nil ? 0 : values.count),
      case .array(let tags) = parts[4], tags.count == request.tags.count
    else { throw Self.malformed("FETCH", reply) }
    var answers: [TierResponse.Value] = []
    answers.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      let lease: TierResponse.Lease =
        leases.isEmpty
        ? .notAsked : leases[index] == .integer(1) ? .granted(token: token) : .heldElsewhere
      answers.append(TierResponse.Value(bytes: value.text, lease: lease))
    }
    let generations = try tags.map { tag in
      guard let number = tag.decimal, number >= 0 else { throw Self.malformed("a tag", tag) }
      return UInt64(number)
    }
    return TierResponse(
      values: answers, generations: generations, serverTime: try Self.time(parts[0], parts[1]))
  }

  /// Reads values in one round trip, without a script and without writing anything.
  private func read(_ keys: [TierKey], within limit: Duration) async throws -> TierResponse {
    let time = TierCommand.plain("TIME", [])
    let operation = keys.isEmpty ? [time] : [time, .plain("MGET", keys.map(names.value))]
    let replies = try await client.perform(operation, within: limit)
    guard case .array(let clock) = replies[0], clock.count == 2 else {
      throw Self.malformed("TIME", replies[0])
    }
    let serverTime = try Self.time(clock[0], clock[1])
    if keys.isEmpty { return TierResponse(values: [], serverTime: serverTime) }
    guard case .array(let values) = replies[1], values.count == keys.count else {
      throw Self.malformed("MGET", replies[1])
    }
    return TierResponse(
      values: values.map { TierResponse.Value(bytes: $0.text) }, serverTime: serverTime)
  }

  func store(_ entries: [TierEntry], within limit: Duration) async throws {
    var operation: [TierCommand] = []
    var (keys, arguments): ([[UInt8]], [[UInt8]]) = ([], [])
    for entry in entries {
      let lifetime = Array(Self.milliseconds(entry.timeToLive).utf8)
      if let token = entry.leaseToken {
        keys += [names.value(entry.key), names.lease(entry.key)]
        arguments += [entry.bytes, lifetime, Array(String(token).utf8)]
      } else {
        operation.append(
          .plain("SET", [names.value(entry.key), entry.bytes, Array("PX".utf8), lifetime]))
      }
    }
    if !keys.isEmpty { operation.append(.script(.store, keys: keys, arguments: arguments)) }
    _ = try await client.perform(operation, within: limit)
  }

  func remove(_ removal: TierRemoval, within limit: Duration) async throws {
    var operation: [TierCommand] = []
    if !removal.tags.isEmpty {
      operation.append(.script(.renew, keys: removal.tags.map(names.tag), arguments: []))
    }
    if !removal.keys.isEmpty {
      operation.append(
        .plain("UNLINK", removal.keys.flatMap { [names.value($0), names.lease($0)] }))
    }
    _ = try await client.perform(operation, within: limit)
  }

  /// A time as the server takes it: whole milliseconds, one at the least.
  private static func milliseconds(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    // The server refuses times that overflow with its own added.
    let whole = max(0, min(seconds, 1 << 40)) * 1000 + attoseconds / 1_000_000_000_000_000
    return String(max(1, whole))
  }

  /// The milliseconds since 1970 of an answer of TIME: seconds, and microseconds.
  private static func time(
    _ seconds: RESPValue, _ microseconds: RESPValue
  ) throws(ValkeyError) -> Int64 {
    guard let seconds = seconds.decimal, let microseconds = microseconds.decimal,
      (0..<(1 << 40)).contains(seconds), (0..<1_000_000).contains(microseconds)
    else { throw .malformedReply("TIME") }
    return Int64(seconds * 1000 + microseconds / 1000)
  }

  private static func malformed(_ what: String, _ reply: RESPValue) -> ValkeyError {
    .malformedReply("\(what): \(reply.shape)")
  }
}

extension RESPValue {
  /// The kind of a reply, without what it holds.
  fileprivate var shape: String {
    switch self {
    case .status: "a status"
    case .error: "an error"
    case .integer, .number: "a number"
    case .bytes: "a text"
    case .boolean: "a truth value"
    case .null: "nothing"
    case .array(let elements): "\(elements.count) values"
    case .map(let elements): "\(elements.count / 2) pairs"
    case .push: "a message"
    }
  }
}
