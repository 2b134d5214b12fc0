import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("Leases and early refreshes of a shared tier", .timeLimit(.minutes(15)))
struct TierLeaseTests: SharedTierSuite {
  let fixture = SharedTierFixture()

  /// Environments that miss a key at once: one loads it, and the others wait at a gate.
  private func missTogether(
    _ count: Int, loads: GatedLoads<String, String>, waits: Gate<Void>, waiting: Locked<Int>
  ) -> [Task<String, any Error>] {
    (0..<count).map { _ in
      let environment = TierEnvironment(engine) { _ in
        waiting.withLock { $0 += 1 }
        try await waits.pass()
      }
      return Task { try await environment.read("ada", orLoad: loads.load) }
    }
  }

  @Test("Of sixteen environments that miss a key at the same time one loads it")
  func oneLoads() async throws {
    let (loads, waits, waiting) = (GatedLoads<String, String>(), Gate<Void>(), Locked(0))
    let tasks = missTogether(16, loads: loads, waits: waits, waiting: waiting)
    try await eventually("fifteen wait") { waiting.withLock { $0 } == 15 && loads.count == 1 }
    loads[0].gate.open(returning: "ada")
    try await eventually("it is stored") { engine.contents.count == 1 }
    waits.open()
    for task in tasks { #expect(try await task.value == "ada") }
    #expect(loads.count == 1)
  }

  @Test("If who has the lease brings nothing, the others load for themselves and store nothing")
  func deadHolder() async throws {
    let (loads, waits, waiting) = (GatedLoads<String, String>(), Gate<Void>(), Locked(0))
    let tasks = missTogether(4, loads: loads, waits: waits, waiting: waiting)
    try await eventually("three wait") { waiting.withLock { $0 } == 3 && loads.count == 1 }
    waits.open()
    try await eventually("all load") { loads.count == 4 }
    for place in 0..<4 { loads[place].gate.open(returning: "load \(place)") }
    var values: [String] = []
    for task in tasks { values.append(try await task.value) }
    #expect(values.sorted() == (0..<4).map { "load \($0)" })
    #expect(engine.counts.stores == 1)
    #expect(try await TierEnvironment(engine).readWithoutLoad("ada") == "load 0")
  }

  @Test("The next lease is granted when one has ended that nobody gave back")
  func expiredLease() async throws {
    let failing = TierEnvironment(engine)
    await #expect(throws: Unwanted.self) { try await failing.readWithoutLoad("ada") }
    clock.advance(by: .seconds(10))
    let other = TierEnvironment(engine)
    #expect(try await other.read("ada", orLoad: source.load) == "ada 1")
    #expect(other.tier.statistics.leaseWaits == 0)
    #expect(engine.contents.count == 1)
  }

  @Test("A load that has failed leaves its lease to the next one of its environment")
  func keptLease() async throws {
    let environment = TierEnvironment(engine)
    await #expect(throws: Unwanted.self) { try await environment.readWithoutLoad("ada") }
    #expect(try await environment.read("ada", orLoad: source.load) == "ada 1")
    #expect(environment.tier.statistics.leaseWaits == 0)
    #expect(environment.tier.statistics.grantedLeases == 1)
    #expect(engine.contents.count == 1)
  }

  @Test("Leases are kept until they end, once, and no more than 256 of them")
  func keptLeases() {
    let space = TierSpace(named: "")
    let names = (0..<300).map { space.name(ofKey: "\($0)") }
    space.keepLease(7, of: names[0], until: .seconds(2))
    #expect(space.takeLease(of: names[1], now: .seconds(1)) == nil)
    #expect(space.takeLease(of: names[0], now: .seconds(1)) == 7)
    #expect(space.takeLease(of: names[0], now: .seconds(1)) == nil)
    space.keepLease(8, of: names[0], until: .seconds(2))
    #expect(space.takeLease(of: names[0], now: .seconds(2)) == nil)
    for name in names { space.keepLease(9, of: name, until: .seconds(2)) }
    #expect(names.count { space.takeLease(of: $0, now: .zero) != nil } == 300 - 256)
  }

  @Test("A wait is as long as a load takes, and as the tier may take to store what it brings")
  func waitLength() async throws {
    let waits = Locked<[Duration]>([])
    let environment = TierEnvironment(engine) { wait in
      waits.withLock { $0.append(wait) }
    }
    _ = try await environment.read("bob", orLoad: source.load)
    await #expect(throws: Unwanted.self) {
      try await TierEnvironment(engine).readWithoutLoad("ada")
    }
    #expect(try await environment.read("ada", orLoad: source.load) == "ada 2")
    #expect(waits.withLock { $0 } == [.milliseconds(25)])
    #expect(environment.tier.statistics.leaseWaits == 1)
  }

