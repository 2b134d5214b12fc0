import LambdaCache
import TestSupport
import Testing

@Suite("A timekeeper with an injected clock")
struct TimekeeperTests {
  private static let attosecond = Duration(secondsComponent: 0, attosecondsComponent: 1)
  private static let century = Duration.seconds(86_400 * 36_525)

  @Test(
    "A timekeeper floors readings for reads and ceils them for writes, whatever the origin",
    arguments: [
      .zero, .seconds(1), .milliseconds(-7), .nanoseconds(123_456_789), .seconds(Int64.max / 2),
      .seconds(Int64.min / 2), .seconds(Int64.min),
    ] as [Duration],
    [
      (.zero, 1, 1), (attosecond, 1, 2), (.microseconds(999), 1, 2), (.milliseconds(1), 2, 2),
      (.milliseconds(1) + attosecond, 2, 3), (.microseconds(1500), 2, 3), (.seconds(1), 1001, 1001),
      (.seconds(1) - attosecond, 1000, 1001),
      (century, 3_155_760_000_001, 3_155_760_000_001),
      (century + attosecond, 3_155_760_000_001, 3_155_760_000_002),
    ] as [(Duration, Tick, Tick)])
  func floorAndCeiling(origin: Duration, reading: (elapsed: Duration, floor: Tick, ceiling: Tick)) {
    var time = Timekeeper(injectedOrigin: origin)
    time.note(origin + reading.elapsed)
    #expect(time.now() == reading.floor)
    #expect(time.writeTime() == reading.ceiling)
  }

  @Test("A timekeeper starts at the first tick and stays there while its clock stands still")
  func standsStill() {
    var time = Timekeeper(injectedOrigin: .seconds(5))
    for _ in 0..<3 {
      #expect(time.now() == 1)
      #expect(time.writeTime() == 1)
      time.note(.seconds(5))
    }
  }

  @Test("A timekeeper does not follow its clock backward, and goes on once the clock has caught up")
  func neverRunsBackward() {
    var time = Timekeeper(injectedOrigin: .seconds(10))
    time.note(.seconds(12))
    for reading in [Duration.seconds(11), .seconds(10), .seconds(1), .zero, .seconds(-100)] {
      time.note(reading)
      #expect(time.now() == 2001)
      #expect(time.writeTime() == 2001)
    }
    time.note(.milliseconds(12_001))
    #expect(time.now() == 2002)
  }

  @Test("A timekeeper stands still at the last tick, from where every deadline is never")
  func standsStillAtTheEnd() {
    var time = Timekeeper(injectedOrigin: .zero)
    time.note(.seconds(Int64(Tick.end / 1000) - 1))
    #expect(time.now() == Tick(Int64(Tick.end / 1000) - 1) * 1000 + 1)
    for reading in [Duration.seconds(Int64(Tick.end / 1000) + 1), .seconds(Int64.max)] {
      time.note(reading)
      #expect(time.now() == Tick.end)
      #expect(time.writeTime() == Tick.end)
      #expect(time.writeTime().deadline(after: 1) == 0)
    }
  }

  @Test("A timekeeper survives a clock that leaps from one end of its range to the other")
  func leapsOverTheWholeRange() {
    var time = Timekeeper(injectedOrigin: .seconds(Int64.min))
    time.note(.seconds(Int64.max))
    #expect(time.now() == Tick.end)
    time.note(.seconds(Int64.min))
    #expect(time.now() == Tick.end)
  }

  @Test(
    "A timekeeper lets nothing expire early, nor late by more than the rounding",
    arguments: 1...20 as ClosedRange<UInt64>)
  func neverEarly(seed: UInt64) {
    var numbers = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let isWhole = numbers.next() % 2 == 0
      let unit = isWhole ? 1_000_000 : 1
      func duration(below milliseconds: Int64) -> Duration {
        .nanoseconds(
          Int64.random(in: 0..<milliseconds * 1_000_000 / Int64(unit), using: &numbers)
            * Int64(unit))
      }
      let origin = duration(below: 10_000)
      let written = origin + duration(below: 5000)
      let lifetime = duration(below: 300) + .nanoseconds(unit)
      var time = Timekeeper(injectedOrigin: origin)
      time.note(written)
      let deadline = time.writeTime().deadline(after: Tick.milliseconds(roundingUp: lifetime))
      let tolerance: Duration = isWhole ? .zero : .milliseconds(2)
      var reading = written
      while reading <= written + lifetime + .milliseconds(3) {
        time.note(reading)
        let isExpired = time.now() >= deadline
        if reading < written + lifetime {
          #expect(!isExpired, "early: \(written) + \(lifetime) at \(reading), seed \(seed)")
        } else if reading >= written + lifetime + tolerance {
          #expect(isExpired, "late: \(written) + \(lifetime) at \(reading), seed \(seed)")
        }
        reading += max(.nanoseconds(unit), duration(below: 40))
      }
    }
  }
}
