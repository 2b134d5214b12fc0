import LambdaCache
import Testing

@testable import LambdaCacheHandlers

@Suite("An invocation inside of another", .timeLimit(.minutes(10)))
struct NestedInvocationTests {
  @Test("The end of an inner invocation does not end the outer one, whose work is still done")
  func innerEnd() async throws {
    let outer = Invocation()
    let isDone = Locked(false)
    try await outer.run {
      try await withInvocation { inner in
        #expect(inner.scope === outer.scope)
      }
      #expect(outer.scope.isOpen)
      #expect(outer.scope.afterResponse { isDone.withLock { $0 = true } })
    }
    #expect(!isDone.withLock { $0 })
    await outer.finish()
    #expect(isDone.withLock { $0 })
    #expect(!outer.scope.isOpen)
  }

  @Test("An inner invocation that is a cached handler uses the outer one's scope")
  func cachedHandler() async throws {
    let scopes = Locked<[InvocationScope?]>([])
    let handler = CachedHandler<Int, Int, Int, Int>(
      cache: Cache(byteLimit: 1 << 20), key: { $0 },
      handler: { event, _ in
        scopes.withLock { $0.append(InvocationScope.current) }
        return event
      })
    let outer = Invocation()
    _ = try await outer.run { try await handler.handle(1, context: 0) }
    #expect(scopes.withLock { $0[0] } === outer.scope)
    #expect(outer.scope.isOpen)
    await outer.finish()
  }

  @Test("An inner invocation that throws ends no more than one that returns")
  func innerFailure() async throws {
    struct Failure: Error {}
    let outer = Invocation()
    await #expect(throws: Failure.self) {
      try await outer.run { try await withInvocation { _ in throw Failure() } }
    }
    #expect(outer.scope.isOpen)
    await outer.finish()
  }

  @Test(
    "An inner invocation does not remember a value that was removed or replaced during its load")
  func changedWhileLoading() async throws {
    let prices = Cache<String, Int>(byteLimit: 1 << 20)
    try await withInvocation { invocation in
      let first = try await invocation.value(forKey: "tea", in: prices) { key in
        invocation.removeValue(forKey: key, in: prices)
        return 1
      }
      #expect(first == 1)
      #expect(try await invocation.value(forKey: "tea", in: prices) { _ in 2 } == 2)
      #expect(try await invocation.value(forKey: "tea", in: prices) { _ in 3 } == 2)
      let written = try await invocation.value(forKey: "milk", in: prices) { key in
        invocation.setValue(5, forKey: key, in: prices)
        return 4
      }
      #expect(written == 5)
      #expect(try await invocation.value(forKey: "milk", in: prices) { _ in 6 } == 5)
    }
  }
}
