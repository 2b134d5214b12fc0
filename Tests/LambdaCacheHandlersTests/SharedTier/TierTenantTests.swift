import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("Tenants that read through a shared tier", .timeLimit(.minutes(15)))
struct TierTenantTests: SharedTierSuite {
  private typealias Profiles = Cache<TenantKey<String>, String>

  let fixture = SharedTierFixture()

  private func view(
    _ tenant: String, of cache: Profiles? = nil
  ) throws -> TenantView<String, String> {
    try (cache ?? profiles()).view(ofTenant: tenant)
  }

  private func profiles(_ loading: LoadPolicy = LoadPolicy()) -> Profiles {
    Profiles(byteLimit: 1 << 20, timeToLive: .seconds(600)) { [clock] in
      $0.clock = clock
      $0.loading = loading
    }
  }

  private var tier: SecondTier { TierEnvironment(engine).tier.named("p") }

  @Test("A tenant gets from the tier what it has loaded elsewhere, and nothing of another's")
  func apart() async throws {
    let tier = tier
    func read(_ tenant: String, _ key: String) async throws -> String {
      try await view(tenant).value(
        forKey: key, through: tier, codec: .text, orLoad: source.load)
    }
    #expect(try await read("a", "b:c") == "b:c 1")
    #expect(try await read("a:b", "c") == "c 2")
    #expect(try await read("a", "b:c") == "b:c 1")
    #expect(try await read("a:b", "c") == "c 2")
    #expect(engine.contents.keys.sorted() == ["p:v:a%3Ab:c", "p:v:a:b:c"])
  }

  @Test("A hit of the view's cache asks the tier nothing")
  func hit() async throws {
    let (view, tier) = (try view("a"), tier)
    for _ in 0..<3 {
      let value = try await view.value(
        forKey: "ada", through: tier, codec: .text, orLoad: source.load)
      #expect(value == "ada 1")
      let found = try await view.optionalValue(
        forKey: "ada", through: tier, codec: .text, orLoad: { _ in throw Unwanted() })
      #expect(found == "ada 1")
    }
    #expect(engine.counts.fetches == 1)
  }

  @Test("That there is no value of a tenant's key is known to it elsewhere, and not to others")
  func absence() async throws {
    let (tier, policy) = (tier, LoadPolicy(negativeTimeToLive: .seconds(4)))
    let calls = Locked(0)
    for tenant in ["a", "a", "b"] {
      let view = try view(tenant, of: profiles(policy))
      let value = try await view.optionalValue(forKey: "ada", through: tier, codec: .text) { _ in
        calls.withLock { $0 += 1 }
        return nil
      }
      #expect(value == nil)
    }
    #expect(calls.withLock { $0 } == 2)
  }

  @Test("Several keys of a tenant are one question, and those of no value are missing")
  func several() async throws {
    let tier = tier
    let first = try await view("a").values(
      forKeys: ["x", "y"], through: tier, codec: .text, tags: { ["t\($0)"] },
      orLoad: { keys in
        #expect(keys == ["x", "y"])
        return ["x": "X"]
      })
    #expect(first == ["x": "X"])
    let cache = profiles()
    let second = try await view("a", of: cache).values(
      forKeys: ["x", "z"], through: tier, codec: .text, tags: { ["t\($0)"] },
      orLoad: source.loadSeveral)
    #expect(second == ["x": "X", "z": "z 1"])
    #expect(cache.tags(forKey: TenantKey(tenant: "a", key: "x")).contains("tx"))
    #expect(engine.counts.fetches == 2)
    try await view("a", of: cache).removeAll(through: tier)
    let third = try await view("a").values(
      forKeys: ["x", "z"], through: tier, codec: .text, tags: { ["t\($0)"] },
      orLoad: source.loadSeveral)
    #expect(third == ["x": "x 2", "z": "z 2"])
  }

  @Test("A removed key of a tenant is gone from both tiers, and another's of the name is not")
  func removal() async throws {
    let (cache, tier) = (profiles(), tier)
    for tenant in ["a", "b"] {
      _ = try await view(tenant, of: cache).value(
        forKey: "ada", through: tier, codec: .text, orLoad: source.load)
    }
    #expect(
      try await view("a", of: cache).removeValue(forKey: "ada", through: tier) == "ada 1")
    #expect(engine.contents.keys.sorted() == ["p:v:b:ada"])
    #expect(try view("a", of: cache)["ada"] == nil)
    #expect(try view("b", of: cache)["ada"] == "ada 2")
  }

  @Test("An invalidated tenant has no entries in any environment, and the others have theirs")
  func invalidation() async throws {
    let (cache, tier) = (profiles(), tier)
    // Two names that are equal as strings are two tenants.
    let tenants = ["a", "é", "e\u{301}"]
    for tenant in tenants {
      _ = try await view(tenant, of: cache).value(
        forKey: "ada", through: tier, codec: .text, orLoad: source.load)
    }
    try view("é", of: cache)["set"] = "without the tier"
    try await view("é", of: cache).removeAll(through: tier)
    #expect(try view("é", of: cache)["ada"] == nil)
    #expect(try view("é", of: cache)["set"] == nil)
    #expect(try view("a", of: cache)["ada"] == "ada 1")
    var found: [String] = []
    for tenant in tenants {
      found.append(
        try await view(tenant).value(
          forKey: "ada", through: tier, codec: .text, orLoad: source.load))
    }
    #expect(found == ["ada 1", "ada 4", "ada 3"])
  }

  @Test("A tenant's invalidation that does not reach the tier throws, and empties its view")
  func failedInvalidation() async throws {
    let (cache, tier) = (profiles(), tier)
    try view("a", of: cache)["ada"] = "1"
    try view("b", of: cache)["ada"] = "2"
    engine.fault = .down
    await #expect(throws: FakeTier.Refusal.self) {
      try await view("a", of: cache).removeAll(through: tier)
    }
    #expect(try view("a", of: cache)["ada"] == nil)
    #expect(try view("b", of: cache)["ada"] == "2")
  }

  @Test("A tag of a read removes entries of all tenants")
  func tags() async throws {
    let (cache, tier) = (profiles(), tier)
    for tenant in ["a", "b"] {
      _ = try await view(tenant, of: cache).value(
        forKey: "ada", through: tier, codec: .text, tags: ["red"], orLoad: source.load)
    }
    #expect(try await cache.removeAll(tagged: "red", through: tier) == 2)
  }
}
