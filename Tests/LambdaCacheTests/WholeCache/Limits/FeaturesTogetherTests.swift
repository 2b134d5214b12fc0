import LambdaCache
import TestSupport
import Testing

private struct Failure: ClassifiedError {
  var loadErrorClass: LoadErrorClass
}

@Suite("Two features together", .timeLimit(.minutes(10)))
struct FeaturesTogetherTests {
  private let clock = ManualClock()

  private func stale(
    window: Duration = .seconds(100), loading: LoadPolicy? = nil
  ) -> Cache<Int, Int> {
    Cache(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      if let loading { $0.loading = loading }
      $0.loading.staleWhileRevalidate = window
      $0.clock = clock
      $0.tags = { key, _ in ["key-\(key)"] }
    }
  }

  @Test("A value that is served stale counts as a hit of its own kind")
  func staleStatistics() async throws {
    let cache = stale()
    cache[1] = 1
    clock.advance(by: .seconds(20))
    #expect(try await cache.value(forKey: 1) { _ in 2 } == 1)
    var statistics = cache.statistics
    #expect(statistics.staleHits == 1)
    #expect(statistics.refreshes == 0)
    #expect(try await cache.value(forKey: 1) { _ in 2 } == 2)
    statistics = cache.statistics
    #expect(statistics.staleHits == 1)
    #expect(statistics.refreshes == 1)
    #expect(statistics.loadSuccesses == 1)
    #expect(cache.freshOrStaleValue(forKey: 1) == .fresh(2))
    clock.advance(by: .seconds(20))
    #expect(cache.freshOrStaleValue(forKey: 1) == .stale(2, for: .seconds(10)))
    #expect(cache.statistics.staleHits == 2)
  }

  @Test("A stale value that stands in for an error counts as a stale hit")
  func standIns() async throws {
    let cache = Cache.withStaleEntry(on: clock) {
      $0.loading.transientBackOff = .constant(.seconds(5))
      $0.loading.staleIfError = .seconds(100)
    }
    for expected in 1...3 {
      let value = try await cache.value(forKey: 1) { _ in
        throw Failure(loadErrorClass: .transient)
      }
      #expect(value == 1)
      #expect(cache.statistics.staleHits == expected)
    }
    // The second and the third were answered by what is remembered of the first.
    #expect(cache.statistics.loadFailures == 1)
    #expect(cache.statistics.failureHits == 2)
  }

