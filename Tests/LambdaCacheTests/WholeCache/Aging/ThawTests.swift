import LambdaCache
import TestSupport
import Testing

@Suite("A thaw")
struct ThawTests {
  private func cache(_ policy: Expiration.ThawPolicy, clock: ManualClock) -> Cache<Int, Int> {
    Cache(byteLimit: 65_536, timeToLive: .seconds(1_000)) {
      $0.expiration.afterThaw = policy
      $0.loading.staleWhileRevalidate = .seconds(30)
      $0.clock = clock
    }
  }

  @Test("A thaw is a gap between two readings, and counted with its time")
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

  @Test("A thaw leaves entries alone where the policy is to keep them")
  func keep() {
    let clock = ManualClock()
    let cache = cache(.keep, clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(999))
    #expect(cache[1] == 1)
  }

  @Test("A thaw makes earlier writes stale where the policy is to revalidate")
  func revalidate() {
    let clock = ManualClock()
    let cache = cache(.revalidate(after: .seconds(60)), clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(59))
    #expect(cache[1] == 1)
    clock.advance(by: .seconds(60))
    #expect(cache[1] == nil)
    #expect(cache.freshOrStaleValue(forKey: 1) == .stale(1, for: .zero))
    cache[1] = 2
    #expect(cache[1] == 2)
    clock.advance(by: .seconds(5))
    #expect(cache.freshOrStaleValue(forKey: 1) == .fresh(2))
  }

  @Test("A thaw counts how long a value has been stale from the first gap on, not from the last")
  func staleSinceTheFirst() async throws {
    let clock = ManualClock()
    let cache = cache(.revalidate(after: .seconds(60)), clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(60))
    // A look that changes nothing sees it, too.
    #expect(cache.peekValue(forKey: 1) == nil)
    #expect(cache.freshOrStaleValue(forKey: 1) == .stale(1, for: .zero))
    cache[2] = 2
    clock.advance(by: .seconds(61))
    #expect(cache.freshOrStaleValue(forKey: 1) == .stale(1, for: .seconds(61)))
    #expect(cache.freshOrStaleValue(forKey: 2) == .stale(2, for: .zero))
    // The half minute in which it may be served is long over.
    #expect(try await cache.value(forKey: 1) { _ in 10 } == 10)
    #expect(try await cache.value(forKey: 2) { _ in 20 } == 2)
  }

  @Test("A thaw counts from a value's write if more gaps have followed than are recorded")
  func manyGaps() {
    let clock = ManualClock()
    let cache = cache(.revalidate(after: .seconds(10)), clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(5))
    cache[2] = 2
    for number in 1...20 {
      clock.advance(by: .seconds(10))
      let first = number <= ThawHistory.capacity ? 15 : 0
      #expect(
        cache.freshOrStaleValue(forKey: 1) == .stale(1, for: .seconds(5 + 10 * number - first)))
      #expect(cache.freshOrStaleValue(forKey: 2)?.value == 2)
      if number == 3 { cache[3] = 3 }
    }
    #expect(cache.freshOrStaleValue(forKey: 3) == .stale(3, for: .seconds(200 - 30)))
  }

  @Test("A thaw lets a value that was not loaded again go when its own time is over")
  func revalidateIsBounded() {
    let clock = ManualClock()
    let cache = cache(.revalidate(after: .seconds(60)), clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(100))
    #expect(cache.freshOrStaleValue(forKey: 1) != nil)
    clock.advance(by: .seconds(930) - .milliseconds(1))
    #expect(cache.freshOrStaleValue(forKey: 1)?.value == 1)
    clock.advance(by: .milliseconds(1))
    #expect(cache.freshOrStaleValue(forKey: 1) == nil)
    #expect(cache.count == 0)
  }

  @Test("A thaw ends earlier writes where the policy is to drop, a few at each operation")
  func drop() {
    let clock = ManualClock()
    let cache = cache(.drop(after: .seconds(60)), clock: clock)
    for key in 0..<100 { cache[key] = key }
    clock.advance(by: .seconds(60))
    #expect((0..<100).allSatisfy { cache.peekValue(forKey: $0) == nil })
    #expect(cache.count == 100)
    cache[1_000] = 1_000
    #expect(cache.count == 97)
    for key in 0..<100 { #expect(cache.freshOrStaleValue(forKey: key) == nil) }
    #expect(cache.count == 1)
    #expect(cache[1_000] == 1_000)
    #expect(cache.statistics.removals.expired == 100)
  }

  @Test("A wait inside of an invocation is not taken for a thaw")
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

  @Test("A thaw after an invocation is noticed by work that was left running, before the next one")
  func afterAnInvocation() {
    var log = ThawLog(gap: .seconds(1), followsInvocations: false)
    log.note(from: 1, to: 2, in: InvocationMark(begun: 1, ended: 0))
    log.note(from: 2, to: 3_600_000, in: InvocationMark(begun: 1, ended: 1))
    #expect(log.count == 1)
  }

  @Test("A thaw is a gap during which no open invocation is known")
  func withoutInvocations() {
    var log = ThawLog(gap: .seconds(1), followsInvocations: false)
    log.note(from: 1, to: 1_000, in: InvocationMark(begun: 0, ended: 0))
    #expect(log.count == 0)
    log.note(from: 1_000, to: 2_000, in: InvocationMark(begun: 0, ended: 0))
    #expect(log.count == 1)
  }
}

