import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("Reading through a shared tier", .timeLimit(.minutes(15)))
struct SecondTierTests: SharedTierSuite {
  let fixture = SharedTierFixture()

  @Test("What one environment has loaded another one gets from the tier")
  func shared() async throws {
    let (first, second) = (TierEnvironment(engine), TierEnvironment(engine))
    #expect(try await first.read("ada", orLoad: source.load) == "ada 1")
    #expect(try await second.readWithoutLoad("ada") == "ada 1")
    #expect(source.calls == [["ada"]])
    #expect(first.tier.statistics.misses == 1)
    #expect(first.tier.statistics.grantedLeases == 1)
    #expect(first.tier.statistics.storedEntries == 1)
    #expect(second.tier.statistics.hits == 1)
    #expect(second.tier.statistics.misses == 0)
    #expect(second.cache.peekValue(forKey: "ada") == "ada 1")
    #expect(second.cache.statistics.loads == 1)
  }

  @Test("A hit of the first tier asks the second nothing")
  func firstTierHit() async throws {
    let environment = TierEnvironment(engine)
    _ = try await environment.read("ada", orLoad: source.load)
    let counts = engine.counts
    #expect(try await environment.readWithoutLoad("ada") == "ada 1")
    #expect(engine.counts == counts)
  }

  @Test("A miss is one round trip, and what it stores another")
  func roundTrips() async throws {
    let environment = TierEnvironment(engine)
    _ = try await environment.read("ada", tags: ["t"], orLoad: source.load)
    #expect(engine.counts == FakeTier.Counts(fetches: 1, stores: 1, removals: 0, keys: 1))
  }

  @Test("A value from the tier is fresh for what is left of its time and no longer")
  func agesDoNotAddUp() async throws {
    let (first, second) = (TierEnvironment(engine), TierEnvironment(engine))
    _ = try await first.read("ada", orLoad: source.load)
    clock.advance(by: .seconds(6))
    _ = try await second.readWithoutLoad("ada")
    // It was created 20 ms before the load ended.
    #expect(second.cache.remainingTimeToLive(forKey: "ada") == .milliseconds(3_980))
    clock.advance(by: .milliseconds(3_980))
    #expect(second.cache.value(forKey: "ada") == nil)
    #expect(try await second.read("ada", orLoad: source.load) == "ada 2")
  }

  @Test("A first tier of a shorter time to live asks the second again, which has the value still")
  func shorterFirstTier() async throws {
    let environment = TierEnvironment(
      engine, timeToLive: .seconds(60), cacheTimeToLive: .seconds(5))
    _ = try await environment.read("ada", orLoad: source.load)
    #expect(environment.cache.remainingTimeToLive(forKey: "ada") == .seconds(5))
    for _ in 0..<10 {
      clock.advance(by: .milliseconds(5_001))
      #expect(try await environment.readWithoutLoad("ada") == "ada 1")
    }
    clock.advance(by: .seconds(10))
    #expect(try await environment.read("ada", orLoad: source.load) == "ada 2")
  }

  @Test("The time to live of the tier bounds that of the first tier, and of one without")
  func shorterTier() async throws {
    for own in [Duration.seconds(60), nil] {
      let environment = TierEnvironment(
        FakeTier(clock: clock), timeToLive: .seconds(2), cacheTimeToLive: own)
      _ = try await environment.read("ada", orLoad: source.load)
      #expect(environment.cache.remainingTimeToLive(forKey: "ada") == .seconds(2))
    }
  }

  @Test("Where nothing says how long a value is fresh, the tier keeps it for a day")
  func withoutTimeToLive() async throws {
    let environments = (0..<3).map { _ in TierEnvironment(engine, cacheTimeToLive: nil) }
    _ = try await environments[0].read("ada", orLoad: source.load)
    #expect(environments[0].cache.remainingTimeToLive(forKey: "ada") == nil)
    clock.advance(by: .seconds(86_300))
    #expect(try await environments[1].readWithoutLoad("ada") == "ada 1")
    clock.advance(by: .seconds(100))
    #expect(environments[1].cache.value(forKey: "ada") == nil)
    #expect(try await environments[2].read("ada", orLoad: source.load) == "ada 2")
  }

  @Test("The time to live of a call is that of the entry in both tiers")
  func timeToLiveOfCall() async throws {
    let (first, second) = (TierEnvironment(engine), TierEnvironment(engine))
    _ = try await first.cache.value(
      forKey: "ada", through: first.tier, codec: .text, timeToLive: .seconds(1),
      orLoad: source.load)
    #expect(first.cache.remainingTimeToLive(forKey: "ada") == .seconds(1))
    _ = try await second.readWithoutLoad("ada")
    #expect(second.cache.remainingTimeToLive(forKey: "ada") == .milliseconds(980))
  }

  @Test("A value of another build is loaded, counted and replaced")
  func foreignBuild() async throws {
    let old = TierEnvironment(engine, build: "1")
    let new = TierEnvironment(engine, build: "2")
    _ = try await old.read("ada", orLoad: source.load)
    #expect(try await new.read("ada", orLoad: source.load) == "ada 2")
    #expect(new.tier.statistics.foreignValues > 0)
    #expect(new.tier.statistics.damagedValues == 0)
    let other = TierEnvironment(engine, build: "2")
    #expect(try await other.readWithoutLoad("ada") == "ada 2")
  }

  @Test("A value of another type under the same name is loaded")
  func foreignType() async throws {
    let texts = TierEnvironment(engine)
    _ = try await texts.read("ada", orLoad: source.load)
    let bytes = Cache<String, [UInt8]>(byteLimit: 1 << 20) { $0.clock = clock }
    let found = try await bytes.value(forKey: "ada", through: texts.tier, codec: .bytes) { _ in
      [1]
    }
    #expect(found == [1])
  }

