import LambdaCache
import Synchronization
import TestSupport
import Testing

private struct DatabaseError: Error, Equatable {
  let code: Int
}

@Suite("The outcome of a load", .timeLimit(.minutes(15)))
struct LoadOutcomeTests {
  private let cache = Cache<Int, Int>(byteLimit: 1 << 20)
  private let loads = GatedLoads<Int, Int>()
  private let stage = Stage()

  @Test("A load that throws gives its error to every caller that waits, and is not remembered")
  func errors() async throws {
    let tasks = try await stage.ask(cache, for: 1, times: 50, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    loads[0].gate.open(throwing: DatabaseError(code: 7))
    for task in tasks {
      await #expect(throws: DatabaseError(code: 7)) { try await task.answer() }
    }
    #expect(cache.isEmpty)
    #expect(cache.statistics.loadFailures == 1)
    #expect(try await cache.value(forKey: 1) { $0 + 1 } == 2)
    #expect(loads.count == 1)
    #expect(cache.statistics.loadSuccesses == 1)
  }

  @Test("A load that throws a cancellation error of its own ends like one with any other error")
  func cancellationErrors() async throws {
    let tasks = try await stage.ask(cache, for: 1, times: 3, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    loads[0].gate.open(throwing: CancellationError())
    for task in tasks { #expect(try await task.isCancelledAnswer()) }
    #expect(try await cache.value(forKey: 1) { $0 } == 1)
  }

  @Test("A load that throws does not bring an expired value back")
  func errorsAfterExpiry() async throws {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(1)) { $0.clock = clock }
    cache[1] = 1
    clock.advance(by: .seconds(1))
    await #expect(throws: DatabaseError.self) {
      try await cache.value(forKey: 1) { _ in throw DatabaseError(code: 1) }
    }
    #expect(cache[1] == nil)
  }

  @Test("A load counts in the statistics, with the time it took")
  func statistics() async throws {
    #expect(try await cache.value(forKey: 1) { $0 } == 1)
    #expect(try await cache.value(forKey: 1) { $0 } == 1)
    await #expect(throws: DatabaseError.self) {
      try await cache.value(forKey: 2) { _ in throw DatabaseError(code: 1) }
    }
    let before = cache.statistics
    #expect(before.hits == 1)
    #expect(before.misses == 2)
    #expect(before.loadSuccesses == 1)
    #expect(before.loadFailures == 1)
    #expect(before.insertions == 1)

    let start = ContinuousClock.now
    let began = Locked(start)
    let ended = Locked(start)
    _ = try await cache.value(forKey: 3) { key in
      began.withLock { $0 = ContinuousClock.now }
      while ContinuousClock.now - start < .milliseconds(2) {}
      ended.withLock { $0 = ContinuousClock.now }
      return key
    }
    let loadTime = cache.statistics.loadTime - before.loadTime
    #expect(loadTime >= ended.withLock { $0 } - began.withLock { $0 })
    #expect(loadTime <= ContinuousClock.now - start)
  }
}

@Suite("A load that is overtaken", .timeLimit(.minutes(15)))
struct OvertakenLoadTests {
  enum Overtaking: CaseIterable {
    case write
    case rejectedWrite
    case removal
    case removalOfEverything

    func apply(to cache: Cache<Int, [UInt8]>) {
      switch self {
      case .write: cache[1] = [100]
      case .rejectedWrite:
        #expect(cache.setValue([100], forKey: 1, heapByteCount: 1 << 30) == .rejected)
      case .removal: cache.removeValue(forKey: 1)
      case .removalOfEverything: cache.removeAll()
      }
    }

    /// The value of the key when the load has ended.
    var value: [UInt8]? { self == .write ? [100] : nil }
  }

  private let cache = Cache<Int, [UInt8]>(byteLimit: 1 << 20)
  private let loads = GatedLoads<Int, [UInt8]>()
  private let stage = Stage()

  @Test(
    "A load that is overtaken serves the callers that wait, but neither the cache nor later ones",
    arguments: Overtaking.allCases)
  func overtaken(by overtaking: Overtaking) async throws {
    let early = try await stage.ask(cache, for: 1, times: 3, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    overtaking.apply(to: cache)
    if overtaking == .write { cache.removeValue(forKey: 1) }
    let late = try await stage.ask(cache, for: 1, times: 3, orLoad: loads.load)
    try await eventually("a load for the later askers begins") { loads.count == 2 }
    loads[0].gate.open(returning: [1])
    for task in early { #expect(try await task.answer() == [1]) }
    #expect(!cache.contains(1))
    #expect(await stage.answeredCount == 3)
    loads[1].gate.open(returning: [2])
    for task in late { #expect(try await task.answer() == [2]) }
    #expect(cache[1] == [2])
    #expect(loads.count == 2)
  }

  @Test(
    "A load that is overtaken leaves what has overtaken it as it is", arguments: Overtaking.allCases
  )
  func winnerStays(overtaking: Overtaking) async throws {
    let task = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    overtaking.apply(to: cache)
    loads[0].gate.open(returning: [1])
    #expect(try await task.answer() == [1])
    #expect(cache[1] == overtaking.value)
    #expect(cache.statistics.loadSuccesses == 1)
  }

  @Test("A load whose own closure sets or removes the key gives way to that as well")
  func overtakesItself() async throws {
    let cache = cache
    let value = try await bounded {
      try await cache.value(forKey: 1) { key in
        cache[key] = [7]
        return [8]
      }
    }
    #expect(value == [8])
    #expect(cache[1] == [7])
    cache.removeAll()
    _ = try await bounded {
      try await cache.value(forKey: 1) { key in
        cache.removeValue(forKey: key)
        return [8]
      }
    }
    #expect(cache[1] == nil)
  }

  @Test(
    "A load that is overtaken lets loads of other keys go on",
    arguments: [Overtaking.write, .removal])
  func othersGoOn(overtaking: Overtaking) async throws {
    let task = try await stage.ask(cache, for: 2, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    overtaking.apply(to: cache)
    loads[0].gate.open(returning: [2])
    #expect(try await task.answer() == [2])
    #expect(cache[2] == [2])
  }
}
