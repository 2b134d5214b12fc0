/// Making a cache with one owner: with a byte limit of its own, or with a part of a budget.
extension UniqueCache {
  /// Creates a cache whose keys and values know their sizes.
  ///
  /// - Parameters:
  ///   - byteLimit: The most bytes that the cache takes, from 0, which keeps it empty.
  ///   - entryLimit: The most entries that it holds; `nil` for what the options say, or else for as
  ///     many as the bytes allow.
  ///   - timeToLive: How long an entry lives after it was set; `nil` for what the options say, or
  ///     else for ever. Whole milliseconds count, rounded up; what is not positive keeps the cache
  ///     empty.
  ///   - policy: Which entries leave when the cache is full; `nil` for what the options say.
  ///   - options: Everything else.
  ///   - configure: Changes the options before the cache is made.
  @inlinable
  public init(
    byteLimit: Int, entryLimit: Int? = nil, timeToLive: Duration? = nil,
    policy: EvictionPolicy? = nil,
    options: UniqueCacheOptions<Key, Value> = UniqueCacheOptions(),
    configure: (inout UniqueCacheOptions<Key, Value>) -> Void = { _ in }
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      byteLimit: byteLimit,
      options: options.completed(
        entryLimit: entryLimit, timeToLive: timeToLive, policy: policy, by: configure),
      share: nil, record: nil, measure: CacheEntry<Key, Value>.measure)
    reportForeseeableSizes()
  }

  /// Creates a cache whose entries are measured by a closure.
  ///
  /// - Parameters:
  ///   - byteLimit: The most bytes that the cache takes, from 0, which keeps it empty.
  ///   - entryLimit: The most entries that it holds; `nil` for what the options say, or else for as
  ///     many as the bytes allow.
  ///   - timeToLive: How long an entry lives after it was set; `nil` for what the options say, or
  ///     else for ever. Whole milliseconds count, rounded up; what is not positive keeps the cache
  ///     empty.
  ///   - policy: Which entries leave when the cache is full; `nil` for what the options say.
  ///   - heapByteCount: The bytes that a key and its value own outside their inline storage. It
  ///     must not be negative.
  ///   - configure: Sets the options.
  public init(
    byteLimit: Int, entryLimit: Int? = nil, timeToLive: Duration? = nil,
    policy: EvictionPolicy? = nil,
    heapByteCount: @escaping (Key, Value) -> Int,
    configure: (inout UniqueCacheOptions<Key, Value>) -> Void = { _ in }
  ) {
    self.init(
      byteLimit: byteLimit,
      options: UniqueCacheOptions().completed(
        entryLimit: entryLimit, timeToLive: timeToLive, policy: policy, by: configure),
      share: nil, record: nil, measure: heapByteCount)
  }

  /// Creates a named cache on a memory budget, as the environment variables configure it.
  ///
  /// Only its owner can shrink this cache. So it takes its fair share of the budget once, from
  /// other caches if that is not free, keeps it for as long as it lives, and is not touched by the
  /// budget's guard; a ``Cache`` lends and borrows instead. The guard counts what it inserts, and
  /// then may look and trim the allocator; entries of other caches do not leave for that before
  /// those are written to, or the invocation ends. A cache that is turned off
  /// (`LAMBDA_CACHE_ENABLED`) has a limit of 0 for as long as it lives, also if the program sets
  /// another: it holds nothing, and every look-up misses.
  ///
  /// - Parameters:
  ///   - name: The name of the cache, as in `LAMBDA_CACHE_<NAME>_SIZE`.
  ///   - budget: The bytes that all caches may use together, and the variables.
  ///   - timeToLive: How long an entry lives after it was set where no variable says; `nil` for
  ///     what the options say, or else for ever.
  ///   - policy: Which entries leave when the cache is full; `nil` for what the options say.
  ///   - options: Everything else.
  ///   - configure: Changes the options before the cache is made.
  @inlinable
  public init(
    named name: String, in budget: MemoryBudget, timeToLive: Duration? = nil,
    policy: EvictionPolicy? = nil,
    options: UniqueCacheOptions<Key, Value> = UniqueCacheOptions(),
    configure: (inout UniqueCacheOptions<Key, Value>) -> Void = { _ in }
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      named: name, in: budget,
      options: options.completed(
        entryLimit: nil, timeToLive: timeToLive, policy: policy, by: configure),
      measure: CacheEntry<Key, Value>.measure)
    reportForeseeableSizes()
  }

  /// Creates a named cache on a memory budget, as the environment variables configure it, whose
  /// entries are measured by a closure.
  ///
  /// - Parameters:
  ///   - name: The name of the cache, as in `LAMBDA_CACHE_<NAME>_SIZE`.
  ///   - budget: The bytes that all caches may use together, and the variables.
  ///   - timeToLive: How long an entry lives after it was set where no variable says; `nil` for
  ///     what the options say, or else for ever.
  ///   - policy: Which entries leave when the cache is full; `nil` for what the options say.
  ///   - heapByteCount: The bytes that a key and its value own outside their inline storage. It
  ///     must not be negative.
  ///   - configure: Sets the options.
  public init(
    named name: String, in budget: MemoryBudget, timeToLive: Duration? = nil,
    policy: EvictionPolicy? = nil,
    heapByteCount: @escaping (Key, Value) -> Int,
    configure: (inout UniqueCacheOptions<Key, Value>) -> Void = { _ in }
  ) {
    self.init(
      named: name, in: budget,
      options: UniqueCacheOptions().completed(
        entryLimit: nil, timeToLive: timeToLive, policy: policy, by: configure),
      measure: heapByteCount)
  }
}

