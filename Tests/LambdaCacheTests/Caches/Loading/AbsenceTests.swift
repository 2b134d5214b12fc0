import LambdaCache
import TestSupport
import Testing

@Suite("The absence of a value", .prompt, .timeLimit(.minutes(15)))
struct AbsenceTests {
  private struct Failure: ClassifiedError {
    let loadErrorClass: LoadErrorClass
  }

  private let policy = LoadPolicy(
    negativeTimeToLive: .seconds(60), refusedTimeToLive: .seconds(60),
    throttledBackOff: .constant(.seconds(60)), transientBackOff: .constant(.seconds(60)))

  private func cache() -> Cache<String, Int> {
    Cache(byteLimit: 1 << 20) {
      $0.loading = policy
      $0.clock = ManualClock()
      $0.tags = { _, _ in ["all"] }
    }
  }

  /// How often a key is loaded that is asked for once more.
  private func loadsOnAsking(_ cache: Cache<String, Int>, _ key: String) async -> Int {
    let count = Locked(0)
    _ = try? await cache.value(forKey: key) { _ in
      count.withLock { $0 += 1 }
      return 1
    }
    return count.withLock { $0 }
  }

  private func fail(
    _ cache: Cache<String, Int>, _ key: String, _ kind: LoadErrorClass
  ) async {
    await #expect(throws: Failure.self) {
      try await cache.value(forKey: key) { _ in throw Failure(loadErrorClass: kind) }
    }
  }

  enum Removal: CaseIterable {
    case tagged, byCondition, whereKey, everything

    func apply(to cache: Cache<String, Int>) {
      switch self {
      case .tagged: cache.removeAll(tagged: "all")
      case .byCondition: cache.removeAll { _, _ in false }
      case .whereKey: cache.removeAll(whereKey: { _ in true })
      case .everything: cache.removeAll()
      }
    }
  }

  @Test(
    "The absence of a value is forgotten with removals by tag, by condition, by key or of all",
    arguments: Removal.allCases, [LoadErrorClass.notFound, .refused])
  func forgotten(removal: Removal, kind: LoadErrorClass) async {
    let cache = cache()
    await fail(cache, "a", kind)
    #expect(await loadsOnAsking(cache, "a") == 0)
    removal.apply(to: cache)
    #expect(await loadsOnAsking(cache, "a") == 1)
    #expect(cache["a"] == 1)
    // A failure after the removal is remembered again.
    await fail(cache, "b", kind)
    #expect(await loadsOnAsking(cache, "b") == 0)
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "The absence of a value is not remembered if its load began before the removal",
    arguments: Removal.allCases)
  func underWay(removal: Removal) async throws {
    let cache = cache()
    await #expect(throws: Failure.self) {
      try await cache.value(forKey: "a") { _ in
        removal.apply(to: cache)
        throw Failure(loadErrorClass: .notFound)
      }
    }
    #expect(await loadsOnAsking(cache, "a") == 1)
  }

  @Test(
    "The absence of a value is remembered of a load that began after everything was removed")
  func afterEverything() async {
    let cache = cache()
    for key in 0..<5 { await fail(cache, "\(key)", .notFound) }
    cache.removeAll(tagged: "all")
    cache.removeAll()
    await fail(cache, "a", .notFound)
    #expect(await loadsOnAsking(cache, "a") == 0)
  }

  @Test(
    "A removal of others forgets the absence of values, not that a source could not be asked",
    arguments: [LoadErrorClass.transient, .throttled])
  func backingOff(kind: LoadErrorClass) async {
    let cache = cache()
    await fail(cache, "a", kind)
    cache.removeAll(tagged: "all")
    cache.removeAll { _, _ in true }
    #expect(await loadsOnAsking(cache, "a") == 0)
  }

  @Test(
    "An absent value is asked for again after a removal, not of a load that had begun before",
    arguments: [Removal.tagged, .byCondition])
  func joining(removal: Removal) async throws {
    let cache = cache()
    let gate = Gate<Int>()
    let early = Task { try await cache.value(forKey: "a") { _ in try await gate.pass() } }
    try await eventually("the load begins") { cache.loadsUnderWay == 1 }
    removal.apply(to: cache)
    #expect(try await cache.value(forKey: "a") { _ in 2 } == 2)
    gate.open(returning: 1)
    #expect(try await early.value == 1)
    #expect(cache["a"] == 2)
  }

  @Test("The value of a load that began before a removal by a condition is not stored")
  func storing() async throws {
    let cache = cache()
    let gate = Gate<Int>()
    let early = Task { try await cache.value(forKey: "a") { _ in try await gate.pass() } }
    try await eventually("the load begins") { cache.loadsUnderWay == 1 }
    cache.removeAll { _, value in value == 1 }
    gate.open(returning: 1)
    #expect(try await early.value == 1)
    #expect(cache["a"] == nil)
    #expect(await loadsOnAsking(cache, "a") == 1)
    #expect(cache["a"] == 1)
  }

  @Test("The remembered absence of a text leaves the sizes of texts what they are")
  func sizesOfKeys() async {
    await #expect(processExitsWith: .success) {
      let cache = Cache<String, Int>(byteLimit: 1 << 20) {
        $0.loading.negativeTimeToLive = .seconds(60)
      }
      let key = String(repeating: "k", count: 100)
      let value = try? await cache.value(forKey: key) { _ in
        throw CacheLoadError.notFound(key: "")
      }
      let texts = [[key + "1"], [key + "2"]]
      let own = texts.reduce(0) { sum, list in sum + list.reduce(0) { $0 + $1.heapByteCount } }
      precondition(value == nil && texts.heapByteCount > own && own > 200, "a size is wrong")
    }
  }
}
