import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("A shared tier that is not asked", .timeLimit(.minutes(15)))
struct TierUnavailableTests: SharedTierSuite {
  /// A key that counts how often its name is asked for.
  private struct CountedKey: Hashable, HeapFree, Sendable, TierNamed {
    static let asked = Locked(0)
    var number: Int
    var tierName: String {
      Self.asked.withLock { $0 += 1 }
      return "\(number)"
    }
  }

  let fixture = SharedTierFixture()

  /// An environment whose engine has failed too often.
  private func dead(timeToLive: Duration? = nil) async throws -> TierEnvironment {
    let environment = TierEnvironment(engine, timeToLive: timeToLive)
    engine.fault = .down
    for number in 0..<3 { _ = try await environment.read("\(number)") { $0 } }
    return environment
  }

  @Test("While the engine is left alone a load has neither a codec nor the name of its key")
  func nothingPrepared() async throws {
    let environment = try await dead()
    let before = environment.tier.statistics
    let cache = Cache<CountedKey, String>(byteLimit: 1 << 16) { $0.clock = clock }
    let codecs = Locked(0)
    @Sendable func codec() -> TierCodec<String> {
      codecs.withLock { $0 += 1 }
      return .text
    }
    for number in 0..<10 {
      let value = try await cache.value(
        forKey: CountedKey(number: number), through: environment.tier, codec: codec(),
        tags: number % 2 == 0 ? [] : ["odd"]
      ) { "\($0.number)" }
      #expect(value == "\(number)")
    }
    let absent = try await cache.optionalValue(
      forKey: CountedKey(number: 10), through: environment.tier, codec: codec()
    ) { _ in nil }
    #expect(absent == nil)
    let several = try await cache.values(
      forKeys: [CountedKey(number: 11), CountedKey(number: 12)], through: environment.tier,
      codec: .text
    ) { keys in Dictionary(uniqueKeysWithValues: keys.map { ($0, "\($0.number)") }) }
    #expect(several.count == 2)
    #expect(codecs.withLock { $0 } == 0)
    #expect(CountedKey.asked.withLock { $0 } == 0)
    #expect(engine.counts.fetches == 3)
    #expect(environment.tier.statistics.misses == before.misses + 13)
    #expect(environment.tier.statistics.skippedCalls == before.skippedCalls + 12)
    // The trial is due after the pause.
    engine.fault = .none
    clock.advance(by: .seconds(1))
    _ = try await cache.value(
      forKey: CountedKey(number: 20), through: environment.tier, codec: codec()
    ) { _ in "" }
    #expect(codecs.withLock { $0 } == 1)
    #expect(CountedKey.asked.withLock { $0 } == 1)
  }

  @Test("An entry that is loaded without the engine has its tags, so that a removal finds it")
  func tags() async throws {
    let environment = try await dead()
    _ = try await environment.read("ada", tags: ["red"]) { $0 }
    _ = try await environment.cache.optionalValue(
      forKey: "bob", through: environment.tier, codec: .text, tags: ["red"]
    ) { $0 }
    _ = try await environment.cache.values(
      forKeys: ["cy"], through: environment.tier, codec: .text, tags: { _ in ["red"] },
      orLoad: { _ in ["cy": "cy"] })
    await #expect(throws: FakeTier.Refusal.self) {
      try await environment.cache.removeAll(tagged: "red", through: environment.tier)
    }
    for key in ["ada", "bob", "cy"] { #expect(!environment.cache.contains(key)) }
  }

  @Test("The time to live of the tier bounds what is loaded without the engine")
  func timeToLive() async throws {
    let environment = try await dead(timeToLive: .seconds(2))
    _ = try await environment.read("ada") { $0 }
    _ = try await environment.cache.values(
      forKeys: ["bob"], through: environment.tier, codec: .text
    ) { _ in ["bob": "bob"] }
    for key in ["ada", "bob"] {
      #expect(environment.cache.remainingTimeToLive(forKey: key) == .seconds(2))
    }
  }

  @Test("That there is no value is remembered without the engine, and no failure is taken for it")
  func outcomes() async throws {
    let policy = LoadPolicy(negativeTimeToLive: .seconds(4))
    let environment = TierEnvironment(engine, timeToLive: .seconds(2), loading: policy)
    engine.fault = .down
    for number in 0..<3 { _ = try await environment.read("\(number)") { $0 } }
    let calls = Locked(0)
    for _ in 0..<2 {
      let value = try await environment.cache.optionalValue(
        forKey: "ada", through: environment.tier, codec: .text
      ) { _ in
        calls.withLock { $0 += 1 }
        return nil
      }
      #expect(value == nil)
    }
    #expect(calls.withLock { $0 } == 1)
    let found = try await environment.cache.values(
      forKeys: ["a", "b"], through: environment.tier, codec: .text
    ) { _ in ["a": "A"] }
    #expect(found == ["a": "A"])
    await #expect(throws: Unwanted.self) { try await environment.readWithoutLoad("bob") }
  }

  // MARK: While a connection is made

  @Test("While the engine connects one read waits for it, and none counts as a failure")
  func connecting() async throws {
    let slow = SlowlyConnectingTier(engine)
    let environment = TierEnvironment(slow)
    let begin = clock.elapsed
    for number in 0..<10 { _ = try await environment.read("\(number)") { $0 } }
    #expect(clock.elapsed - begin == .milliseconds(5))
    #expect(slow.calls == 1)
    #expect(environment.tier.statistics.failures == 0)
    #expect(environment.tier.statistics.skippedCalls == 10)
    slow.isConnecting = false
    for number in 10..<20 { _ = try await environment.read("\(number)") { $0 } }
    #expect(engine.counts.fetches == 10)
    #expect(engine.contents.count == 10)
  }

  @Test("An engine that does not connect in its time counts as one that fails")
  func neverConnects() async throws {
    let slow = SlowlyConnectingTier(engine)
    let environment = TierEnvironment(slow)
    _ = try await environment.read("ada") { $0 }
    engine.fault = .down
    slow.isConnecting = false
    for number in 0..<10 { _ = try await environment.read("\(number)") { $0 } }
    #expect(slow.calls == 4)
    #expect(environment.tier.statistics.failures == 3)
  }
}

/// An engine that has no answer while it connects.
private final class SlowlyConnectingTier: ConnectingTier, ClockedTier {
  private let engine: FakeTier
  private let state = Locked((isConnecting: true, calls: 0))

  init(_ engine: FakeTier) { self.engine = engine }

  var clock: ManualClock { engine.clock }
  var calls: Int { state.withLock { $0.calls } }

  var isConnecting: Bool {
    get { state.withLock { $0.isConnecting } }
    set { state.withLock { $0.isConnecting = newValue } }
  }

  private func connect(within limit: Duration) throws {
    state.withLock { $0.calls += 1 }
    guard isConnecting else { return }
    clock.advance(by: limit)
    throw SharedTierError.timedOut(limit: limit)
  }

  func fetch(_ request: TierRequest, within limit: Duration) async throws -> TierResponse {
    try connect(within: limit)
    return try await engine.fetch(request, within: limit)
  }

  func store(_ entries: [TierEntry], within limit: Duration) async throws {
    try await engine.store(entries, within: limit)
  }

  func remove(_ removal: TierRemoval, within limit: Duration) async throws {
    try await engine.remove(removal, within: limit)
  }
}