extension UniqueCache {
  @usableFromInline
  init(
    named name: String, in budget: MemoryBudget,
    options: UniqueCacheOptions<Key, Value>, measure: ((Key, Value) -> Int)?
  ) {
    let configuration = budget.configuration
    var options = options
    let settings = configuration.settings(forCache: name, defaults: options.settings)
    options.apply(settings)
    let share =
      settings.isEnabled
      ? FixedShare(
        of: budget, name: name,
        request: BudgetRequest(settings, memory: budget.terms.limit.byteCount)) : nil
    self.init(
      byteLimit: share?.byteLimit ?? 0, options: options, share: share,
      record: SettingsRecord(
        name: name, configuration: configuration, settings: settings,
        expiration: options.expiration),
      measure: measure)
  }

  /// Creates a cache from options that parameters, closure and variables have been put into.
  @usableFromInline
  init(
    byteLimit: Int, options: UniqueCacheOptions<Key, Value>, share: FixedShare?,
    record: SettingsRecord?, measure: ((Key, Value) -> Int)?
  ) {
    let clock = options.clock
    let engine = CacheCore<Key, Value>(
      limits: CacheLimits(
        byteLimit: byteLimit, entryLimit: options.entryLimit,
        entryByteLimit: options.entryByteLimit),
      expiration: options.expiration, isObserved: options.onRemoval != nil,
      injectedOrigin: clock?.elapsed, policy: options.policy)
    // Asked before `self` has any field: an autoclosure over a part of it that is initialized
    // already is miscompiled (Swift 6.3.1), and a closure is released once too often.
    let readsFast = engine.time.followsSystem ? engine.aging == nil : false
    let keepsTimes = engine.aging != nil
    let hasPolicy = engine.evictionPolicy != nil
    core = engine
    self.measure = measure
    self.clock = clock
    hasFastReadPath = readsFast && !hasPolicy
    hasFastPolicyReadPath = readsFast && hasPolicy
    hasFreshReadPath = keepsTimes
    entryTimeToLive = options.entryTimeToLive
    listener = options.onRemoval
    self.share = share
    isGuarded = share.map(\.isGuarded) ?? false
    isTurnedOff = record.map(\.isTurnedOff) ?? false
    self.record = record ?? SettingsRecord(unnamed: options.expiration)
    if options.endsProcessForUnknownSize { reportedRejections.insert(.endsProcess) }
  }
}
