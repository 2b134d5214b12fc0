import LambdaCache
import Testing

@Suite("Conditional loads", .timeLimit(.minutes(15)))
struct ConditionalLoadTests {
  private let clock = ManualClock()

  private func cache() -> Cache<Int, Versioned<String, Int>> {
    Cache(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      $0.loading.staleIfError = .seconds(100)
      $0.clock = clock
    }
  }

  @Test("Conditional loads are given the value that has expired, and may renew it")
  func renewal() async throws {
    let cache = cache()
    let olds = Locked<[Int?]>([])
    func value(_ answer: Reload<Versioned<String, Int>>) async throws -> Versioned<String, Int> {
      try await cache.value(forKey: 1) { _, old in
        olds.withLock { $0.append(old?.version) }
        return answer
      }
    }
    let first = Versioned("one", version: 1)
    #expect(try await value(.modified(first)) == first)
    clock.advance(by: .seconds(11))
    #expect(try await value(.notModified) == first)
    clock.advance(by: .seconds(9))
    #expect(cache[1] == first, "the time was not renewed")
    clock.advance(by: .seconds(2))
    #expect(cache[1] == nil, "the time was renewed for too long")
    let second = Versioned("two", version: 2)
    #expect(try await value(.modified(second)) == second)
    clock.advance(by: .seconds(200))
    #expect(try await value(.modified(first)) == first)
    #expect(olds.withLock { $0 } == [nil, 1, 1, nil])
    #expect(cache.statistics.renewals == 1)
    #expect(cache.statistics.refreshes == 2)
    #expect(cache.statistics.replacements + cache.statistics.insertions == 3)
    #expect(cache.checkInvariants() == [])
  }

  @Test("Conditional loads that have nothing to renew learn that")
  func nothingToRenew() async {
    let cache = cache()
    await #expect(throws: CacheLoadError.nothingToRenew(key: "1")) {
      try await cache.value(forKey: 1) { _, _ in .notModified }
    }
    #expect(cache.isEmpty)
  }

  @Test("Conditional loads store the old value again if it had to leave meanwhile")
  func evictedMeanwhile() async throws {
    let cache = cache()
    cache[1] = Versioned("one", version: 1)
    clock.advance(by: .seconds(11))
    let value = try await cache.value(forKey: 1) { [clock] _, _ in
      clock.advance(by: .seconds(500))
      cache[2] = Versioned("two", version: 2)
      cache[3] = Versioned("three", version: 3)
      #expect(cache.freshOrStaleValue(forKey: 1) == nil && cache.count == 2, "it has not left")
      return .notModified
    }
    #expect(value.version == 1)
    #expect(cache[1] == value)
  }

  @Test("Conditional loads do not bring a value back that was removed meanwhile")
  func removedMeanwhile() async throws {
    let cache = cache()
    cache[1] = Versioned("one", version: 1)
    clock.advance(by: .seconds(11))
    let value = try await cache.value(forKey: 1) { _, _ in
      cache.removeValue(forKey: 1)
      return .notModified
    }
    #expect(value.version == 1)
    #expect(cache[1] == nil)
    #expect(cache.statistics.renewals == 0)
  }
}
