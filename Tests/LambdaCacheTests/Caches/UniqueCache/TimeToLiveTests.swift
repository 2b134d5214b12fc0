import LambdaCache
import Testing

@Suite("UniqueCache: time to live")
struct UniqueCacheTimeToLiveTests {
  @Test("An entry lives until its time to live has passed, and no longer")
  func expiresOnTime() {
    let clock = ManualClock()
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(5)) {
      $0.clock = clock
    }
    cache[1] = 1
    clock.advance(by: .milliseconds(4_999))
    #expect(cache[1] == 1)
    #expect(cache.contains(1) == true)
    clock.advance(by: .milliseconds(1))
    #expect(cache.contains(1) == false)
    #expect(cache.peekValue(forKey: 1) == nil)
    #expect(cache.count == 1, "what has expired is counted until it is reclaimed")
    #expect(cache[1] == nil)
    #expect(cache.isEmpty == true)
    #expect(cache.statistics.removals.expired == 1)
  }

  @Test("A read does not prolong a life, a write does")
  func writesProlong() {
    let clock = ManualClock()
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(5)) {
      $0.clock = clock
    }
    cache[1] = 1
    cache[2] = 2
    clock.advance(by: .seconds(4))
    #expect(cache[1] == 1)
    #expect(cache.setValue(22, forKey: 2) == .replaced)
    clock.advance(by: .seconds(1))
    #expect(cache[1] == nil)
    #expect(cache[2] == 22)
  }

  @Test("An insertion's own time to live goes before the cache's")
  func insertionGoesFirst() {
    let clock = ManualClock()
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(5)) {
      $0.clock = clock
    }
    cache.setValue(1, forKey: 1, timeToLive: .seconds(1))
    cache.setValue(2, forKey: 2, timeToLive: .seconds(100))
    cache.setValue(3, forKey: 3)
    clock.advance(by: .seconds(1))
    #expect([1, 2, 3].map { cache.contains($0) } == [false, true, true])
    clock.advance(by: .seconds(4))
    #expect([1, 2, 3].map { cache.contains($0) } == [false, true, false])
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "A time to live that is not positive rejects and removes the old value",
    arguments: [Duration.zero, .nanoseconds(-1), .seconds(-5), .seconds(Int64.min)])
  func rejectsDead(timeToLive: Duration) {
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20) { $0.clock = ManualClock() }
    cache[1] = 1
    #expect(cache.setValue(2, forKey: 1, timeToLive: timeToLive) == .rejected)
    #expect(cache.isEmpty == true)
    var dead = UniqueCache<Int, Int>(byteLimit: 1 << 20, timeToLive: timeToLive) {
      $0.clock = ManualClock()
    }
    #expect(dead.setValue(1, forKey: 1) == .rejected)
    #expect(dead.setValue(1, forKey: 1, timeToLive: .seconds(1)) == .inserted)
  }

  @Test(
    "A time to live beyond the representable is for ever",
    arguments: [
      Duration.seconds(Int64.max), .milliseconds(1 << 48), .seconds(Int64.max) * 8,
      Duration(attoseconds: .max),
    ])
  func neverExpires(timeToLive: Duration) {
    let clock = ManualClock()
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, timeToLive: timeToLive) {
      $0.clock = clock
    }
    #expect(cache.setValue(1, forKey: 1) == .inserted)
    clock.advance(by: .seconds(31_556_952 * 9_000))
    #expect(cache[1] == 1)
  }

  @Test("Fractions of a millisecond are rounded up", arguments: [1, 500, 999, 1_000])
  func roundsUp(microseconds: Int) {
    let clock = ManualClock()
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, timeToLive: .microseconds(microseconds)) {
      $0.clock = clock
    }
    cache[1] = 1
    clock.advance(by: .microseconds(999))
    #expect(cache.contains(1) == true)
    clock.advance(by: .microseconds(1))
    #expect(cache.contains(1) == false)
  }

  @Test("A clock that runs backward makes nothing young again")
  func backwardClock() {
    let clock = ManualClock()
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(5)) {
      $0.clock = clock
    }
    cache[1] = 1
    clock.advance(by: .seconds(4))
    #expect(cache[1] == 1)
    clock.advance(by: .seconds(-3))
    cache[2] = 2
    clock.advance(by: .seconds(4))
    #expect(cache[1] == nil, "five seconds after it was set")
    #expect(cache[2] == 2, "set when four seconds had passed, one second ago")
  }

  @Test("While anything in the wheel has expired, it goes before all that is alive")
  func expiredOfTheWheelGoFirst() {
    let clock = ManualClock()
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, entryLimit: 1_101) { $0.clock = clock }
    // The first deadline is the latest, so that all others go into the wheel.
    cache.setValue(-1, forKey: -1, timeToLive: .seconds(1_000_000))
    for key in 0..<1_000 { cache.setValue(key, forKey: key, timeToLive: .seconds(5_000)) }
    for key in 1_000..<1_100 { cache.setValue(key, forKey: key, timeToLive: .seconds(500_000)) }
    for key in 0..<1_000 { _ = cache[key] }
    clock.advance(by: .seconds(6_000))
    for key in 2_000..<2_900 { cache.setValue(key, forKey: key, timeToLive: .seconds(500_000)) }
    #expect(cache.statistics.removals.size == 0)
    #expect(cache[-1] == -1)
    #expect((1_000..<1_100).allSatisfy { cache[$0] == $0 })
    #expect(cache.checkInvariants() == [])
  }

  @Test("A full cache evicts what has expired before anything that lives")
  func expiredGoFirst() {
    let clock = ManualClock()
    var departed: [Departed] = []
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, entryLimit: 4) {
      $0.clock = clock
      $0.onRemoval = { departed.append(Departed(key: $0, serial: $1, cause: $2)) }
    }
    cache[1] = 1
    cache.setValue(2, forKey: 2, timeToLive: .seconds(9))
    cache.setValue(3, forKey: 3, timeToLive: .seconds(1))
    cache[4] = 4
    clock.advance(by: .seconds(1))
    cache[5] = 5
    cache[6] = 6
    #expect(
      departed == [
        Departed(key: 3, serial: 3, cause: .expired), Departed(key: 1, serial: 1, cause: .size),
      ])
  }

  @Test("A look-up reclaims four expired entries at the most beside its own")
  func reclaimsBounded() {
    let clock = ManualClock()
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(1)) {
      $0.clock = clock
    }
    for key in 0..<20 { cache[key] = key }
    clock.advance(by: .seconds(1))
    var counts: [Int] = []
    for _ in 0..<6 {
      #expect(cache[99] == nil)
      counts.append(cache.count)
    }
    #expect(counts == [16, 12, 8, 4, 0, 0])
  }

  @Test("A cache without deadlines has no bytes for them, and gets them with the first")
  func paysForDeadlinesWhenUsed() {
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20) { $0.clock = ManualClock() }
    for key in 0..<10 { cache[key] = key }
    let before = cache.byteCount
    cache.setValue(0, forKey: 0, timeToLive: .seconds(1))
    #expect(cache.byteCount == before + 11 * 14)
  }
}
