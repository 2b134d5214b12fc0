import LambdaCache
import TestSupport
import Testing

/// The readings of two clocks of a machine that can be frozen and whose clocks can be set.
private struct Machine {
  private(set) var boot: Int64
  private(set) var wall: Int64
  private var time: Timekeeper

  init(boot: Int64 = 77, wall: Int64 = 1_700_000_000_000_000_000) {
    self.boot = boot
    self.wall = wall
    time = Timekeeper(boot: boot, wall: wall)
  }

  /// Lets each clock go on by some milliseconds.
  ///
  /// - Returns: The milliseconds that have passed as the timekeeper sees it.
  mutating func advance(boot: Int64, wall: Int64, missed: Int64 = 0) -> Int64 {
    self.boot &+= boot * 1_000_000
    self.wall &+= wall * 1_000_000
    let tick = time.follow(boot: self.boot, wall: self.wall, missed: missed * 1_000_000)
    return Int64(tick) - 1
  }

  mutating func advance(both: Int64) -> Int64 { advance(boot: both, wall: both) }

  mutating func writeTime() -> Int64 { Int64(time.writeTime()) - 1 }
}

@Suite("A timekeeper with the system's clocks")
struct SystemTimekeeperTests {
  private static let hour: Int64 = 3_600_000

  @Test("A timekeeper counts once what both system clocks count")
  func agreement() {
    var machine = Machine()
    #expect(machine.advance(both: 0) == 0)
    #expect(machine.advance(both: 10) == 10)
    #expect(machine.advance(both: Self.hour) == 10 + Self.hour)
  }

  @Test("A timekeeper goes by the wall clock over a freeze of the other, and counts it once")
  func bootStandsStill() {
    var machine = Machine()
    #expect(machine.advance(both: 1000) == 1000)
    #expect(machine.advance(boot: 0, wall: Self.hour) == 1000 + Self.hour)
    #expect(machine.advance(both: 500) == 1500 + Self.hour)
    #expect(machine.advance(boot: 0, wall: Self.hour) == 1500 + 2 * Self.hour)
  }

  @Test(
    "A timekeeper adds the skew of invocations' deadlines to the clock that has missed less",
    arguments: [(0, 30), (30, 0), (0, 0), (30, 30)] as [(Int64, Int64)])
  func deadlines(boot: Int64, wall: Int64) {
    var machine = Machine()
    #expect(machine.advance(both: 1000) == 1000)
    // An hour of 60 minutes, of which the clocks have seen some.
    let minute = Self.hour / 60
    let missed = (60 - max(boot, wall)) * minute
    #expect(
      machine.advance(boot: boot * minute, wall: wall * minute, missed: missed)
        == 1000 + Self.hour)
    #expect(machine.advance(boot: 500, wall: 500, missed: missed) == 1500 + Self.hour)
  }

  @Test("A timekeeper goes by the boot clock if the wall clock stands still, and counts it once")
  func wallStandsStill() {
    var machine = Machine()
    #expect(machine.advance(boot: Self.hour, wall: 0) == Self.hour)
    #expect(machine.advance(both: 500) == 500 + Self.hour)
    #expect(machine.advance(boot: Self.hour, wall: 0) == 500 + 2 * Self.hour)
  }

  @Test(
    "A timekeeper goes on at its pace when the wall clock is set back",
    arguments: [1, 40, 60, 3_600_000, 1 << 40])
  func wallStepsBack(milliseconds: Int64) {
    var machine = Machine()
    #expect(machine.advance(both: 1000) == 1000)
    #expect(machine.advance(boot: 10, wall: 10 - milliseconds) == 1010)
    #expect(machine.advance(both: 10) == 1020)
    #expect(machine.advance(both: Self.hour) == 1020 + Self.hour)
  }

  @Test("A timekeeper never makes an entry young, whatever the system's clocks do")
  func neverBackward() {
    var numbers = SplitMix64(seed: 4)
    var machine = Machine()
    var last: Int64 = 0
    for _ in 0..<10_000 {
      let now = machine.advance(
        boot: Int64.random(in: 0...1000, using: &numbers),
        wall: Int64.random(in: -2000...2000, using: &numbers))
      #expect(now >= last)
      #expect(machine.writeTime() >= now)
      last = now
    }
  }

  @Test("A timekeeper does not run ahead of clocks that differ by less than the tolerance")
  func smallDifferences() {
    var machine = Machine()
    var passed: Int64 = 0
    for round in 0..<1000 {
      passed += 10
      // The wall clock is slewed to and fro by 20 milliseconds.
      let drift: Int64 = round % 2 == 0 ? 20 : -20
      let now = machine.advance(boot: 10, wall: 10 + drift)
      #expect((passed...passed + 20).contains(now))
    }
  }

  @Test("A timekeeper rounds down for reads and up for writes")
  func rounding() {
    var time = Timekeeper(boot: 0, wall: 0)
    #expect(time.follow(boot: 999_999, wall: 0) == 1)
    #expect(time.writeTime() == 2)
    #expect(time.follow(boot: 1_000_000, wall: 0) == 2)
    #expect(time.writeTime() == 2)
    #expect(time.follow(boot: 1_000_001, wall: 1_000_001) == 2)
    #expect(time.writeTime() == 3)
  }

  @Test(
    "A timekeeper is independent of where its clocks begin",
    arguments: [0, 1, -1, .max, .min, .max - 5_000_000] as [Int64])
  func origins(origin: Int64) {
    var machine = Machine(boot: origin, wall: origin)
    #expect(machine.advance(both: 10) == 10)
    #expect(machine.advance(both: Self.hour) == 10 + Self.hour)
  }
}
