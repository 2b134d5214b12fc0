import LambdaCache
import TestSupport
import Testing

@Suite("The settings of an expiration", .prompt)
struct ExpirationTests {
  private func cache(
    _ expiration: Expiration, loading: LoadPolicy = LoadPolicy(), clock: ManualClock,
    entryLimit: Int? = nil
  ) -> Cache<Int, Int> {
    Cache(byteLimit: 1 << 20, entryLimit: entryLimit) {
      $0.expiration = expiration
      $0.loading = loading
      $0.clock = clock
    }
  }

  @Test("Each use puts the end of an idle entry off, and a peek does not")
  func idle() {
    let clock = ManualClock()
    let cache = cache(Expiration(idleTimeToLive: .seconds(10)), clock: clock)
    for key in 1...4 { cache[key] = key }
    clock.advance(by: .seconds(9))
    #expect(cache.value(forKey: 1) == 1)
    #expect(cache.peekValue(forKey: 2) == 2)
    #expect(cache.contains(3))
    cache.updateValue(forKey: 4) { $0 = 44 }
    clock.advance(by: .seconds(1))
    #expect(cache.hottest().map(\.key) == [4, 1])
    #expect(cache.value(forKey: 2) == nil)
    #expect(cache.statistics.removals.expired == 2)
    #expect(cache.remainingTimeToLive(forKey: 1) == .seconds(9))
  }

  @Test("The earlier of the two times to live counts")
  func bothTimes() {
    let clock = ManualClock()
    let cache = cache(
      Expiration(timeToLive: .seconds(15), idleTimeToLive: .seconds(10)), clock: clock)
    cache[1] = 1
    cache[2] = 2
    clock.advance(by: .seconds(8))
    #expect(cache[1] == 1)
    #expect(cache.remainingTimeToLive(forKey: 1) == .seconds(7))
    #expect(cache.remainingTimeToLive(forKey: 2) == .seconds(2))
    clock.advance(by: .seconds(2))
    #expect(cache[2] == nil)
    clock.advance(by: .seconds(5))
    #expect(cache[1] == nil)
  }

  @Test("A lifetime is computed from key and value where the call states none")
  func computed() {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(byteLimit: 65_536, timeToLive: .seconds(100)) {
      $0.clock = clock
      $0.entryTimeToLive = { key, value in key == 9 ? nil : .seconds(key + value) }
    }
    cache[1] = 2
    cache[9] = 1
    cache.setValue(2, forKey: 2, timeToLive: .seconds(50))
    _ = cache.value(forKey: 3, orInsert: { 4 })
    #expect(cache.remainingTimeToLive(forKey: 1) == .seconds(3))
    #expect(cache.remainingTimeToLive(forKey: 9) == .seconds(100))
    #expect(cache.remainingTimeToLive(forKey: 2) == .seconds(50))
    #expect(cache.remainingTimeToLive(forKey: 3) == .seconds(7))
    cache.updateValue(forKey: 1) { $0 = 11 }
    #expect(cache.remainingTimeToLive(forKey: 1) == .seconds(12))
  }

