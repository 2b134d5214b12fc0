import LambdaCache
import TestSupport
import Testing

@Suite("The time that an invocation has left", .timeLimit(.minutes(10)))
struct RemainingTimeTests {
  @Test("The time that an invocation has left keeps a load from being begun only when it is over")
  func tooLittle() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let slow: @Sendable (Int) async throws -> Int = { key in
      try await Task.sleep(for: .milliseconds(30))
      return key
    }
    for key in 1...2 { #expect(try await cache.value(forKey: key, orLoad: slow) == key) }
    cache.removeValue(forKey: 2)
    let over = InvocationScope(deadline: .now + .zero)
    try await inside(over) { () async throws in
      for key in 2...3 {
        do {
          _ = try await cache.value(forKey: key) { $0 }
          Issue.record("a load was begun")
        } catch CacheLoadError.tooLittleTime(let name, let remaining, let expected) {
          #expect(name == "\(key)")
          #expect(remaining == .zero)
          #expect(key == 2 ? expected >= .milliseconds(30) : expected == .zero)
        } catch {
          Issue.record("another error: \(error)")
        }
      }
      #expect(try await cache.value(forKey: 1) { _ in 9 } == 1)
    }
    let long = InvocationScope(deadline: .now + .seconds(900))
    try await inside(long) { () async throws in
      #expect(try await cache.value(forKey: 2) { $0 } == 2)
    }
    #expect(try await cache.value(forKey: 3) { $0 } == 3)
  }

  @Test("The time that an invocation has left lets an expired value be served instead of a load")
  func stale() async throws {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      $0.loading.staleIfError = .seconds(100)
      $0.clock = clock
    }
    _ = try await cache.value(forKey: 1) { key in
      try await Task.sleep(for: .milliseconds(30))
      return key
    }
    clock.advance(by: .seconds(20))
    let over = InvocationScope(deadline: .now + .zero)
    try await inside(over) { () async throws in
      #expect(try await cache.value(forKey: 1) { _ in 2 } == 1)
    }
    #expect(over.remainingTime == .zero)
    #expect(cache.statistics.loadSuccesses == 1)
  }

  @Test("The end of an invocation's time ends work after the response, the rest is for the next")
  func afterResponse() async throws {
    let clock = ManualClock()
    let cache = Cache.withStaleEntry(on: clock) { $0.loading.staleWhileRevalidate = .seconds(100) }
    let (hasBegun, isCancelled) = (Flag(), Flag())
    // On a busy machine a short invocation may be over before its end begins.
    var patience = Duration.milliseconds(200)
    while !hasBegun.isRaised {
      let scope = InvocationScope(deadline: .now + patience)
      patience *= 3
      cache.setValue(1, forKey: 1, timeToLive: .milliseconds(1))
      clock.advance(by: .seconds(1))
      try await inside(scope) { () async throws in
        let value = try await cache.value(forKey: 1) { _ in
          hasBegun.raise()
          do {
            try await Task.sleep(for: .seconds(600))
          } catch {
            isCancelled.raise()
            throw error
          }
          return 2
        }
        #expect(value == 1)
      }
      _ = try await bounded { await scope.finish() }
    }
    try await eventually("the refresh is cancelled") { isCancelled.isRaised }
    try await eventually("the refresh ends") { cache.statistics.loadFailures == 1 }
    #expect(try await cache.value(forKey: 1) { _ in 3 } == 1)
    #expect(try await cache.value(forKey: 1) { _ in 3 } == 3)
  }
}

@Suite("A load that nobody waits for any more", .prompt, .timeLimit(.minutes(10)))
struct AbandonedLoadTests {
  private let loads = GatedLoads<Int, Int>()
  private let stage = Stage()

