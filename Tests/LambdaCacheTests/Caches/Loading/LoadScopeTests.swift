import LambdaCache
import Testing

#if DEBUG
  @Suite("The scopes of the lock that a miss takes", .timeLimit(.minutes(10)))
  struct LoadScopeTests {
    @Test("A miss whose load does not suspend takes the lock three times: look up, decide, finish")
    func miss() async throws {
      let cache = Cache<Int, Int>(byteLimit: 1 << 20)
      try await expectScopes(3, of: cache)
    }

    @Test("A miss in a cache with a time to live takes the lock three times")
    func missOfAgingEntry() async throws {
      let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(60))
      try await expectScopes(3, of: cache)
    }

    @Test("A hit through a loading call takes the lock once")
    func hit() async throws {
      let cache = Cache<Int, Int>(byteLimit: 1 << 20)
      cache[1] = 1
      let before = cache.scopeCount
      _ = try await cache.value(forKey: 1) { $0 }
      #expect(cache.scopeCount - before - 1 == 1)
    }

    private func expectScopes(_ count: Int, of cache: Cache<Int, Int>) async throws {
      for key in 0..<3 {
        let before = cache.scopeCount
        let value = try await cache.value(forKey: key) { $0 }
        // Reading the count takes a scope itself.
        #expect(cache.scopeCount - before - 1 == count)
        #expect(value == key)
      }
    }
  }
#endif