  @Test("A remembered refusal serves no stale value either")
  func refusals() async throws {
    let cache = Cache.withStaleEntry(on: clock) {
      $0.loading.refusedTimeToLive = .seconds(30)
      $0.loading.staleWhileRevalidate = .zero
      $0.loading.staleIfError = .seconds(100)
    }
    for _ in 0..<3 {
      await #expect(throws: Failure.self) {
        try await cache.value(forKey: 1) { _ in throw Failure(loadErrorClass: .refused) }
      }
    }
    #expect(cache.statistics.loadFailures == 1)
    #expect(cache.statistics.staleHits == 0)
  }

  @Test("A value that no longer exists is not served stale")
  func notFound() async throws {
    let cache = Cache.withStaleEntry(on: clock) { $0.loading.staleIfError = .seconds(100) }
    await #expect(throws: Failure.self) {
      try await cache.value(forKey: 1) { _ in throw Failure(loadErrorClass: .notFound) }
    }
    #expect(cache.freshOrStaleValue(forKey: 1) == nil)
    await #expect(throws: Failure.self) {
      try await cache.value(forKey: 1) { _ in throw Failure(loadErrorClass: .transient) }
    }
  }

  @Test("A removal by a condition removes stale values as well")
  func removalOfStale() {
    let cache = stale()
    for key in 0..<10 { cache[key] = key }
    clock.advance(by: .seconds(20))
    cache.removeAll { key, _ in key < 5 }
    for key in 0..<5 { #expect(cache.freshOrStaleValue(forKey: key) == nil) }
    for key in 5..<10 { #expect(cache.freshOrStaleValue(forKey: key)?.value == key) }
  }

  @Test("A load under way does not overwrite a value that filled the gap")
  func insertWhileLoading() async throws {
    let cache = stale()
    let (loads, stage) = (GatedLoads<Int, Int>(), Stage())
    let task = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    #expect(cache.value(forKey: 1) { 5 } == 5)
    loads[0].gate.open(returning: 1)
    _ = try await task.answer()
    #expect(cache[1] == 5)
  }

  @Test("Neither a load nor a failure outlives a removal by a rule")
  func removalByRule() async throws {
    let cache = stale(loading: LoadPolicy(negativeTimeToLive: .seconds(600)))
    let (loads, stage) = (GatedLoads<Int, Int>(), Stage())
    await #expect(throws: Failure.self) {
      try await cache.value(forKey: 1) { _ in throw Failure(loadErrorClass: .notFound) }
    }
    let task = try await stage.ask(cache, for: 2, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    cache.removeAll(whereKey: { _ in true })
    loads[0].gate.open(returning: 2)
    _ = try await task.answer()
    #expect(cache[2] == nil)
    #expect(try await cache.value(forKey: 1) { _ in 7 } == 7)
  }

  @Test("A value that a renewal confirms is as young as a new one")
  func renewals() async throws {
    let cache = Cache.withStaleEntry(on: clock) {
      $0.expiration.recordsAge = true
      $0.loading.staleIfError = .seconds(100)
    }
    let value = try await cache.value(
      forKey: 1,
      orReload: { _, old in
        #expect(old == 1)
        return .notModified
      })
    #expect(value == 1)
    #expect(cache.age(forKey: 1) == .zero)
    #expect(cache.remainingTimeToLive(forKey: 1) == .seconds(10))
    #expect(cache.statistics.renewals == 1)
    clock.advance(by: .seconds(3))
    #expect(cache.age(forKey: 1) == .seconds(3))
  }

  @Test("A value that a thaw has dropped does not stand in for an error")
  func droppedByThaw() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(900)) {
      $0.expiration.afterThaw = .drop(after: .milliseconds(200))
      $0.loading.staleIfError = .seconds(100)
      $0.loading.earlyRefresh = 1e15
      $0.clock = clock
    }
    let (loads, stage) = (GatedLoads<Int, Int>(), Stage())
    _ = try await cache.value(forKey: 1) { _ in
      try await Task.sleep(for: .milliseconds(3))
      return 1
    }
    let task = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("it is loaded anew early") { loads.count == 1 }
    clock.advance(by: .seconds(5))
    loads[0].gate.open(throwing: Failure(loadErrorClass: .transient))
    await #expect(throws: Failure.self) { try await task.answer() }
  }

  @Test("The miss log names every way to leave")
  func missLog() async throws {
    let budget = MemoryBudget(byteLimit: 1 << 20)
    let cache = Cache<Int, Int>(named: "any", in: budget, timeToLive: .seconds(100)) {
      $0.clock = clock
    }
    cache.missLogCapacity = 512
    for key in 0..<10 { cache[key] = key }
    cache.removeValue(forKey: 0)
    #expect(cache.explanation(of: 0) == .removed(ago: .zero))
    cache.removeAll()
    #expect(cache.explanation(of: 1) == .removed(ago: .zero))
    cache[2] = 2
    clock.advance(by: .seconds(1))
    _ = budget.shed(1 << 20)
    #expect(cache.explanation(of: 2) == .evicted(cause: .pressure, ago: .zero))
    budget.restore(upTo: 1 << 20)
    await #expect(throws: Failure.self) {
      try await cache.value(forKey: 3) { _ in throw Failure(loadErrorClass: .transient) }
    }
    #expect(cache.explanation(of: 3) == .loadFailed(ago: .zero))
    cache[4] = 4
    clock.advance(by: .seconds(100))
    _ = cache[4]
    #expect(cache.explanation(of: 4) == .expired(ago: .zero))
  }

  @Test(
    "A load that began before its key's value turned out invalid is not stored")
  func invalidWhileLoading() async throws {
    let cache = stale()
    let (loads, stage) = (GatedLoads<Int, Int>(), Stage())
    cache[1] = 1
    let early = Locked<Task<Int, any Error>?>(nil)
    let used = Locked<[Int]>([])
    let user = Task {
      try await cache.invalidateAndRetryOnce(
        forKey: 1, if: { $0 is Failure }, orLoad: loads.load
      ) { value in
        used.withLock { $0.append(value) }
        if value == 1 {
          cache.removeValue(forKey: 1)
          let task = try await stage.ask(cache, for: 1, orLoad: loads.load)
          early.withLock { $0 = task }
          try await eventually("a load begins") { loads.count == 1 }
          throw Failure(loadErrorClass: .fatal)
        }
        return value
      }
    }
    try await eventually("another load begins") { loads.count == 2 }
    loads[1].gate.open(returning: 3)
    #expect(try await user.answer() == 3)
    loads[0].gate.open(returning: 2)
    _ = try await early.withLock { $0 }?.answer()
    #expect(cache[1] == 3)
    #expect(used.withLock { $0 } == [1, 3])
  }

  @Test("A value that may be served during a refresh stands in for an error")
  func windowForErrors() async throws {
    let cache = stale()
    cache[1] = 1
    clock.advance(by: .seconds(20))
    #expect(try await cache.value(forKey: 1) { _ in 2 } == 1)
    let value = try await cache.value(forKey: 1) { _ in
      throw Failure(loadErrorClass: .transient)
    }
    #expect(value == 1)
  }

  private struct Key: Hashable, Sendable {
    let instance: LifetimeTracker.Instance

    static func == (first: Key, second: Key) -> Bool {
      first.instance.payload == second.instance.payload
    }

    func hash(into hasher: inout Hasher) { hasher.combine(instance.payload) }
  }

  @Test("A use that is over does not keep its key alive")
  func usesEnd() async throws {
    let tracker = LifetimeTracker()
    let cache = Cache<Key, Int>(byteLimit: 1 << 20, heapByteCount: { _, _ in 0 })
    let load: @Sendable (Key) async throws -> Int = { $0.instance.payload }
    let isInvalid: (any Error) -> Bool = { _ in true }
    for number in 0..<20 {
      let key = Key(instance: tracker.instance(number))
      let value = try await cache.invalidateAndRetryOnce(
        forKey: key, if: isInvalid, orLoad: load
      ) { $0 }
      #expect(value == number)
    }
    cache.removeAll()
    // The last load's task may hold its key for a moment longer.
    try await eventually("the keys are gone") { tracker.liveCount == 0 }
  }
}
