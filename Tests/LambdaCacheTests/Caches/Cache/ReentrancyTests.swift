import LambdaCache
import Synchronization
import TestSupport
import Testing

/// Runs something when it is destroyed, as a connection that closes itself does.
private final class Farewell: Sendable {
  private let action: @Sendable () -> Void

  init(_ action: @escaping @Sendable () -> Void) {
    self.action = action
  }

  deinit {
    action()
  }
}

private struct FarewellKey: Hashable, Sendable {
  let number: Int
  let farewell: Farewell?

  static func == (first: FarewellKey, second: FarewellKey) -> Bool {
    first.number == second.number
  }

  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// A key whose description asks the cache.
private struct TalkingKey: Hashable, Sendable, CustomStringConvertible {
  let number: Int
  let box: CacheBox<TalkingKey, Int>

  var description: String { "\(number) of \(box.cache?.count ?? 0)" }

  static func == (first: TalkingKey, second: TalkingKey) -> Bool { first.number == second.number }

  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// Each runs on a thread or in a task of its own: a fault is a deadlock.
@Suite("Code that a cache runs may call the cache", .timeLimit(.minutes(15)))
struct ReentrancyTests {
  /// The ways in which keys and values leave a cache.
  enum Exit: CaseIterable {
    case replaced
    case removed
    case assignedNil
    case allRemoved
    case evictedForAnother
    case byteLimitLowered
    case entryLimitLowered
    case expired
    case expiredAndRemoved
    case rejectedOldValue
    case rejectedNewValue
    case updated
    case updatedToNothing
    case removedByCondition
    case allRemovedByCondition
    case allRemovedKeepingCapacity
    case removedByTag
    case givenNoTime
    case cacheDropped

    /// Whether time has to pass; the others are done by the clocks of the system as well, where
    /// writes go a shorter way.
    var needsClock: Bool { self == .expired || self == .expiredAndRemoved }
  }

  @Test(
    "The destruction of keys and values may call the cache", arguments: Exit.allCases,
    [false, true])
  func destruction(exit: Exit, hasClock: Bool) {
    guard hasClock || !exit.needsClock else { return }
    let farewells = SharedCounter()
    let box = CacheBox<FarewellKey, Farewell>()
    @Sendable func farewell() -> Farewell {
      Farewell {
        farewells.increment()
        Self.use(box)
      }
    }
    let ended = Threads.run(1, limit: patience) { _ in
      Self.leave(by: exit, hasClock: hasClock, box: box, farewell: farewell)
    }
    #expect(ended, "a deinitializer that called the cache hangs")
    guard ended else { return }
    #expect(farewells.count == 2 * Self.entryCount)
  }

  private static let entryCount = 5

  private static func leave(
    by exit: Exit, hasClock: Bool, box: CacheBox<FarewellKey, Farewell>,
    farewell: @escaping () -> Farewell
  ) {
    let clock = ManualClock()
    let tags: @Sendable (FarewellKey, Farewell) -> [String] = { _, _ in ["all"] }
    let cache = Cache<FarewellKey, Farewell>(
      byteLimit: 65_536, timeToLive: hasClock ? .seconds(1) : nil, heapByteCount: { _, _ in 16 },
      configure: {
        $0.clock = hasClock ? clock : nil
        $0.tags = exit == .removedByTag ? tags : nil
      })
    box.cache = cache
    func key(_ number: Int) -> FarewellKey { FarewellKey(number: number, farewell: nil) }
    if exit == .rejectedNewValue { cache.byteLimit = 0 }
    for number in 0..<entryCount {
      cache.setValue(
        farewell(), forKey: FarewellKey(number: number, farewell: farewell()))
    }
    switch exit {
    case .replaced:
      for number in 0..<entryCount { cache[key(number)] = Farewell {} }
    case .removed:
      for number in 0..<entryCount { cache.removeValue(forKey: key(number)) }
    case .assignedNil:
      for number in 0..<entryCount { cache[key(number)] = nil }
    case .allRemoved: cache.removeAll()
    case .evictedForAnother:
      cache.entryLimit = entryCount
      for number in 0..<entryCount { cache[key(100 + number)] = Farewell {} }
    case .byteLimitLowered: cache.byteLimit = 0
    case .entryLimitLowered: cache.entryLimit = 0
    case .expired:
      clock.advance(by: .seconds(1))
      for number in 0..<entryCount { _ = cache.value(forKey: key(number)) }
    case .expiredAndRemoved:
      clock.advance(by: .seconds(1))
      cache.removeAll()
    case .rejectedOldValue:
      for number in 0..<entryCount {
        cache.setValue(Farewell {}, forKey: key(number), heapByteCount: 1 << 30)
      }
    case .allRemovedByCondition: cache.removeAll { _, _ in true }
    case .allRemovedKeepingCapacity: cache.removeAll(keepingCapacity: true)
    case .removedByTag: cache.removeAll(tagged: "all")
    case .updated, .updatedToNothing, .removedByCondition, .givenNoTime:
      for number in 0..<entryCount { change(key(number), of: cache, as: exit) }
    case .rejectedNewValue, .cacheDropped: break
    }
  }

