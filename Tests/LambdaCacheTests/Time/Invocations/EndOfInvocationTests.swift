import LambdaCache
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("The end of an invocation", .prompt, .timeLimit(.minutes(10)))
struct EndOfInvocationTests {
  private let clock = ManualClock()

  @Test("The end of an invocation begins nothing without time left, and still ends the scope")
  func noTimeLeft() async {
    let scope = InvocationScope(deadline: .now + .zero)
    let hasRun = Flag()
    #expect(scope.afterResponse { hasRun.raise() })
    #expect(await scope.finish() == 0)
    #expect(!hasRun.isRaised)
    #expect(!scope.isOpen)
  }

  @Test("The end of an invocation cancels work that would run on past the deadline")
  func deadline() async {
    for time in times(from: .milliseconds(400)) {
      let scope = InvocationScope(deadline: .now + time)
      let (hasBegun, isCancelled) = (Flag(), Flag())
      scope.afterResponse {
        hasBegun.raise()
        do {
          try await Task.sleep(for: .seconds(3_600))
        } catch {
          isCancelled.raise()
        }
      }
      await scope.finish()
      #expect(isCancelled.isRaised == hasBegun.isRaised)
      // On a busy machine the time may be over before anything begins.
      if hasBegun.isRaised { return }
    }
    Issue.record("no time was enough for the task to begin")
  }

