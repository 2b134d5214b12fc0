// The initialisers from before the options, for the calls that still have to be changed.
extension Cache {
  @_disfavoredOverload @inlinable
  public convenience init(
    byteLimit: Int, entryLimit: Int? = nil, entryByteLimit: Int? = nil,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    loading: LoadPolicy? = nil, clock: (any CacheClock)? = nil,
    onRemoval: RemovalListener? = nil, entryTimeToLive: EntryTimeToLive? = nil,
    tags: EntryTags? = nil, exactTags: Bool = false
  ) where Key: HeapSized, Value: HeapSized {
    self.init(
      byteLimit: byteLimit,
      options: .separately(
        entryLimit: entryLimit, entryByteLimit: entryByteLimit,
        expiration: expiration.replacing(timeToLive: timeToLive), loading: loading, clock: clock,
        onRemoval: onRemoval, entryTimeToLive: entryTimeToLive, tags: tags, exactTags: exactTags),
      measure: CacheEntry<Key, Value>.sharedMeasure)
  }

  @_disfavoredOverload
  public convenience init(
    byteLimit: Int, entryLimit: Int? = nil, entryByteLimit: Int? = nil,
    timeToLive: Duration? = nil, expiration: Expiration = Expiration(),
    loading: LoadPolicy? = nil, clock: (any CacheClock)? = nil,
    heapByteCount: @escaping @Sendable (Key, Value) -> Int, onRemoval: RemovalListener? = nil,
    entryTimeToLive: EntryTimeToLive? = nil, tags: EntryTags? = nil,
    exactTags: Bool = false
  ) {
    self.init(
      byteLimit: byteLimit,
      options: .separately(
        entryLimit: entryLimit, entryByteLimit: entryByteLimit,
        expiration: expiration.replacing(timeToLive: timeToLive), loading: loading, clock: clock,
        onRemoval: onRemoval, entryTimeToLive: entryTimeToLive, tags: tags, exactTags: exactTags),
      measure: heapByteCount)
  }

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
      named: name, in: budget, configuration: configuration,
      options: CacheOptions.separately(
        expiration: expiration.replacing(timeToLive: timeToLive), loading: loading, clock: clock,
        onRemoval: onRemoval, entryTimeToLive: entryTimeToLive, tags: tags, exactTags: exactTags
      ).bounded(minimumSize, maximumSize, weight),
      measure: CacheEntry<Key, Value>.sharedMeasure)
  }

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
      named: name, in: budget, configuration: configuration,
      options: CacheOptions.separately(
        expiration: expiration.replacing(timeToLive: timeToLive), loading: loading, clock: clock,
        onRemoval: onRemoval, entryTimeToLive: entryTimeToLive, tags: tags, exactTags: exactTags
      ).bounded(minimumSize, maximumSize, weight),
      measure: heapByteCount)
  }
}

extension CacheOptions {
  @usableFromInline
  static func separately(
    entryLimit: Int? = nil, entryByteLimit: Int? = nil, expiration: Expiration,
    loading: LoadPolicy?, clock: (any CacheClock)?,
    onRemoval: (@Sendable (Key, Value, RemovalCause) -> Void)?,
    entryTimeToLive: (@Sendable (Key, Value) -> Duration?)?,
    tags: (@Sendable (Key, Value) -> [String])?, exactTags: Bool
  ) -> CacheOptions {
    var options = CacheOptions()
    options.entryLimit = entryLimit
    options.entryByteLimit = entryByteLimit
    options.expiration = expiration
    if let loading { options.loading = loading }
    options.clock = clock
    options.onRemoval = onRemoval
    options.entryTimeToLive = entryTimeToLive
    options.tags = tags
    options.hasExactTags = exactTags
    return options
  }

  @usableFromInline
  func bounded(_ minimum: MemorySize?, _ maximum: MemorySize?, _ weight: Double) -> CacheOptions {
    var options = self
    options.minimumSize = minimum
    options.maximumSize = maximum
    options.weight = weight
    return options
  }
}
