/// Everything about a ``Cache`` but how much it may hold: a value that a parameter passes or a
/// closure configures.
///
/// <!-- with: User -->
/// ```swift
/// let users = Cache<String, User>(byteLimit: 32 << 20, timeToLive: .seconds(300)) {
///   $0.expiration.jitter = .fraction(0.1)
///   $0.loading.staleIfError = .seconds(3_600)
///   $0.onRemoval = { key, _, cause in print(key, cause) }
/// }
/// ```
///
/// ## Which setting counts
///
/// A setting has the value of the first of these that has it:
///
/// 1. the call: `setValue(_:forKey:timeToLive:heapByteCount:)`,
/// 2. the closure that is asked about each entry: ``entryTimeToLive``, ``tags``,
/// 3. the environment, for a cache on a ``MemoryBudget``: the variable of the cache, then the one
///    of all caches, see ``CacheConfiguration``,
/// 4. these options, where the parameters of the initializer stand for the options of their names.
///
/// ``Cache/timeToLive`` and the limits of a cache can be changed while it is used; such a change
/// replaces what the environment and the options say. ``Cache/explainConfiguration()`` shows the
/// value in effect of every setting and where it comes from.
///
/// An option that cannot have an effect ends the process with a message when the cache is made:
/// bounds of its part of a budget where there is none, or a time to live or an entry limit that the
/// initializer's parameter and the options give differently.
public struct CacheOptions<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// The most entries that the cache holds; `nil` for as many as its bytes allow.
  public var entryLimit: Int?

  /// The most bytes that one key and its value may own on the heap; `nil` for as many as the cache.
  public var entryByteLimit: Int?

  /// Which entries leave when the cache is full; the least recently used ones by default.
  public var policy = EvictionPolicy.leastRecentlyUsed

  /// When entries expire; never by default.
  public var expiration = Expiration()

  /// How ``Cache/value(forKey:timeToLive:within:orLoad:)`` and its kin load, and what they do with
  /// values that have expired.
  public var loading = LoadPolicy()

  /// The size that other caches on the same ``MemoryBudget`` never push this one below; `nil` for
  /// none.
  public var minimumSize: MemorySize?

  /// The size that the cache never grows above on its ``MemoryBudget``; `nil` for the whole budget.
  public var maximumSize: MemorySize?

  /// How much a byte of the cache is worth beside one of another, from 0.01 to 100.
  package var weight = 1.0

  /// How long an entry with this key and value lives, asked before it is set, outside of any lock;
  /// `nil` for the cache's time to live.
  public var entryTimeToLive: (@Sendable (Key, Value) -> Duration?)?

  /// The tags of an entry with this key and value, asked before it is set, outside of any lock; see
  /// ``Cache/removeAll(tagged:)``.
  public var tags: (@Sendable (Key, Value) -> [String])?

  /// Whether two tags are equal only if they have the same bytes in UTF-8; if not, they are equal
  /// as strings are, `é` in one scalar and in two.
  public var hasExactTags = false

  /// Called with key, value and cause of every entry that leaves, after the operation that removed
  /// it.
  public var onRemoval: (@Sendable (Key, Value, RemovalCause) -> Void)?

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

extension CacheOptions {
  /// The options with what an initializer's closure and its parameters say.
  @usableFromInline
  func completed(
    entryLimit: Int?, timeToLive: Duration?, policy: EvictionPolicy?,
    by configure: (inout CacheOptions) -> Void
  ) -> CacheOptions {
    var options = self
    if let policy { options.policy = policy }
    configure(&options)
    options.entryLimit = OneOf.only(entryLimit, options.entryLimit, "entry limit")
    options.expiration.timeToLive = OneOf.only(
      timeToLive, options.expiration.timeToLive, "time to live")
    return options
  }

  /// Traps if an option needs a budget, which the cache does not have.
  @usableFromInline
  func validateWithoutBudget() {
    requireArgument(
      minimumSize == nil && maximumSize == nil && weight == 1,
      "a cache with a byte limit of its own has no part of a budget: minimumSize and maximumSize "
        + "are for caches that are made with init(named:in:)")
  }

  /// The settings that the environment may change.
  var settings: CacheSettings {
    var settings = CacheSettings(expiration)
    settings.take(loading)
    settings.minimumSize = minimumSize
    settings.maximumSize = maximumSize
    settings.weight = weight
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
    loading = loading.replacing(settings)
  }
}

extension CacheOptions {
  /// The expiration as the engine has it: with the time that the load policy keeps expired entries.
  var engineExpiration: Expiration {
    var expiration = expiration
    expiration.staleWindow = loading.staleWindow
    return expiration
  }
}
