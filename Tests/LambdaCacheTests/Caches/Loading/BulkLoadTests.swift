import LambdaCache
import TestSupport
import Testing

@Suite("Reading several keys", .timeLimit(.minutes(10)))
struct BulkLoadTests {
  private let clock = ManualClock()
  private let stage = Stage()

  private func cache(_ loading: LoadPolicy? = nil) -> Cache<Int, Int> {
    Cache(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      if let loading { $0.loading = loading }
      $0.clock = clock
    }
  }

  @Test("Reading several keys loads the missing ones in one call, each key once and in order")
  func onlyMissing() async throws {
    let cache = cache()
    for key in [2, 4] { cache[key] = key * 10 }
    let calls = Locked<[[Int]]>([])
    let values = try await cache.values(forKeys: [5, 4, 3, 5, 2, 3, 1]) { keys in
      calls.withLock { $0.append(keys) }
      return Dictionary(uniqueKeysWithValues: keys.map { ($0, $0 * 10) })
    }
    #expect(values == [1: 10, 2: 20, 3: 30, 4: 40, 5: 50])
    #expect(calls.withLock { $0 } == [[5, 3, 1]])
    #expect(cache.statistics.loadSuccesses == 1)
    #expect(cache.statistics.hits == 2)
    #expect(cache.statistics.misses == 3)
    #expect(
      try await cache.values(forKeys: 1...5) { _ in [:] } == values, "something was loaded again")
    #expect(try await cache.values(forKeys: []) { _ in [1: 1] } == [:])
  }

  @Test("Reading several keys leaves out absent keys, and remembers them where it is configured")
  func notFound() async throws {
    let cache = cache(LoadPolicy(negativeTimeToLive: .seconds(5)))
    let calls = Locked<[[Int]]>([])
    for _ in 0..<2 {
      let values = try await cache.values(forKeys: 1...4) { keys in
        calls.withLock { $0.append(keys) }
        return [1: 10, 3: 30, 99: 990]
      }
      #expect(values == [1: 10, 3: 30])
    }
    #expect(calls.withLock { $0 } == [[1, 2, 3, 4]])
    #expect(!cache.contains(99))
    _ = try await cache.values(forKeys: 5...6) { _ in [6: 60] }
    #expect(cache.statistics.loadSuccesses == 2, "a call that brings nothing for its first key")
    #expect(cache.statistics.loadFailures == 0)
  }

  @Test("Reading several keys joins loads that are under way, and others join it")
  func joining() async throws {
    let cache = cache()
    let loads = GatedLoads<Int, Int>()
    let single = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    let gate = Gate<[Int: Int]>()
    let isLoading = Flag()
    let bulk = Task {
      try await cache.values(forKeys: [1, 2]) { keys in
        #expect(keys == [2])
        isLoading.raise()
        return try await gate.pass()
      }
    }
    try await eventually("the other load begins") { isLoading.isRaised }
    let late = try await stage.ask(cache, for: 2, orLoad: loads.load)
    gate.open(returning: [2: 20])
    #expect(try await late.answer() == 20)
    loads[0].gate.open(returning: 10)
    #expect(try await bulk.answer() == [1: 10, 2: 20])
    #expect(try await single.answer() == 10)
    #expect(loads.count == 1)
  }

  @Test(
    "Reading several keys loses only what their load throws, and keeps what another load brings")
  func errors() async throws {
    struct Failure: Error {}
    let cache = cache()
    cache[1] = 10
    await #expect(throws: Failure.self) {
      try await cache.values(forKeys: [1, 2, 3]) { _ in throw Failure() }
    }
    #expect(cache.statistics.loadFailures == 1)
    await #expect(throws: CacheLoadError.self) {
      try await cache.value(forKey: 4) { key in throw CacheLoadError.notFound(key: "\(key)") }
    }
    #expect(
      try await cache.values(forKeys: [5]) { _ in throw CacheLoadError.notFound(key: "5") } == [:])
    #expect(cache.statistics.loadFailures == 1 && cache.statistics.loadsNotFound == 2)
    #expect(try await cache.values(forKeys: [1, 2]) { _ in [2: 20] } == [1: 10, 2: 20])
  }

  @Test("Cancelling a read of several keys leaves every load, and cancels those without a caller")
  func cancelling() async throws {
    let cache = cache()
    let gate = Gate<[Int: Int]>()
    let (isLoading, isCancelled) = (Flag(), Flag())
    let bulk = Task {
      try await cache.values(forKeys: [1, 2]) { _ in
        isLoading.raise()
        return try await withTaskCancellationHandler {
          try await gate.pass()
        } onCancel: {
          isCancelled.raise()
        }
      }
    }
    try await eventually("the load begins") { isLoading.isRaised }
    let other = try await stage.ask(cache, for: 2) { _ in 99 }
    bulk.cancel()
    #expect(try await bulk.isCancelledAnswer())
    #expect(!isCancelled.isRaised, "somebody still waits for one of the keys")
    other.cancel()
    #expect(try await other.isCancelledAnswer())
    try await eventually("the load is cancelled") { isCancelled.isRaised }
    gate.open(returning: [1: 1, 2: 2])
    try await eventually("the load ends") { cache.statistics.loadSuccesses == 1 }
    #expect(cache.isEmpty)
  }

  @Test("Reading several stale keys loads them again in one call after the response")
  func staleTogether() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      $0.loading.transientBackOff = .constant(.seconds(30))
      $0.loading.staleWhileRevalidate = .seconds(100)
      $0.clock = clock
    }
    for key in 0..<100 { cache[key] = key }
    clock.advance(by: .seconds(20))
    cache[7] = 7
    let calls = Locked<[[Int]]>([])
    let scope = InvocationScope()
    try await inside(scope) { () async throws in
      for keys in [0..<60, 50..<100] {
        let values = try await cache.values(forKeys: keys) { keys in
          calls.withLock { $0.append(keys) }
          return Dictionary(uniqueKeysWithValues: keys.filter { $0 != 3 }.map { ($0, $0 * 10) })
        }
        #expect(values == Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) }))
      }
    }
    #expect(calls.withLock { $0 } == [])
    // A key written or removed meanwhile need not be loaded any more.
    cache[1] = 1
    cache.removeValue(forKey: 2)
    #expect(await scope.finish() == 2)
    let expected = [(0..<60).filter { ![1, 2, 7].contains($0) }, Array(60..<100)]
    #expect(calls.withLock { $0.sorted { $0[0] < $1[0] } } == expected)
    #expect(cache.statistics.loadSuccesses == 2)
    #expect(cache.pendingRefreshCount == 0)
    #expect(cache.loadsUnderWay == 0)
    for key in 0..<100 {
      let value = [1: 1, 7: 7, 2: nil, 3: nil][key] ?? key * 10
      #expect(cache[key] == value)
    }
  }

  @Test("Reading several stale keys loads none of them again where there is too little time")
  func staleWithoutTime() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      $0.loading.staleWhileRevalidate = .seconds(1_000)
      $0.clock = clock
    }
    let calls = Locked(0)
    let load: @Sendable ([Int]) async throws -> [Int: Int] = { keys in
      calls.withLock { $0 += 1 }
      try await Task.sleep(for: .milliseconds(60))
      return Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
    }
    for together in [true, false] {
      cache.removeAll()
      calls.withLock { $0 = 0 }
      _ = try await cache.values(forKeys: 0..<10, orLoad: load)
      clock.advance(by: .seconds(20))
      // Less is left after the response than the call has taken the last time.
      let scope = InvocationScope(deadline: .now + .milliseconds(105))
      try await inside(scope) { () async throws in
        if together {
          #expect(try await cache.values(forKeys: 0..<10, orLoad: load).count == 10)
        } else {
          for key in 0..<10 {
            #expect(try await cache.value(forKey: key) { try await load([$0])[$0]! } == key)
          }
        }
      }
      await scope.finish()
      #expect(calls.withLock { $0 } == 1)
      #expect(cache.loadsUnderWay == 0)
      // The next callers load them, whatever time they have: no stale value is promised twice.
      #expect(try await cache.values(forKeys: 0..<10, orLoad: load).count == 10)
      #expect(calls.withLock { $0 } == 2)
    }
  }

  @Test("Reading several stale keys begins no refresh without time left, not even a quick one")
  func noTimeLeft() async throws {
    let cache = Cache.withStaleEntry(on: clock) {
      $0.loading.staleWhileRevalidate = .seconds(1_000)
    }
    let begun = Locked(0)
    let scope = InvocationScope(deadline: .now + .milliseconds(49))
    try await inside(scope) { () async throws in
      let value = try await cache.value(forKey: 1) { key in
        begun.withLock { $0 += 1 }
        return key
      }
      #expect(value == 1)
    }
    #expect(await scope.finish() == 0)
    #expect(begun.withLock { $0 } == 0)
    #expect(!scope.isOpen)
    #expect(try await cache.value(forKey: 1) { _ in 2 } == 2)
  }

  @Test("Reading several keys leaves the loads of others alone when its time is over")
  func otherLoads() async throws {
    let cache = cache()
    let loads = GatedLoads<Int, Int>()
    // Each by a load of its own, of which none ends. That there is one limit for all is counted in
    // PassedParametersTests.
    let tasks = (0..<1_000).map { key in
      Task { try await cache.value(forKey: key, orLoad: loads.load) }
    }
    try await eventually("all loads begin") { loads.count == 1_000 }
    await #expect(throws: CacheLoadError.timedOut(key: "0", limit: .milliseconds(100))) {
      try await cache.values(forKeys: 0..<1_000, within: .milliseconds(100)) { _ in [:] }
    }
    for place in 0..<1_000 {
      #expect(!loads[place].cancellation.isRaised)
      loads[place].gate.open(returning: loads[place].key)
    }
    for (key, task) in tasks.enumerated() { #expect(try await task.answer() == key) }
  }

  @Test("Reading several keys in opposite order at once does not hold either up")
  func oppositeOrders() async throws {
    for round in 0..<50 {
      let cache = cache()
      let keys = Array(round * 10..<round * 10 + 10)
      async let forward = cache.values(forKeys: keys) { keys in
        await Task.yield()
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
      }
      async let backward = cache.values(forKeys: keys.reversed()) { keys in
        await Task.yield()
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
      }
      let (first, second) = try await (forward, backward)
      #expect(first == second)
      #expect(first.count == 10)
    }
  }
}
