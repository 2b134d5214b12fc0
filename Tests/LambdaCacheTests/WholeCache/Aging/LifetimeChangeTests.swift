import LambdaCache
import Testing

@Suite("A time to live that is changed while a cache is in use")
struct LifetimeChangeTests {
  private let clock = ManualClock()

  @Test("A changed time to live holds for entries that are set from then on, in a shared cache")
  func shared() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 16, timeToLive: .seconds(10)) { $0.clock = clock }
    #expect(cache.timeToLive == .seconds(10))
    cache[1] = 1
    cache.timeToLive = .milliseconds(1500)
    #expect(cache.timeToLive == .milliseconds(1500))
    cache[2] = 2
    #expect(try await cache.value(forKey: 3) { _ in 3 } == 3)
    cache.timeToLive = nil
    #expect(cache.timeToLive == nil)
    cache[4] = 4
    clock.advance(by: .seconds(2))
    #expect(cache.keys == [4, 1])
    clock.advance(by: .seconds(9))
    #expect(cache.keys == [4])
    cache.timeToLive = .zero
    #expect(cache.setValue(5, forKey: 5) == .rejected)
    #expect(cache[4] == 4)
    #expect(cache.checkInvariants() == [])
  }

  @Test("A time to live can be given to a cache that had none, and taken from it")
  func unique() {
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 16) { $0.clock = clock }
    #expect(cache.timeToLive == nil)
    cache[1] = 1
    cache.timeToLive = .seconds(1)
    #expect(cache.timeToLive == .seconds(1))
    cache[2] = 2
    clock.advance(by: .seconds(1))
    #expect(cache.keys == [1])
    cache.timeToLive = nil
    cache[3] = 3
    clock.advance(by: .seconds(100))
    #expect(cache.keys == [3, 1])
    #expect(cache.checkInvariants() == [])
  }
}

@Suite("Removing what has expired")
struct RemoveExpiredTests {
  private let clock = ManualClock()

  @Test(
    "Removing expired entries removes all of them and no others, whatever kind of time is over",
    arguments: [
      (Expiration(timeToLive: .seconds(10)), .zero),
      (Expiration(idleTimeToLive: .seconds(10)), .zero),
      (Expiration(timeToLive: .seconds(4)), .seconds(6)),
    ] as [(Expiration, Duration)])
  func kinds(expiration: Expiration, staleWindow: Duration) {
    let removed = Locked(0)
    let cache = Cache<Int, Int>(byteLimit: 1 << 20) {
      $0.expiration = expiration
      $0.loading.staleWhileRevalidate = staleWindow
      $0.clock = clock
      $0.onRemoval = { _, _, cause in
        #expect(cause == .expired)
        removed.withLock { $0 += 1 }
      }
    }
    for key in 0..<1000 { cache[key] = key }
    clock.advance(by: .seconds(9))
    #expect(cache.removeExpired() == 0)
    for key in 1000..<1300 { cache[key] = key }
    clock.advance(by: .seconds(1))
    #expect(cache.removeExpired() == 1000)
    #expect(removed.withLock { $0 } == 1000)
    #expect(cache.count == 300)
    #expect(cache.removeExpired() == 0)
    #expect(cache.checkInvariants() == [])
  }

  @Test("Removing expired entries removes times that came out of order, with one owner, too")
  func outOfOrder() {
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20) { $0.clock = clock }
    for key in 0..<2000 {
      cache.setValue(key, forKey: key, timeToLive: .seconds(1 + (key * 7919) % 2000))
    }
    clock.advance(by: .seconds(1000))
    #expect(cache.removeExpired() == 1000)
    #expect(cache.count == 1000)
    #expect(cache.removeExpired() == 0)
    #expect(cache.checkInvariants() == [])
    var lasting = UniqueCache<Int, Int>(byteLimit: 1 << 16)
    lasting[1] = 1
    #expect(lasting.removeExpired() == 0)
  }

  @Test("Removing expired entries from a shared cache, in steps, goes on behind much sorting")
  func steps() {
    let cache = Cache<Int, Int>(byteLimit: 4 << 20) { $0.clock = clock }
    // All of them lie together until the time of the first has come.
    let milliseconds = (0..<20_000).map { 10_000_000 + ($0 * 7919) % 10_000 }
    for (key, time) in milliseconds.enumerated() {
      cache.setValue(key, forKey: key, timeToLive: .milliseconds(time))
    }
    clock.advance(by: .milliseconds(10_005_000))
    let expired = milliseconds.count { $0 <= 10_005_000 }
    #expect(expired > 10_000)
    #expect(cache.removeExpired() == expired)
    #expect(cache.count == milliseconds.count - expired)
    #expect(cache.statistics.removals.expired == expired)
    #expect(cache.checkInvariants() == [])
  }
}
