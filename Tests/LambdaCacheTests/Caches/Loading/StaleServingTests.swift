import LambdaCache
import TestSupport
import Testing

@Suite("Serving what has expired", .timeLimit(.minutes(10)))
struct StaleServingTests {
  private let clock = ManualClock()
  private let loads = GatedLoads<Int, Int>()
  private let stage = Stage()

  private func cache(
    revalidate: Duration = .zero, ifError: Duration = .zero, loading: LoadPolicy? = nil
  ) -> Cache<Int, Int> {
    Cache(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      if let loading { $0.loading = loading }
      $0.loading.staleWhileRevalidate = revalidate
      $0.loading.staleIfError = ifError
      $0.clock = clock
    }
  }

  private func failing(
    _ cache: Cache<Int, Int>, _ kind: LoadErrorClass
  ) async throws -> Int {
    try await cache.value(forKey: 1) { _ in throw SourceError(loadErrorClass: kind) }
  }

  @Test(
    "An expired value is served instead of errors that do not concern the value",
    arguments: LoadErrorClass.allCases)
  func ifError(kind: LoadErrorClass) async throws {
    let cache = cache(ifError: .seconds(100))
    cache[1] = 7
    clock.advance(by: .seconds(60))
    if kind.mayServeStale {
      #expect(try await failing(cache, kind) == 7)
      #expect(cache.statistics.staleHits == 1)
      #expect(cache.freshOrStaleValue(forKey: 1)?.value == 7)
    } else {
      await #expect(throws: SourceError.self) { try await failing(cache, kind) }
      #expect((cache.freshOrStaleValue(forKey: 1) == nil) == (kind == .notFound))
    }
    #expect(cache.statistics.refreshes == 1)
    #expect(cache[1] == nil)
  }

  @Test(
    "An expired value stands in for an error as long as it may be served, not as loads take",
    arguments: [0, 14, 15, 3_600])
  func loadThatTakesLong(seconds: Int) async throws {
    let cache = cache(ifError: .seconds(20))
    cache[1] = 7
    clock.advance(by: .seconds(15))
    let task = try await stage.ask(cache, for: 1, orLoad: loads.load)
    clock.advance(by: .seconds(seconds))
    loads[0].gate.open(throwing: SourceError(loadErrorClass: .transient))
    if seconds < 15 {
      #expect(try await task.answer() == 7)
    } else {
      await #expect(throws: SourceError.self) { try await task.answer() }
    }
    #expect(cache.statistics.staleHits == (seconds < 15 ? 1 : 0))
  }

