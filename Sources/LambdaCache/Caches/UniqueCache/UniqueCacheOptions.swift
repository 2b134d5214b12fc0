/// Everything about a ``UniqueCache`` but how much it may hold: a value that a parameter passes or
/// a closure configures.
///
/// ```swift
/// let squares = UniqueCache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(300)) {
///   $0.expiration.idleTimeToLive = .seconds(60)
/// }
/// ```
///
/// The call, the closure, the environment and these options have the precedence that
/// ``CacheOptions`` states. A cache with one owner loads nothing and lends nothing; so it has no
/// ``LoadPolicy``, no tags and no bounds of its part of a budget.
public struct UniqueCacheOptions<Key: Hashable, Value> {
  /// The most entries that the cache holds; `nil` for as many as its bytes allow.
  public var entryLimit: Int?

  /// The most bytes that one key and its value may own on the heap; `nil` for as many as the cache.
  public var entryByteLimit: Int?

  /// Which entries leave when the cache is full; the least recently used ones by default.
  public var policy = EvictionPolicy.leastRecentlyUsed

  /// When entries expire; never by default.
  ///
  /// ``Expiration/ThawPolicy/revalidate(after:)`` is refused: there is nothing that loads.
  public var expiration = Expiration()

  /// How long an entry with this key and value lives, asked before it is set; `nil` for the cache's
  /// time to live.
  public var entryTimeToLive: ((Key, Value) -> Duration?)?

  /// Called with key, value and cause of every entry that leaves, at the end of the operation that
  /// removed it.
  public var onRemoval: ((Key, Value, RemovalCause) -> Void)?

  /// Whether a value that cannot be measured ends the process, with a message that names the part:
  /// for tests.
  ///
  /// By default it is rejected and counted in ``CacheStatistics/rejectionsForUnknownSize``, and the
  /// first one is logged.
  public var endsProcessForUnknownSize = false

  /// The clock that entries expire by; `nil` for the system's clocks.
  public var clock: (any CacheClock)?

  /// Creates options with their defaults.
  public init() {}
}

extension UniqueCacheOptions {
  /// The options with what an initializer's closure and its parameters say.
  @usableFromInline
  func completed(
    entryLimit: Int?, timeToLive: Duration?, policy: EvictionPolicy?,
    by configure: (inout UniqueCacheOptions) -> Void
  ) -> UniqueCacheOptions {
    var options = self
    if let policy { options.policy = policy }
    configure(&options)
    options.entryLimit = OneOf.only(entryLimit, options.entryLimit, "entry limit")
    options.expiration.timeToLive = OneOf.only(
      timeToLive, options.expiration.timeToLive, "time to live")
    if case .revalidate = options.expiration.afterThaw {
      requireArgument(
        false,
        "a cache with one owner loads nothing: after a thaw it keeps or drops entries, and "
          + "cannot have them revalidated")
    }
    return options
  }

  /// The settings that the environment may change.
  var settings: CacheSettings {
    var settings = CacheSettings(expiration)
    settings.entryLimit = entryLimit
    settings.entryByteLimit = entryByteLimit
    settings.policy = policy
    return settings
  }

  /// Takes the settings that the environment has changed.
  mutating func apply(_ settings: CacheSettings) {
    entryLimit = settings.entryLimit
    entryByteLimit = settings.entryByteLimit
    policy = settings.policy
    expiration = expiration.replacing(settings)
  }
}
