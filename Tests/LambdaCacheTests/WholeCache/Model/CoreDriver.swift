import LambdaCache

/// The engine itself, with hashes from the vocabulary: everything about it is the same in each run.
final class CoreDriver<Key: Hashable & Sendable, Value: Sendable>: CacheDriver {
  private var core: CacheCore<Key, Value>
  private let setup: CacheSetup<Key, Value>
  /// Never taken.
  private let lock = CacheLock()
  /// Finds the bytes of keys.
  private let hasher = KeyHasher()
  private var limits: (bytes: Int, entries: Int?, entryBytes: Int?)

  init(_ setup: CacheSetup<Key, Value>) {
    self.setup = setup
    limits = (setup.byteLimit, setup.entryLimit, setup.entryByteLimit)
    core = CacheCore(
      limits: CacheLimits(
        byteLimit: setup.byteLimit, entryLimit: setup.entryLimit,
        entryByteLimit: setup.entryByteLimit),
      expiration: setup.expiration, isObserved: setup.onRemoval != nil,
      injectedOrigin: setup.clock.elapsed, policy: setup.policy)
  }

  func value(forKey key: Key) -> Value? {
    let slot = accessedSlot(of: key)
    return slot == 0 ? nil : core.entries[Int(slot)].value
  }

  private func accessedSlot(of key: Key) -> Slot {
    perform(isRead: true) { core, removedEntries in
      let hash = setup.hash(key)
      // While nothing is due, the short way, as caches go that follow the clocks of the system.
      guard core.time.now() >= core.expiry.nextDue else {
        return hasher.withHash(of: key) {
          if setup.policy == .leastRecentlyUsed {
            return core.accessNothingDue(key, hash: hash, bytes: $1).slot
          }
          let slot = sharedSlot(of: key, hash: hash, bytes: $1, in: &core)
          guard slot == 0 else { return slot }
          core.takeInSharedReads()
          return core.accessByPolicy(key, hash: hash, bytes: $1)
        }
      }
      core.takeInSharedReads()
      return core.access(key, hash: hash, removedEntries: &removedEntries).freshSlot
    }
  }

  /// The slot of a key that is found as several threads at a time find it; 0 if it is not.
  private func sharedSlot(
    of key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>,
    in core: inout CacheCore<Key, Value>
  ) -> Slot {
    guard let policy = core.policy, policy.pointee.openReaderPlaces(),
      let place = policy.pointee.readerPlaces?.enter(lock)
    else { return 0 }
    let slot = core.accessShared(key, hash: hash, bytes: bytes, from: place)
    place.leave()
    return slot
  }

  func peekValue(forKey key: Key) -> Value? {
    core.value(
      in: core.peek(key, hash: setup.hash(key), reading: setup.clock.elapsed).freshSlot)
  }

  func contains(_ key: Key) -> Bool { peekValue(forKey: key) != nil }

  func setValue(_ value: Value, forKey key: Key, timeToLive: Duration?, heapByteCount: Int?)
    -> InsertionOutcome
  {
    perform { core, removedEntries in
      if core.keepsLoadTimes { core.expectLoadTime(setup.loadTime(value)) }
      defer { if core.keepsLoadTimes { core.expectLoadTime(nil) } }
      return core.setValue(
        value, forKey: key, hash: setup.hash(key),
        heapByteCount: heapByteCount ?? setup.size(key, value), timeToLive: timeToLive,
        removedEntries: &removedEntries)
    }
  }

  func removeValue(forKey key: Key) -> Value? {
    perform { core, removedEntries in
      core.removeValue(forKey: key, hash: setup.hash(key), removedEntries: &removedEntries)
    }
  }

  func removeAll(keepingCapacity: Bool) {
    perform { core, removedEntries in
      core.removeAll(keepingCapacity: keepingCapacity, removedEntries: &removedEntries)
    }
  }

  static var isShared: Bool { false }

  func updateValue(forKey key: Key, _ body: (inout Value?) -> Void) {
    perform { core, removedEntries in
      core.updateValue(
        forKey: key, hash: setup.hash(key), measure: setup.size, entryTimeToLive: nil,
        removedEntries: &removedEntries, body)
    }
  }

  func tryToUpdateValue(forKey key: Key, _ body: (inout Value?) throws -> Void) throws {
    let result = perform { core, removedEntries in
      Result {
        try core.updateValue(
          forKey: key, hash: setup.hash(key), measure: setup.size, entryTimeToLive: nil,
          removedEntries: &removedEntries, body)
      }
    }
    try result.get()
  }

  func withValue(forKey key: Key, _ body: (borrowing Value) -> Int) -> Int? {
    let slot = accessedSlot(of: key)
    return slot == 0 ? nil : body(core.entries[Int(slot)].value)
  }

  func value(forKey key: Key, orInsert make: () -> Value) -> Value {
    if let value = value(forKey: key) { return value }
    let value = make()
    _ = setValue(value, forKey: key, timeToLive: nil, heapByteCount: nil)
    return value
  }

  func removeValue(forKey key: Key, where shouldRemove: (Value) -> Bool) -> Value? {
    guard let value = peekValue(forKey: key), shouldRemove(value) else { return nil }
    return removeValue(forKey: key)
  }

  func removeAll(where shouldRemove: (Key, Value) -> Bool) {
    perform { core, removedEntries in
      core.removeAll(removedEntries: &removedEntries, where: shouldRemove)
    }
  }

  func hottest(_ maxLength: Int) -> [(key: Key, value: Value)] {
    core.snapshot(maxLength, hottestFirst: true, reading: setup.clock.elapsed)
  }

  func coldest(_ maxLength: Int) -> [(key: Key, value: Value)] {
    core.snapshot(maxLength, hottestFirst: false, reading: setup.clock.elapsed)
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
  var statistics: CacheStatistics {
    core.takeInSharedReads()
    return core.statistics
  }
  var entries: [(key: Key, value: Value)] { core.ringEntries }
  func checkInvariants() -> [String] {
    let violations = core.checkInvariants(hash: setup.hash)
    guard violations.isEmpty else { return violations }
    let bytes =
      core.structureByteCount
      + CacheCore.heapByteCount(of: core.ringEntries, measure: setup.size)
    return bytes == core.byteCount ? [] : ["M3: \(bytes) bytes, byteCount is \(core.byteCount)"]
  }

  private func trim() {
    let limits = CacheLimits(
      byteLimit: limits.bytes, entryLimit: limits.entries, entryByteLimit: limits.entryBytes)
    perform { core, removedEntries in
      core.change(to: limits, removedEntries: &removedEntries)
    }
  }

  /// Runs an operation; one that is no look-up takes in first what look-ups have left.
  private func perform<Result>(
    isRead: Bool = false,
    _ body: (inout CacheCore<Key, Value>, inout RemovedEntries<Key, Value>) -> Result
  ) -> Result {
    core.time.note(setup.clock.elapsed)
    if !isRead { core.takeInSharedReads() }
    var removedEntries = RemovedEntries<Key, Value>()
    let result = body(&core, &removedEntries)
    if let onRemoval = setup.onRemoval { removedEntries.report(to: onRemoval) }
    return result
  }
}