  @Test("The end of an invocation does as many tasks as a scope takes, which is a bounded number")
  func manyTasks() async {
    let scope = InvocationScope(deadline: nil)
    for _ in 0..<1024 { #expect(scope.afterResponse {}) }
    #expect(!scope.afterResponse {})
    #expect(await scope.finish() == 1024)
    #expect(!scope.afterResponse {})
  }

  @Test("The end of an invocation does nothing the second time, and does not cut the first short")
  func twice() async throws {
    let scope = InvocationScope(deadline: nil)
    let (gate, hasBegun) = (Gate<Void>(), Flag())
    scope.afterResponse {
      hasBegun.raise()
      try? await gate.pass()
    }
    let first = Task { await scope.finish() }
    try await eventually("the task begins") { hasBegun.isRaised }
    #expect(await scope.finish() == 0)
    #expect(scope.isOpen)
    gate.open()
    #expect(await first.value == 1)
    #expect(!scope.isOpen)
  }

  @Test("The end of an invocation waits for a load that was abandoned and is to be finished")
  func abandonedLoad() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20) { $0.loading.finishesAbandonedLoads = true }
    let loads = GatedLoads<Int, Int>()
    let scope = InvocationScope(deadline: nil)
    _ = try await inside(scope) { () async throws in
      await #expect(throws: CacheLoadError.self) {
        try await cache.value(forKey: 1, within: .milliseconds(1), orLoad: loads.load)
      }
    }
    try await eventually("the load begins") { loads.count == 1 }
    let (isEnding, hasEnded) = (Flag(), Flag())
    scope.afterResponse { isEnding.raise() }
    let end = Task {
      await scope.finish()
      hasEnded.raise()
    }
    try await eventually("the end has begun") { isEnding.isRaised }
    // An end that does not wait is over long before.
    try await Task.sleep(for: .milliseconds(100))
    #expect(!hasEnded.isRaised)
    #expect(scope.isOpen)
    loads[0].gate.open(returning: 5)
    await end.value
    #expect(!scope.isOpen && cache[1] == 5)
  }

  @Test("A scope without a place for a refresh leaves it to the next caller at once")
  func noPlaceForRefresh() async throws {
    let cache = Cache.withStaleEntry(on: clock) { $0.loading.staleWhileRevalidate = .seconds(100) }
    let scope = InvocationScope(deadline: nil)
    for _ in 0..<1024 { scope.afterResponse {} }
    try await inside(scope) { () async throws in
      #expect(try await cache.value(forKey: 1) { _ in 2 } == 1)
      #expect(try await cache.value(forKey: 1) { _ in 2 } == 2)
    }
    await scope.finish()
  }

  @Test("The end of an invocation drops a refresh whose key was written or removed meanwhile")
  func supersededRefresh() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      $0.loading.staleWhileRevalidate = .seconds(100)
      $0.clock = clock
      $0.tags = { key, _ in key == 3 ? ["three"] : [] }
    }
    let loaded = Locked<[Int]>([])
    for key in 1...4 { cache[key] = 1 }
    clock.advance(by: .seconds(20))
    let scope = InvocationScope(deadline: nil)
    try await inside(scope) { () async throws in
      for key in 1...4 {
        let value = try await cache.value(forKey: key) { key in
          loaded.withLock { $0.append(key) }
          return 2
        }
        #expect(value == 1)
      }
    }
    cache[1] = 5
    cache.removeAll(whereKey: { $0 == 2 })
    cache.removeAll(tagged: "three")
    await scope.finish()
    #expect(loaded.withLock { $0 } == [4])
    #expect(cache[1] == 5)
    #expect(cache[2] == nil)
    #expect(cache[3] == nil)
    #expect(cache[4] == 2)
  }

  @Test(
    "The end of an invocation drops a refresh of an evicted entry whose key a rule removed")
  func removedPromise() async throws {
    let cache = Cache.withStaleEntry(on: clock) { $0.loading.staleWhileRevalidate = .seconds(100) }
    let hasLoaded = Flag()
    let scope = InvocationScope(deadline: nil)
    try await inside(scope) { () async throws in
      let value = try await cache.value(forKey: 1) { _ in
        hasLoaded.raise()
        return 2
      }
      #expect(value == 1)
    }
    cache.entryLimit = 0
    cache.entryLimit = nil
    cache.removeAll(whereKey: { $0 == 1 })
    await scope.finish()
    #expect(!hasLoaded.isRaised)
  }

  @Test("The end of the last open invocation permits a freeze, also beside a leaked scope")
  func freezes() async {
    // In a process of its own: scopes of other tests are open beside those of this one.
    await #expect(processExitsWith: .success) {
      let (first, second) = (InvocationScope(deadline: nil), InvocationScope(deadline: nil))
      await second.finish()
      try await Task.sleep(for: .milliseconds(1_100))
      precondition(!second.mayHaveBeenFrozenSince(elapsed: nil), "another invocation was going on")
      await first.finish()
      precondition(second.mayHaveBeenFrozenSince(elapsed: nil), "nothing has been going on since")
      do { _ = InvocationScope(deadline: nil) }
      let third = InvocationScope(deadline: nil)
      await third.finish()
      try await Task.sleep(for: .milliseconds(1_100))
      precondition(third.mayHaveBeenFrozenSince(elapsed: nil), "a leaked scope counts as open")
    }
  }

  @Test("The deadlines of two invocations tell how long it was between them")
  func deadlinesTell() async {
    await #expect(processExitsWith: .success) {
      setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand", 1)
      let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(20))
      let now = SystemClocks.wall / 1_000_000
      InvocationClock.beginInvocation(deadlineInMilliseconds: now + 60_000)
      cache[1] = 1
      InvocationClock.beginInvocation(deadlineInMilliseconds: now + 60_900)
      precondition(cache[1] == 1, "less than a second is no time that was missed")
      InvocationClock.beginInvocation(deadlineInMilliseconds: now + 90_500)
      precondition(cache[1] == nil, "thirty seconds have passed")
    }
  }

  @Test("Deadlines that Lambda has not sent tell nothing about the time between invocations")
  func deadlinesOfTools() async {
    await #expect(processExitsWith: .success) {
      unsetenv("AWS_LAMBDA_INITIALIZATION_TYPE")
      let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(20))
      cache[1] = 1
      let year = 365 * 86_400 as Int64
      for timeOut in [3, 900, 3, 1_000, 86_400, 3, 74 * year, 2, 60] as [Int64] {
        InvocationClock.beginInvocation(
          deadlineInMilliseconds: SystemClocks.wall / 1_000_000 + timeOut * 1_000)
        precondition(cache[1] == 1, "gone at \(timeOut) seconds")
      }
    }
  }
}
