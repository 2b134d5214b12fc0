import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("Validation of tags by a shared tier", .timeLimit(.minutes(15)))
struct TierValidationTests: SharedTierSuite {
  let fixture = SharedTierFixture()

  /// An environment that validates tags after a minute, or one that only changes something.
  private func environment(validates: Bool = true) -> TierEnvironment {
    TierEnvironment(
      engine, cacheTimeToLive: .seconds(600), validatesTagsAfter: validates ? .seconds(60) : nil)
  }

  private func invalidate(_ tag: String) async throws {
    let other = environment(validates: false)
    try await other.cache.removeAll(tagged: tag, through: other.tier)
  }

  private func read(
    _ keys: [(key: String, tags: [String])], in environment: TierEnvironment
  ) async throws {
    for (key, tags) in keys { _ = try await environment.read(key, tags: tags, orLoad: source.load) }
  }

  /// The keys that the cache has, after an invocation has begun.
  private func keysInInvocation(_ environment: TierEnvironment) async throws -> [String] {
    try await withInvocation { _ in environment.cache.keys.sorted() }
  }

  @Test("After a thaw exactly the entries of tags that were invalidated elsewhere are gone")
  func thaw() async throws {
    let frozen = environment()
    try await read(
      [("ada", ["red"]), ("bob", ["blue"]), ("cy", []), ("dee", ["red", "blue"])], in: frozen)
    let fetches = engine.counts.fetches
    try await invalidate("red")
    clock.advance(by: .seconds(61))
    #expect(try await keysInInvocation(frozen) == ["bob", "cy"])
    #expect(engine.counts.fetches == fetches + 1)
    #expect(frozen.tier.statistics.invalidatedValues == 2)
    #expect(frozen.tier.statistics.failedValidations == 0)
    // What is right is known to be so for another minute.
    clock.advance(by: .seconds(59))
    #expect(try await keysInInvocation(frozen) == ["bob", "cy"])
    #expect(engine.counts.fetches == fetches + 1)
  }

  @Test("Tags that nothing has changed keep their entries, time after time")
  func unchanged() async throws {
    let frozen = environment()
    try await read([("ada", ["red"])], in: frozen)
    for round in 1...5 {
      clock.advance(by: .seconds(61))
      #expect(try await keysInInvocation(frozen) == ["ada"])
      #expect(engine.counts.fetches == 1 + round)
    }
  }

  @Test("Before the time is over nothing is asked, and without the option never")
  func notDue() async throws {
    for (validates, pause) in [(true, 59), (false, 500)] {
      let frozen = environment(validates: validates)
      let key = "ada \(validates)"
      try await read([(key, ["red"])], in: frozen)
      let fetches = engine.counts.fetches
      clock.advance(by: .seconds(pause))
      #expect(try await keysInInvocation(frozen) == [key])
      #expect(engine.counts.fetches == fetches)
    }
  }

  @Test("Without an answer the entries stay, which is counted, and a later invocation asks again")
  func dead() async throws {
    let frozen = environment()
    try await read([("ada", ["red"])], in: frozen)
    try await invalidate("red")
    engine.fault = .down
    clock.advance(by: .seconds(61))
    #expect(try await keysInInvocation(frozen) == ["ada"])
    #expect(frozen.tier.statistics.failedValidations == 1)
    #expect(try await keysInInvocation(frozen) == ["ada"])
    #expect(frozen.tier.statistics.failedValidations == 1, "not with each invocation")
    engine.fault = .none
    clock.advance(by: .seconds(1))
    #expect(try await keysInInvocation(frozen) == [])
    #expect(frozen.tier.statistics.failedValidations == 1)
  }

  @Test("An engine that is silent is waited for no longer than its time")
  func silent() async throws {
    let frozen = environment()
    try await read([("ada", ["red"])], in: frozen)
    engine.fault = .silent
    let begin = clock.elapsed
    clock.advance(by: .seconds(61))
    #expect(try await keysInInvocation(frozen) == ["ada"])
    #expect(clock.elapsed - begin == .seconds(61) + .milliseconds(5) + .microseconds(5))
  }

  @Test("A thousand tags are one round trip")
  func manyTags() async throws {
    let frozen = environment()
    let keys = (0..<1_000).map { "\($0)" }
    _ = try await frozen.cache.values(
      forKeys: keys, through: frozen.tier, codec: .text, tags: { ["tag \($0)"] },
      orLoad: source.loadSeveral)
    #expect(frozen.cache.count == 1_000)
    let fetches = engine.counts.fetches
    try await invalidate("tag 7")
    clock.advance(by: .seconds(61))
    #expect(try await keysInInvocation(frozen) == keys.filter { $0 != "7" }.sorted())
    #expect(engine.counts.fetches == fetches + 1)
  }

