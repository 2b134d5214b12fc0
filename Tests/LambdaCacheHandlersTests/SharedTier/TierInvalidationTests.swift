import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("Invalidation through a shared tier", .timeLimit(.minutes(15)))
struct TierInvalidationTests: SharedTierSuite {
  let fixture = SharedTierFixture()

  @Test("A removed key is gone from both tiers, and other keys are not")
  func removal() async throws {
    let environment = TierEnvironment(engine)
    for key in ["ada", "bob"] { _ = try await environment.read(key, orLoad: source.load) }
    #expect(
      try await environment.cache.removeValue(forKey: "ada", through: environment.tier)
        == "ada 1")
    #expect(
      try await environment.cache.removeValue(forKey: "ada", through: environment.tier)
        == nil)
    #expect(try await environment.read("ada", orLoad: source.load) == "ada 3")
    #expect(try await TierEnvironment(engine).readWithoutLoad("bob") == "bob 2")
  }

  @Test("A load that was under way when its key was removed elsewhere is not stored")
  func removalDuringLoad() async throws {
    let (reader, writer) = (TierEnvironment(engine), TierEnvironment(engine))
    let loads = GatedLoads<String, String>()
    async let old = reader.read("ada", orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    try await writer.cache.removeValue(forKey: "ada", through: writer.tier)
    loads[0].gate.open(returning: "old")
    #expect(try await old == "old")
    #expect(engine.contents.isEmpty)
    #expect(try await writer.read("ada", orLoad: source.load) == "ada 1")
  }

  @Test("An entry that waits for the response is not stored if its key was removed meanwhile")
  func removalBeforeStore() async throws {
    let environment = TierEnvironment(engine)
    let scope = InvocationScope(deadline: .now + .seconds(3_600))
    try await InvocationScope.$current.withValue(scope) {
      _ = try await environment.read("ada", orLoad: source.load)
      try await environment.cache.removeValue(forKey: "ada", through: environment.tier)
    }
    await scope.finish()
    #expect(engine.contents.isEmpty)
  }

  @Test("A removal that does not reach the tier throws, and the cache has removed its entry")
  func failedRemoval() async throws {
    let environment = TierEnvironment(engine)
    _ = try await environment.read("ada", tags: ["team"], orLoad: source.load)
    engine.fault = .down
    await #expect(throws: FakeTier.Refusal.self) {
      try await environment.cache.removeValue(forKey: "ada", through: environment.tier)
    }
    #expect(environment.cache.count == 0)
    environment.cache["ada"] = "again"
    environment.cache.setTags(["team"], forKey: "ada")
    await #expect(throws: FakeTier.Refusal.self) {
      try await environment.cache.removeAll(tagged: "team", through: environment.tier)
    }
    #expect(environment.cache.count == 0)
    #expect(environment.tier.statistics.failures == 2)
  }

  @Test("An invalidated tag makes its entries misses in all environments, and others not")
  func tags() async throws {
    let (first, second) = (TierEnvironment(engine), TierEnvironment(engine))
    for (key, tags) in [("ada", ["red"]), ("bob", ["red", "blue"]), ("cy", ["blue"])] {
      _ = try await first.read(key, tags: tags, orLoad: source.load)
    }
    #expect(first.cache.tags(forKey: "bob").sorted() == ["blue", "red"])
    #expect(try await first.cache.removeAll(tagged: "red", through: first.tier) == 2)
    #expect(first.cache.peekValue(forKey: "cy") == "cy 3")
    #expect(try await second.read("ada", tags: ["red"], orLoad: source.load) == "ada 4")
    #expect(try await second.read("bob", tags: ["red", "blue"], orLoad: source.load) == "bob 5")
    #expect(try await second.readWithoutLoad("cy", tags: ["blue"]) == "cy 3")
    #expect(second.tier.statistics.invalidatedValues > 0)
    #expect(second.cache.tags(forKey: "cy") == ["blue"], "tags come with a value from the tier")
    #expect(try await first.readWithoutLoad("ada", tags: ["red"]) == "ada 4")
  }

  @Test("A load that was under way when its tag was invalidated is of no use to others")
  func tagDuringLoad() async throws {
    let (reader, writer) = (TierEnvironment(engine), TierEnvironment(engine))
    let loads = GatedLoads<String, String>()
    async let old = reader.read("ada", tags: ["red"], orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    try await writer.cache.removeAll(tagged: "red", through: writer.tier)
    loads[0].gate.open(returning: "old")
    _ = try await old
    #expect(try await writer.read("ada", tags: ["red"], orLoad: source.load) == "ada 1")
  }

  @Test("Generations that the engine has dropped make entries misses and bring none back")
  func droppedGenerations() async throws {
    let environments = (0..<4).map { _ in TierEnvironment(engine) }
    _ = try await environments[0].read("ada", tags: ["red"], orLoad: source.load)
    engine.evictGenerations()
    #expect(try await environments[1].read("ada", tags: ["red"], orLoad: source.load) == "ada 2")
    try await environments[2].cache.removeAll(tagged: "red", through: environments[2].tier)
    engine.evictGenerations()
    #expect(try await environments[3].read("ada", tags: ["red"], orLoad: source.load) == "ada 3")
  }

  @Test("An entry with other tags than it is asked for with is loaded")
  func otherTags() async throws {
    let environments = (0..<3).map { _ in TierEnvironment(engine) }
    _ = try await environments[0].read("ada", tags: ["red"], orLoad: source.load)
    #expect(try await environments[1].read("ada", orLoad: source.load) == "ada 2")
    #expect(
      try await environments[2].read("ada", tags: ["blue", "blue"], orLoad: source.load)
        == "ada 3")
  }

  @Test("After a thaw a cache learns from the tier what was removed meanwhile, in one round trip")
  func thaw() async throws {
    let frozen = TierEnvironment(engine, afterThaw: .drop(after: .seconds(2)))
    for key in ["ada", "bob", "cy"] { _ = try await frozen.read(key, orLoad: source.load) }
    let other = TierEnvironment(engine)
    try await other.cache.removeValue(forKey: "bob", through: other.tier)
    #expect(frozen.cache.contains("bob"), "without a thaw it would be served until it expires")
    clock.advance(by: .seconds(3))
    let fetches = engine.counts.fetches
    let found = try await frozen.cache.values(
      forKeys: ["ada", "bob", "cy"], through: frozen.tier, codec: .text,
      orLoad: source.loadSeveral)
    #expect(found == ["ada": "ada 1", "bob": "bob 4", "cy": "cy 3"])
    #expect(engine.counts.fetches == fetches + 1)
  }

  @Test("That there is no value is remembered in the tier for as long as the policy says")
  func absence() async throws {
    let policy = LoadPolicy(negativeTimeToLive: .seconds(4))
    let environments = (0..<3).map { _ in TierEnvironment(engine, loading: policy) }
    let calls = Locked(0)
    let load: @Sendable (String) async throws -> String? = { _ in
      calls.withLock { $0 += 1 }
      return nil
    }
    func read(_ environment: TierEnvironment) async throws -> String? {
      try await environment.cache.optionalValue(
        forKey: "ada", through: environment.tier, codec: .text, orLoad: load)
    }
    #expect(try await read(environments[0]) == nil)
    clock.advance(by: .seconds(3))
    for _ in 0..<2 { #expect(try await read(environments[1]) == nil) }
    #expect(calls.withLock { $0 } == 1)
    #expect(environments[1].tier.statistics.hits == 1)
    // Neither the tier nor the cache that has asked it remembers it for longer than four seconds.
    clock.advance(by: .seconds(1))
    #expect(try await read(environments[1]) == nil)
    #expect(calls.withLock { $0 } == 2)
  }

  @Test("An error that says that there is no value is an answer for other environments as well")
  func absenceByError() async throws {
    struct Missing: ClassifiedError { var loadErrorClass: LoadErrorClass { .notFound } }
    let policy = LoadPolicy(negativeTimeToLive: .seconds(4))
    let (first, second) = (
      TierEnvironment(engine, loading: policy), TierEnvironment(engine, loading: policy)
    )
    await #expect(throws: Missing.self) { try await first.read("ada") { _ in throw Missing() } }
    await #expect(throws: CacheLoadError.notFound(key: "ada")) {
      try await second.readWithoutLoad("ada")
    }
  }

  @Test("Absence is not stored where the policy does not remember it, nor is any other failure")
  func forgottenAbsence() async throws {
    let environment = TierEnvironment(engine)
    let value = try await environment.cache.optionalValue(
      forKey: "ada", through: environment.tier, codec: .text
    ) { _ in nil }
    #expect(value == nil)
    await #expect(throws: Unwanted.self) { try await environment.readWithoutLoad("bob") }
    #expect(engine.counts.stores == 0)
  }
}
