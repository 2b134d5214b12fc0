import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("Several keys through a shared tier", .timeLimit(.minutes(15)))
struct TierBulkTests: SharedTierSuite {
  let fixture = SharedTierFixture()

  private func read(
    _ keys: [String], in environment: TierEnvironment,
    _ load: @escaping @Sendable ([String]) async throws -> [String: String]
  ) async throws -> [String: String] {
    try await environment.cache.values(
      forKeys: keys, through: environment.tier, codec: .text, tags: { ["tag of \($0)"] },
      orLoad: load)
  }

  @Test("All keys that the first tier lacks are one question, and all that are loaded one entry")
  func oneRoundTrip() async throws {
    let (first, second) = (TierEnvironment(engine), TierEnvironment(engine))
    _ = try await read(["a", "b"], in: first, source.loadSeveral)
    #expect(engine.counts == FakeTier.Counts(fetches: 1, stores: 1, removals: 0, keys: 2))
    let found = try await read(["c", "a", "d", "b", "a"], in: second, source.loadSeveral)
    #expect(found == ["a": "a 1", "b": "b 1", "c": "c 2", "d": "d 2"])
    #expect(source.calls == [["a", "b"], ["c", "d"]])
    #expect(engine.counts == FakeTier.Counts(fetches: 2, stores: 2, removals: 0, keys: 6))
    #expect(second.tier.statistics.hits == 2)
    #expect(second.tier.statistics.misses == 2)
    #expect(second.cache.tags(forKey: "a") == ["tag of a"])
    #expect(second.cache.tags(forKey: "c") == ["tag of c"])
  }

  @Test("Each key has the time that is left of its own")
  func ages() async throws {
    let (first, second) = (TierEnvironment(engine), TierEnvironment(engine))
    _ = try await read(["a"], in: first, source.loadSeveral)
    clock.advance(by: .milliseconds(2_980))
    _ = try await read(["b"], in: first, source.loadSeveral)
    _ = try await read(["a", "b"], in: second, source.loadSeveral)
    #expect(second.cache.remainingTimeToLive(forKey: "a") == .milliseconds(6_980))
    #expect(second.cache.remainingTimeToLive(forKey: "b") == .milliseconds(9_980))
  }

  @Test("A load that fails throws, and what the tier had for other keys is kept")
  func failingLoad() async throws {
    let (first, second) = (TierEnvironment(engine), TierEnvironment(engine))
    _ = try await read(["a"], in: first, source.loadSeveral)
    source.error = Unwanted()
    await #expect(throws: Unwanted.self) {
      try await read(["a", "b"], in: second, source.loadSeveral)
    }
    #expect(second.cache.peekValue(forKey: "a") == "a 1")
    #expect(!second.cache.contains("b"))
  }

  @Test("A key that its source has no value for is missing, and known to be in other environments")
  func absence() async throws {
    let policy = LoadPolicy(negativeTimeToLive: .seconds(4))
    let (first, second) = (
      TierEnvironment(engine, loading: policy), TierEnvironment(engine, loading: policy)
    )
    #expect(try await read(["a", "b"], in: first) { _ in ["a": "A"] } == ["a": "A"])
    #expect(try await read(["a", "b"], in: second) { _ in throw Unwanted() } == ["a": "A"])
    // A key that is known to have no value does not fail with the others.
    await #expect(throws: Unwanted.self) {
      try await read(["b", "c"], in: TierEnvironment(engine, loading: policy)) { _ in
        throw Unwanted()
      }
    }
  }

  @Test("Keys that another environment loads are waited for while the others are loaded")
  func waiting() async throws {
    let waits = Locked<[Duration]>([])
    let environment = TierEnvironment(engine) { wait in
      waits.withLock { $0.append(wait) }
    }
    let holder = TierEnvironment(engine)
    await #expect(throws: Unwanted.self) {
      try await read(["a", "b"], in: holder) { _ in throw Unwanted() }
    }
    let found = try await read(["a", "c", "b"], in: environment, source.loadSeveral)
    #expect(found == ["a": "a 2", "b": "b 2", "c": "c 1"])
    #expect(source.calls == [["c"], ["a", "b"]])
    // The load of "c" took 20 of the 25 milliseconds.
    #expect(waits.withLock { $0 } == [.milliseconds(5)])
    #expect(environment.tier.statistics.leaseWaits == 2)
    #expect(engine.contents.keys.sorted() == [":v:c"])
  }

  @Test("No keys ask nothing")
  func noKeys() async throws {
    let environment = TierEnvironment(engine)
    #expect(try await read([], in: environment, source.loadSeveral).isEmpty)
    #expect(engine.counts.fetches == 0)
  }
}
