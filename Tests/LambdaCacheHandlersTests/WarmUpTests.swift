import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("Warming a cache up", .prompt, .timeLimit(.minutes(15)))
struct WarmUpTests {
  @Test("A warm-up loads in batches, in order, the keys that the cache lacks")
  func batches() async {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    cache[2] = 2
    let calls = Locked<[[Int]]>([])
    let report = await cache.warmUp(1...7, batchSize: 3) { keys in
      calls.withLock { $0.append(keys) }
      return Dictionary(uniqueKeysWithValues: keys.filter { $0 != 5 }.map { ($0, $0) })
    }
    #expect(calls.withLock { $0 } == [[1, 3], [4, 5, 6], [7]])
    #expect(report.isComplete)
    #expect(report.loaded == 6)
    #expect(report.notFound == 1)
    #expect(report.error == nil)
    #expect(await cache.warmUp([]) { _ in [:] }.isComplete)
  }

  @Test("A warm-up stops when the cache is full, with the first keys in it")
  func full() async {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 10)
    for batchSize in [1, 3, 4, 10, 11, 100, 5_000] {
      cache.removeAll()
      let asked = Locked(0)
      let report = await cache.warmUp(0..<1_000, batchSize: batchSize) { keys in
        asked.withLock { $0 += keys.count }
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
      }
      #expect(report.isFull && !report.isComplete)
      #expect(report.loaded == 10)
      #expect(report.notKept == 0)
      #expect(asked.withLock { $0 } == 10, "no more than fits is loaded")
      #expect((0..<10).allSatisfy(cache.contains))
      #expect(cache.count == 10)
    }
    #expect(cache.statistics.evictions == 0)
  }

  @Test("A warm-up of a cache that is just large enough is complete", arguments: [1, 3, 10, 100])
  func justEnough(batchSize: Int) async {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 10)
    let report = await cache.warmUp(0..<10, batchSize: batchSize) { keys in
      Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
    }
    #expect(report.isComplete)
    #expect(report.loaded == 10)
    // Those that are there already need no room, and keys may come twice.
    let again = await cache.warmUp([3, 3, 9, 1, 3], batchSize: batchSize) { _ in [:] }
    #expect(again.isComplete)
    #expect(again.loaded == 3)
    let more = await cache.warmUp([3, 77, 9], batchSize: batchSize) { keys in [77: 77] }
    #expect(more.isFull)
    #expect(more.loaded == 1)
    #expect(!cache.contains(77))
  }

  @Test("A warm-up stops when the bytes are used up, with the most wanted and all former keys kept")
  func fullOfBytes() async {
    for batchSize in [1, 7, 50, 1_000] {
      let cache = Cache<Int, String>(byteLimit: 64 << 10)
      cache[-1] = "there before"
      let report = await cache.warmUp(0..<1_000, batchSize: batchSize) { keys in
        Dictionary(
          uniqueKeysWithValues: keys.map { ($0, String(repeating: "x", count: 1_000)) })
      }
      #expect(report.isFull && !report.isComplete)
      #expect(report.loaded > 40)
      #expect(report.loaded + report.notKept <= 1_000)
      #expect(cache.contains(-1))
      #expect(cache.count == report.loaded + 1)
      #expect((0..<report.loaded).allSatisfy(cache.contains), "the most wanted are there")
      #expect(cache.statistics.evictions == 0)
      #expect(cache.byteAudit.drift == 0)
    }
  }

  @Test("A warm-up leaves the most wanted as the last to be evicted, and counts no hits for it")
  func order() async {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 10)
    _ = await cache.warmUp(0..<10, batchSize: 4) { keys in
      Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
    }
    #expect(cache.statistics.hits == 0)
    for key in 100..<105 { cache[key] = key }
    #expect((0..<10).map(cache.contains) == (0..<10).map { $0 < 5 })
  }

  @Test("A warm-up counts only what is in the cache: no value that is larger than an entry may be")
  func tooLarge() async {
    let cache = Cache<Int, String>(byteLimit: 1 << 20) { $0.entryByteLimit = 1_000 }
    let report = await cache.warmUp(0..<20, batchSize: 6) { keys in
      Dictionary(
        uniqueKeysWithValues: keys.filter { $0 % 5 != 4 }.map {
          ($0, String(repeating: "x", count: $0 % 2 == 0 ? 100 : 5_000))
        })
    }
    #expect(report.isComplete)
    #expect(report.notFound == 4)
    #expect(report.loaded == 8)
    #expect(report.notKept == 8)
    #expect(cache.count == 8)
  }

  @Test("A warm-up loads nothing into a cache that holds nothing")
  func nothing() async {
    for cache in [Cache<Int, Int>(byteLimit: 0), Cache(byteLimit: 1 << 20, entryLimit: 0)] {
      let report = await cache.warmUp(0..<10) { _ in
        Issue.record("it loads for nothing")
        return [:]
      }
      #expect(report.isFull && !report.isComplete)
      #expect(report.loaded == 0)
    }
  }

  @Test("A warm-up takes any time limit")
  func timeLimits() async {
    await #expect(processExitsWith: .success) {
      let limits: [Duration] = [
        Duration(attoseconds: .min), .seconds(Int64.min), Duration(attoseconds: -1), .zero,
        Duration(attoseconds: 1), .seconds(Int64.max), Duration(attoseconds: .max),
      ]
      for limit in limits {
        let cache = Cache<Int, Int>(byteLimit: 1 << 20)
        let report = await cache.warmUp(0..<10, within: limit) { keys in
          Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
        }
        if limit > .seconds(1), report.loaded != 10 { fatalError("\(limit)") }
        if limit <= .zero, report.isComplete || report.isFull || report.error != nil {
          fatalError("\(limit)")
        }
        let view = try Cache<TenantKey<Int>, Int>(byteLimit: 1 << 20).view(ofTenant: "a")
        view.setValue(1, forKey: 1, timeToLive: limit)
        _ = try? await view.value(forKey: 2, timeToLive: limit, within: limit) { $0 }
        _ = try? await view.values(forKeys: [3], timeToLive: limit, within: limit) { _ in [3: 3] }
        let handler = CachedHandler(
          cache: cache, timeToLive: limit, key: { (key: Int) in key },
          handler: { (key: Int, _: String) in key })
        _ = try? await handler.handle(50, context: "")
        try await withInvocation { invocation in
          _ = try? await invocation.value(forKey: 60, in: cache, timeToLive: limit) { $0 }
          invocation.setValue(1, forKey: 61, in: cache, timeToLive: limit)
        }
        for other in limits {
          var (left, right) = (Savings(), Savings())
          left.time = limit
          right.time = other
          _ = (left + right, left.milliseconds)
        }
        if limit >= .zero {
          var ledger = SavingsLedger(
            prices: try SavingsPrices(), memoryMegabytes: 128, loadTimes: ["a": limit])
          var statistics = CacheStatistics()
          statistics.hits = 5
          _ = ledger.record(statistics, of: "a")
        }
      }
    }
  }

  @Test("A warm-up stops at an error, which it reports, and at its time")
  func ends() async {
    struct Failure: Error {}
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let failed = await cache.warmUp(0..<10) { _ in throw Failure() }
    #expect(!failed.isComplete)
    #expect(failed.error is Failure)
    let none = await cache.warmUp(0..<10, within: .zero) { _ in [:] }
    #expect(!none.isComplete && !none.isFull && none.error == nil)
    let late = await cache.warmUp(0..<10, within: .milliseconds(5)) { _ in
      try await Task.sleep(for: unreachedTime)
      return [:]
    }
    #expect(!late.isComplete && !late.isFull && late.error == nil)
    #expect(late.loaded == 0)
  }
}
