import LambdaCache
import Testing

@Suite("Updating a value, in a shared cache and in one of a single owner")
struct UpdateValueTests {
  enum Kind: CaseIterable {
    case shared, unique

    fileprivate func make(_ setup: CacheSetup<Int, [Int]>) -> any CacheDriver<Int, [Int]> {
      switch self {
      case .shared: SharedCacheDriver(setup)
      case .unique: UniqueCacheDriver(setup)
      }
    }
  }

  private struct Refusal: Error {}

  private struct Departure: Equatable {
    var value: [Int]
    var cause: RemovalCause
  }

  /// Each element of a value owns 1 KiB, so that a value of 100 elements has no room.
  private func setup(
    _ expiration: Expiration = Expiration(), clock: ManualClock = ManualClock(),
    told: Locked<[Departure]>? = nil, lifetime: (@Sendable (Int, [Int]) -> Duration?)? = nil
  ) -> CacheSetup<Int, [Int]> {
    var onRemoval: (@Sendable (Int, [Int], RemovalCause) -> Void)?
    if let told {
      onRemoval = { _, value, cause in
        told.withLock { $0.append(Departure(value: value, cause: cause)) }
      }
    }
    return CacheSetup<Int, [Int]>(
      byteLimit: 64 << 10, entryLimit: nil, entryByteLimit: nil, expiration: expiration,
      clock: clock, size: { _, value in value.count << 10 },
      hash: { key in UInt32(truncatingIfNeeded: key) }, onRemoval: onRemoval,
      entryTimeToLive: lifetime)
  }

  private let tooLarge = [Int](repeating: 0, count: 100)

  @Test(
    "The closure is given nil for a missing key, and its value is inserted",
    arguments: Kind.allCases)
  func missing(kind: Kind) {
    let cache = kind.make(setup())
    cache.updateValue(forKey: 1) { value in
      #expect(value == nil)
      value = [1]
    }
    #expect(cache.peekValue(forKey: 1) == [1])
    #expect(cache.statistics.insertions == 1)
  }

  @Test("A closure that leaves nil for a missing key inserts nothing", arguments: Kind.allCases)
  func stillMissing(kind: Kind) {
    let cache = kind.make(setup())
    cache.updateValue(forKey: 1) { $0 = nil }
    #expect(cache.count == 0)
    #expect(cache.statistics.removals.total == 0)
  }

  @Test("A closure that leaves nil removes the value", arguments: Kind.allCases)
  func removed(kind: Kind) {
    let told = Locked<[Departure]>([])
    let cache = kind.make(setup(told: told))
    _ = cache.setValue([1], forKey: 1, timeToLive: nil, heapByteCount: nil)
    cache.updateValue(forKey: 1) { $0 = nil }
    #expect(cache.count == 0)
    #expect(told.withLock { $0 } == [Departure(value: [1], cause: .explicit)])
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "A changed value replaces the old one, which the listener is given, and is measured",
    arguments: Kind.allCases)
  func replaced(kind: Kind) {
    let told = Locked<[Departure]>([])
    let cache = kind.make(setup(told: told))
    _ = cache.setValue([1], forKey: 1, timeToLive: nil, heapByteCount: nil)
    let before = cache.byteCount
    cache.updateValue(forKey: 1) { $0?.append(2) }
    #expect(cache.peekValue(forKey: 1) == [1, 2])
    #expect(cache.byteCount == before + 1_024)
    #expect(told.withLock { $0 } == [Departure(value: [1], cause: .replaced)])
    #expect(cache.statistics.replacements == 1)
  }

  @Test("An update is no look-up, and makes its entry the hottest", arguments: Kind.allCases)
  func recency(kind: Kind) {
    let cache = kind.make(setup())
    for key in 1...3 {
      _ = cache.setValue([key], forKey: key, timeToLive: nil, heapByteCount: nil)
    }
    cache.updateValue(forKey: 1) { $0 = [11] }
    cache.updateValue(forKey: 4) { $0 = [4] }
    #expect(cache.entries.map(\.key) == [4, 1, 3, 2])
    #expect(cache.statistics.hits == 0)
    #expect(cache.statistics.misses == 0)
  }

  @Test("An expired value counts as none, and leaves as expired", arguments: Kind.allCases)
  func expired(kind: Kind) {
    let clock = ManualClock()
    let told = Locked<[Departure]>([])
    let cache = kind.make(
      setup(Expiration(timeToLive: .seconds(10)), clock: clock, told: told))
    _ = cache.setValue([1], forKey: 1, timeToLive: nil, heapByteCount: nil)
    clock.advance(by: .seconds(10))
    cache.updateValue(forKey: 1) { value in
      #expect(value == nil)
      value = [2]
    }
    #expect(cache.peekValue(forKey: 1) == [2])
    #expect(told.withLock { $0 } == [Departure(value: [1], cause: .expired)])
    #expect(cache.statistics.insertions == 2)
  }

