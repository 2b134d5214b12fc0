import LambdaCache
import Testing

@Suite("A thaw")
struct ThawTests {
  private func cache(_ policy: Expiration.ThawPolicy, clock: ManualClock) -> Cache<Int, Int> {
    Cache(
      byteLimit: 65_536,
      expiration: Expiration(
        timeToLive: .seconds(1_000), staleWhileRevalidate: .seconds(30), afterThaw: policy),
      clock: clock)
  }

  @Test("is a gap between two looks, and counted with its time")
  func counted() {
    let clock = ManualClock()
    let cache = cache(.keep, clock: clock)
    cache[1] = 1
    for gap in [Duration.milliseconds(999), .seconds(1), .seconds(60), .milliseconds(10)] {
      clock.advance(by: gap)
      #expect(cache[1] == 1)
    }
    #expect(cache.statistics.thaws == 2)
    #expect(cache.statistics.thawedTime == .seconds(61))
    let before = cache.statistics
    clock.advance(by: .seconds(5))
    _ = cache[1]
    #expect((cache.statistics - before).thaws == 1)
  }

  @Test("leaves entries alone where the policy is to keep them")
  func keep() {
    let clock = ManualClock()
    let cache = cache(.keep, clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(999))
    #expect(cache[1] == 1)
  }

  @Test("makes what was written before it stale where the policy is to revalidate")
  func revalidate() {
    let clock = ManualClock()
    let cache = cache(.revalidate(after: .seconds(60)), clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(59))
    #expect(cache[1] == 1)
    clock.advance(by: .seconds(60))
    #expect(cache[1] == nil)
    #expect(cache.cachedValue(forKey: 1) == .stale(1, for: .zero))
    cache[1] = 2
    #expect(cache[1] == 2)
    clock.advance(by: .seconds(5))
    #expect(cache.cachedValue(forKey: 1) == .fresh(2))
  }

  @Test("counts how long a value has been stale from the first gap on, not from the last")
  func staleSinceTheFirst() async throws {
    let clock = ManualClock()
    let cache = cache(.revalidate(after: .seconds(60)), clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(60))
    // A look that changes nothing sees it, too.
    #expect(cache.peekValue(forKey: 1) == nil)
    #expect(cache.cachedValue(forKey: 1) == .stale(1, for: .zero))
    cache[2] = 2
    clock.advance(by: .seconds(61))
    #expect(cache.cachedValue(forKey: 1) == .stale(1, for: .seconds(61)))
    #expect(cache.cachedValue(forKey: 2) == .stale(2, for: .zero))
    // The half minute in which it may be served is long over.
    #expect(try await cache.value(forKey: 1) { _ in 10 } == 10)
    #expect(try await cache.value(forKey: 2) { _ in 20 } == 2)
  }

  @Test("counts from when a value was written if more gaps have followed than are kept in mind")
  func manyGaps() {
    let clock = ManualClock()
    let cache = cache(.revalidate(after: .seconds(10)), clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(5))
    cache[2] = 2
    for number in 1...20 {
      clock.advance(by: .seconds(10))
      let first = number <= ThawHistory.capacity ? 15 : 0
      #expect(cache.cachedValue(forKey: 1) == .stale(1, for: .seconds(5 + 10 * number - first)))
      #expect(cache.cachedValue(forKey: 2)?.value == 2)
      if number == 3 { cache[3] = 3 }
    }
    #expect(cache.cachedValue(forKey: 3) == .stale(3, for: .seconds(200 - 30)))
  }

  @Test("lets a value that nobody has loaded anew go when its own time is over")
  func revalidateIsBounded() {
    let clock = ManualClock()
    let cache = cache(.revalidate(after: .seconds(60)), clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(100))
    #expect(cache.cachedValue(forKey: 1) != nil)
    clock.advance(by: .seconds(930) - .milliseconds(1))
    #expect(cache.cachedValue(forKey: 1)?.value == 1)
    clock.advance(by: .milliseconds(1))
    #expect(cache.cachedValue(forKey: 1) == nil)
    #expect(cache.count == 0)
  }

