import LambdaCache
import Testing

/// Just below a limit, at it, above it, long after it, and back again.
@Suite("The other side of a limit", .timeLimit(.minutes(10)))
struct OtherSideOfALimitTests {
  // MARK: Time

  @Test("An entry never expires before its time, wherever in a step of the clock it was written")
  func neverEarly() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .milliseconds(5))
    for round in 0..<40 {
      // An entry expires at the beginning of a step: the next is not written there.
      let pause = ContinuousClock.now + .microseconds(Int.random(in: 0...8_000))
      while ContinuousClock.now < pause {}
      let start = ContinuousClock.now
      cache[round] = 1
      while cache[round] != nil {}
      #expect(ContinuousClock.now - start >= .milliseconds(5))
    }
  }

  @Test("A wall clock that was set back still tells of a pause that the boot clock has missed")
  func wallClockSetBack() {
    let second: Int64 = 1_000_000_000
    var time = Timekeeper(boot: 0, wall: 0)
    #expect(time.follow(boot: 10 * second, wall: -3_590 * second) == 10_001)
    // Ten minutes pass in which the boot clock stands still.
    #expect(time.follow(boot: 10 * second, wall: -2_990 * second) == 610_001)
    #expect(time.follow(boot: 20 * second, wall: -2_980 * second) == 620_001)
  }

  @Test("Jitter leaves an entry at least a millisecond, however short its time")
  func jitter() {
    let clock = ManualClock()
    for jitter in [Expiration.Jitter.fraction(1), .duration(.seconds(9))] {
      let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .milliseconds(2)) {
        $0.expiration.jitter = jitter
        $0.clock = clock
      }
      for key in 0..<500 {
        #expect(cache.setValue(key, forKey: key) == .inserted)
        #expect(cache[key] == key)
      }
    }
  }

  @Test("An idle time of zero keeps nothing")
  func noIdleTime() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20) { $0.expiration.idleTimeToLive = .zero }
    #expect(cache.setValue(1, forKey: 1) == .rejected)
    #expect(cache[1] == nil)
  }

  @Test("A value that a thaw has made stale is shown to a load that may renew it")
  func revalidation() async throws {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(900)) {
      $0.expiration.afterThaw = .revalidate(after: .milliseconds(200))
      $0.clock = clock
    }
    cache[1] = 7
    clock.advance(by: .seconds(5))
    let seen = Locked<Int?>(nil)
    let value = try await cache.value(
      forKey: 1,
      orReload: { _, old in
        seen.withLock { $0 = old }
        return old == nil ? .modified(1) : .notModified
      })
    #expect(seen.withLock { $0 } == 7)
    #expect(value == 7)
  }

  // MARK: Loads

  @Test("Errors of the cache itself do not go to a classifier, which would misjudge them")
  func ownErrors() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20) {
      $0.loading.negativeTimeToLive = .seconds(600)
      $0.loading.classify = { _ in .fatal }
    }
    let loads = Locked(0)
    for _ in 0..<3 {
      let value = try await cache.optionalValue(forKey: 1) { _ in
        loads.withLock { $0 += 1 }
        return nil
      }
      #expect(value == nil)
    }
    #expect(loads.withLock { $0 } == 1)
  }

  @Test("Pending refreshes have a bound, beyond which a caller refreshes by itself")
  func promises() async throws {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(byteLimit: 8 << 20, timeToLive: .seconds(10)) {
      $0.loading.staleWhileRevalidate = .seconds(100)
      $0.clock = clock
    }
    for key in 0..<1_100 { cache[key] = 1 }
    clock.advance(by: .seconds(20))
    let scope = InvocationScope(deadline: nil)
    try await inside(scope) { () async throws in
      var refreshed = 0
      for key in 0..<1_100 where try await cache.value(forKey: key, orLoad: { _ in 2 }) == 2 {
        refreshed += 1
      }
      #expect(refreshed == 1_100 - 1_024)
    }
  }

  // MARK: Structure

  @Test("A table of many pages loses no key while it grows, and shrinks when few are left")
  func largeTable() {
    var cache = UniqueCache<Int, Int>(byteLimit: 64 << 20)
    for key in 0..<90_000 { cache[key] = key }
    var missing = 0
    for key in 0..<90_000 where cache[key] != key { missing += 1 }
    #expect(missing == 0)
    let full = cache.byteCount
    for key in 100..<90_000 { cache.removeValue(forKey: key) }
    // Cells move from table to table in steps.
    for key in 100_000..<106_000 {
      cache[key] = key
      cache.removeValue(forKey: key)
    }
    #expect(cache.byteCount < full / 10, "\(cache.byteCount) of \(full) bytes")
    #expect(cache.checkInvariants() == [])
  }

  @Test("Evictions are expired entries, those above a limit, and those shed for memory")
  func evictions() {
    var statistics = CacheStatistics()
    statistics.removals.explicit = 1
    statistics.removals.replaced = 10
    statistics.removals.expired = 100
    statistics.removals.size = 1_000
    statistics.removals.pressure = 10_000
    #expect(statistics.evictions == 11_100)
    #expect(statistics.removals.total == 11_111)
  }

  @Test("The reserve is said to come from the environment only if it does")
  func reserveSource() throws {
    let silent = try CacheConfiguration(environment: [:]).explainConfiguration()
    let told = try CacheConfiguration(environment: ["LAMBDA_CACHE_RESERVE": "48MiB"])
      .explainConfiguration()
    #expect(!silent.contains("LAMBDA_CACHE_RESERVE"))
    #expect(told.contains("LAMBDA_CACHE_RESERVE"))
  }
}
