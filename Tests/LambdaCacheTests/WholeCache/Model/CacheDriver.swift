import LambdaCache

/// A cache of any of the three kinds, as the fuzz test drives it.
protocol CacheDriver<Key, Value>: AnyObject, SendableMetatype {
  associatedtype Key: Hashable & Sendable
  associatedtype Value: Sendable

  init(_ setup: CacheSetup<Key, Value>)

  func value(forKey key: Key) -> Value?
  func peekValue(forKey key: Key) -> Value?
  func contains(_ key: Key) -> Bool
  func setValue(_ value: Value, forKey key: Key, timeToLive: Duration?, heapByteCount: Int?)
    -> InsertionOutcome
  func removeValue(forKey key: Key) -> Value?
  func removeAll(keepingCapacity: Bool)

  /// Whether threads share it: then it removes by a condition in several steps.
  static var isShared: Bool { get }
  func updateValue(forKey key: Key, _ body: (inout Value?) -> Void)
  func tryToUpdateValue(forKey key: Key, _ body: (inout Value?) throws -> Void) throws
  func withValue(forKey key: Key, _ body: (borrowing Value) -> Int) -> Int?
  func value(forKey key: Key, orInsert make: () -> Value) -> Value
  func removeValue(forKey key: Key, where shouldRemove: (Value) -> Bool) -> Value?
  func removeAll(where shouldRemove: (Key, Value) -> Bool)

  func hottest(_ maxLength: Int) -> [(key: Key, value: Value)]
  func coldest(_ maxLength: Int) -> [(key: Key, value: Value)]

  var byteLimit: Int { get set }
  var entryLimit: Int? { get set }
  var entryByteLimit: Int? { get set }
  var count: Int { get }
  var byteCount: Int { get }
  var statistics: CacheStatistics { get }

  /// Every entry, most recently used first.
  var entries: [(key: Key, value: Value)] { get }
  func checkInvariants() -> [String]
}

/// The settings that a driver makes its cache with.
struct CacheSetup<Key: Hashable & Sendable, Value: Sendable> {
  var byteLimit: Int
  var entryLimit: Int?
  var entryByteLimit: Int?
  var expiration: Expiration
  var loading = LoadPolicy()
  var policy = EvictionPolicy.leastRecentlyUsed
  var clock: ManualClock
  var size: @Sendable (Key, Value) -> Int
  /// How long the load of a value took that is set; `nil` if it was not loaded.
  var loadTime: @Sendable (Value) -> Duration? = { _ in nil }
  var hash: (Key) -> UInt32
  var onRemoval: (@Sendable (Key, Value, RemovalCause) -> Void)?
  var entryTimeToLive: (@Sendable (Key, Value) -> Duration?)?
}

final class UniqueCacheDriver<Key: Hashable & Sendable, Value: Sendable>: CacheDriver {
  var cache: UniqueCache<Key, Value>
  private let loadTime: @Sendable (Value) -> Duration?

  init(_ setup: CacheSetup<Key, Value>) {
    loadTime = setup.loadTime
    cache = UniqueCache(
      byteLimit: setup.byteLimit, entryLimit: setup.entryLimit, heapByteCount: setup.size
    ) {
      $0.expiration = setup.expiration
      $0.policy = setup.policy
      $0.entryByteLimit = setup.entryByteLimit
      $0.clock = setup.clock
      $0.entryTimeToLive = setup.entryTimeToLive
      $0.onRemoval = setup.onRemoval
    }
  }

  func value(forKey key: Key) -> Value? { cache.value(forKey: key) }
  func peekValue(forKey key: Key) -> Value? { cache.peekValue(forKey: key) }
  func contains(_ key: Key) -> Bool { cache.contains(key) }

  func setValue(_ value: Value, forKey key: Key, timeToLive: Duration?, heapByteCount: Int?)
    -> InsertionOutcome
  {
    guard let loadTime = loadTime(value) else {
      return cache.setValue(
        value, forKey: key, timeToLive: timeToLive, heapByteCount: heapByteCount)
    }
    return cache.setValue(
      value, forKey: key, loadTime: loadTime, timeToLive: timeToLive,
      heapByteCount: heapByteCount)
  }

  func removeValue(forKey key: Key) -> Value? { cache.removeValue(forKey: key) }
  func removeAll(keepingCapacity: Bool) { cache.removeAll(keepingCapacity: keepingCapacity) }

  static var isShared: Bool { false }

  func updateValue(forKey key: Key, _ body: (inout Value?) -> Void) {
    cache.updateValue(forKey: key, body)
  }

  func tryToUpdateValue(forKey key: Key, _ body: (inout Value?) throws -> Void) throws {
    try cache.updateValue(forKey: key, body)
  }

  func withValue(forKey key: Key, _ body: (borrowing Value) -> Int) -> Int? {
    cache.withValue(forKey: key, body)
  }

