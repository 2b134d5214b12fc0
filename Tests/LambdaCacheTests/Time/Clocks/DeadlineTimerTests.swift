import LambdaCache
import TestSupport
import Testing

@Suite("Timers for a deadline", .prompt, .timeLimit(.minutes(10)))
struct DeadlineTimerTests {
  @Test("Timers for a deadline fire once, not before its instant, and cancelled ones not at all")
  func order() async throws {
    var random = SplitMix64(seed: Fuzz.seed)
    let done = Locked<[Int: Int]>([:])
    let early = Locked(0)
    let start = ContinuousClock.now
    var expected: Set<Int> = []
    var timers: [DeadlineTimer] = []
    for number in 0..<500 {
      let instant = start + .microseconds(random.number(0...40_000))
      timers.append(
        DeadlineTimer.schedule(at: instant) {
          if ContinuousClock.now < instant { early.withLock { $0 += 1 } }
          done.withLock { $0[number, default: 0] += 1 }
        })
      if random.oneIn(3) {
        timers[number].cancel()
        if done.withLock({ $0[number] }) != nil { expected.insert(number) }
      } else {
        expected.insert(number)
      }
    }
    let all = expected
    try await eventually("all are done") { done.withLock { $0.count } == all.count }
    for timer in timers { timer.cancel() }
    #expect(done.withLock { Set($0.keys) } == expected)
    #expect(done.withLock { $0.values.allSatisfy { $0 == 1 } })
    #expect(early.withLock { $0 } == 0)
  }

  @Test("Timers that are far away do not hold up those that are near, in any order")
  func nearAfterFar() async throws {
    let far = DeadlineTimer.schedule(at: .now + .seconds(900)) { Issue.record("far too early") }
    for _ in 0..<20 {
      let flag = Flag()
      let near = DeadlineTimer.schedule(at: .now + .milliseconds(2)) { flag.raise() }
      try await eventually("the near one is done") { flag.isRaised }
      near.cancel()
    }
    far.cancel()
  }

  @Test("Timers that are near fire in any order among those that are far")
  func mixed() async throws {
    var random = SplitMix64(seed: Fuzz.seed)
    for _ in 0..<10 {
      let done = Locked(0)
      let start = ContinuousClock.now
      var instants = (1...15).map { start + .seconds(900 + $0) }
      instants += (1...15).map { start + .milliseconds(5 + $0) }
      for place in instants.indices.dropLast() {
        instants.swapAt(place, random.number(place...instants.count - 1))
      }
      let timers = instants.map { instant in
        DeadlineTimer.schedule(at: instant) { done.withLock { $0 += 1 } }
      }
      try await eventually("the near ones are done") { done.withLock { $0 } == 15 }
      for timer in timers { timer.cancel() }
      #expect(done.withLock { $0 } == 15)
    }
  }

  @Test("Timers that are near have a task wake for them that would not for those that are far")
  func sleepers() async {
    await #expect(processExitsWith: .success) {
      let far = DeadlineTimer.schedule(at: .now + .seconds(900)) {}
      var most = DeadlineTimer.sleeperCount
      // The one that sleeps for the far timer may be about to wake; not each time.
      for _ in 0..<20 where most < 2 {
        let flag = Flag()
        let near = DeadlineTimer.schedule(at: .now + .milliseconds(20)) { flag.raise() }
        most = max(most, DeadlineTimer.sleeperCount)
        while !flag.isRaised { await Task.yield() }
        near.cancel()
      }
      precondition(most == 2, "\(most) tasks sleep")
      far.cancel()
    }
  }

  @Test("Timers for a deadline that is past fire at once")
  func past() {
    let flag = Flag()
    DeadlineTimer.schedule(at: .now - .seconds(1)) { flag.raise() }.cancel()
    #expect(flag.isRaised)
  }

  @Test("Timers for a deadline can be waited for, and the waiting can be cancelled")
  func waiting() async throws {
    let instant = ContinuousClock.now + .milliseconds(5)
    try await DeadlineTimer.wait(until: instant)
    #expect(ContinuousClock.now >= instant)
    let waits = (0..<50).map { _ in
      Task { try await DeadlineTimer.wait(until: .now + .seconds(600)) }
    }
    for wait in waits { wait.cancel() }
    for wait in waits {
      await #expect(throws: CancellationError.self) { try await bounded { try await wait.value } }
    }
  }

  @Test("Timers for a deadline leave no task that sleeps when none is left")
  func idle() async {
    await #expect(processExitsWith: .success) {
      for _ in 0..<100 {
        let timers = (0..<100).map { number in
          DeadlineTimer.schedule(at: .now + .seconds(60) + .milliseconds(number)) {}
        }
        precondition(DeadlineTimer.count == 100)
        for timer in timers.shuffled() { timer.cancel() }
      }
      precondition(DeadlineTimer.count == 0)
      precondition(DeadlineTimer.sleeperCount == 1, "\(DeadlineTimer.sleeperCount) tasks sleep")
      // A second later nothing sleeps, though the timers were set to a minute.
      let end = ContinuousClock.now + .seconds(30)
      while DeadlineTimer.sleeperCount > 0 {
        precondition(ContinuousClock.now < end, "a task sleeps for nothing")
        await Task.yield()
      }
    }
  }
}

#if canImport(Glibc)
  @Suite(
    "Operations that end before their time", .prompt, .enabled(if: AllocatedBytes.isAvailable),
    .timeLimit(.minutes(10)))
  struct EarlyEndTests {
    @Test(
      "Loads with a time limit and ends of invocations leave no memory behind if they end early")
    func nothingIsLeft() async {
      await #expect(processExitsWith: .success) {
        let clock = ManualClock()
        let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
          $0.loading.staleWhileRevalidate = .seconds(1_000)
          $0.clock = clock
        }
        func turn(_ count: Int) async throws {
          for _ in 0..<count {
            let scope = InvocationScope(deadline: .now + .seconds(900))
            cache.removeAll()
            try await inside(scope) { () async throws in
              for key in 0..<2 {
                let value = try await cache.value(forKey: key, within: .seconds(900)) { key in
                  await Task.yield()
                  return key
                }
                precondition(value == key)
              }
              clock.advance(by: .seconds(20))
              _ = try await cache.value(forKey: 0) { $0 }
            }
            let refreshed = await scope.finish()
            precondition(refreshed == 1)
          }
        }
        try await turn(400)
        let allocated = AllocatedBytes()
        _ = allocated.current()
        let before = allocated.current()
        // The freed blocks that threads keep are some hundred KiB in any case.
        try await turn(2_000)
        let growth = allocated.current() - before
        precondition(growth < 1 << 20, "\(growth) bytes are left")
      }
    }
  }
#endif