  @Test("ends what was written before it where the policy is to drop, a few at each operation")
  func drop() {
    let clock = ManualClock()
    let cache = cache(.drop(after: .seconds(60)), clock: clock)
    for key in 0..<100 { cache[key] = key }
    clock.advance(by: .seconds(60))
    #expect((0..<100).allSatisfy { cache.peekValue(forKey: $0) == nil })
    #expect(cache.count == 100)
    cache[1_000] = 1_000
    #expect(cache.count == 97)
    for key in 0..<100 { #expect(cache.cachedValue(forKey: key) == nil) }
    #expect(cache.count == 1)
    #expect(cache[1_000] == 1_000)
    #expect(cache.statistics.removals.expired == 100)
  }

  @Test("is not seen in a wait inside of an invocation")
  func insideOfAnInvocation() {
    var time = Timekeeper(boot: 0, wall: 0)
    _ = time.follow(boot: 5_000_000_000, wall: 5_000_000_000)
    #expect(time.thaws.count == 1)
    var log = ThawLog(gap: .seconds(1), followsInvocations: false)
    log.note(from: 1, to: 2, in: InvocationMark(begun: 1, ended: 0))
    log.note(from: 2, to: 90_000, in: InvocationMark(begun: 1, ended: 0))
    #expect(log.count == 0)
    log.note(from: 90_000, to: 90_001, in: InvocationMark(begun: 2, ended: 1))
    log.note(from: 90_001, to: 180_000, in: InvocationMark(begun: 3, ended: 2))
    #expect(log.count == 1)
    #expect(log.firstEnd(after: 179_999) == 180_000)
    #expect(log.firstEnd(after: 180_000) == nil)
  }

  @Test("is seen by what was left running when an invocation ended, before the next one begins")
  func afterAnInvocation() {
    var log = ThawLog(gap: .seconds(1), followsInvocations: false)
    log.note(from: 1, to: 2, in: InvocationMark(begun: 1, ended: 0))
    log.note(from: 2, to: 3_600_000, in: InvocationMark(begun: 1, ended: 1))
    #expect(log.count == 1)
  }

  @Test("is a gap in which nobody says whether an invocation goes on")
  func withoutInvocations() {
    var log = ThawLog(gap: .seconds(1), followsInvocations: false)
    log.note(from: 1, to: 1_000, in: InvocationMark(begun: 0, ended: 0))
    #expect(log.count == 0)
    log.note(from: 1_000, to: 2_000, in: InvocationMark(begun: 0, ended: 0))
    #expect(log.count == 1)
  }
}

@Suite("The deadlines of invocations as a clock")
struct DeadlineOpinionTests {
  private static let second: Int64 = 1_000_000_000
  fileprivate static let start: Int64 = 1_790_000_000_000

  @Test("find nothing missing while the clocks agree with them")
  func agreement() {
    var opinion = DeadlineOpinion()
    for elapsed in [0, 5, 5, 3_600, 90_000] as [Int64] {
      #expect(
        opinion.missing(
          atDeadline: Self.start + elapsed * 1_000, elapsed: elapsed * Self.second) == 0)
    }
  }

