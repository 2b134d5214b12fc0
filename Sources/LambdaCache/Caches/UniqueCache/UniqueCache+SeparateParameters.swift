// The initialisers from before the options, for the calls that still have to be changed.
extension UniqueCache {
  @_disfavoredOverload @inlinable
  public init(
    byteLimit: Int, entryLimit: Int? = nil, entryByteLimit: Int? = nil,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    clock: (any CacheClock)? = nil,
    onRemoval: RemovalListener? = nil, entryTimeToLive: EntryTimeToLive? = nil
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      byteLimit: byteLimit,
      options: .separately(
        entryLimit: entryLimit, entryByteLimit: entryByteLimit,
        expiration: expiration.replacing(timeToLive: timeToLive), clock: clock,
        onRemoval: onRemoval, entryTimeToLive: entryTimeToLive),
      share: nil, record: nil, measure: CacheEntry<Key, Value>.measure)
  }

  @_disfavoredOverload
  public init(
    byteLimit: Int, entryLimit: Int? = nil, entryByteLimit: Int? = nil,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    clock: (any CacheClock)? = nil,
    heapByteCount: @escaping (Key, Value) -> Int, onRemoval: RemovalListener? = nil,
    entryTimeToLive: EntryTimeToLive? = nil
  ) {
    self.init(
      byteLimit: byteLimit,
      options: .separately(
        entryLimit: entryLimit, entryByteLimit: entryByteLimit,
        expiration: expiration.replacing(timeToLive: timeToLive), clock: clock,
        onRemoval: onRemoval, entryTimeToLive: entryTimeToLive),
      share: nil, record: nil, measure: heapByteCount)
  }

  @inlinable
  public init(
    name: String, configuration: CacheConfiguration, budget: MemoryBudget,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    clock: (any CacheClock)? = nil,
    onRemoval: RemovalListener? = nil, entryTimeToLive: EntryTimeToLive? = nil
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      named: name, in: budget, configuration: configuration,
      options: .separately(
        expiration: expiration.replacing(timeToLive: timeToLive), clock: clock,
        onRemoval: onRemoval, entryTimeToLive: entryTimeToLive),
      measure: CacheEntry<Key, Value>.measure)
  }

  public init(
    name: String, configuration: CacheConfiguration, budget: MemoryBudget,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    clock: (any CacheClock)? = nil,
    heapByteCount: @escaping (Key, Value) -> Int, onRemoval: RemovalListener? = nil,
    entryTimeToLive: EntryTimeToLive? = nil
  ) {
    self.init(
      named: name, in: budget, configuration: configuration,
      options: .separately(
        expiration: expiration.replacing(timeToLive: timeToLive), clock: clock,
        onRemoval: onRemoval, entryTimeToLive: entryTimeToLive),
      measure: heapByteCount)
  }
}

extension UniqueCacheOptions {
  @usableFromInline
  static func separately(
    entryLimit: Int? = nil, entryByteLimit: Int? = nil, expiration: Expiration,
    clock: (any CacheClock)?, onRemoval: ((Key, Value, RemovalCause) -> Void)?,
    entryTimeToLive: ((Key, Value) -> Duration?)?
  ) -> UniqueCacheOptions {
    var options = UniqueCacheOptions()
    options.entryLimit = entryLimit
    options.entryByteLimit = entryByteLimit
    options.expiration = expiration
    options.clock = clock
    options.onRemoval = onRemoval
    options.entryTimeToLive = entryTimeToLive
    return options
  }
}
