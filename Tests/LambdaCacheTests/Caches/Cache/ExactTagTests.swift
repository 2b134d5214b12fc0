import LambdaCache
import TestSupport
import Testing

@Suite("Tags in one scalar and in two", .timeLimit(.minutes(15)))
struct ExactTagTests {
  private static let composed = "caf\u{E9}"
  private static let decomposed = "cafe\u{301}"

  /// A cache whose values are their own tags.
  private func cache(exactTags: Bool) -> Cache<Int, String> {
    Cache(byteLimit: 1 << 20) {
      $0.tags = { _, value in [value] }
      $0.hasExactTags = exactTags
    }
  }

  @Test(
    "Tags in one scalar and in two are one unless a cache compares them exactly",
    arguments: [false, true])
  func removal(isExact: Bool) {
    let cache = cache(exactTags: isExact)
    cache[1] = Self.composed
    cache[2] = Self.decomposed
    #expect(cache.removeAll(tagged: Self.decomposed) == (isExact ? 1 : 2))
    #expect(cache.value(forKey: 1) == (isExact ? Self.composed : nil))
    #expect(cache.value(forKey: 2) == nil)
    #expect(cache.removeAll(tagged: Self.composed) == (isExact ? 1 : 0))
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "Tags in one scalar and in two are two tags of an entry only where they are compared exactly",
    arguments: [false, true])
  func list(isExact: Bool) {
    let cache = cache(exactTags: isExact)
    cache[1] = "x"
    #expect(cache.setTags([Self.composed, Self.decomposed, Self.composed], forKey: 1))
    let scalars = Set(cache.tags(forKey: 1).map { $0.unicodeScalars.count })
    #expect(scalars == (isExact ? [4, 5] : [4]))
  }

  @Test(
    "Tags in one scalar and in two keep loads from storing what an equal tag removed",
    arguments: [false, true])
  func loads(isExact: Bool) async throws {
    let cache = cache(exactTags: isExact)
    let stage = Stage()
    let loads = GatedLoads<Int, String>()
    let requests = [
      try await stage.ask(cache, for: 1, orLoad: loads.load),
      try await stage.ask(cache, for: 2, orLoad: loads.load),
    ]
    try await eventually("the loads begin") { loads.count == 2 }
    #expect(cache.removeAll(tagged: Self.decomposed) == 0)
    for place in 0..<2 {
      loads[place].gate.open(returning: loads[place].key == 1 ? Self.composed : Self.decomposed)
    }
    for request in requests { _ = try await request.answer() }
    #expect(cache.peekValue(forKey: 1) == (isExact ? Self.composed : nil))
    #expect(cache.peekValue(forKey: 2) == nil)
  }

  @Test("Tags in one scalar and in two are told apart in a cache of a memory budget, too")
  func budget() throws {
    let cache = Cache<Int, String>(named: "dishes", in: MemoryBudget(byteLimit: 1 << 20)) {
      $0.tags = { _, value in [value] }
      $0.hasExactTags = true
    }
    cache[1] = Self.composed
    cache[2] = Self.decomposed
    #expect(cache.removeAll(tagged: Self.composed) == 1)
    let sized = Cache<Int, String>(
      named: "meals", in: MemoryBudget(byteLimit: 1 << 20), heapByteCount: { _, _ in 0 },
      configure: {
        $0.tags = { _, value in [value] }
        $0.hasExactTags = true
      })
    sized[1] = Self.composed
    #expect(sized.removeAll(tagged: Self.decomposed) == 0)
    let plain = Cache<Int, String>(
      byteLimit: 1 << 20, heapByteCount: { _, _ in 0 },
      configure: {
        $0.tags = { _, value in [value] }
        $0.hasExactTags = true
      })
    plain[1] = Self.composed
    #expect(plain.removeAll(tagged: Self.decomposed) == 0)
  }
}
