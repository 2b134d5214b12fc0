/// Making a cache: with a byte limit of its own, or with a part of a budget.
extension Cache {
  /// Creates a cache whose keys and values know their sizes.
  ///
  /// <!-- with: User -->
  /// ```swift
  /// let users = Cache<String, User>(byteLimit: 32 << 20, timeToLive: .seconds(300)) {
  ///   $0.expiration.jitter = .fraction(0.1)
  /// }
  /// ```
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
  public convenience init(
    byteLimit: Int, entryLimit: Int? = nil, timeToLive: Duration? = nil,
    policy: EvictionPolicy? = nil,
    options: CacheOptions<Key, Value> = CacheOptions(),
    configure: (inout CacheOptions<Key, Value>) -> Void = { _ in }
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      byteLimit: byteLimit,
      options: options.completed(
        entryLimit: entryLimit, timeToLive: timeToLive, policy: policy, by: configure),
      measure: CacheEntry<Key, Value>.sharedMeasure)
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
  public convenience init(
    byteLimit: Int, entryLimit: Int? = nil, timeToLive: Duration? = nil,
    policy: EvictionPolicy? = nil,
    heapByteCount: @escaping @Sendable (Key, Value) -> Int,
    configure: (inout CacheOptions<Key, Value>) -> Void = { _ in }
  ) {
    self.init(
      byteLimit: byteLimit,
      options: CacheOptions().completed(
        entryLimit: entryLimit, timeToLive: timeToLive, policy: policy, by: configure),
      measure: heapByteCount)
  }

  /// Creates a named cache on a memory budget, as the environment variables configure it.
  ///
  /// <!-- with: User -->
  /// ```swift
  /// func makeUsers(in budget: MemoryBudget) -> Cache<String, User> {
  ///   Cache(named: "users", in: budget, timeToLive: .seconds(300))
  /// }
  /// ```
  ///
  /// The budget sets ``byteLimit`` and changes it as this cache and others need room; see
  /// ``MemoryBudget``. The variables are those of ``MemoryBudget/configuration``, and go before the
  /// options; ``CacheOptions`` states the precedence. A cache that is turned off
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
  public convenience init(
    named name: String, in budget: MemoryBudget, timeToLive: Duration? = nil,
    policy: EvictionPolicy? = nil,
    options: CacheOptions<Key, Value> = CacheOptions(),
    configure: (inout CacheOptions<Key, Value>) -> Void = { _ in }
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      named: name, in: budget,
      options: options.completed(
        entryLimit: nil, timeToLive: timeToLive, policy: policy, by: configure),
      measure: CacheEntry<Key, Value>.sharedMeasure)
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
  public convenience init(
    named name: String, in budget: MemoryBudget, timeToLive: Duration? = nil,
    policy: EvictionPolicy? = nil,
    heapByteCount: @escaping @Sendable (Key, Value) -> Int,
    configure: (inout CacheOptions<Key, Value>) -> Void = { _ in }
  ) {
    self.init(
      named: name, in: budget,
      options: CacheOptions().completed(
        entryLimit: nil, timeToLive: timeToLive, policy: policy, by: configure),
      measure: heapByteCount)
  }
}

extension Cache {
  @usableFromInline
  convenience init(
    byteLimit: Int, options: CacheOptions<Key, Value>, measure: (@Sendable (Key, Value) -> Int)?
  ) {
    options.validateWithoutBudget()
    self.init(
      byteLimit: byteLimit, options: options, share: nil, record: nil,
      measure: measure)
  }

  @usableFromInline
  convenience init(
    named name: String, in budget: MemoryBudget, options: CacheOptions<Key, Value>,
    measure: (@Sendable (Key, Value) -> Int)?
  ) {
    let configuration = budget.configuration
    var options = options
    let defaults = options.settings
    defaults.validate()
    let settings = configuration.settings(forCache: name, defaults: defaults)
    options.apply(settings)
    let share =
      settings.isEnabled
      ? budget.register(
        name: name, request: BudgetRequest(settings, memory: budget.terms.limit.byteCount)) : nil
    self.init(
      byteLimit: 0, options: options, share: share,
      requestLog: RequestLog(
        ofCache: name, settings, secret: configuration.logSecret, budget: budget),
      record: SettingsRecord(
        name: name, configuration: configuration, settings: settings,
        expiration: options.expiration),
      measure: measure)
    share?.attach(self)
  }
}
