import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("Faults of a shared tier", .timeLimit(.minutes(15)))
struct TierFaultTests: SharedTierSuite {
  let fixture = SharedTierFixture()

  @Test("No fault of the engine fails a read", arguments: FakeTier.Fault.allCases)
  func readsGoOn(fault: FakeTier.Fault) async throws {
    let environment = TierEnvironment(engine)
    _ = try await environment.read("ada", orLoad: source.load)
    engine.fault = fault
    for number in 0..<20 {
      let value = try await environment.read("key \(number)", orLoad: source.load)
      #expect(value.hasPrefix("key \(number) "))
    }
  }

  @Test("After three failures in a row the engine is left alone until a trial")
  func breaker() async throws {
    let environment = TierEnvironment(engine, chance: { 0.5 })
    engine.fault = .down
    for number in 0..<10 { _ = try await environment.read("\(number)", orLoad: source.load) }
    #expect(engine.counts.fetches == 3)
    #expect(environment.tier.statistics.failures == 3)
    #expect(environment.tier.statistics.skippedCalls == 7)
    clock.advance(by: .seconds(1))
    engine.fault = .none
    for number in 10..<15 { _ = try await environment.read("\(number)", orLoad: source.load) }
    #expect(engine.counts.fetches == 8)
    #expect(engine.contents.count == 5)
  }

  @Test("An engine that cannot store anything is still read, and not written for a while")
  func full() async throws {
    let environment = TierEnvironment(engine)
    _ = try await environment.read("ada", orLoad: source.load)
    engine.fault = .full
    for number in 0..<10 { _ = try await environment.read("\(number)", orLoad: source.load) }
    #expect(engine.counts.stores == 1 + 3)
    #expect(engine.counts.fetches == 11)
    #expect(try await TierEnvironment(engine).readWithoutLoad("ada") == "ada 1")
  }

  @Test("A silent engine costs the time budget three times, and nothing afterwards")
  func silent() async throws {
    let environment = TierEnvironment(engine)
    engine.fault = .silent
    let begin = clock.elapsed
    for number in 0..<10 { _ = try await environment.read("\(number)", orLoad: source.load) }
    #expect(clock.elapsed - begin == .milliseconds(10 * 20 + 3 * 5))
  }

  @Test("The engine is waited for no longer than loads take")
  func shortLoads() async throws {
    let quick = CountedSource(clock: clock, taking: .milliseconds(1))
    let environment = TierEnvironment(engine)
    _ = try await environment.read("ada", orLoad: quick.load)
    engine.fault = .silent
    let begin = clock.elapsed
    _ = try await environment.read("bob", orLoad: quick.load)
    #expect(clock.elapsed - begin == .milliseconds(2))
  }

  @Test("An answer that does not fit the request counts as a failure")
  func malformed() async throws {
    let environment = TierEnvironment(engine)
    engine.fault = .malformed
    _ = try await environment.read("ada", orLoad: source.load)
    #expect(environment.tier.statistics.failures == 1)
    #expect(engine.contents.isEmpty, "nothing is stored without a lease")
  }

  @Test("A value from the future is not used: the server's clock went back")
  func clockWentBack() async throws {
    let (first, second) = (TierEnvironment(engine), TierEnvironment(engine))
    _ = try await first.read("ada", orLoad: source.load)
    clock.elapsed = .seconds(98)
    #expect(try await second.read("ada", orLoad: source.load) == "ada 2")
    #expect(second.tier.statistics.damagedValues > 0)
  }

  @Test("An invocation without time left does not ask the tier")
  func noTime() async throws {
    let environment = TierEnvironment(engine)
    let scope = InvocationScope(deadline: .now)
    // Within a load no time is too short for another one.
    let outer = Cache<String, String>(byteLimit: 1 << 20)
    let value = try await outer.value(forKey: "outer") { [source] _ in
      try await InvocationScope.$current.withValue(scope) {
        try await environment.read("ada", orLoad: source.load)
      }
    }
    #expect(value == "ada 1")
    #expect(engine.counts.fetches == 0)
    #expect(environment.tier.statistics.skippedCalls == 1)
  }

  @Test("An engine that never returns is left behind when the time is over")
  func neverReturns() async throws {
    let hanging = HangingTier()
    let cache = Cache<String, String>(byteLimit: 1 << 20)
    let tier = SecondTier(hanging)
    let value = try await bounded {
      try await cache.value(forKey: "ada", through: tier, codec: .text) { _ in "loaded" }
    }
    #expect(value == "loaded")
    #expect(tier.statistics.failures == 1)
    await #expect(throws: SharedTierError.timedOut(limit: .milliseconds(5))) {
      try await bounded {
        try await cache.removeValue(forKey: "ada", through: tier, within: .milliseconds(5))
      }
    }
    #expect(cache.peekValue(forKey: "ada") == nil)
    try await eventually("the calls are cancelled") { hanging.cancellations == 2 }
  }

  @Test("A caller that is cancelled leaves the engine, which is not to blame")
  func cancelledCaller() async throws {
    let hanging = HangingTier()
    let cache = Cache<String, String>(byteLimit: 1 << 20)
    let tier = SecondTier(hanging, timeBudget: unreachedTime)
    let caller = Task {
      try await cache.value(forKey: "ada", through: tier, codec: .text) { _ in "loaded" }
    }
    try await eventually("the engine is asked") { hanging.calls == 1 }
    caller.cancel()
    await #expect(throws: CancellationError.self) { try await bounded { try await caller.value } }
    try await eventually("the call is cancelled") { hanging.cancellations == 1 }
    #expect(tier.statistics.failures == 0)
  }
}

/// An engine that answers nothing until its task is cancelled, and not even then.
private final class HangingTier: SharedTier {
  private let state = Locked((calls: 0, cancellations: 0))

  var calls: Int { state.withLock { $0.calls } }
  var cancellations: Int { state.withLock { $0.cancellations } }

  private func hang() async {
    state.withLock { $0.calls += 1 }
    await withTaskCancellationHandler {
      await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    } onCancel: {
      state.withLock { $0.cancellations += 1 }
    }
  }

  func fetch(_ request: TierRequest, within limit: Duration) async throws -> TierResponse {
    await hang()
    throw Unwanted()
  }

  func store(_ entries: [TierEntry], within limit: Duration) async throws { await hang() }

  func remove(_ removal: TierRemoval, within limit: Duration) async throws { await hang() }
}