  @Test("Two caches on one tier are one round trip, and each has the tags of its own name")
  func twoCaches() async throws {
    let first = environment()
    let caches = (0..<3).map { _ in
      Cache<String, String>(byteLimit: 1 << 20) { $0.clock = clock }
    }
    let tiers = ["users", "users", "teams"].map { first.tier.named($0) }
    for (cache, tier) in zip(caches, tiers) {
      _ = try await cache.value(
        forKey: "ada", through: tier, codec: .text, tags: ["red"], orLoad: source.load)
    }
    let fetches = engine.counts.fetches
    let other = environment(validates: false)
    try await other.cache.removeAll(tagged: "red", through: other.tier.named("users"))
    clock.advance(by: .seconds(61))
    try await withInvocation { _ in
      #expect(caches.map { $0.contains("ada") } == [false, false, true])
    }
    #expect(engine.counts.fetches == fetches + 1)
    #expect(first.tier.statistics.invalidatedValues == 2)
  }

  @Test("A tag that is invalidated elsewhere during the check is found by the next one")
  func invalidatedMeanwhile() async throws {
    let frozen = environment()
    try await read([("ada", ["red"])], in: frozen)
    engine.beforeAnswer = { try await invalidate("red") }
    clock.advance(by: .seconds(61))
    #expect(try await keysInInvocation(frozen) == ["ada"])
    clock.advance(by: .seconds(61))
    #expect(try await keysInInvocation(frozen) == [])
  }

  @Test("What is read anew during the check stays, although the answer is older")
  func readMeanwhile() async throws {
    let frozen = environment()
    try await read([("ada", ["red"]), ("bob", ["blue"])], in: frozen)
    try await invalidate("red")
    engine.beforeAnswer = {
      // As a read does that finds the tag invalidated once more.
      let watch = try #require(frozen.tier.watch(of: frozen.cache))
      #expect(watch.note("red", 1_000).removed == 1)
      frozen.cache["ada"] = "new"
      frozen.cache.setTags(["red"], forKey: "ada")
    }
    clock.advance(by: .seconds(61))
    #expect(try await keysInInvocation(frozen) == ["ada", "bob"])
  }

  @Test("A read that finds a new generation removes the entries of the old one, without a check")
  func learned() async throws {
    let reader = environment()
    try await read([("ada", ["red"]), ("bob", ["blue"])], in: reader)
    try await invalidate("red")
    try await read([("cy", ["red"])], in: reader)
    #expect(!reader.cache.contains("ada"))
    #expect(reader.cache.contains("bob"))
    try await read([("cy", ["red"])], in: reader)
    #expect(reader.cache.contains("cy"))
  }

