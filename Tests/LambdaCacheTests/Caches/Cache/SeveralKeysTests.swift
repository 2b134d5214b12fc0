import LambdaCache
import TestSupport
import Testing

@Suite("Several keys in one call")
struct SeveralKeysTests {
  @Test("Several keys in one call find the present ones, each counted once and made the hottest")
  func values() {
    let clock = ManualClock()
    let cache = Cache<Int, String>(byteLimit: 1 << 16) { $0.clock = clock }
    for key in 1...4 { cache[key] = "\(key)" }
    cache.setTimeToLive(.seconds(1), forKey: 4)
    clock.advance(by: .seconds(2))
    #expect(cache.values(forKeys: [2, 9, 1, 2, 4]) == [1: "1", 2: "2"])
    #expect(cache.statistics.hits == 2)
    #expect(cache.statistics.misses == 2)
    #expect(cache.keys == [1, 2, 3])
    #expect(cache.values(forKeys: []) == [:])
  }

  @Test("Several keys in one call are set in their order, for the time that the call states")
  func setting() {
    let clock = ManualClock()
    let cache = Cache<Int, String>(byteLimit: 1 << 16, timeToLive: .seconds(9)) {
      $0.entryByteLimit = 64
      $0.clock = clock
    }
    let rejections = cache.setValues(
      [
        (key: 1, value: "a"), (key: 2, value: String(repeating: "x", count: 1000)),
        (key: 1, value: "b"), (key: 3, value: "c"),
      ], timeToLive: .seconds(2))
    #expect(rejections == 1)
    #expect(cache.keys == [3, 1])
    #expect(cache.peekValue(forKey: 1) == "b")
    #expect(cache.setValues(Dictionary(uniqueKeysWithValues: [(4, "d")]).lazy.map { $0 }) == 0)
    clock.advance(by: .seconds(3))
    #expect(cache.keys == [4], "the cache's own time is longer")
  }

  @Test(
    "Several keys in one call are removed, and so are loads of them that are under way",
    .timeLimit(.minutes(15)))
  func removal() async throws {
    let cache = Cache<Int, String>(byteLimit: 1 << 16)
    for key in 1...4 { cache[key] = "\(key)" }
    let loads = GatedLoads<Int, String>()
    let request = try await Stage().ask(cache, for: 5, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    #expect(cache.removeValues(forKeys: [2, 4, 5, 7, 2]) == 2)
    #expect(cache.keys == [3, 1])
    loads[0].gate.open(returning: "late")
    #expect(try await request.answer() == "late")
    #expect(cache.peekValue(forKey: 5) == nil)
  }

  @Test("The keys of either cache come with the most recently used first")
  func keys() {
    let clock = ManualClock()
    var unique = UniqueCache<Int, Int>(byteLimit: 1 << 16, timeToLive: .seconds(2)) {
      $0.clock = clock
    }
    unique[1] = 1
    clock.advance(by: .seconds(1))
    unique[2] = 2
    unique[3] = 3
    _ = unique.value(forKey: 2)
    #expect(unique.keys == [2, 3, 1])
    clock.advance(by: .seconds(1))
    #expect(unique.keys == [2, 3])
  }
}

@Suite("The description of a cache")
struct CacheDescriptionTests {
  @Test("The description of a cache has its contents, its limit, and its rate of misses")
  func description() {
    let cache = Cache<Int, Int>(byteLimit: 3 << 20)
    #expect(cache.description == "Cache<Int, Int>: 0 entries, 0 bytes of 3 MiB, no look-ups")
    cache[1] = 1
    for key in [1, 1, 2] { _ = cache.value(forKey: key) }
    let expected = "Cache<Int, Int>: 1 entry, \(cache.byteCount) bytes of 3 MiB, "
    #expect(cache.description == expected + "66.7 % hits of 3 look-ups")
    cache[2] = 1
    #expect(cache.description.contains("2 entries"))
  }

  @Test("The description of a cache with one owner is the same")
  func unique() {
    var cache = UniqueCache<Int, Int>(byteLimit: 3 << 20)
    cache[1] = 1
    _ = cache.value(forKey: 1)
    #expect(
      cache.description == "UniqueCache<Int, Int>: 1 entry, \(cache.byteCount) bytes of 3 MiB, "
        + "100.0 % hits of 1 look-ups")
  }
}