  @Test("say how much clocks have missed that stood still")
  func standingStill() {
    var opinion = DeadlineOpinion()
    #expect(opinion.missing(atDeadline: Self.start, elapsed: 7 * Self.second) == 0)
    let missing = opinion.missing(atDeadline: Self.start + 3_600_000, elapsed: 7 * Self.second)
    #expect(missing == 3_600 * Self.second)
    // What was missed is in the clocks from then on.
    #expect(
      opinion.missing(atDeadline: Self.start + 3_600_000, elapsed: 7 * Self.second + missing) == 0)
  }

  @Test("are not believed for a difference of up to a second")
  func tolerance() {
    var opinion = DeadlineOpinion()
    #expect(opinion.missing(atDeadline: Self.start, elapsed: 0) == 0)
    #expect(opinion.missing(atDeadline: Self.start + 1_000, elapsed: 0) == 0)
    #expect(opinion.missing(atDeadline: Self.start + 1_001, elapsed: 0) == 1_001_000_000)
  }

  @Test(
    "are ignored where they cannot be times",
    arguments: [0, -1, .min, .max, .max / 1_000_000 + 1] as [Int64])
  func noise(deadline: Int64) {
    var opinion = DeadlineOpinion()
    #expect(opinion.missing(atDeadline: Self.start, elapsed: 0) == 0)
    #expect(opinion.missing(atDeadline: deadline, elapsed: 0) == 0)
  }

  @Test("never make time run backward")
  func backward() {
    var opinion = DeadlineOpinion()
    #expect(opinion.missing(atDeadline: Self.start, elapsed: 0) == 0)
    #expect(opinion.missing(atDeadline: Self.start - 500_000, elapsed: Self.second) == 0)
  }

  /// Deadlines as an environment sees them whose clocks may be behind.
  private struct Environment {
    var opinion = DeadlineOpinion()
    /// Nanoseconds: the time that has passed, and what of it the clocks have not seen.
    var (elapsed, missed) = (0 as Int64, 0 as Int64)

    /// An invocation that begins so many milliseconds after it was sent.
    ///
    /// - Returns: Milliseconds that are found to have been missed.
    mutating func begin(timeOut: Double, delay: Int64 = 3) -> Int64 {
      let wall = DeadlineOpinionTests.start + (elapsed - missed) / 1_000_000
      let deadline =
        DeadlineOpinionTests.start + elapsed / 1_000_000 - delay + Int64(timeOut * 1_000)
      let found = opinion.missing(
        atDeadline: deadline, elapsed: elapsed - missed, wall: wall * 1_000_000)
      missed -= found
      return found / 1_000_000
    }

    mutating func wait(seconds: Double) { elapsed += Int64(seconds * 1e9) }

    mutating func freeze(seconds: Double) {
      elapsed += Int64(seconds * 1e9)
      missed += Int64(seconds * 1e9)
    }
  }

  @Test(
    "are not taken for time that has passed when the time-out has changed",
    arguments: [
      [3, 900], [3, 3, 3, 900, 900], [900, 3, 900], [3, 4], [1, 30, 15, 60, 900, 1],
      [2.5, 60.25, 0.75, 899.5], [0.1, 600, 0.1], [86_400, 80_000.5, 86_400], [1_000, 80_000, 3],
    ] as [[Double]])
  func timeOuts(timeOuts: [Double]) {
    var environment = Environment()
    for (number, timeOut) in timeOuts.enumerated() {
      let delay = Int64([0, 40, 7, 90][number % 4])
      let found = environment.begin(timeOut: timeOut, delay: delay)
      #expect(found == 0, "at \(timeOut) s")
      environment.wait(seconds: 0.137)
    }
  }

  @Test(
    "tell a freeze of all clocks from a time-out that has changed",
    arguments: [1.5, 2.6, 42.37, 300.45, 880.2, 901, 3_600, 90_000] as [Double])
  func freezes(seconds: Double) {
    var environment = Environment()
    for _ in 0..<3 {
      let found = environment.begin(timeOut: 3)
      #expect(found == 0)
      environment.wait(seconds: 0.25)
    }
    environment.freeze(seconds: seconds)
    let found = environment.begin(timeOut: 3, delay: 10)
    #expect(abs(found - Int64(seconds * 1_000)) <= 20)
    environment.wait(seconds: 5)
    let more = environment.begin(timeOut: 3)
    #expect(more == 0)
  }

  @Test("tell a freeze behind a time-out that has changed, longer or shorter")
  func freezeAfterChange() {
    for timeOuts in [[3, 900], [900, 3], [3, 900, 3]] as [[Double]] {
      var environment = Environment()
      for timeOut in timeOuts {
        let found = environment.begin(timeOut: timeOut)
        #expect(found == 0)
        environment.wait(seconds: 2)
      }
      environment.freeze(seconds: 1_234.5)
      let found = environment.begin(timeOut: timeOuts.last ?? 3)
      #expect(found == 1_234_500)
    }
  }

  @Test("through the public function let an entry live on when the time-out becomes longer")
  func publicFunction() async {
    await #expect(processExitsWith: .success) {
      let cache = Cache<Int, Int>(byteLimit: 1 << 16, timeToLive: .seconds(300))
      cache[1] = 1
      for timeOut in [3, 3, 900, 3, 60, 900] as [Int64] {
        InvocationClock.beginInvocation(
          deadlineInMilliseconds: SystemClocks.wall / 1_000_000 + timeOut * 1_000)
        guard cache[1] == 1 else { fatalError("gone at \(timeOut) s") }
      }
      InvocationClock.beginInvocation(
        deadlineInMilliseconds: SystemClocks.wall / 1_000_000 + 4_500_000)
      guard cache[1] == nil else { fatalError("outlived a freeze of an hour") }
    }
  }
}

@Suite("Invocations that go on")
struct OpenScopeTests {
  private let start = ContinuousClock.now

  @Test("are over with the last that ends")
  func ends() {
    var scopes = OpenScopes()
    let first = scopes.open(deadline: nil, now: start)
    let second = scopes.open(deadline: start + .seconds(3), now: start)
    let ends = [first, second, second].map { scopes.close($0, now: start) }
    #expect(ends == [false, true, false], "one ends once")
  }

  @Test("are over with their time if nobody ends them")
  func leaked() {
    for (deadline, limit) in [(3, 3), (86_400, 900), (nil, 900)] as [(Int64?, Int64)] {
      var scopes = OpenScopes()
      _ = scopes.open(deadline: deadline.map { start + .seconds($0) }, now: start)
      let other = scopes.open(deadline: nil, now: start)
      let last = scopes.open(deadline: nil, now: start)
      let isOver = scopes.close(other, now: start + .seconds(limit) - .milliseconds(1))
      #expect(!isOver)
      let isOverLater = scopes.close(last, now: start + .seconds(limit))
      #expect(isOverLater)
    }
  }

  @Test("are over if what holds them lets them go without ending them")
  func dropped() async {
    await #expect(processExitsWith: .success) {
      let before = InvocationClock.pauseCount
      do { _ = InvocationScope() }
      let scope = InvocationScope()
      _ = await scope.finish()
      guard InvocationClock.pauseCount == before + 2 else { fatalError("one goes on") }
      let over = InvocationScope(deadline: .now - .seconds(1))
      let last = InvocationScope()
      _ = await last.finish()
      guard InvocationClock.pauseCount == before + 3 else { fatalError("one is never over") }
      withExtendedLifetime(over) {}
    }
  }
}
