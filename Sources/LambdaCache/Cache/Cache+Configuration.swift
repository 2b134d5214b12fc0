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
  /// The budget sets ``byteLimit``, now and whenever another cache comes or goes. A cache that is
  /// turned off has a limit of 0: it holds nothing, and every look-up misses.
  ///
  /// - Parameters:
  ///   - name: The name of the cache, as in `LAMBDA_CACHE_<NAME>_SIZE`.
  ///   - configuration: The settings for all caches and for this one.
  ///   - budget: What all caches may use together.
  ///   - timeToLive: How long an entry lives where the configuration says nothing; `nil` for ever.
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - onRemoval: Told of every entry that leaves.
  @inlinable
  public convenience init(
    name: String, configuration: CacheConfiguration, budget: MemoryBudget,
    timeToLive: Duration? = nil, clock: (any CacheClock)? = nil,
    onRemoval: RemovalListener? = nil
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      name: name, configuration: configuration, budget: budget, timeToLive: timeToLive,
      clock: clock, heapByteCount: { $0.heapByteCount + $1.heapByteCount }, onRemoval: onRemoval)
  }

  /// Creates a named cache as the environment variables configure it, whose entries are measured by
  /// a closure.
  ///
  /// - Parameters:
  ///   - name: The name of the cache, as in `LAMBDA_CACHE_<NAME>_SIZE`.
  ///   - configuration: The settings for all caches and for this one.
  ///   - budget: What all caches may use together.
  ///   - timeToLive: How long an entry lives where the configuration says nothing; `nil` for ever.
  ///   - clock: What tells the time; `nil` for the system's clocks.
  ///   - heapByteCount: The bytes that a key and its value own outside their inline storage. It
  ///     must not be negative.
  ///   - onRemoval: Told of every entry that leaves.
  public convenience init(
    name: String, configuration: CacheConfiguration, budget: MemoryBudget,
    timeToLive: Duration? = nil, clock: (any CacheClock)? = nil,
    heapByteCount: @escaping @Sendable (Key, Value) -> Int, onRemoval: RemovalListener? = nil
  ) {
    let settings = configuration.settings(
      forCache: name, defaults: CacheSettings(timeToLive: timeToLive))
    let share =
      settings.isEnabled
      ? budget.register(name: name, request: BudgetRequest(size: settings.size)) : nil
    self.init(
      limits: CacheLimits(
        byteLimit: 0, entryLimit: settings.entryLimit, entryByteLimit: settings.entryByteLimit),
      timeToLive: settings.timeToLive, clock: clock, share: share,
      heapByteCount: heapByteCount, onRemoval: onRemoval)
    share?.attach(self)
  }
}

extension Cache: BudgetMember {
  package func assign(byteLimit: Int) {
    self.byteLimit = byteLimit
  }
}