  @Test("An invocation that has no time to wait and to load afterwards loads at once")
  func noTimeToWait() async throws {
    let waits = Locked(0)
    let environment = TierEnvironment(engine) { _ in waits.withLock { $0 += 1 } }
    await #expect(throws: Unwanted.self) {
      try await TierEnvironment(engine).readWithoutLoad("ada")
    }
    // A load takes a hundred milliseconds where nothing else is known.
    let scope = InvocationScope(deadline: .now + .milliseconds(240))
    // Within a load no time is too short for another one, however busy the machine is.
    let outer = Cache<String, String>(byteLimit: 1 << 20)
    _ = try await outer.value(forKey: "outer") { [source] _ in
      try await InvocationScope.$current.withValue(scope) {
        try await environment.read("ada", orLoad: source.load)
      }
    }
    #expect(waits.withLock { $0 } == 0)
    #expect(source.calls.count == 1)
  }

  @Test("A stale value is served while another environment loads the key, and not kept")
  func staleWhileHeld() async throws {
    let policy = LoadPolicy(staleWhileRevalidate: .seconds(5))
    let environments = (0..<3).map { _ in TierEnvironment(engine, loading: policy) }
    _ = try await environments[0].read("ada", orLoad: source.load)
    clock.advance(by: .seconds(12))
    let loads = GatedLoads<String, String>()
    async let reloaded = environments[1].read("ada", orLoad: loads.load)
    try await eventually("one has the lease") { loads.count == 1 }
    #expect(try await environments[2].readWithoutLoad("ada") == "ada 1")
    #expect(environments[2].tier.statistics.staleHits == 1)
    #expect(environments[2].cache.count == 0)
    #expect(environments[2].cache.statistics.rejections == 0, "it was not even tried to keep it")
    loads[0].gate.open(returning: "new")
    #expect(try await reloaded == "new")
    #expect(try await environments[2].readWithoutLoad("ada") == "new")
  }

  @Test("A stale value is served at once, and loaded after the response")
  func staleThenRefresh() async throws {
    let policy = LoadPolicy(staleWhileRevalidate: .seconds(5))
    let (first, second) = (
      TierEnvironment(engine, loading: policy), TierEnvironment(engine, loading: policy)
    )
    _ = try await first.read("ada", orLoad: source.load)
    clock.advance(by: .seconds(12))
    // Without a deadline it takes a minute at the most, which a sanitizer may outlast.
    let scope = InvocationScope(deadline: .now + .seconds(3_600))
    let value = try await InvocationScope.$current.withValue(scope) {
      try await second.read("ada", orLoad: source.load)
    }
    #expect(value == "ada 1")
    #expect(source.calls.count == 1)
    await scope.finish()
    #expect(source.calls.count == 2)
    #expect(second.cache.peekValue(forKey: "ada") == "ada 2")
    #expect(try await TierEnvironment(engine).readWithoutLoad("ada") == "ada 2")
  }

  @Test("A value past its stale window is loaded, and none is served that is gone")
  func gone() async throws {
    let policy = LoadPolicy(staleWhileRevalidate: .seconds(5), staleIfError: .seconds(5))
    let (first, second) = (
      TierEnvironment(engine, loading: policy), TierEnvironment(engine, loading: policy)
    )
    _ = try await first.read("ada", orLoad: source.load)
    clock.advance(by: .milliseconds(14_980))
    await #expect(throws: Unwanted.self) { try await second.readWithoutLoad("ada") }
  }

  @Test("An engine that has values still whose time is over does not have them served")
  func lateEngine() async throws {
    engine.keepsForEver = true
    let short = LoadPolicy(staleIfError: .seconds(1), negativeTimeToLive: .seconds(4))
    let long = LoadPolicy(staleIfError: .seconds(60), negativeTimeToLive: .seconds(4))
    let (writer, reader) = (
      TierEnvironment(engine, loading: short), TierEnvironment(engine, loading: long)
    )
    func readAbsent(_ environment: TierEnvironment) async throws -> String? {
      try await environment.cache.optionalValue(
        forKey: "bob", through: environment.tier, codec: .text
      ) { _ in environment.cache === writer.cache ? nil : "bob" }
    }
    _ = try await writer.read("ada", orLoad: source.load)
    #expect(try await readAbsent(writer) == nil)
    clock.advance(by: .seconds(12))
    // Who has written a value says how long it may be served at the most.
    await #expect(throws: Unwanted.self) { try await reader.readWithoutLoad("ada") }
    #expect(try await readAbsent(reader) == "bob")
  }

  @Test("A stale value that may only stand in for an error is not served while others load")
  func staleForErrorsOnly() async throws {
    let policy = LoadPolicy(staleWhileRevalidate: .seconds(1), staleIfError: .seconds(5))
    let environments = (0..<3).map { _ in TierEnvironment(engine, loading: policy) }
    _ = try await environments[0].read("ada", orLoad: source.load)
    clock.advance(by: .seconds(12))
    let loads = GatedLoads<String, String>()
    async let held = environments[1].read("ada", orLoad: loads.load)
    try await eventually("one has the lease") { loads.count == 1 }
    #expect(try await environments[2].read("ada", orLoad: source.load) == "ada 2")
    loads[0].gate.open(returning: "new")
    #expect(try await held == "new")
  }

  @Test("A stale value stands in for as long as the reader's policy says, and not for an answer")
  func standInOfReader() async throws {
    struct Missing: ClassifiedError { var loadErrorClass: LoadErrorClass { .notFound } }
    let writer = TierEnvironment(engine, loading: LoadPolicy(staleIfError: .seconds(60)))
    let strict = TierEnvironment(engine, loading: LoadPolicy(staleIfError: .seconds(1)))
    let lenient = TierEnvironment(engine, loading: LoadPolicy(staleIfError: .seconds(60)))
    _ = try await writer.read("ada", orLoad: source.load)
    clock.advance(by: .seconds(12))
    await #expect(throws: Unwanted.self) { try await strict.readWithoutLoad("ada") }
    await #expect(throws: Missing.self) { try await lenient.read("ada") { _ in throw Missing() } }
    #expect(try await lenient.readWithoutLoad("ada") == "ada 1")
  }

  @Test("A load that fails lets the stale value of the tier be served for staleIfError")
  func staleIfError() async throws {
    let policy = LoadPolicy(staleIfError: .seconds(5))
    let environments = (0..<3).map { _ in TierEnvironment(engine, loading: policy) }
    _ = try await environments[0].read("ada", orLoad: source.load)
    clock.advance(by: .seconds(12))
    #expect(try await environments[1].readWithoutLoad("ada") == "ada 1")
    #expect(environments[1].cache.count == 0)
    #expect(environments[1].tier.statistics.staleHits == 1)
    clock.advance(by: .seconds(3))
    await #expect(throws: Unwanted.self) { try await environments[2].readWithoutLoad("ada") }
  }

  @Test("A value that becomes stale while its load fails is served only as long as it may be")
  func staleWhileLoading() async throws {
    let policy = LoadPolicy(staleIfError: .seconds(5))
    let (first, second) = (
      TierEnvironment(engine, loading: policy), TierEnvironment(engine, loading: policy)
    )
    _ = try await first.read("ada", orLoad: source.load)
    clock.advance(by: .seconds(12))
    await #expect(throws: Unwanted.self) {
      try await second.read("ada") { [clock] _ in
        clock.advance(by: .seconds(4))
        throw Unwanted()
      }
    }
  }

  @Test("Chance has one environment load a value early, and only one at a time")
  func earlyRefresh() async throws {
    let first = TierEnvironment(engine)
    _ = try await first.read("ada", orLoad: source.load)
    clock.advance(by: .milliseconds(9_970))
    // 10 ms are left of a value that takes 20: e to the power of -1/2 is 0.61.
    let unlucky = TierEnvironment(engine, chance: { 0.7 })
    #expect(try await unlucky.readWithoutLoad("ada") == "ada 1")
    #expect(engine.counts.fetches == 2)
    let loads = GatedLoads<String, String>()
    let lucky = TierEnvironment(engine, chance: { 0.5 })
    async let refreshed = lucky.read("ada", orLoad: loads.load)
    try await eventually("it is loaded early") { loads.count == 1 }
    let other = TierEnvironment(engine, chance: { 0.5 })
    #expect(try await other.readWithoutLoad("ada") == "ada 1")
    loads[0].gate.open(returning: "new")
    #expect(try await refreshed == "new")
    #expect(lucky.tier.statistics.earlyRefreshes == 1)
    #expect(lucky.tier.statistics.misses == 0)
    #expect(other.tier.statistics.earlyRefreshes == 0)
    #expect(try await TierEnvironment(engine).readWithoutLoad("ada") == "new")
  }

  @Test("A value that is loaded early is served if that fails")
  func failedEarlyRefresh() async throws {
    let first = TierEnvironment(engine)
    _ = try await first.read("ada", orLoad: source.load)
    clock.advance(by: .milliseconds(9_970))
    let lucky = TierEnvironment(engine, chance: { 0.5 })
    #expect(try await lucky.readWithoutLoad("ada") == "ada 1")
    #expect(lucky.cache.remainingTimeToLive(forKey: "ada") == .milliseconds(10))
  }
}
