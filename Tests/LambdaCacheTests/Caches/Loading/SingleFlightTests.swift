import LambdaCache
import Synchronization
import TestSupport
import Testing

@Suite("A missing key", .timeLimit(.minutes(15)))
struct SingleFlightTests {
  @Test("A missing key is loaded once for ten thousand tasks that wait for it")
  func tenThousandWaiters() async throws {
    let cache = Cache<String, Int>(byteLimit: 1 << 20)
    let loads = GatedLoads<String, Int>()
    let tasks = try await Stage().ask(cache, for: "key", times: 10_000, orLoad: loads.load)
    try await eventually("the load begins") { loads.count > 0 }
    loads[0].gate.open(returning: 7)
    for task in tasks { #expect(try await task.answer() == 7) }
    #expect(loads.count == 1)
    #expect(cache.peekValue(forKey: "key") == 7)
    #expect(cache.statistics.misses == 10_000)
    #expect(cache.statistics.loadSuccesses == 1)
  }

  @Test("A missing key is loaded once for ten thousand tasks that run on all processors")
  func tenThousandAtOnce() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let loads = GatedLoads<Int, Int>()
    let tasks = (0..<10_000).map { _ in
      Task { try await cache.value(forKey: 1, orLoad: loads.load) }
    }
    try await eventually("half of them have asked") { cache.statistics.misses >= 5000 }
    loads[0].gate.open(returning: 9)
    for task in tasks { #expect(try await task.answer() == 9) }
    #expect(loads.count == 1)
    #expect(cache.statistics.requests == 10_000)
    #expect(cache.statistics.loadSuccesses == 1)
  }

  @Test("A missing key does not wait for the load of another key")
  func keysAreIndependent() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let loads = GatedLoads<Int, Int>()
    let stage = Stage()
    var tasks: [Task<Int, any Error>] = []
    for key in 0..<20 {
      tasks.append(try await stage.ask(cache, for: key, orLoad: loads.load))
    }
    try await eventually("each key has a load of its own") { loads.count == 20 }
    for place in (0..<20).reversed() {
      loads[place].gate.open(returning: loads[place].key * 10)
      #expect(try await tasks[loads[place].key].answer() == loads[place].key * 10)
    }
  }

  @Test("A missing key is found afterwards without another load, until it is removed")
  func laterAskersHit() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let loadCount = Locked(0)
    let load: @Sendable (Int) async throws -> Int = { key in
      loadCount.withLock { $0 += 1 }
      return key + 1
    }
    for _ in 0..<3 { #expect(try await cache.value(forKey: 5, orLoad: load) == 6) }
    #expect(loadCount.withLock { $0 } == 1)
    #expect(cache.removeValue(forKey: 5) == 6)
    #expect(try await cache.value(forKey: 5, orLoad: load) == 6)
    #expect(loadCount.withLock { $0 } == 2)
  }

  @Test("A missing key is the same key under a canonically equivalent name")
  func equivalentKeysShareALoad() async throws {
    let cache = Cache<String, Int>(byteLimit: 1 << 20)
    let loads = GatedLoads<String, Int>()
    let stage = Stage()
    let first = try await stage.ask(cache, for: "caf\u{E9} K", orLoad: loads.load)
    let second = try await stage.ask(cache, for: "cafe\u{301} \u{212A}", orLoad: loads.load)
    try await eventually("the load begins") { loads.count > 0 }
    loads[0].gate.open(returning: 3)
    #expect(try await first.answer() == 3)
    #expect(try await second.answer() == 3)
    #expect(loads.count == 1)
  }

  @Test(
    "A missing key is loaded once at a time even if the cache cannot keep it, for all callers",
    arguments: [0, 64, 4096])
  func valuesThatAreNotKept(byteLimit: Int) async throws {
    let cache = Cache<Int, [UInt8]>(byteLimit: byteLimit)
    let large = [UInt8](repeating: 1, count: 10_000)
    let stage = Stage()
    let loads = GatedLoads<Int, [UInt8]>()
    for round in 0..<3 {
      let tasks = try await stage.ask(cache, for: 1, times: 10, orLoad: loads.load)
      try await eventually("the load begins") { loads.count > round }
      loads[round].gate.open(returning: large)
      for task in tasks { #expect(try await task.answer() == large) }
      #expect(loads.count == round + 1)
      #expect(cache.isEmpty)
      #expect(cache.byteCount == 0)
      #expect(cache.statistics.rejections == round + 1)
    }
  }

  @Test("A missing key that was set meanwhile needs no load")
  func setMeanwhile() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let loads = GatedLoads<Int, Int>()
    let stage = Stage()
    let waiter = try await stage.ask(cache, for: 1, orLoad: loads.load)
    cache[1] = 100
    #expect(try await cache.value(forKey: 1, orLoad: loads.load) == 100)
    try await eventually("the first load begins") { loads.count == 1 }
    loads[0].gate.open(returning: 1)
    #expect(try await waiter.answer() == 1)
    #expect(cache[1] == 100)
  }

  @Test("A missing key whose time has passed is loaded again, and lives as long as the caller asks")
  func lifetimes() async throws {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(10)) { $0.clock = clock }
    let loadCount = Locked(0)
    let load: @Sendable (Int) async throws -> Int = { _ in loadCount.increment() }
    func ask(_ key: Int, timeToLive: Duration? = nil) async throws -> Int {
      try await cache.value(forKey: key, timeToLive: timeToLive, orLoad: load)
    }
    #expect(try await ask(1) == 1)
    #expect(try await ask(2, timeToLive: .seconds(1)) == 2)
    #expect(try await ask(3, timeToLive: .seconds(100)) == 3)
    clock.advance(by: .seconds(1))
    #expect(try await ask(2, timeToLive: .seconds(1)) == 4)
    clock.advance(by: .milliseconds(8999))
    #expect(try await ask(1) == 1)
    clock.advance(by: .milliseconds(1))
    #expect(try await ask(1) == 5)
    #expect(try await ask(3) == 3)
    #expect(try await ask(4, timeToLive: .zero) == 6)
    #expect(!cache.contains(4))
  }

  @Test("A missing key begins to age when its load ends, not when it begins")
  func lifetimeStartsWithTheValue() async throws {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(10)) { $0.clock = clock }
    let loads = GatedLoads<Int, Int>()
    let task = try await Stage().ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    clock.advance(by: .seconds(60))
    loads[0].gate.open(returning: 1)
    #expect(try await task.answer() == 1)
    clock.advance(by: .milliseconds(9999))
    #expect(cache.contains(1))
    clock.advance(by: .milliseconds(1))
    #expect(!cache.contains(1))
  }
}