  private static func change(
    _ key: FarewellKey, of cache: Cache<FarewellKey, Farewell>, as exit: Exit
  ) {
    switch exit {
    case .updated: cache.updateValue(forKey: key) { $0 = Farewell {} }
    case .updatedToNothing: cache.updateValue(forKey: key) { $0 = nil }
    case .removedByCondition: cache.removeValue(forKey: key) { _ in true }
    case .givenNoTime: cache.setTimeToLive(.zero, forKey: key)
    default: Issue.record("\(exit) is not a change of one entry")
    }
  }

  /// Takes the lock for reading, writing and removing.
  private static func use(_ box: CacheBox<FarewellKey, Farewell>) {
    guard let cache = box.cache else { return }
    let key = FarewellKey(number: -1, farewell: nil)
    _ = cache.count
    _ = cache.value(forKey: key)
    cache.removeValue(forKey: key)
    _ = cache.statistics
  }

  /// The ways in which keys leave that are kept for something else than an entry.
  enum Parting: CaseIterable {
    case refreshed
    case removed
    case allRemoved
    case used
  }

  @Test(
    "The destruction of keys that read-through had kept may call the cache",
    arguments: Parting.allCases)
  func keptKeys(parting: Parting) async throws {
    let farewells = SharedCounter()
    let box = CacheBox<FarewellKey, Int>()
    let clock = ManualClock()
    let cache = Cache<FarewellKey, Int>(
      byteLimit: 65_536, timeToLive: .seconds(1), heapByteCount: { _, _ in 16 },
      configure: {
        $0.loading.staleWhileRevalidate = .seconds(9)
        $0.clock = clock
      })
    box.cache = cache
    @Sendable func key() -> FarewellKey {
      FarewellKey(
        number: 1,
        farewell: Farewell {
          farewells.increment()
          _ = box.cache?.count
          box.cache?.removeValue(forKey: FarewellKey(number: 2, farewell: nil))
        })
    }
    let other = FarewellKey(number: 1, farewell: nil)
    try await bounded {
      cache[other] = 1
      if parting == .used {
        struct Invalid: Error {}
        _ = try await cache.invalidateAndRetryOnce(
          forKey: key(), if: { _ in false }, orLoad: { _ in 2 }, { $0 })
        return
      }
      clock.advance(by: .seconds(2))
      #expect(try await cache.value(forKey: key()) { _ in 2 } == 1)
      #expect(farewells.count == 0, "the promise does not keep the key")
      switch parting {
      case .removed: cache.removeValue(forKey: other)
      case .allRemoved: cache.removeAll()
      default: _ = try await cache.value(forKey: other) { _ in 2 }
      }
      // Takes what is not needed any more.
      _ = try await cache.value(forKey: FarewellKey(number: 3, farewell: nil)) { _ in 3 }
    }
    try await eventually("the key is destroyed") { farewells.count == 1 }
  }

