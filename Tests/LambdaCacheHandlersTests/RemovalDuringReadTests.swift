import LambdaCache
import LambdaCacheHandlers
import Testing

@Suite("A value that is removed or set while an invocation loads it", .timeLimit(.minutes(10)))
struct RemovalDuringReadTests {
  private let cache = Cache<String, Int>(byteLimit: 1 << 20)

  @Test("and removed is read anew the next time, not remembered for the invocation")
  func removed() async throws {
    let cache = cache
    try await withInvocation { invocation in
      let first = try await invocation.value(forKey: "a", in: cache) { _ in
        invocation.removeValue(forKey: "a", in: cache)
        return 1
      }
      #expect(first == 1)
      #expect(cache["a"] == nil)
      #expect(try await invocation.value(forKey: "a", in: cache) { _ in 2 } == 2)
      #expect(try await invocation.value(forKey: "a", in: cache) { _ in 3 } == 2)
    }
  }

  @Test("and set is the one that was set from then on")
  func set() async throws {
    let cache = cache
    try await withInvocation { invocation in
      _ = try await invocation.value(forKey: "a", in: cache) { _ in
        invocation.setValue(5, forKey: "a", in: cache)
        return 1
      }
      #expect(try await invocation.value(forKey: "a", in: cache) { _ in 2 } == 5)
      #expect(cache["a"] == 5)
    }
  }
}