  @Test(
    "A fresh value that is loaded anew early is not served after its time because that failed",
    arguments: [0, 9, 10, 3_600])
  func earlyRefreshThatTakesLong(seconds: Int) async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      $0.loading.earlyRefresh = 1e18
      $0.clock = clock
    }
    #expect(try await cache.value(forKey: 1) { _ in 7 } == 7)
    let task = try await stage.ask(cache, for: 1, orLoad: loads.load)
    clock.advance(by: .seconds(seconds))
    loads[0].gate.open(throwing: SourceError(loadErrorClass: .transient))
    if seconds < 10 {
      #expect(try await task.answer() == 7)
    } else {
      await #expect(throws: SourceError.self) { try await task.answer() }
    }
  }

  @Test("A thaw in the meantime counts as for any other entry", arguments: [false, true])
  func thawMeanwhile(drops: Bool) async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(1_000)) {
      $0.expiration.afterThaw =
        drops ? .drop(after: .seconds(60)) : .revalidate(after: .seconds(60))
      $0.loading.staleIfError = .seconds(50)
      $0.loading.earlyRefresh = 1e18
      $0.clock = clock
    }
    #expect(try await cache.value(forKey: 1) { _ in 7 } == 7)
    let task = try await stage.ask(cache, for: 1, orLoad: loads.load)
    clock.advance(by: .seconds(100))
    loads[0].gate.open(throwing: SourceError(loadErrorClass: .transient))
    if drops {
      await #expect(throws: SourceError.self) { try await task.answer() }
    } else {
      #expect(try await task.answer() == 7)
      #expect(cache.statistics.staleHits == 1)
    }
  }

  @Test("An expired value is not served after a removal by a condition")
  func removedByCondition() async throws {
    let cache = cache(revalidate: .seconds(100))
    for key in 0..<4 { cache[key] = key * 10 }
    clock.advance(by: .seconds(11))
    cache[3] = 30
    cache.removeAll { key, value in key % 2 == 1 && value == key * 10 }
    #expect((0..<4).map { cache.freshOrStaleValue(forKey: $0)?.value } == [0, nil, 20, nil])
    cache.removeAll(whereKey: { $0 < 2 })
    #expect((0..<4).map { cache.freshOrStaleValue(forKey: $0)?.value } == [nil, nil, 20, nil])
    #expect(cache.checkInvariants() == [])
  }

  @Test("An expired value is not served after its window")
  func windowEnds() async throws {
    let cache = cache(ifError: .seconds(100))
    cache[1] = 7
    clock.advance(by: .seconds(111))
    await #expect(throws: SourceError.self) { try await failing(cache, .transient) }
  }

  @Test("An expired value is not served for an error if it was removed meanwhile")
  func removedMeanwhile() async throws {
    let cache = cache(ifError: .seconds(100))
    cache[1] = 7
    clock.advance(by: .seconds(60))
    let task = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    cache.removeValue(forKey: 1)
    loads[0].gate.open(throwing: SourceError(loadErrorClass: .transient))
    await #expect(throws: SourceError.self) { try await task.answer() }
  }

  @Test("An expired value is served without a load while its key backs off")
  func backingOff() async throws {
    let cache = cache(
      ifError: .seconds(100), loading: LoadPolicy(transientBackOff: .constant(.seconds(20))))
    cache[1] = 7
    clock.advance(by: .seconds(60))
    #expect(try await failing(cache, .transient) == 7)
    for _ in 0..<3 { #expect(try await cache.value(forKey: 1, orLoad: loads.load) == 7) }
    #expect(loads.count == 0)
    #expect(cache.statistics.failureHits == 3)
    #expect(cache.statistics.staleHits == 4)
  }

  @Test(
    "An expired value is served to the first caller; the next one loads, outside invocations"
  )
  func nextAccess() async throws {
    let cache = cache(revalidate: .seconds(100))
    cache[1] = 7
    clock.advance(by: .seconds(60))
    #expect(try await cache.value(forKey: 1, orLoad: loads.load) == 7)
    #expect(loads.count == 0)
    let second = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    for _ in 0..<5 { #expect(try await cache.value(forKey: 1, orLoad: loads.load) == 7) }
    #expect(loads.count == 1, "more than one refreshes")
    loads[0].gate.open(returning: 8)
    #expect(try await second.answer() == 8)
    #expect(cache[1] == 8)
    #expect(cache.statistics.staleHits == 6)
    #expect(cache.statistics.refreshes == 1)
  }

  @Test("An expired value is served at once and loaded after the response, in an invocation")
  func afterResponse() async throws {
    let cache = cache(revalidate: .seconds(100))
    cache[1] = 7
    clock.advance(by: .seconds(60))
    let scope = InvocationScope()
    let loads = Locked<[Int]>([])
    try await inside(scope) { () async throws in
      for _ in 0..<3 {
        let value = try await cache.value(forKey: 1) { key in
          loads.withLock { $0.append(key) }
          return 8
        }
        #expect(value == 7)
      }
    }
    #expect(loads.withLock { $0 } == [])
    #expect(await scope.finish() == 1)
    #expect(loads.withLock { $0 } == [1])
    #expect(cache[1] == 8)
    #expect(await scope.finish() == 0)
  }

  @Test("The next caller loads a served expired value if its invocation's end is not awaited")
  func brokenPromise() async throws {
    let cache = cache(revalidate: .seconds(100))
    cache[1] = 7
    clock.advance(by: .seconds(60))
    do {
      let scope = InvocationScope()
      try await inside(scope) { () async throws in
        #expect(try await cache.value(forKey: 1) { _ in 8 } == 7)
      }
    }
    #expect(try await cache.value(forKey: 1) { _ in 9 } == 9)

    clock.advance(by: .seconds(60))
    let quiet = InvocationScope(runsRefreshes: false)
    try await inside(quiet) { () async throws in
      #expect(try await cache.value(forKey: 1) { _ in 10 } == 9)
      #expect(try await cache.value(forKey: 1) { _ in 11 } == 11)
    }
  }

  @Test("At most 1,024 refreshes of expired values wait; a further caller loads")
  func promiseLimit() async throws {
    let cache = cache(revalidate: .seconds(100))
    for key in 0..<1_100 { cache[key] = -1 }
    clock.advance(by: .seconds(60))
    let scope = InvocationScope()
    try await inside(scope) { () async throws in
      for key in 0..<1_100 {
        #expect(try await cache.value(forKey: key) { $0 } == (key < 1_024 ? -1 : key))
      }
    }
    #expect(await scope.finish() == 1_024)
    for key in 0..<1_100 { #expect(cache[key] == key) }
  }

  @Test("An expired value that was served and written meanwhile needs no load any more")
  func overtaken() async throws {
    let cache = cache(revalidate: .seconds(100))
    cache[1] = 7
    clock.advance(by: .seconds(60))
    let scope = InvocationScope()
    try await inside(scope) { () async throws in
      #expect(try await cache.value(forKey: 1, orLoad: loads.load) == 7)
    }
    cache[1] = 9
    await scope.finish()
    #expect(loads.count == 0)
    #expect(cache[1] == 9)
  }

  @Test(
    "A load is awaited before an expired value is served at most as long as a duration can be",
    arguments: [Int64.max, 1 << 40])
  func endlessPatience(seconds: Int64) async throws {
    let cache = cache()
    #expect(try await cache.value(forKey: 1, within: .seconds(seconds)) { $0 } == 1)
    let values = try await cache.values(forKeys: [1, 2], within: .seconds(seconds)) { _ in [2: 2] }
    #expect(values == [1: 1, 2: 2])
  }

  @Test("An expired value is served instead of a load that takes too long")
  func timeLimit() async throws {
    let cache = cache(ifError: .seconds(100))
    cache[1] = 7
    clock.advance(by: .seconds(60))
    #expect(try await cache.value(forKey: 1, within: .milliseconds(1), orLoad: loads.load) == 7)
    await #expect(throws: CacheLoadError.timedOut(key: "2", limit: .milliseconds(1))) {
      try await cache.value(forKey: 2, within: .milliseconds(1), orLoad: loads.load)
    }
    try await eventually("both loads are abandoned") {
      loads.count == 2 && loads[0].cancellation.isRaised && loads[1].cancellation.isRaised
    }
    for place in 0..<2 { loads[place].gate.open(returning: 1) }
  }

  @Test("An expired value waits for the load after a thaw, and the load gets that value")
  func revalidateAfterThaw() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(900)) {
      $0.expiration.afterThaw = .revalidate(after: .seconds(5))
      $0.clock = clock
    }
    cache[1] = 7
    clock.advance(by: .seconds(6))
    let seen = Locked<Int?>(nil)
    let value = try await cache.value(forKey: 1) { _, old in
      seen.withLock { $0 = old }
      return .notModified
    }
    #expect(value == 7)
    #expect(seen.withLock { $0 } == 7)
    #expect(cache[1] == 7)
  }
}