  @Test("A stale value is shown only on request, for as long as the longer window")
  func staleWindow() {
    let clock = ManualClock()
    let loading = LoadPolicy(staleWhileRevalidate: .seconds(5), staleIfError: .seconds(20))
    let cache = cache(Expiration(timeToLive: .seconds(10)), loading: loading, clock: clock)
    cache[1] = 1
    #expect(cache.freshOrStaleValue(forKey: 1) == .fresh(1))
    clock.advance(by: .seconds(13))
    #expect(cache.value(forKey: 1) == nil)
    #expect(cache.peekValue(forKey: 1) == nil)
    #expect(cache.hottest().isEmpty)
    #expect(cache.freshOrStaleValue(forKey: 1) == .stale(1, for: .seconds(3)))
    clock.advance(by: .seconds(17) - .milliseconds(1))
    #expect(cache.freshOrStaleValue(forKey: 1)?.staleFor == .milliseconds(19_999))
    clock.advance(by: .milliseconds(1))
    #expect(cache.freshOrStaleValue(forKey: 1) == nil)
    let statistics = cache.statistics
    #expect(statistics.count == 0)
    #expect(
      [statistics.hits, statistics.misses, statistics.staleHits, statistics.removals.expired]
        == [1, 4, 2, 1])
  }

  @Test("A window without end does not make anything fresh that has expired")
  func endlessWindow() {
    let clock = ManualClock()
    let cache = cache(
      Expiration(timeToLive: .seconds(10)),
      loading: LoadPolicy(staleWhileRevalidate: .seconds(Int64.max)), clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(86_400 * 3_650))
    #expect(cache[1] == nil)
    #expect(cache.freshOrStaleValue(forKey: 1)?.staleFor == .seconds(86_400 * 3_650 - 10))
  }

  @Test("A write over a stale value is an insertion, and the stale one leaves as expired")
  func writeOverStale() {
    let clock = ManualClock()
    let cache = cache(
      Expiration(timeToLive: .seconds(1)), loading: LoadPolicy(staleIfError: .seconds(60)),
      clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(2))
    #expect(cache.setValue(2, forKey: 1) == .inserted)
    #expect(cache.statistics.removals.expired == 1)
    #expect(cache.freshOrStaleValue(forKey: 1) == .fresh(2))
    clock.advance(by: .seconds(2))
    #expect(cache.removeValue(forKey: 1) == nil)
    #expect(cache.count == 0)
  }

  @Test("Expired entries make room before live ones, whatever was used last")
  func goneFirst() {
    let clock = ManualClock()
    let departed = Locked<[Int]>([])
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 3) {
      $0.clock = clock
      $0.onRemoval = { key, _, _ in departed.withLock { $0.append(key) } }
    }
    cache[1] = 1
    cache.setValue(2, forKey: 2, timeToLive: .seconds(1))
    cache[3] = 3
    clock.advance(by: .seconds(2))
    cache[4] = 4
    #expect(departed.withLock { $0 } == [2])
    #expect(cache.statistics.removals.size == 0)
  }

  @Test("An age is counted from the write, and only where it is kept")
  func age() {
    let clock = ManualClock()
    let plain = cache(Expiration(timeToLive: .seconds(100)), clock: clock)
    let aged = cache(Expiration(timeToLive: .seconds(100), recordsAge: true), clock: clock)
    plain[1] = 1
    aged[1] = 1
    clock.advance(by: .seconds(7))
    #expect(aged[1] == 1)
    #expect(aged.age(forKey: 1) == .seconds(7))
    #expect(aged.age(forKey: 2) == nil)
    #expect(plain.age(forKey: 1) == nil)
    aged[1] = 2
    #expect(aged.age(forKey: 1) == .zero)
  }

  @Test("A changed lifetime counts from now, and none is for ever")
  func setTimeToLive() {
    let clock = ManualClock()
    let cache = cache(Expiration(timeToLive: .seconds(10)), clock: clock)
    cache[1] = 1
    cache[2] = 2
    clock.advance(by: .seconds(4))
    #expect(cache.setTimeToLive(.seconds(8), forKey: 1))
    #expect(cache.setTimeToLive(nil, forKey: 2))
    #expect(!cache.setTimeToLive(.seconds(8), forKey: 3))
    #expect(cache.remainingTimeToLive(forKey: 1) == .seconds(8))
    clock.advance(by: .seconds(8))
    #expect(!cache.setTimeToLive(.seconds(8), forKey: 1))
    #expect(cache[1] == nil)
    clock.advance(by: .seconds(1 << 30))
    #expect(cache[2] == 2)
    #expect(cache.setTimeToLive(.zero, forKey: 2))
    #expect(cache.count == 0)
    #expect(cache.statistics.removals.expired == 2)
  }

  @Test("The first lifetime in a full cache takes room for deadlines, and the limit is kept")
  func setTimeToLiveInFullCache() {
    var cache = UniqueCache<Int, Int>(byteLimit: 20_000) { $0.clock = ManualClock() }
    for key in 0..<2_000 { cache[key] = key }
    let before = cache.count
    let hottest = cache.hottest(1)[0].key
    let isFound = cache.setTimeToLive(.seconds(5), forKey: hottest)
    #expect(isFound)
    #expect(cache.byteCount <= 20_000)
    #expect(cache.count < before)
    let remaining = cache.remainingTimeToLive(forKey: hottest)
    #expect(remaining == .seconds(5))
    let violations = cache.checkInvariants()
    #expect(violations == [])
  }

  @Test(
    "Jitter shortens within its bounds, and differently in each cache",
    arguments: [
      (.fraction(0.5), 50_000...100_000), (.duration(.seconds(30)), 70_000...100_000),
      (.fraction(1), 1...100_000), (.duration(.seconds(1_000)), 1...100_000),
      (.none, 100_000...100_000), (.fraction(0), 100_000...100_000),
    ] as [(Expiration.Jitter, ClosedRange<Int>)])
  func jitter(jitter: Expiration.Jitter, range: ClosedRange<Int>) throws {
    let lifetimes = try (0..<2).map { _ in
      let cache = cache(
        Expiration(timeToLive: .seconds(100), jitter: jitter), clock: ManualClock())
      return try (0..<1_000).map { key in
        cache[key] = key
        let remaining = try #require(cache.remainingTimeToLive(forKey: key))
        return Int(remaining / .milliseconds(1))
      }
    }
    #expect(lifetimes.joined().allSatisfy(range.contains))
    if range.count == 1 { return }
    #expect(lifetimes[0] != lifetimes[1])
    // A thousand draws come near both ends, and their mean near the middle.
    let width = Double(range.upperBound - range.lowerBound)
    let all = lifetimes.joined()
    #expect(Double(all.min()! - range.lowerBound) < width / 20)
    #expect(Double(range.upperBound - all.max()!) < width / 20)
    let mean = Double(all.reduce(0, +)) / 2_000
    #expect(abs(mean - Double(range.lowerBound) - width / 2) < width / 20)
  }

  @Test(
    "Jitter of the environment takes the place of the program's, whatever the two are",
    arguments: [
      ("none", 100_000...100_000), ("0%", 100_000...100_000), ("10%", 90_000...100_000),
      ("20s", 80_000...100_000),
    ], [.none, .fraction(1), .duration(.seconds(100))] as [Expiration.Jitter])
  func jitterOfTheEnvironment(setting: (String, ClosedRange<Int>), own: Expiration.Jitter) throws {
    let (value, range) = setting
    let cache = Cache<Int, Int>(
      named: "jittered",
      in: MemoryBudget(
        byteLimit: 1 << 20,
        configuration: try CacheConfiguration(environment: ["LAMBDA_CACHE_TTL_JITTER": value])),
      timeToLive: .seconds(100)
    ) {
      $0.expiration.jitter = own
      $0.clock = ManualClock()
    }
    let lifetimes = try (0..<1_000).map { key in
      cache[key] = key
      return Int(try #require(cache.remainingTimeToLive(forKey: key)) / .milliseconds(1))
    }
    #expect(lifetimes.allSatisfy(range.contains))
    let width = range.count - 1
    #expect((lifetimes.max()! - lifetimes.min()!) * 10 >= width * 9)
  }

  /// An exit test that says what standard error must contain.
  private func text(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test("Impossible settings of an expiration trap and are named")
  func misuse() async {
    let result0 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Cache<Int, Int>(byteLimit: 1) { $0.expiration.jitter = .fraction(1.5) }
    }
    #expect(text(result0).contains("the jitter of a cache is not from 0 to 1: 1.5"))
    let result1 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Cache<Int, Int>(byteLimit: 1) { $0.expiration.jitter = .duration(.seconds(-1)) }
    }
    #expect(text(result1).contains("the jitter of a cache is negative"))
    let result2 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Cache<Int, Int>(byteLimit: 1) { $0.loading.staleIfError = .seconds(-1) }
    }
    #expect(text(result2).contains("the time of staleIfError is negative"))
    let result3 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Cache<Int, Int>(byteLimit: 1) { $0.loading.staleWhileRevalidate = .nanoseconds(-1) }
    }
    #expect(text(result3).contains("the time of staleWhileRevalidate is negative"))
    let result4 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Cache<Int, Int>(byteLimit: 1) { $0.expiration.afterThaw = .drop(after: .zero) }
    }
    #expect(text(result4).contains("the gap that counts as a thaw is not positive"))
    let result5 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Cache<Int, Int>(byteLimit: 1) { $0.loading.earlyRefresh = .nan }
    }
    #expect(
      text(result5).contains("the eagerness of early refreshes is not a finite number from 0: nan"))
  }
}
