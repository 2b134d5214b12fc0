import LambdaCache

/// A cache of any of the three kinds, as the fuzz test drives it.
protocol CacheDriver: AnyObject, SendableMetatype {
  associatedtype Key: Hashable & Sendable
  associatedtype Value: Sendable

  init(_ setup: CacheSetup<Key, Value>)

  func value(forKey key: Key) -> Value?
  func peekValue(forKey key: Key) -> Value?
  func contains(_ key: Key) -> Bool
  func setValue(_ value: Value, forKey key: Key, timeToLive: Duration?, heapByteCount: Int?)
    -> InsertionOutcome
  func removeValue(forKey key: Key) -> Value?
  func removeAll()
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

/// What a driver makes its cache of.
struct CacheSetup<Key: Hashable & Sendable, Value: Sendable> {
  var byteLimit: Int
  var entryLimit: Int?
  var entryByteLimit: Int?
  var timeToLive: Duration?
  var clock: ManualClock
  var size: @Sendable (Key, Value) -> Int
  var hash: (Key) -> UInt32
  var onRemoval: (@Sendable (Key, Value, RemovalCause) -> Void)?
}

final class UniqueCacheDriver<Key: Hashable & Sendable, Value: Sendable>: CacheDriver {
  private var cache: UniqueCache<Key, Value>

  init(_ setup: CacheSetup<Key, Value>) {
    cache = UniqueCache(
      byteLimit: setup.byteLimit, entryLimit: setup.entryLimit,
      entryByteLimit: setup.entryByteLimit, timeToLive: setup.timeToLive, clock: setup.clock,
      heapByteCount: setup.size, onRemoval: setup.onRemoval)
  }

  func value(forKey key: Key) -> Value? { cache.value(forKey: key) }
  func peekValue(forKey key: Key) -> Value? { cache.peekValue(forKey: key) }
  func contains(_ key: Key) -> Bool { cache.contains(key) }

  func setValue(_ value: Value, forKey key: Key, timeToLive: Duration?, heapByteCount: Int?)
    -> InsertionOutcome
  {
    cache.setValue(value, forKey: key, timeToLive: timeToLive, heapByteCount: heapByteCount)
  }

  func removeValue(forKey key: Key) -> Value? { cache.removeValue(forKey: key) }
  func removeAll() { cache.removeAll() }

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
  private let cache: Cache<Key, Value>

  init(_ setup: CacheSetup<Key, Value>) {
    cache = Cache(
      byteLimit: setup.byteLimit, entryLimit: setup.entryLimit,
      entryByteLimit: setup.entryByteLimit, timeToLive: setup.timeToLive, clock: setup.clock,
      heapByteCount: setup.size, onRemoval: setup.onRemoval)
  }

  func value(forKey key: Key) -> Value? { cache.value(forKey: key) }
  func peekValue(forKey key: Key) -> Value? { cache.peekValue(forKey: key) }
  func contains(_ key: Key) -> Bool { cache.contains(key) }

  func setValue(_ value: Value, forKey key: Key, timeToLive: Duration?, heapByteCount: Int?)
    -> InsertionOutcome
  {
    cache.setValue(value, forKey: key, timeToLive: timeToLive, heapByteCount: heapByteCount)
  }

  func removeValue(forKey key: Key) -> Value? { cache.removeValue(forKey: key) }
  func removeAll() { cache.removeAll() }

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

/// The engine itself, with hashes from the vocabulary: everything about it is the same in each run.
final class CoreDriver<Key: Hashable & Sendable, Value: Sendable>: CacheDriver {
  private var core: CacheCore<Key, Value>
  private let setup: CacheSetup<Key, Value>
  private var limits: (bytes: Int, entries: Int?, entryBytes: Int?)

  init(_ setup: CacheSetup<Key, Value>) {
    self.setup = setup
    limits = (setup.byteLimit, setup.entryLimit, setup.entryByteLimit)
    core = CacheCore(
      limits: CacheLimits(
        byteLimit: setup.byteLimit, entryLimit: setup.entryLimit,
        entryByteLimit: setup.entryByteLimit),
      timeToLive: setup.timeToLive, isObserved: setup.onRemoval != nil,
      injectedOrigin: setup.clock.elapsed)
  }

  func value(forKey key: Key) -> Value? {
    let hash = setup.hash(key)
    guard core.expiry.isActive else {
      let slot = core.hit(key, hash: hash)
      return slot == 0 ? nil : core.entries[Int(slot)].value
    }
    let slot = perform { core, departures in
      let now = core.time.now()
      // As a look-up of the caches does, before it looks.
      var moves = CacheModel.movesPerOperation
      for _ in 0..<CacheModel.reclaimsPerOperation {
        let expired = core.expiry.firstExpired(now: now, moves: &moves)
        guard expired != 0 else { break }
        core.remove(expired, cause: .expired, departures: &departures)
      }
      return core.timedHit(key, hash: hash, now: now)
    }
    return slot == 0 ? nil : core.entries[Int(slot)].value
  }

  func peekValue(forKey key: Key) -> Value? {
    let slot = core.quietSlot(
      of: key, hash: setup.hash(key), reading: setup.clock.elapsed)
    return slot == 0 ? nil : core.entries[Int(slot)].value
  }

  func contains(_ key: Key) -> Bool { peekValue(forKey: key) != nil }

  func setValue(_ value: Value, forKey key: Key, timeToLive: Duration?, heapByteCount: Int?)
    -> InsertionOutcome
  {
    perform { core, departures in
      core.setValue(
        value, forKey: key, hash: setup.hash(key),
        heapByteCount: heapByteCount ?? setup.size(key, value), timeToLive: timeToLive,
        departures: &departures)
    }
  }

  func removeValue(forKey key: Key) -> Value? {
    perform { core, departures in
      core.removeValue(forKey: key, hash: setup.hash(key), departures: &departures)
    }
  }

  func removeAll() {
    perform { core, departures in
      core.removeAll(keepingCapacity: false, departures: &departures)
    }
  }

  var byteLimit: Int {
    get { limits.bytes }
    set {
      limits.bytes = newValue
      trim()
    }
  }

  var entryLimit: Int? {
    get { limits.entries }
    set {
      limits.entries = newValue
      trim()
    }
  }

  var entryByteLimit: Int? {
    get { limits.entryBytes }
    set {
      limits.entryBytes = newValue
      trim()
    }
  }

  var count: Int { core.count }
  var byteCount: Int { core.byteCount }
  var statistics: CacheStatistics { core.statistics }
  var entries: [(key: Key, value: Value)] { core.ringEntries }
  func checkInvariants() -> [String] { core.checkInvariants(hash: setup.hash) }

  private func trim() {
    let limits = CacheLimits(
      byteLimit: limits.bytes, entryLimit: limits.entries, entryByteLimit: limits.entryBytes)
    perform { core, departures in
      core.setLimits(limits)
      core.trim(departures: &departures)
    }
  }

  private func perform<Result>(
    _ body: (inout CacheCore<Key, Value>, inout Departures<Key, Value>) -> Result
  ) -> Result {
    core.time.note(setup.clock.elapsed)
    var departures = Departures<Key, Value>()
    let result = body(&core, &departures)
    if let onRemoval = setup.onRemoval { departures.notify(onRemoval) }
    return result
  }
}