  @Test("After an own removal a read is kept at once")
  func ownRemoval() async throws {
    let environment = environment()
    try await read([("ada", ["red"])], in: environment)
    #expect(
      try await environment.cache.removeAll(tagged: "red", through: environment.tier) == 1)
    try await read([("ada", ["red"])], in: environment)
    #expect(environment.cache.contains("ada"))
  }

  @Test("What was loaded while the engine was down goes with the first check that is answered")
  func unknownGeneration() async throws {
    let frozen = environment()
    engine.fault = .down
    for number in 0..<5 { try await read([("\(number)", ["red"])], in: frozen) }
    _ = try await frozen.cache.values(
      forKeys: ["several"], through: frozen.tier, codec: .text, tags: { _ in ["blue"] },
      orLoad: source.loadSeveral)
    try await read([("untagged", [])], in: frozen)
    engine.fault = .none
    clock.advance(by: .seconds(61))
    #expect(try await keysInInvocation(frozen) == ["untagged"])
  }

  @Test("What was loaded while the engine was down is as good as what its tag is known for")
  func knownGeneration() async throws {
    let frozen = environment()
    try await read([("ada", ["red"])], in: frozen)
    engine.fault = .down
    for number in 0..<5 { try await read([("\(number)", ["red"])], in: frozen) }
    engine.fault = .none
    clock.advance(by: .seconds(61))
    #expect(try await keysInInvocation(frozen).count == 6)
    try await invalidate("red")
    clock.advance(by: .seconds(61))
    #expect(try await keysInInvocation(frozen) == [])
  }

  @Test("Where no invocation is announced the first look-up that gets to the tier checks")
  func withoutInvocation() async throws {
    let frozen = environment()
    try await read([("ada", ["red"]), ("bob", ["blue"])], in: frozen)
    try await invalidate("red")
    clock.advance(by: .seconds(61))
    try await read([("cy", [])], in: frozen)
    #expect(frozen.cache.keys.sorted() == ["bob", "cy"])
  }

  @Test("An invalidated tenant has no entries in a cache that was frozen, and others have theirs")
  func tenants() async throws {
    let tier = environment().tier
    let caches = (0..<2).map { _ in
      Cache<TenantKey<String>, String>(byteLimit: 1 << 20) { $0.clock = clock }
    }
    for tenant in ["a", "b"] {
      _ = try await caches[0].view(ofTenant: tenant).value(
        forKey: "ada", through: tier, codec: .text, orLoad: source.load)
    }
    try await caches[1].view(ofTenant: "a").removeAll(through: environment(validates: false).tier)
    clock.advance(by: .seconds(61))
    try await withInvocation { _ in
      #expect(!caches[0].contains(TenantKey(tenant: "a", key: "ada")))
      #expect(caches[0].contains(TenantKey(tenant: "b", key: "ada")))
    }
  }

  @Test("The handler of a cached output sees what the check has left", arguments: ["output", nil])
  func cachedHandler(key: String?) async throws {
    let frozen = environment()
    try await read([("ada", ["red"])], in: frozen)
    try await invalidate("red")
    clock.advance(by: .seconds(61))
    let contains: @Sendable (Int, Int) async throws -> Bool = { _, _ in
      frozen.cache.contains("ada")
    }
    let handler = cached(
      by: { _ in key }, in: Cache<String, Bool>(byteLimit: 1 << 16), contains)
    #expect(try await handler(1, 1) == false)
  }

  // MARK: What is kept of tags

  @Test("Tags whose entries have left are forgotten, and those of entries are not")
  func forgotten() async throws {
    let environment = environment()
    let cache = Cache<String, String>(byteLimit: 1 << 20, entryLimit: 10) { $0.clock = clock }
    let watch = try #require(environment.tier.watch(of: cache))
    for number in 0..<2_000 {
      _ = try await cache.value(
        forKey: "\(number)", through: environment.tier, codec: .text, tags: ["tag \(number)"]
      ) { $0 }
      #expect(watch.count <= 256)
    }
    #expect(Set(watch.present().map(\.tag)) == Set((1_990..<2_000).map { "tag \($0)" }))
    #expect(watch.count == 10)
    try await invalidate("tag 1995")
    clock.advance(by: .seconds(61))
    try await withInvocation { _ in #expect(!cache.contains("1995")) }
    #expect(cache.count == 9)
  }

  @Test("A tag that is forgotten while its value is loaded is known again when that is stored")
  func knownAgain() async throws {
    let environment = environment()
    let watch = try #require(environment.tier.watch(of: environment.cache))
    for fault in [FakeTier.Fault.none, .down] {
      engine.fault = fault
      for number in 0..<5 {
        _ = try await environment.read("\(fault) \(number)", tags: ["\(fault) \(number)"]) { key in
          #expect(watch.present().allSatisfy { $0.tag != key })
          return key
        }
      }
    }
    #expect(watch.count == 10)
    // Served from the tier, what is noted is noted again as well.
    engine.fault = .none
    clock.advance(by: .seconds(2))
    let other = self.environment()
    _ = try await other.readWithoutLoad("none 1", tags: ["none 1"])
    #expect(try #require(other.tier.watch(of: other.cache)).present().map(\.tag) == ["none 1"])
  }

  @Test("A load that ends after its tag was forgotten and read anew leaves no entry")
  func forgottenDuringLoad() {
    let environment = environment()
    let watch = TierWatch(of: environment.cache, in: environment.tier.space)
    func store(_ key: String, _ generation: UInt64?) -> Int {
      environment.cache[key] = key
      environment.cache.setTags(["red"], forKey: key)
      return watch.noteStored("red", generation)
    }
    #expect(watch.note("red", 1).generation == 1)
    #expect(watch.present().isEmpty)
    #expect(watch.count == 0)
    #expect(watch.note("red", 2).generation == 2)
    #expect(store("old", 1) == 1)
    #expect(store("new", 2) == 0)
    #expect(watch.note("red", nil).generation == 2, "not older than what is known")
    watch.forget("red")
    #expect(store("again", 3) == 0)
    #expect(watch.note("red", 4).removed == 2)
  }

  @Test("A cache that is gone is not asked for, and one in its place has tags of its own")
  func goneCache() async throws {
    let tier = environment().tier
    for _ in 0..<20 {
      let cache = Cache<String, String>(byteLimit: 1 << 16) { $0.clock = clock }
      let watch = try #require(tier.watch(of: cache))
      #expect(watch.count == 0)
      #expect(watch === tier.watch(of: cache))
      _ = watch.note("red", 1)
      #expect(tier.state.validation?.takeWatches().count == 1)
    }
    #expect(tier.state.validation?.takeWatches().isEmpty == true)
    let fetches = engine.counts.fetches
    clock.advance(by: .seconds(61))
    await tier.state.validateIfDue()
    #expect(engine.counts.fetches == fetches)
  }
}
