/// An engine outside of the environment that keeps values for all environments of a function.
///
/// It keeps bytes and knows nothing of what they mean. A type that conforms has three operations,
/// each for several keys and each one round trip. It neither tries again nor reports anything:
/// its caller counts its errors, and stops calling an engine that fails.
///
/// Operations are called concurrently. Each ends within its time limit, with an error where there
/// is no answer by then, and also ends when its task is cancelled.
public protocol SharedTier: Sendable {
  /// Fetches values and the generations of tags.
  ///
  /// For each key the lease that ``TierRequest/lease`` asks for is granted in the same step as the
  /// value is read: of all that ask for the lease of a key, one is granted it, until the lease ends
  /// or is given back. A lease is not part of the value: a key without a value can have one, and no
  /// key of a value is ever the name of another's lease.
  ///
  /// A tag whose generation the engine does not know, because it is new or because the engine has
  /// dropped it, is given one here that it never had before, and which is kept: its server's time
  /// in microseconds, for instance.
  ///
  /// - Parameters:
  ///   - request: What to fetch.
  ///   - limit: The longest time that it may take.
  /// - Returns: As many values as the request has keys, and as many generations as it has tags, in
  ///   the order of the request.
  /// - Throws: Any error, when there is no answer within the limit or none that can be understood.
  func fetch(_ request: TierRequest, within limit: Duration) async throws -> TierResponse

  /// Stores values, each with its own time to live.
  ///
  /// An entry with a lease is stored only if its key still has that lease, which is given back in
  /// the same step: otherwise the key was removed since, or the lease has ended, and nothing is
  /// stored. That is no error.
  ///
  /// - Parameters:
  ///   - entries: What to store.
  ///   - limit: The longest time that it may take.
  /// - Throws: Any error, when an entry was not stored for another reason than its lease.
  func store(_ entries: [TierEntry], within limit: Duration) async throws

  /// Removes values with the leases of their keys, and gives tags new generations.
  ///
  /// - Parameters:
  ///   - removal: What to remove.
  ///   - limit: The longest time that it may take.
  /// - Throws: Any error, when it is not certain that everything was removed.
  func remove(_ removal: TierRemoval, within limit: Duration) async throws
}

/// The name of a value, or of a tag, in a ``SharedTier``.
public struct TierKey: Hashable, Sendable {
  /// The name, as the engine is given it.
  public var bytes: [UInt8]

  /// Makes a name.
  ///
  /// - Parameter bytes: The name, as the engine is given it.
  public init(bytes: [UInt8]) {
    self.bytes = bytes
  }
}

/// What is fetched from a ``SharedTier`` in one round trip.
public struct TierRequest: Sendable, Hashable {
  /// A lease that is asked for with each key of a request.
  ///
  /// The one that is granted it loads the value; others know that it is being loaded. It ends by
  /// itself, so that one that is not given back, as by an environment that is frozen, only delays.
  public struct Lease: Sendable, Hashable {
    /// The time after which it ends, unless it is given back before.
    public var duration: Duration
    /// Whether it is asked for only with keys that have no value; otherwise with all.
    public var isForMissingKeysOnly: Bool

    /// Describes a lease.
    ///
    /// - Parameters:
    ///   - duration: The time after which it ends, unless it is given back before.
    ///   - isForMissingKeysOnly: Whether it is asked for only with keys that have no value.
    public init(duration: Duration, isForMissingKeysOnly: Bool = true) {
      self.duration = duration
      self.isForMissingKeysOnly = isForMissingKeysOnly
    }
  }

  /// The names of the values, each of them once.
  public var keys: [TierKey]
  /// The names of the tags whose generations are fetched, each of them once.
  public var tags: [TierKey]
  /// The lease that is asked for with each key; `nil` for none.
  public var lease: Lease?

  /// Describes a request.
  ///
  /// - Parameters:
  ///   - keys: The names of the values, each of them once.
  ///   - tags: The names of the tags whose generations are fetched, each of them once.
  ///   - lease: The lease that is asked for with each key; `nil` for none.
  public init(keys: [TierKey], tags: [TierKey] = [], lease: Lease? = nil) {
    self.keys = keys
    self.tags = tags
    self.lease = lease
  }
}

/// What a ``SharedTier`` answers to a ``TierRequest``.
public struct TierResponse: Sendable, Hashable {
  /// Whether a lease of a key was granted.
  public enum Lease: Sendable, Hashable {
    /// None was asked for.
    case notAsked
    /// It was granted. The token distinguishes it from all other leases of the key, earlier ones
    /// included; ``TierEntry/leaseToken`` gives it back.
    case granted(token: UInt64)
    /// Another has it.
    case heldElsewhere
  }

  /// What is known of one key.
  public struct Value: Sendable, Hashable {
    /// The bytes that were stored; `nil` if there are none.
    public var bytes: [UInt8]?
    /// Whether the lease of the key was granted.
    public var lease: Lease

    /// Describes what is known of one key.
    ///
    /// - Parameters:
    ///   - bytes: The bytes that were stored; `nil` if there are none.
    ///   - lease: Whether the lease of the key was granted.
    public init(bytes: [UInt8]?, lease: Lease = .notAsked) {
      self.bytes = bytes
      self.lease = lease
    }
  }

  /// The values, in the order of the request's keys.
  public var values: [Value]
  /// The generations, in the order of the request's tags.
  public var generations: [UInt64]
  /// The time of the engine's clock, in milliseconds since 1970.
  public var serverTime: Int64

  /// Describes an answer.
  ///
  /// - Parameters:
  ///   - values: The values, in the order of the request's keys.
  ///   - generations: The generations, in the order of the request's tags.
  ///   - serverTime: The time of the engine's clock, in milliseconds since 1970.
  public init(values: [Value], generations: [UInt64] = [], serverTime: Int64) {
    self.values = values
    self.generations = generations
    self.serverTime = serverTime
  }
}

/// A value to be stored in a ``SharedTier``.
public struct TierEntry: Sendable, Hashable {
  /// The name of the value.
  public var key: TierKey
  /// The bytes to store.
  public var bytes: [UInt8]
  /// How long the engine keeps it, a millisecond at the least.
  public var timeToLive: Duration
  /// The lease of the key that it is stored under, and which is given back; `nil` to store it
  /// whatever has happened to the key.
  public var leaseToken: UInt64?

  /// Describes a value.
  ///
  /// - Parameters:
  ///   - key: The name of the value.
  ///   - bytes: The bytes to store.
  ///   - timeToLive: How long the engine keeps it, a millisecond at the least.
  ///   - leaseToken: The lease of the key that it is stored under; `nil` to store it whatever has
  ///     happened to the key.
  public init(key: TierKey, bytes: [UInt8], timeToLive: Duration, leaseToken: UInt64? = nil) {
    self.key = key
    self.bytes = bytes
    self.timeToLive = timeToLive
    self.leaseToken = leaseToken
  }
}

/// What is removed from a ``SharedTier`` in one round trip.
public struct TierRemoval: Sendable, Hashable {
  /// The names of the values to remove, with their leases.
  public var keys: [TierKey]
  /// The names of the tags that are given a generation that they never had before.
  public var tags: [TierKey]

  /// Describes a removal.
  ///
  /// - Parameters:
  ///   - keys: The names of the values to remove, with their leases.
  ///   - tags: The names of the tags that are given a generation that they never had before.
  public init(keys: [TierKey] = [], tags: [TierKey] = []) {
    self.keys = keys
    self.tags = tags
  }
}