  @Test("A damaged value is loaded, counted and replaced")
  func damaged() async throws {
    let environments = (0..<3).map { _ in TierEnvironment(engine) }
    _ = try await environments[0].read("ada", orLoad: source.load)
    engine.change { $0[$0.count - 1] ^= 1 }
    #expect(try await environments[1].read("ada", orLoad: source.load) == "ada 2")
    #expect(environments[1].tier.statistics.damagedValues > 0)
    #expect(try await environments[2].readWithoutLoad("ada") == "ada 2")
  }

  @Test("A value that the codec cannot decode is loaded, one that it cannot encode is not stored")
  func codecs() async throws {
    struct Broken: Error {}
    let environment = TierEnvironment(engine)
    let writing = TierCodec<String>(
      encode: { text in
        if text.hasPrefix("bob") { throw Broken() }
        return [UInt8](text.utf8)
      }, decode: { _ in throw Broken() })
    for key in ["ada", "bob"] {
      _ = try await environment.cache.value(
        forKey: key, through: environment.tier, codec: writing, orLoad: source.load)
    }
    #expect(engine.contents.keys.sorted() == [":v:ada"])
    let other = TierEnvironment(engine)
    let found = try await other.cache.value(
      forKey: "ada", through: other.tier, codec: writing, orLoad: source.load)
    #expect(found == "ada 3")
    #expect(other.tier.statistics.damagedValues > 0)
  }

  @Test("Text that is not UTF-8 is no text")
  func invalidText() {
    #expect(throws: (any Error).self) { try TierCodec<String>.text.decode([0xFF]) }
  }

  @Test("Names of caches keep their keys and tags apart, whatever is in the names")
  func names() {
    let names = ["", "a", "a:v:b", "a%3Av", "a:t"].map(TierSpace.init(named:))
    let keys = ["", "c", "b:v:c", "v:c"]
    let all = names.flatMap { name in
      keys.map(name.name(ofKey:)) + keys.map(name.name(ofTag:))
    }
    #expect(Set(all).count == all.count)
    #expect(names[1].name(ofKey: "c").bytes == [UInt8]("a:v:c".utf8))
  }

  @Test("Two caches with the same keys do not see each other's values under names of their own")
  func named() async throws {
    let environment = TierEnvironment(engine)
    let other = Cache<String, String>(byteLimit: 1 << 20) { $0.clock = clock }
    for (cache, name) in [(environment.cache, "users"), (other, "teams")] {
      let value = try await cache.value(
        forKey: "ada", through: environment.tier.named(name), codec: .text
      ) { _ in name }
      #expect(value == name)
    }
    #expect(engine.contents.keys.sorted() == ["teams:v:ada", "users:v:ada"])
    #expect(environment.tier.statistics.misses == 2)
  }

  @Test("Callers that ask at the same time share one question to the tier")
  func singleFlight() async throws {
    let environment = TierEnvironment(engine)
    let loads = GatedLoads<String, String>()
    async let first = environment.read("ada", orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    async let second = environment.readWithoutLoad("ada")
    loads[0].gate.open(returning: "ada")
    #expect(try await [first, second] == ["ada", "ada"])
    #expect(engine.counts.fetches == 1)
  }

  @Test("Repeating a request within its invocation leaves one entry, written after the response")
  func afterResponse() async throws {
    let environment = TierEnvironment(engine)
    let scope = InvocationScope(deadline: .now + .seconds(3_600))
    try await InvocationScope.$current.withValue(scope) {
      for key in ["ada", "bob", "cy"] { _ = try await environment.read(key, orLoad: source.load) }
    }
    #expect(engine.counts.stores == 0)
    #expect(engine.contents.isEmpty)
    await scope.finish()
    #expect(engine.counts.stores == 1)
    #expect(engine.contents.count == 3)
  }

  @Test("Where nothing runs after the response, an entry is written at once")
  func atOnce() async throws {
    let environment = TierEnvironment(engine)
    let scope = InvocationScope(runsRefreshes: false)
    try await InvocationScope.$current.withValue(scope) {
      _ = try await environment.read("ada", orLoad: source.load)
    }
    #expect(engine.contents.count == 1)
    await scope.finish()
    #expect(engine.counts.stores == 1)
  }

  @Test("More bytes than may wait for the response are written at once")
  func largeBatch() async throws {
    let environment = TierEnvironment(engine)
    let large = String(repeating: "x", count: 3 << 20)
    let scope = InvocationScope(deadline: .now + .seconds(3_600))
    try await InvocationScope.$current.withValue(scope) {
      for key in ["ada", "bob"] { _ = try await environment.read(key) { _ in large } }
    }
    await scope.finish()
    #expect(engine.contents.count == 2)
    #expect(engine.counts.stores == 2)
  }

  @Test("An invocation that never ends keeps no entries, and the next one stores its own")
  func droppedInvocation() async throws {
    let environment = TierEnvironment(engine)
    for round in 0..<20 {
      let scope = InvocationScope(deadline: .now + .seconds(3_600))
      try await InvocationScope.$current.withValue(scope) {
        _ = try await environment.read("key \(round)", orLoad: source.load)
      }
      if round % 2 == 1 { await scope.finish() }
    }
    #expect(engine.contents.count == 10)
  }

  @Test("What is stored so late that nothing is left of its time is not stored")
  func lateStore() async throws {
    let environment = TierEnvironment(engine)
    let scope = InvocationScope(deadline: .now + .seconds(3_600))
    try await InvocationScope.$current.withValue(scope) {
      _ = try await environment.read("ada", orLoad: source.load)
    }
    clock.advance(by: .seconds(10))
    await scope.finish()
    #expect(engine.counts.stores == 0)
  }
}