  @Test("A stale value counts as none, and is gone afterwards", arguments: Kind.allCases)
  func stale(kind: Kind) {
    let clock = ManualClock()
    var setup = setup(Expiration(timeToLive: .seconds(10)), clock: clock)
    setup.loading.staleWhileRevalidate = .seconds(100)
    let cache = kind.make(setup)
    for key in 1...2 {
      _ = cache.setValue([key], forKey: key, timeToLive: nil, heapByteCount: nil)
    }
    clock.advance(by: .seconds(20))
    cache.updateValue(forKey: 1) { value in
      #expect(value == nil)
      value = [11]
    }
    cache.updateValue(forKey: 2) { #expect($0 == nil) }
    #expect(cache.peekValue(forKey: 1) == [11])
    #expect(cache.count == 1)
  }

  @Test("A changed value starts a time to live of its own", arguments: Kind.allCases)
  func lifetime(kind: Kind) {
    let clock = ManualClock()
    let cache = kind.make(
      setup(
        Expiration(timeToLive: .seconds(10)), clock: clock,
        lifetime: { _, value in value.count == 2 ? .seconds(30) : nil }))
    _ = cache.setValue([1], forKey: 1, timeToLive: nil, heapByteCount: nil)
    _ = cache.setValue([1], forKey: 2, timeToLive: nil, heapByteCount: nil)
    clock.advance(by: .seconds(9))
    cache.updateValue(forKey: 1) { $0 = [3] }
    cache.updateValue(forKey: 2) { $0?.append(2) }
    clock.advance(by: .seconds(9))
    #expect(cache.peekValue(forKey: 1) == [3])
    clock.advance(by: .seconds(2))
    #expect(cache.peekValue(forKey: 1) == nil)
    #expect(cache.peekValue(forKey: 2) == [1, 2])
  }

  @Test("A rejected value leaves the key without one, and is counted", arguments: Kind.allCases)
  func rejected(kind: Kind) {
    let told = Locked<[Departure]>([])
    let cache = kind.make(setup(told: told))
    for key in 1...2 {
      _ = cache.setValue([key], forKey: key, timeToLive: nil, heapByteCount: nil)
    }
    cache.updateValue(forKey: 1) { $0 = tooLarge }
    #expect(cache.peekValue(forKey: 1) == nil)
    #expect(cache.peekValue(forKey: 2) == [2])
    #expect(cache.statistics.rejections == 1)
    #expect(told.withLock { $0 } == [Departure(value: [1], cause: .explicit)])
    #expect(cache.checkInvariants() == [])
  }

  @Test("A value without a time to live leaves the key without one", arguments: Kind.allCases)
  func rejectedForTime(kind: Kind) {
    let cache = kind.make(setup(lifetime: { _, value in value == [0] ? .zero : nil }))
    _ = cache.setValue([1], forKey: 1, timeToLive: nil, heapByteCount: nil)
    cache.updateValue(forKey: 1) { $0 = [0] }
    #expect(cache.count == 0)
    #expect(cache.statistics.rejections == 1)
    #expect(cache.checkInvariants() == [])
  }

  @Test("Nothing is changed if the closure throws", arguments: Kind.allCases)
  func thrown(kind: Kind) {
    let told = Locked<[Departure]>([])
    let cache = kind.make(setup(told: told))
    for key in 1...2 {
      _ = cache.setValue([key], forKey: key, timeToLive: nil, heapByteCount: nil)
    }
    let before = cache.statistics
    for key in [1, 3] {
      #expect(throws: Refusal.self) {
        try cache.tryToUpdateValue(forKey: key) { value in
          value = [7, 7]
          throw Refusal()
        }
      }
    }
    #expect(cache.entries.map(\.key) == [2, 1])
    #expect(cache.entries.map(\.value) == [[2], [1]])
    #expect(cache.statistics == before)
    #expect(told.withLock { $0 } == [])
  }

  @Test("A closure that could throw and does not updates the value", arguments: Kind.allCases)
  func notThrown(kind: Kind) throws {
    let cache = kind.make(setup())
    _ = cache.setValue([1], forKey: 1, timeToLive: nil, heapByteCount: nil)
    try cache.tryToUpdateValue(forKey: 1) { value in
      guard value == [1] else { throw Refusal() }
      value?.append(2)
    }
    #expect(cache.peekValue(forKey: 1) == [1, 2])
    #expect(cache.statistics.replacements == 1)
  }

  @Test("The result of the closure is returned")
  func result() {
    let shared = Cache<Int, Int>(byteLimit: 64 << 10)
    var unique = UniqueCache<Int, Int>(byteLimit: 64 << 10)
    for expected in 1...2 {
      let inShared: Int = shared.updateValue(forKey: 1, increment)
      let inUnique: Int = unique.updateValue(forKey: 1, increment)
      #expect(inShared == expected)
      #expect(inUnique == expected)
    }
  }

  private func increment(_ count: inout Int?) -> Int {
    let next = (count ?? 0) + 1
    count = next
    return next
  }

  @Test("A cache of one owner changes a value without copying it")
  func inPlace() {
    var cache = UniqueCache<Int, [Int]>(byteLimit: 64 << 10)
    cache[1] = Array(1...100)
    let before = cache.withValue(forKey: 1) { $0.withUnsafeBufferPointer { $0.baseAddress } }
    cache.updateValue(forKey: 1) { $0?[0] = 7 }
    let after = cache.withValue(forKey: 1) { $0.withUnsafeBufferPointer { $0.baseAddress } }
    #expect(before == after)
    #expect(cache[1]?[0] == 7)
  }
}