@Suite("The deadlines of invocations as a clock")
struct DeadlineSkewTests {
  private static let second: Int64 = 1_000_000_000
  private static let start: Int64 = 1_790_000_000_000

  @Test("The deadlines of invocations find no skew while the clocks agree with them")
  func agreement() {
    var skew = DeadlineSkew()
    for elapsed in [0, 5, 5, 3_600, 90_000] as [Int64] {
      #expect(
        skew.skew(
          atDeadline: Self.start + elapsed * 1_000, elapsed: elapsed * Self.second) == 0)
    }
  }

  @Test("The deadlines of invocations tell how much clocks have missed that stood still")
  func standingStill() {
    var skew = DeadlineSkew()
    #expect(skew.skew(atDeadline: Self.start, elapsed: 7 * Self.second) == 0)
    let missed = skew.skew(atDeadline: Self.start + 3_600_000, elapsed: 7 * Self.second)
    #expect(missed == 3_600 * Self.second)
    // The skew is in the clocks from then on.
    #expect(
      skew.skew(atDeadline: Self.start + 3_600_000, elapsed: 7 * Self.second + missed) == 0)
  }

  @Test("The deadlines of invocations are not believed for a difference of up to a second")
  func tolerance() {
    var skew = DeadlineSkew()
    #expect(skew.skew(atDeadline: Self.start, elapsed: 0) == 0)
    #expect(skew.skew(atDeadline: Self.start + 1_000, elapsed: 0) == 0)
    #expect(skew.skew(atDeadline: Self.start + 1_001, elapsed: 0) == 1_001_000_000)
  }

  @Test(
    "The deadlines of invocations are ignored where they cannot be times",
    arguments: [0, -1, .min, .max, .max / 1_000_000 + 1] as [Int64])
  func noise(deadline: Int64) {
    var skew = DeadlineSkew()
    #expect(skew.skew(atDeadline: Self.start, elapsed: 0) == 0)
    #expect(skew.skew(atDeadline: deadline, elapsed: 0) == 0)
  }

  @Test("The deadlines of invocations never make time run backward")
  func backward() {
    var skew = DeadlineSkew()
    #expect(skew.skew(atDeadline: Self.start, elapsed: 0) == 0)
    #expect(skew.skew(atDeadline: Self.start - 500_000, elapsed: Self.second) == 0)
  }

  @Test(
    "The deadlines of invocations reveal every freeze of all clocks, of whole seconds or not",
    arguments: [1_500, 2_000, 3_000, 42_370, 300_450, 897_000, 901_000, 90_000_000] as [Int64])
  func freezes(milliseconds: Int64) {
    var skew = DeadlineSkew()
    var (elapsed, missed) = (0 as Int64, 0 as Int64)
    func begin(delay: Int64) -> Int64 {
      let found = skew.skew(
        atDeadline: Self.start + elapsed - delay, elapsed: (elapsed - missed) * 1_000_000)
      missed -= found / 1_000_000
      return found / 1_000_000
    }
    for _ in 0..<3 {
      let found = begin(delay: 3)
      #expect(found == 0)
      elapsed += 250
    }
    elapsed += milliseconds
    missed += milliseconds
    let found = begin(delay: 10)
    #expect(found == milliseconds - 7)
    elapsed += 5_000
    let more = begin(delay: 3)
    #expect(more == 0)
  }
}

@Suite("Invocations that go on", .prompt)
struct OpenScopeTests {
  private let start = ContinuousClock.now

  @Test("Open invocations are over with the last that ends")
  func ends() {
    var scopes = OpenScopes()
    let first = scopes.open(deadline: nil, now: start)
    let second = scopes.open(deadline: start + .seconds(3), now: start)
    let ends = [first, second, second].map { scopes.close($0, now: start) }
    #expect(ends == [false, true, false], "one ends once")
  }

  @Test("Open invocations are over with their time if they are never ended")
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

  @Test("Open invocations are over if their scopes are released without being ended")
  func dropped() async {
    await #expect(processExitsWith: .success) {
      let before = InvocationCounts.pauseCount
      do { _ = InvocationScope() }
      let scope = InvocationScope()
      _ = await scope.finish()
      guard InvocationCounts.pauseCount == before + 2 else { fatalError("one goes on") }
      let over = InvocationScope(deadline: .now - .seconds(1))
      let last = InvocationScope()
      _ = await last.finish()
      guard InvocationCounts.pauseCount == before + 3 else { fatalError("one is never over") }
      withExtendedLifetime(over) {}
    }
  }
}
