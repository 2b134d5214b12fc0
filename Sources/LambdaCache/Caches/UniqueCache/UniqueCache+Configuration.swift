/// Caches with one owner whose limits come from the environment and from a shared budget.
extension UniqueCache {
  /// Creates a named cache as the environment variables configure it, within a memory budget.
  ///
  /// Nobody but its owner can shrink this cache. So it takes its fair share of the budget once,
  /// from other caches if that is not free, keeps it for as long as it lives, and is not touched by
  /// the budget's guard; a ``Cache`` lends and borrows instead. What it inserts is told to the
  /// guard, which then may look and trim the allocator; entries of other caches do not leave for
  /// that before those are written to, or the invocation ends. A cache that is turned off
  /// (`LAMBDA_CACHE_ENABLED`) has a limit of 0 for as long as it lives, also if the program sets
  /// another: it holds nothing, and every look-up misses.
  ///
  /// - Parameters:
  ///   - name: The name of the cache, as in `LAMBDA_CACHE_<NAME>_SIZE`.
  ///   - configuration: The settings for all caches and for this one.
  ///   - budget: What all caches may use together.
  ///   - timeToLive: How long an entry lives where the configuration says nothing; `nil` for what
  ///     `expiration` says.
  ///   - expiration: When entries expire where the configuration says nothing.
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - onRemoval: Told of every entry that leaves.
  ///   - entryTimeToLive: How long an entry with this key and value lives; `nil` for the time to
  ///     live that the configuration or the program has set for the cache.
  @inlinable
  public init(
    name: String, configuration: CacheConfiguration, budget: MemoryBudget,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    clock: (any CacheClock)? = nil,
    onRemoval: RemovalListener? = nil, entryTimeToLive: EntryTimeToLive? = nil
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      name: name, configuration: configuration, budget: budget,
      expiration: expiration.replacing(timeToLive: timeToLive), clock: clock,
      measure: CacheEntry<Key, Value>.measure, onRemoval: onRemoval,
      entryTimeToLive: entryTimeToLive)
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
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - heapByteCount: The bytes that a key and its value own outside their inline storage. It
  ///     must not be negative.
  ///   - onRemoval: Told of every entry that leaves.
  ///   - entryTimeToLive: How long an entry with this key and value lives; `nil` for the time to
  ///     live that the configuration or the program has set for the cache.
  public init(
    name: String, configuration: CacheConfiguration, budget: MemoryBudget,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    clock: (any CacheClock)? = nil,
    heapByteCount: @escaping (Key, Value) -> Int, onRemoval: RemovalListener? = nil,
    entryTimeToLive: EntryTimeToLive? = nil
  ) {
    self.init(
      name: name, configuration: configuration, budget: budget,
      expiration: expiration.replacing(timeToLive: timeToLive), clock: clock,
      measure: heapByteCount, onRemoval: onRemoval, entryTimeToLive: entryTimeToLive)
  }

  @usableFromInline
  init(
    name: String, configuration: CacheConfiguration, budget: MemoryBudget,
    expiration: Expiration, clock: (any CacheClock)?, measure: ((Key, Value) -> Int)?,
    onRemoval: RemovalListener?, entryTimeToLive: EntryTimeToLive?
  ) {
    let settings = configuration.settings(forCache: name, defaults: CacheSettings(expiration))
    let share =
      settings.isEnabled
      ? FixedShare(
        of: budget, name: name,
        request: BudgetRequest(settings, memory: budget.terms.limit.byteCount)) : nil
    self.init(
      limits: CacheLimits(
        byteLimit: share?.byteLimit ?? 0, entryLimit: settings.entryLimit,
        entryByteLimit: settings.entryByteLimit),
      expiration: expiration.replacing(settings), clock: clock,
      share: share, isTurnedOff: !settings.isEnabled, measure: measure, onRemoval: onRemoval,
      entryTimeToLive: entryTimeToLive)
  }
}
