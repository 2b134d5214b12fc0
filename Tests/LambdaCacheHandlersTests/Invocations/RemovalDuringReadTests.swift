import LambdaCache
import Testing

@testable import LambdaCacheHandlers

@Suite("A value that is removed or set while an invocation loads it", .timeLimit(.minutes(10)))
struct RemovalDuringReadTests {
  private let cache = Cache<String, Int>(byteLimit: 1 << 20)

  @Test("A value removed during its load is read again, not remembered for the invocation")
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

  @Test("A value set during its load is the one that the invocation reads from then on")
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

  /// A task that finds a value in the cache has no load that a removal could overtake.
  @Test("A value that another task removes during its read is not remembered for the invocation")
  func removedDuringHit() {
    let cache = cache
    var memory = ReadMemory()
    let (changed, other) = (ReadMemory.Name(cache, "a"), ReadMemory.Name(cache, "b"))
    let (read, readOther) = (memory.beginRead(of: changed), memory.beginRead(of: other))
    _ = memory.set(nil, of: changed)
    _ = memory.endRead(of: changed, read.changes, with: (cache, 1))
    _ = memory.endRead(of: other, readOther.changes, with: (cache, 1))
    #expect(memory.beginRead(of: changed).value == nil, "what was removed is remembered")
    #expect(memory.beginRead(of: other).value as? Int == 1)
  }
}
