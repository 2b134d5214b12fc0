import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("A cache with its closures and a shared tier", .timeLimit(.minutes(15)))
struct TierLoadingCacheTests: SharedTierSuite {
  let fixture = SharedTierFixture()

  private func loading(isSeveral: Bool = false) -> LoadingCache<String, String> {
    let environment = TierEnvironment(engine)
    return environment.cache.loading(
      through: environment.tier, codec: .text, tags: { ["tag of \($0)"] }, source.load,
      several: isSeveral ? source.loadSeveral : nil)
  }

  @Test("What one has loaded another one gets from the tier, with its tags and its time")
  func shared() async throws {
    let (first, second) = (loading(), loading())
    #expect(try await first.value(forKey: "ada", timeToLive: .seconds(3)) == "ada 1")
    #expect(try await second.value(forKey: "ada") == "ada 1")
    #expect(second.cache.remainingTimeToLive(forKey: "ada") == .milliseconds(2_980))
    #expect(second.cache.tags(forKey: "ada") == ["tag of ada"])
    let counts = engine.counts
    #expect(try await second.value(forKey: "ada") == "ada 1")
    #expect(engine.counts == counts)
  }

  @Test("Several keys are one question to the tier, loaded in one call or side by side")
  func several() async throws {
    for isSeveral in [true, false] {
      let keys = ["a", "b", "c"].map { "\($0) \(isSeveral)" }
      let (first, second) = (loading(isSeveral: isSeveral), loading(isSeveral: isSeveral))
      let (calls, fetches) = (source.calls.count, engine.counts.fetches)
      let loaded = try await first.values(forKeys: keys)
      #expect(Set(loaded.keys) == Set(keys))
      #expect(loaded.allSatisfy { $0.value.hasPrefix($0.key) }, "\(loaded)")
      #expect(source.calls.count == calls + (isSeveral ? 1 : 3))
      #expect(engine.counts.fetches == fetches + 1)
      #expect(try await second.values(forKeys: keys) == loaded)
      #expect(source.calls.count == calls + (isSeveral ? 1 : 3))
      #expect(engine.counts.fetches == fetches + 2)
    }
  }

  @Test("Of keys that are loaded side by side one may fail, and the others are kept and stored")
  func oneFails() async throws {
    struct Broken: Error {}
    let environment = TierEnvironment(engine)
    let loading = environment.cache.loading(through: environment.tier, codec: .text) { key in
      if key == "b" { throw Broken() }
      return key.uppercased()
    }
    for fault in [FakeTier.Fault.none, .down] {
      engine.fault = fault
      await #expect(throws: Broken.self) { try await loading.values(forKeys: ["a", "b", "c"]) }
      #expect(environment.cache.peekValue(forKey: "a") == "A")
      #expect(environment.cache.peekValue(forKey: "c") == "C")
      #expect(engine.contents.keys.sorted() == [":v:a", ":v:c"])
      environment.cache.removeAll()
    }
  }

  @Test("Each key is remembered for its own failure")
  func ownFailures() async throws {
    struct Missing: ClassifiedError { var loadErrorClass: LoadErrorClass { .notFound } }
    for fault in [FakeTier.Fault.none, .down] {
      engine.fault = fault
      let environment = TierEnvironment(
        engine, loading: LoadPolicy(negativeTimeToLive: .seconds(4)))
      let calls = Locked(0)
      let loading = environment.cache.loading(through: environment.tier, codec: .text) { key in
        calls.withLock { $0 += 1 }
        if key == "b" { throw Missing() }
        throw Unwanted()
      }
      for round in 1...4 {
        let keys = ["a \(round)", "b"]
        await #expect(throws: Unwanted.self) { try await loading.values(forKeys: keys) }
        #expect(calls.withLock { $0 } == 1 + round, "that there is no b is remembered")
      }
    }
  }

  @Test("A refresh loads although the tier has a value, and leaves it the new one")
  func refresh() async throws {
    let (first, second, third) = (loading(), loading(), loading())
    _ = try await first.value(forKey: "ada")
    #expect(try await second.refresh("ada") == "ada 2")
    #expect(try await second.value(forKey: "ada") == "ada 2")
    #expect(second.cache.tags(forKey: "ada") == ["tag of ada"])
    #expect(try await third.value(forKey: "ada") == "ada 2")
    #expect(source.calls.count == 2)
  }

  @Test("A refresh whose lease another has is not stored, and one without an engine is a load")
  func refreshWithoutLease() async throws {
    let loads = GatedLoads<String, String>()
    let (environment, other) = (TierEnvironment(engine), loading())
    async let value = environment.read("ada", tags: ["tag of ada"], orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    #expect(try await other.refresh("ada") == "ada 1")
    #expect(engine.contents.isEmpty)
    loads[0].gate.open(returning: "holder")
    #expect(try await value == "holder")
    engine.fault = .down
    for number in 2..<8 { #expect(try await other.refresh("ada") == "ada \(number)") }
    #expect(other.cache.tags(forKey: "ada") == ["tag of ada"])
  }
}
