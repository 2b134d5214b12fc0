/// Caches whose limits come from the environment and from a budget that several caches share.
extension Cache {
  /// Creates a named cache as the environment variables configure it, within a memory budget.
  ///
  /// ```swift
  /// let configuration = try CacheConfiguration()
  /// let budget = try MemoryBudget()
  /// let users = Cache<String, String>(name: "users", configuration: configuration, budget: budget)
  /// ```
  ///
  /// The budget sets ``byteLimit`` and changes it as this cache and others need room; see
  /// ``MemoryBudget``. A cache that is turned off (`LAMBDA_CACHE_ENABLED`) has a limit of 0 for as
  /// long as it lives, also if the program sets another: it holds nothing, and every look-up
  /// misses.
  ///
  /// - Parameters:
  ///   - name: The name of the cache, as in `LAMBDA_CACHE_<NAME>_SIZE`.
  ///   - configuration: The settings for all caches and for this one.
  ///   - budget: What all caches may use together.
  ///   - timeToLive: How long an entry lives where the configuration says nothing; `nil` for what
  ///     `expiration` says.
  ///   - expiration: When entries expire where the configuration says nothing.
  ///   - loading: What read-through remembers of loads that fail; `nil` for nothing.
  ///   - minimumSize: What other caches never push this one below, where the configuration says
  ///     nothing.
  ///   - maximumSize: What this cache never grows above, where the configuration says nothing;
  ///     `nil` for the whole budget.
  ///   - weight: How much a byte of this cache is worth beside one of another, from 0.01 to 100,
  ///     where the configuration says nothing.
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - onRemoval: Told of every entry that leaves.
  ///   - entryTimeToLive: How long an entry with this key and value lives; `nil` for the time to
  ///     live that the configuration or the program has set for the cache.
  ///   - tags: The tags of an entry with this key and value; `nil` for none. See
  ///     ``removeAll(tagged:)``.
  ///   - exactTags: Whether two tags are equal only if they have the same bytes in UTF-8; if not,
  ///     they are equal as `String` has it.
  @inlinable
  public convenience init(
    name: String, configuration: CacheConfiguration, budget: MemoryBudget,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    loading: LoadPolicy? = nil,
    minimumSize: MemorySize? = nil, maximumSize: MemorySize? = nil, weight: Double = 1,
    clock: (any CacheClock)? = nil, onRemoval: RemovalListener? = nil,
    entryTimeToLive: EntryTimeToLive? = nil, tags: EntryTags? = nil,
    exactTags: Bool = false
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      name: name, configuration: configuration, budget: budget,
      expiration: expiration.replacing(timeToLive: timeToLive), loading: loading,
      minimumSize: minimumSize, maximumSize: maximumSize, weight: weight, clock: clock,
      measure: CacheEntry<Key, Value>.sharedMeasure, onRemoval: onRemoval,
      entryTimeToLive: entryTimeToLive, tags: tags,
      exactTags: exactTags)
  }

  /// Creates a named cache as the environment variables configure it, whose entries are measured by
  /// a closure.
  ///
  /// - Parameters:
  ///   - name: The name of the cache, as in `LAMBDA_CACHE_<NAME>_SIZE`.
  ///   - configuration: The settings for all caches and for this one.
  ///   - budget: What all caches may use together.
  ///   - timeToLive: How long an entry lives where the configuration says nothing; `nil` for what
  ///     `expiration` says.
  ///   - expiration: When entries expire where the configuration says nothing.
  ///   - loading: What read-through remembers of loads that fail; `nil` for nothing.
  ///   - minimumSize: What other caches never push this one below, where the configuration says
  ///     nothing.
  ///   - maximumSize: What this cache never grows above, where the configuration says nothing;
  ///     `nil` for the whole budget.
  ///   - weight: How much a byte of this cache is worth beside one of another, from 0.01 to 100,
  ///     where the configuration says nothing.
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - heapByteCount: The bytes that a key and its value own outside their inline storage. It
  ///     must not be negative.
  ///   - onRemoval: Told of every entry that leaves.
  ///   - entryTimeToLive: How long an entry with this key and value lives; `nil` for the time to
  ///     live that the configuration or the program has set for the cache.
  ///   - tags: The tags of an entry with this key and value; `nil` for none. See
  ///     ``removeAll(tagged:)``.
  ///   - exactTags: Whether two tags are equal only if they have the same bytes in UTF-8; if not,
  ///     they are equal as `String` has it.
  public convenience init(
    name: String, configuration: CacheConfiguration, budget: MemoryBudget,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    loading: LoadPolicy? = nil,
    minimumSize: MemorySize? = nil, maximumSize: MemorySize? = nil, weight: Double = 1,
    clock: (any CacheClock)? = nil,
    heapByteCount: @escaping @Sendable (Key, Value) -> Int, onRemoval: RemovalListener? = nil,
    entryTimeToLive: EntryTimeToLive? = nil, tags: EntryTags? = nil,
    exactTags: Bool = false
  ) {
    self.init(
      name: name, configuration: configuration, budget: budget,
      expiration: expiration.replacing(timeToLive: timeToLive), loading: loading,
      minimumSize: minimumSize, maximumSize: maximumSize, weight: weight, clock: clock,
      measure: heapByteCount, onRemoval: onRemoval, entryTimeToLive: entryTimeToLive, tags: tags,
      exactTags: exactTags)
  }

  @usableFromInline
  convenience init(
    name: String, configuration: CacheConfiguration, budget: MemoryBudget,
    expiration: Expiration, loading: LoadPolicy?,
    minimumSize: MemorySize?, maximumSize: MemorySize?, weight: Double,
    clock: (any CacheClock)?, measure: (@Sendable (Key, Value) -> Int)?,
    onRemoval: RemovalListener?, entryTimeToLive: EntryTimeToLive?, tags: EntryTags?,
    exactTags: Bool
  ) {
    var defaults = CacheSettings(expiration)
    defaults.negativeTimeToLive = loading?.settingsOfNegativeResults
    defaults.minimumSize = minimumSize
    defaults.maximumSize = maximumSize
    defaults.weight = weight
    defaults.validate()
    let settings = configuration.settings(forCache: name, defaults: defaults)
    let share =
      settings.isEnabled
      ? budget.register(
        name: name, request: BudgetRequest(settings, memory: budget.terms.limit.byteCount)) : nil
    self.init(
      limits: CacheLimits(
        byteLimit: 0, entryLimit: settings.entryLimit, entryByteLimit: settings.entryByteLimit),
      expiration: expiration.replacing(settings),
      loading: LoadPolicy.replacing(loading, settings), clock: clock, share: share,
      isTurnedOff: !settings.isEnabled, measure: measure, onRemoval: onRemoval,
      entryTimeToLive: entryTimeToLive, tags: tags,
      exactTags: exactTags)
    share?.attach(self)
  }
}

extension BudgetRequest {
  /// What settings ask for.
  ///
  /// A minimum above the maximum, as an operator may set it against a program, is cut to it.
  package init(_ settings: CacheSettings, memory: Int) {
    let maximum = settings.maximumSize?.byteCount(ofMemory: memory)
    let minimum = settings.minimumSize?.byteCount(ofMemory: memory) ?? 0
    self.init(
      size: settings.size, minimumByteCount: min(minimum, maximum ?? .max),
      maximumByteCount: maximum, weight: settings.weight)
  }
}