  @Test("An abandoned load may finish and be stored, and a caller meanwhile waits for it")
  func finishes() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20) { $0.loading.finishesAbandonedLoads = true }
    for _ in 0..<2 {
      let task = try await stage.ask(cache, for: 1, orLoad: loads.load)
      try await eventually("the load begins") { loads.count == 1 }
      task.cancel()
      #expect(try await task.isCancelledAnswer())
    }
    #expect(loads.count == 1)
    #expect(!loads[0].cancellation.isRaised)
    let late = try await stage.ask(cache, for: 1, orLoad: loads.load)
    loads[0].gate.open(returning: 5)
    #expect(try await late.answer() == 5)
    #expect(cache[1] == 5)
    #expect(loads.count == 1)
  }

  @Test("An abandoned load that may finish is awaited by the end of its invocation")
  func endOfInvocation() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20) { $0.loading.finishesAbandonedLoads = true }
    let scope = InvocationScope()
    _ = try await inside(scope) { () async throws in
      await #expect(throws: CacheLoadError.self) {
        try await cache.value(forKey: 1, within: .milliseconds(1), orLoad: loads.load)
      }
    }
    try await eventually("the load begins") { loads.count == 1 }
    // The end of the invocation has begun when another task is run, and waits until the load ends.
    let (isEnding, hasEnded) = (Flag(), Flag())
    scope.afterResponse { isEnding.raise() }
    let end = Task {
      let count = await scope.finish()
      hasEnded.raise()
      return count
    }
    try await eventually("the invocation ends") { isEnding.isRaised }
    for _ in 0..<100 { await Task.yield() }
    #expect(!hasEnded.isRaised)
    #expect(scope.isOpen)
    loads[0].gate.open(returning: 5)
    #expect(await end.value == 2)
    #expect(cache[1] == 5)
  }

  @Test("An abandoned load that may finish is awaited until the time is over, and no longer")
  func endWithoutTheLoad() async throws {
    for time in times(from: .seconds(1)) {
      let (loads, stage) = (GatedLoads<Int, Int>(), Stage())
      let cache = Cache<Int, Int>(byteLimit: 1 << 20) { $0.loading.finishesAbandonedLoads = true }
      let scope = InvocationScope(deadline: .now + time)
      let task = try await inside(scope) { () async throws in
        try await stage.ask(cache, for: 1, orLoad: loads.load)
      }
      try await eventually("the load begins, or is refused") {
        let isRefused = await stage.answeredCount == 1
        return loads.count == 1 || isRefused
      }
      task.cancel()
      guard loads.count == 1, (try? await task.isCancelledAnswer()) == true else {
        // The time was over too soon, on a busy machine.
        for place in 0..<loads.count { loads[place].gate.open(returning: 5) }
        continue
      }
      _ = try await bounded { await scope.finish() }
      #expect(!scope.isOpen)
      #expect(!loads[0].cancellation.isRaised)
      loads[0].gate.open(returning: 5)
      try await eventually("the load is stored") { cache[1] == 5 }
      return
    }
    Issue.record("no time was enough for the load to begin")
  }

  @Test("An abandoned load that has finished leaves the end of its invocation nothing to wait for")
  func nothingToWaitFor() async throws {
    let cache = Cache<Int, Int>(byteLimit: 4 << 20) { $0.loading.finishesAbandonedLoads = true }
    let scope = InvocationScope()
    try await inside(scope) { () async throws in
      for key in 0..<2_000 {
        let value = try await cache.value(forKey: key) { key in
          await Task.yield()
          return key
        }
        #expect(value == key)
      }
    }
    try await eventually("every load has ended") { scope.finishIfIdle() }
    #expect(await scope.finish() == 0)
  }
}

@Suite("A load that a freeze may have interrupted", .timeLimit(.minutes(10)))
struct FrozenLoadTests {
  private let clock = ManualClock()
  private let loads = GatedLoads<Int, Int>()
  private let stage = Stage()

  private func cache(_ loading: LoadPolicy? = nil) -> Cache<Int, Int> {
    Cache(byteLimit: 1 << 20, timeToLive: .seconds(900)) {
      if let loading { $0.loading = loading }
      $0.clock = clock
    }
  }

  @Test(
    "A load that a freeze may have interrupted is done once more, whatever its outcome",
    arguments: [true, false])
  func again(isFailure: Bool) async throws {
    let cache = cache()
    let scope = InvocationScope()
    let task = try await inside(scope) { () async throws in
      try await stage.ask(cache, for: 1, orLoad: loads.load)
    }
    try await eventually("the load begins") { loads.count == 1 }
    await scope.finish()
    clock.advance(by: .seconds(3_600))
    loads[0].gate.open(with: isFailure ? .failure(CancellationError()) : .success(1))
    try await eventually("it begins again") { loads.count == 2 }
    loads[1].gate.open(returning: 2)
    #expect(try await task.answer() == 2)
    #expect(cache[1] == 2)
    #expect(cache.statistics.discardedLoads == 1)
    #expect(cache.statistics.loadSuccesses == 1)
    #expect(cache.statistics.loadFailures == 0)
  }

  @Test("A load is not repeated within one invocation, or if too little time has passed")
  func notAgain() async throws {
    let cache = cache()
    let scope = InvocationScope()
    let first = try await inside(scope) { () async throws in
      try await stage.ask(cache, for: 1, orLoad: loads.load)
    }
    try await eventually("the load begins") { loads.count == 1 }
    clock.advance(by: .seconds(3_600))
    loads[0].gate.open(returning: 1)
    #expect(try await first.answer() == 1)

    let second = try await inside(scope) { () async throws in
      try await stage.ask(cache, for: 2, orLoad: loads.load)
    }
    try await eventually("the load begins") { loads.count == 2 }
    await scope.finish()
    clock.advance(by: .milliseconds(999))
    loads[1].gate.open(returning: 2)
    #expect(try await second.answer() == 2)
    #expect(cache.statistics.discardedLoads == 0)
  }
}