  @Test("A removal listener may call the cache, which it sees as it is afterwards")
  func listener() {
    let box = CacheBox<Int, Int>()
    let seen = Mutex<[String]>([])
    let cache = Cache<Int, Int>(byteLimit: 65_536, entryLimit: 2) {
      $0.onRemoval = { key, value, cause in
        guard let cache = box.cache else { return }
        let state =
          "\(key)=\(value) \(cause), now \(cache.peekValue(forKey: key).map(String.init) ?? "-")"
        seen.withLock { $0.append(state) }
        if cause == .explicit { cache[key + 100] = value }
      }
    }
    box.cache = cache
    let ended = Threads.run(1, limit: patience) { _ in
      cache[1] = 10
      cache[1] = 11
      cache[2] = 20
      cache[3] = 30
      cache.removeValue(forKey: 2)
    }
    #expect(ended, "a listener that called the cache hangs")
    guard ended else { return }
    #expect(
      seen.withLock { $0 } == [
        "1=10 replaced, now 11", "1=11 size, now -", "2=20 explicit, now -",
      ])
    #expect(cache.peekValue(forKey: 102) == 20)
    #expect(cache.peekValue(forKey: 3) == 30)
  }

  @Test("Measuring an entry, hashing a key or reading the clock may call the cache")
  func sizesHashesAndClocks() {
    let box = CacheBox<CallingKey, Int>()
    let cache = Cache<CallingKey, Int>(
      byteLimit: 65_536, timeToLive: .seconds(1),
      heapByteCount: { _, _ in (box.cache?.count ?? 0) * 0 + 16 },
      configure: { $0.clock = CallingClock(box: box) })
    box.cache = cache
    let ended = Threads.run(1, limit: patience) { _ in
      for number in 0..<100 { cache[CallingKey(number: number, box: box)] = number }
      for number in 0..<100 { _ = cache[CallingKey(number: number, box: box)] }
      cache.removeValue(forKey: CallingKey(number: 1, box: box))
      cache.entryLimit = 5
    }
    #expect(ended, "code that was called under the lock hangs")
    guard ended else { return }
    #expect(cache.count == 5)
  }

  @Test("The value of a load that was overtaken or is not kept may call the cache when it goes")
  func loadedValues() async throws {
    let box = CacheBox<Int, Farewell>()
    let farewells = SharedCounter()
    let cache = Cache<Int, Farewell>(byteLimit: 65_536, heapByteCount: { _, _ in 16 })
    box.cache = cache
    try await bounded {
      for round in 0..<20 {
        if round >= 10 { cache.byteLimit = 0 }
        _ = try await cache.value(forKey: round) { key in
          if key % 2 == 0 { box.cache?.removeValue(forKey: key) }
          return Farewell {
            farewells.increment()
            _ = box.cache?.count
          }
        }
      }
      cache.removeAll()
    }
    try await eventually("every value is destroyed") { farewells.count == 20 }
  }

  @Test("Naming a key in an error may call the cache")
  func descriptions() async throws {
    let box = CacheBox<TalkingKey, Int>()
    let cache = Cache<TalkingKey, Int>(byteLimit: 65_536, heapByteCount: { _, _ in 0 })
    box.cache = cache
    try await bounded {
      _ = try await cache.value(forKey: TalkingKey(number: 1, box: box)) { _ in
        try await Task.sleep(for: .milliseconds(20))
        return 1
      }
      let key = TalkingKey(number: 2, box: box)
      try await inside(InvocationScope(deadline: .now + .zero)) { () async throws in
        await #expect(throws: CacheLoadError.self) { try await cache.value(forKey: key) { _ in 2 } }
        await #expect(throws: CacheLoadError.self) {
          try await cache.values(forKeys: [key]) { _ in [:] }
        }
      }
    }
  }

  @Test("Code that a cache runs may call it although no other reference to it is left")
  func lastReference() {
    for number in 0..<100 {
      #expect(Self.make(number).value(forKey: number) == number)
      #expect(Self.make(number).removeValue(forKey: number) == number)
      #expect(Self.make(number).setValue(1, forKey: number) == .replaced)
      #expect(Self.make(number).statistics.count == 1)
    }
  }

  @inline(never)
  private static func make(_ number: Int) -> Cache<Int, Int> {
    let cache = Cache<Int, Int>(byteLimit: 65_536)
    cache[number] = number
    return cache
  }
}