  func value(forKey key: Key, orInsert make: () -> Value) -> Value {
    cache.value(forKey: key, orInsert: make)
  }

  func removeValue(forKey key: Key, where shouldRemove: (Value) -> Bool) -> Value? {
    cache.removeValue(forKey: key, where: shouldRemove)
  }

  func removeAll(where shouldRemove: (Key, Value) -> Bool) { cache.removeAll(where: shouldRemove) }

  func hottest(_ maxLength: Int) -> [(key: Key, value: Value)] { cache.hottest(maxLength) }
  func coldest(_ maxLength: Int) -> [(key: Key, value: Value)] { cache.coldest(maxLength) }

  var byteLimit: Int {
    get { cache.byteLimit }
    set { cache.byteLimit = newValue }
  }

  var entryLimit: Int? {
    get { cache.entryLimit }
    set { cache.entryLimit = newValue }
  }

  var entryByteLimit: Int? {
    get { cache.entryByteLimit }
    set { cache.entryByteLimit = newValue }
  }

  var count: Int { cache.count }
  var byteCount: Int { cache.byteCount }
  var statistics: CacheStatistics { cache.statistics }
  var entries: [(key: Key, value: Value)] { cache.core.ringEntries }
  func checkInvariants() -> [String] { cache.checkInvariants() }
}

final class SharedCacheDriver<Key: Hashable & Sendable, Value: Sendable>: CacheDriver {
  let cache: Cache<Key, Value>
  private let loadTime: @Sendable (Value) -> Duration?

  init(_ setup: CacheSetup<Key, Value>) {
    loadTime = setup.loadTime
    cache = Cache(
      byteLimit: setup.byteLimit, entryLimit: setup.entryLimit, heapByteCount: setup.size
    ) {
      $0.expiration = setup.expiration
      $0.policy = setup.policy
      $0.loading = setup.loading
      $0.entryByteLimit = setup.entryByteLimit
      $0.clock = setup.clock
      $0.entryTimeToLive = setup.entryTimeToLive
      $0.onRemoval = setup.onRemoval
    }
  }

  func value(forKey key: Key) -> Value? { cache.value(forKey: key) }
  func peekValue(forKey key: Key) -> Value? { cache.peekValue(forKey: key) }
  func contains(_ key: Key) -> Bool { cache.contains(key) }

  func setValue(_ value: Value, forKey key: Key, timeToLive: Duration?, heapByteCount: Int?)
    -> InsertionOutcome
  {
    guard let loadTime = loadTime(value) else {
      return cache.setValue(
        value, forKey: key, timeToLive: timeToLive, heapByteCount: heapByteCount)
    }
    return cache.setValue(
      value, forKey: key, loadTime: loadTime, timeToLive: timeToLive,
      heapByteCount: heapByteCount)
  }

  func removeValue(forKey key: Key) -> Value? { cache.removeValue(forKey: key) }
  func removeAll(keepingCapacity: Bool) { cache.removeAll(keepingCapacity: keepingCapacity) }

  static var isShared: Bool { true }

  func updateValue(forKey key: Key, _ body: (inout Value?) -> Void) {
    cache.updateValue(forKey: key, body)
  }

  func tryToUpdateValue(forKey key: Key, _ body: (inout Value?) throws -> Void) throws {
    try cache.updateValue(forKey: key, body)
  }

  func withValue(forKey key: Key, _ body: (borrowing Value) -> Int) -> Int? {
    cache.withValue(forKey: key, body)
  }

  func value(forKey key: Key, orInsert make: () -> Value) -> Value {
    cache.value(forKey: key, orInsert: make)
  }

  func removeValue(forKey key: Key, where shouldRemove: (Value) -> Bool) -> Value? {
    cache.removeValue(forKey: key, where: shouldRemove)
  }

  func removeAll(where shouldRemove: (Key, Value) -> Bool) { cache.removeAll(where: shouldRemove) }

  func hottest(_ maxLength: Int) -> [(key: Key, value: Value)] { cache.hottest(maxLength) }
  func coldest(_ maxLength: Int) -> [(key: Key, value: Value)] { cache.coldest(maxLength) }

  var byteLimit: Int {
    get { cache.byteLimit }
    set { cache.byteLimit = newValue }
  }

  var entryLimit: Int? {
    get { cache.entryLimit }
    set { cache.entryLimit = newValue }
  }

  var entryByteLimit: Int? {
    get { cache.entryByteLimit }
    set { cache.entryByteLimit = newValue }
  }

  var count: Int { cache.count }
  var byteCount: Int { cache.byteCount }
  var statistics: CacheStatistics { cache.statistics }
  var entries: [(key: Key, value: Value)] { cache.ringEntries }
  func checkInvariants() -> [String] { cache.checkInvariants() }
}
