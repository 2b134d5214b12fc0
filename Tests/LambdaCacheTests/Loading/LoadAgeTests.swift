import LambdaCache
import Testing

@Suite("A value that was loaded", .timeLimit(.minutes(15)))
struct LoadAgeTests {
  private let clock = ManualClock()

  private func cache(_ expiration: Expiration) -> Cache<Int, Int> {
    Cache(byteLimit: 1 << 20, expiration: expiration, clock: clock)
  }

  @Test(
    "by a load in which nothing was done for a second or more is as old as the load",
    arguments: [1_000, 1_001, 5_000, 59_999])
  func longLoad(milliseconds: Int) async throws {
    let cache = cache(Expiration(timeToLive: .seconds(60), recordsAge: true))
    _ = try await cache.value(forKey: 1) { [clock] _ in
      clock.advance(by: .milliseconds(milliseconds))
      return 1
    }
    let left = Duration.seconds(60) - .milliseconds(milliseconds)
    #expect(cache.remainingTimeToLive(forKey: 1) == left)
    #expect(cache.age(forKey: 1) == .milliseconds(milliseconds))
    clock.advance(by: left - .milliseconds(1))
    #expect(cache[1] == 1)
    clock.advance(by: .milliseconds(1))
    #expect(cache[1] == nil)
    #expect(cache.checkInvariants() == [])
  }

  @Test("by a load of less than a second lives as long as it was set to", arguments: [0, 1, 999])
  func shortLoad(milliseconds: Int) async throws {
    let cache = cache(Expiration(timeToLive: .milliseconds(500)))
    _ = try await cache.value(forKey: 1) { [clock] _ in
      clock.advance(by: .milliseconds(milliseconds))
      return 1
    }
    #expect(cache.remainingTimeToLive(forKey: 1) == .milliseconds(500))
  }

  @Test("by a long load lives as long as it was set to, if the cache was in use all the time")
  func busyMeanwhile() async throws {
    let cache = cache(Expiration(timeToLive: .seconds(60)))
    cache[2] = 2
    _ = try await cache.value(forKey: 1) { [clock] _ in
      for _ in 0..<30 {
        clock.advance(by: .milliseconds(900))
        _ = cache[2]
      }
      return 1
    }
    #expect(cache.remainingTimeToLive(forKey: 1) == .seconds(60))
  }

  @Test("by a load that took longer than it may live is for those who wait, and not kept")
  func tooOld() async throws {
    let cache = cache(Expiration(timeToLive: .seconds(30)))
    let value = try await cache.value(forKey: 1) { [clock] _ in
      clock.advance(by: .seconds(30))
      return 1
    }
    #expect(value == 1)
    #expect(cache[1] == nil)
  }

  @Test("counts its age by the time to live of the call, of several keys and of a renewal too")
  func everyWay() async throws {
    let cache = cache(Expiration(timeToLive: .seconds(600), staleIfError: .seconds(600)))
    _ = try await cache.value(forKey: 1, timeToLive: .seconds(60)) { [clock] _ in
      clock.advance(by: .seconds(20))
      return 1
    }
    #expect(cache.remainingTimeToLive(forKey: 1) == .seconds(40))
    _ = try await cache.values(forKeys: [2, 3], timeToLive: .seconds(60)) { [clock] keys in
      clock.advance(by: .seconds(20))
      return Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
    }
    #expect(cache.remainingTimeToLive(forKey: 2) == .seconds(40))
    #expect(cache.remainingTimeToLive(forKey: 3) == .seconds(40))
    clock.advance(by: .seconds(50))
    _ = try await cache.value(forKey: 2, timeToLive: .seconds(60)) { [clock] _, _ in
      clock.advance(by: .seconds(20))
      return .notModified
    }
    #expect(cache.remainingTimeToLive(forKey: 2) == .seconds(40))
  }

  @Test("before a thaw that lay in its load counts as of before the thaw")
  func thaw() async throws {
    let cache = cache(Expiration(timeToLive: .seconds(600), afterThaw: .drop(after: .seconds(10))))
    _ = try await cache.value(forKey: 1) { [clock] _ in
      clock.advance(by: .seconds(60))
      return 1
    }
    #expect(cache[1] == nil)
    _ = try await cache.value(forKey: 1) { _ in 2 }
    #expect(cache[1] == 2)
  }

  @Test("lives for ever where nothing expires, however long its load took")
  func forEver() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, clock: clock)
    _ = try await cache.value(forKey: 1) { [clock] _ in
      clock.advance(by: .seconds(1 << 40))
      return 1
    }
    #expect(cache[1] == 1)
    #expect(cache.remainingTimeToLive(forKey: 1) == nil)
    #expect(cache.statistics.thaws == 0)
  }
}
