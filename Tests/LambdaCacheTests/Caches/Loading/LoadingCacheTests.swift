import LambdaCache
import TestSupport
import Testing

@Suite("A cache with its loader", .timeLimit(.minutes(15)))
struct LoadingCacheTests {
  private struct Down: Error {}

  @Test("A cache with its loader loads a missing key, once, for the time that the call states")
  func value() async throws {
    let clock = ManualClock()
    let loads = Locked<[Int]>([])
    let squares = Cache<Int, Int>(byteLimit: 1 << 16) { $0.clock = clock }.loading { key in
      loads.withLock { $0.append(key) }
      return key * key
    }
    #expect(try await squares.value(forKey: 3) == 9)
    #expect(try await squares.value(forKey: 3) == 9)
    #expect(try await squares.value(forKey: 4, timeToLive: .seconds(1)) == 16)
    clock.advance(by: .seconds(1))
    #expect(try await squares.value(forKey: 4) == 16)
    #expect(loads.withLock { $0 } == [3, 4, 4])
    #expect(squares.cache.keys == [4, 3])
  }

  @Test("A cache with its loader loads several keys by themselves, and leaves absent ones out")
  func severalAlone() async throws {
    let loads = Locked<[Int]>([])
    let cache = Cache<Int, Int>(byteLimit: 1 << 16) { $0.loading.negativeTimeToLive = .seconds(60) }
    cache[1] = 10
    let loader = cache.loading { key in
      loads.withLock { $0.append(key) }
      guard key < 5 else { throw CacheLoadError.notFound(key: "\(key)") }
      return key * 10
    }
    #expect(try await loader.values(forKeys: [1, 2, 7, 3, 2]) == [1: 10, 2: 20, 3: 30])
    #expect(loads.withLock { $0 }.sorted() == [2, 3, 7])
    #expect(try await loader.values(forKeys: [7, 3]) == [3: 30])
    #expect(loads.withLock { $0 }.count == 3, "that there is no seventh is remembered")
  }

  @Test(
    "A cache with its loader waits for loads side by side, and throws the first key's error last")
  func severalFail() async throws {
    let loads = GatedLoads<Int, Int>()
    let cache = Cache<Int, Int>(byteLimit: 1 << 16)
    let loader = cache.loading(loads.load)
    let request = Task { try await loader.values(forKeys: [1, 2, 3]) }
    try await eventually("all of them are loaded") { loads.count == 3 }
    for place in 0..<3 {
      let key = loads[place].key
      if key == 2 {
        loads[place].gate.open(throwing: Down())
      } else {
        loads[place].gate.open(returning: key)
      }
    }
    await #expect(throws: Down.self) { try await request.answer() }
    #expect(cache.keys.sorted() == [1, 3])
  }

  @Test("A cache with its loader loads several keys in one call where a closure can")
  func severalTogether() async throws {
    let calls = Locked<[[Int]]>([])
    let cache = Cache<Int, Int>(byteLimit: 1 << 16)
    let loader = cache.loading(
      { _ in throw Down() },
      several: { keys in
        calls.withLock { $0.append(keys) }
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, -$0) })
      })
    cache[2] = 2
    #expect(try await loader.values(forKeys: [1, 2, 3]) == [1: -1, 2: 2, 3: -3])
    #expect(calls.withLock { $0 } == [[1, 3]])
    await #expect(throws: Down.self) { try await loader.value(forKey: 9) }
  }

  @Test("A cache with its loader serves a fresh value until its refresh ends")
  func refresh() async throws {
    let cache = Cache<Int, String>(byteLimit: 1 << 16)
    cache[1] = "old"
    let loads = GatedLoads<Int, String>()
    let loader = cache.loading(loads.load)
    let stage = Stage()
    let first = try await stage.begin { _ in try await loader.refresh(1) }
    let joined = try await stage.begin { _ in try await loader.refresh(1, within: .seconds(3600)) }
    #expect(try await loader.value(forKey: 1) == "old")
    try await eventually("it is loaded") { loads.count == 1 }
    loads[0].gate.open(returning: "new")
    #expect(try await first.answer() == "new")
    #expect(try await joined.answer() == "new")
    #expect(cache.peekValue(forKey: 1) == "new")
    #expect(cache.statistics.refreshes == 1)
    #expect(cache.statistics.surplusLoads == 1)
    #expect(loads.count == 1)
  }

  @Test(
    "A cache with its loader keeps the old value of a refresh that fails, and reports the error")
  func failedRefresh() async throws {
    let clock = ManualClock()
    let cache = Cache<Int, String>(byteLimit: 1 << 16) {
      $0.loading.transientBackOff = BackOff(first: .seconds(60))
      $0.clock = clock
    }
    let isDown = Flag()
    isDown.raise()
    let loader = cache.loading { _ in
      if isDown.isRaised { throw Down() }
      return "new"
    }
    cache[1] = "old"
    for _ in 0..<2 { await #expect(throws: Down.self) { try await loader.refresh(1) } }
    #expect(cache.peekValue(forKey: 1) == "old")
    #expect(cache.statistics.loadFailures == 2, "a refresh does not wait for the back-off")
  }

  @Test("A refresh has no effect where a write overtakes it, or the source has nothing")
  func overtakenRefresh() async throws {
    let cache = Cache<Int, String>(byteLimit: 1 << 16)
    cache[1] = "old"
    cache[2] = "gone"
    let loads = GatedLoads<Int, String>()
    let loader = cache.loading(loads.load)
    let request = Task { try await loader.refresh(1) }
    try await eventually("it is loaded") { loads.count == 1 }
    cache[1] = "written"
    loads[0].gate.open(returning: "loaded")
    #expect(try await request.answer() == "loaded")
    #expect(cache.peekValue(forKey: 1) == "written")
    let absent = Task { try await loader.refresh(2) }
    try await eventually("the other is loaded") { loads.count == 2 }
    loads[1].gate.open(throwing: CacheLoadError.notFound(key: "2"))
    await #expect(throws: CacheLoadError.self) { try await absent.answer() }
    #expect(cache.peekValue(forKey: 2) == nil)
  }

  @Test("A cache with its loader is not refreshed when the invocation's time is over")
  func lateRefresh() async throws {
    let cache = Cache<Int, String>(byteLimit: 1 << 16)
    cache[1] = "old"
    let hasLoaded = Flag()
    let loader = cache.loading { _ in
      hasLoaded.raise()
      return "new"
    }
    let scope = InvocationScope(deadline: .now - .seconds(1))
    await #expect(throws: CacheLoadError.self) {
      try await InvocationScope.$current.withValue(scope) { try await loader.refresh(1) }
    }
    #expect(!hasLoaded.isRaised)
    #expect(cache.peekValue(forKey: 1) == "old")
  }

  @Test("A cache with its loader takes a time limit for one key, for several and for a refresh")
  func limits() async throws {
    let cache = Cache<Int, String>(byteLimit: 1 << 16)
    let loads = GatedLoads<Int, String>()
    let loader = cache.loading(loads.load)
    cache[1] = "old"
    await #expect(throws: CacheLoadError.self) {
      try await loader.refresh(1, within: .zero)
    }
    await #expect(throws: CacheLoadError.self) {
      try await loader.value(forKey: 2, within: .zero)
    }
    await #expect(throws: CacheLoadError.self) {
      try await loader.values(forKeys: [2, 3], within: .zero)
    }
    #expect(cache.peekValue(forKey: 1) == "old")
  }
}
