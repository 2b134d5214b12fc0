import LambdaCache
import TestSupport
import Testing

@Suite("UniqueCache: what leaves")
struct UniqueCacheRemovalTests {
  @Test("A listener is called for every entry that leaves, once, in order, with its cause")
  func tellsListener() {
    let clock = ManualClock()
    var departed: [Departed] = []
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, entryLimit: 3) {
      $0.clock = clock
      $0.onRemoval = { departed.append(Departed(key: $0, serial: $1, cause: $2)) }
    }
    func expectDeparted(_ expected: [Departed], _ location: SourceLocation = #_sourceLocation) {
      #expect(departed == expected, sourceLocation: location)
      departed = []
    }
    cache[1] = 10
    cache[2] = 20
    cache[3] = 30
    expectDeparted([])
    cache[1] = 11
    expectDeparted([Departed(key: 1, serial: 10, cause: .replaced)])
    cache[4] = 40
    expectDeparted([Departed(key: 2, serial: 20, cause: .size)])
    #expect(cache.removeValue(forKey: 3) == 30)
    expectDeparted([Departed(key: 3, serial: 30, cause: .explicit)])
    cache.setValue(50, forKey: 5, timeToLive: .seconds(1))
    clock.advance(by: .seconds(1))
    #expect(cache[5] == nil)
    expectDeparted([Departed(key: 5, serial: 50, cause: .expired)])
    #expect(cache.setValue(0, forKey: 4, timeToLive: .zero) == .rejected)
    expectDeparted([Departed(key: 4, serial: 40, cause: .explicit)])
    cache[6] = 60
    cache.removeAll()
    expectDeparted([
      Departed(key: 1, serial: 11, cause: .explicit),
      Departed(key: 6, serial: 60, cause: .explicit),
    ])
    let removals = cache.statistics.removals
    #expect(removals.explicit == 4)
    #expect(removals.replaced == 1)
    #expect(removals.size == 1)
    #expect(removals.expired == 1)
    #expect(removals.total == 7)
    #expect(cache.statistics.evictions == 2)
  }

  @Test(
    "removeAll reports every entry, coldest first, with the causes of those that had expired",
    arguments: [false, true])
  func removeAllTellsAll(keepingCapacity: Bool) {
    let clock = ManualClock()
    var departed: [Departed] = []
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20) {
      $0.clock = clock
      $0.onRemoval = { departed.append(Departed(key: $0, serial: $1, cause: $2)) }
    }
    for key in 0..<6 {
      cache.setValue(key, forKey: key, timeToLive: key % 2 == 0 ? .seconds(1) : nil)
    }
    clock.advance(by: .seconds(2))
    cache.removeAll(keepingCapacity: keepingCapacity)
    #expect(
      departed
        == (0..<6).map {
          Departed(key: $0, serial: $0, cause: $0 % 2 == 0 ? .expired : .explicit)
        })
    #expect(cache.isEmpty == true)
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "A cause tells whether the cache removed the entry by itself", arguments: RemovalCause.allCases)
  func causesKnowEvictions(cause: RemovalCause) {
    #expect(cause.wasEvicted == [.expired, .size, .pressure].contains(cause))
  }

  @Test("The bytes of entries that left are counted by cause, heap and slot")
  func countsRemovedBytes() {
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, entryLimit: 2) { _, size in size }
    cache[1] = 100
    cache[1] = 20
    cache[2] = 0
    cache[3] = 0
    cache.removeValue(forKey: 3)
    let removed = cache.statistics.removedBytes
    #expect(removed.replaced == 32 + 112)
    #expect(removed.size == 32 + 32)
    #expect(removed.explicit == 32)
  }

  /// A way for entries to leave.
  enum Exit: CaseIterable {
    case replaced
    case removed
    case subscriptNil
    case removedAll
    case removedAllKeepingCapacity
    case evictedForEntries
    case evictedForBytes
    case limitLowered
    case turnedOff
    case expiredAndRead
    case expiredAndReplaced
    case rejected
    case rejectedUpdate
    case deinitialized
  }

  @Test(
    "Keys and values are destroyed once, on every way out, with a listener and without",
    arguments: Exit.allCases, [false, true])
  func destroysOnce(exit: Exit, isObserved: Bool) {
    let tracker = LifetimeTracker()
    do {
      let clock = ManualClock()
      var told = 0
      var cache = UniqueCache<TrackedKey, LifetimeTracker.Instance>(
        byteLimit: 1 << 20, timeToLive: .seconds(60), heapByteCount: { $1.payload },
        configure: {
          $0.clock = clock
          $0.onRemoval = isObserved ? { _, _, _ in told += 1 } : nil
        })
      for number in 0..<40 {
        cache[TrackedKey(tracker.instance(number))] = tracker.instance(16)
      }
      #expect(tracker.liveCount == 80)
      let left = UniqueCacheRemovalTests.leave(by: exit, &cache, clock: clock, tracker: tracker)
      #expect(tracker.liveCount == cache.count * 2)
      #expect(told == (isObserved ? left : 0))
      #expect(cache.checkInvariants() == [])
    }
    #expect(tracker.liveCount == 0)
    #expect(tracker.doublyDestroyedCount == 0)
  }

  /// - Returns: How many entries, or values of entries, have left.
  private static func leave(
    by exit: Exit, _ cache: inout UniqueCache<TrackedKey, LifetimeTracker.Instance>,
    clock: ManualClock, tracker: LifetimeTracker
  ) -> Int {
    func key(_ number: Int) -> TrackedKey { TrackedKey(tracker.instance(number)) }
    switch exit {
    case .replaced:
      for number in 0..<40 { cache[key(number)] = tracker.instance(0) }
      return 40
    case .removed:
      for number in 0..<30 { cache.removeValue(forKey: key(number)) }
      return 30
    case .subscriptNil:
      for number in 0..<40 { cache[key(number)] = nil }
      return 40
    case .removedAll: cache.removeAll()
    case .removedAllKeepingCapacity: cache.removeAll(keepingCapacity: true)
    case .evictedForEntries:
      cache.entryLimit = 40
      for number in 100..<120 { cache[key(number)] = tracker.instance(0) }
      return 20
    case .evictedForBytes:
      cache[key(100)] = tracker.instance((1 << 20) - 2_500)
      #expect(cache.count < 41, "the value was meant to take the room of others")
      return 41 - cache.count
    case .limitLowered:
      cache.entryLimit = 1
      return 39
    case .turnedOff: cache.byteLimit = 0
    case .expiredAndRead:
      clock.advance(by: .seconds(60))
      for _ in 0..<10 { #expect(cache[key(0)] == nil) }
    case .expiredAndReplaced:
      clock.advance(by: .seconds(60))
      for number in 0..<40 { cache[key(number)] = tracker.instance(0) }
    case .rejected:
      cache[key(100)] = tracker.instance(1 << 21)
      return 0
    case .rejectedUpdate:
      cache[key(3)] = tracker.instance(1 << 21)
      return 1
    case .deinitialized: return 0
    }
    return 40
  }
}

/// A key whose life is tracked.
struct TrackedKey: Hashable {
  private let instance: LifetimeTracker.Instance

  init(_ instance: LifetimeTracker.Instance) {
    self.instance = instance
  }

  static func == (first: TrackedKey, second: TrackedKey) -> Bool {
    first.instance.payload == second.instance.payload
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(instance.payload)
  }
}
