import LambdaCache
import Testing

@Suite("A tick")
struct TickTests {
  private static let attosecond = Duration(secondsComponent: 0, attosecondsComponent: 1)
  private static let lastSecond = Int64(Tick.end / 1000)

  @Test(
    "A tick counts the whole milliseconds of a duration, rounded up",
    arguments: [
      (Duration.zero, 0), (attosecond, 1), (.nanoseconds(1), 1), (.nanoseconds(999_999), 1),
      (.milliseconds(1), 1), (.milliseconds(1) + attosecond, 2), (.microseconds(1500), 2),
      (.milliseconds(2) - attosecond, 2), (.milliseconds(999), 999), (.seconds(1), 1000),
      (.seconds(1) - attosecond, 1000), (.seconds(1) + attosecond, 1001),
      (.seconds(86_400 * 36_525), 3_155_760_000_000),
      (.seconds(lastSecond - 1), Tick(lastSecond - 1) * 1000),
      (.seconds(lastSecond) - attosecond, Tick(lastSecond) * 1000),
    ] as [(Duration, Tick)])
  func roundsUp(duration: Duration, milliseconds: Tick) {
    #expect(Tick.milliseconds(roundingUp: duration) == milliseconds)
  }

  @Test(
    "A tick counts no milliseconds in a duration that is not positive",
    arguments: [
      .zero, .zero - attosecond, .milliseconds(-1), .seconds(-86_400), .seconds(Int64.min),
      .seconds(Int64.min) * 2,
    ] as [Duration])
  func negativeIsNothing(duration: Duration) {
    #expect(Tick.milliseconds(roundingUp: duration) == 0)
  }

  @Test(
    "A tick has one value for everything that is longer than it can represent",
    arguments: [
      .seconds(lastSecond), .seconds(lastSecond) + .seconds(1), .seconds(Int64.max / 1000),
      .seconds(Int64.max), .seconds(Int64.max) * 2,
    ] as [Duration])
  func hugeIsTheEnd(duration: Duration) {
    #expect(Tick.milliseconds(roundingUp: duration) == Tick.end)
  }

  @Test(
    "A tick puts a deadline a lifetime later, and never beyond the representable",
    arguments: [
      (1, 1, 2), (1, 300_000, 300_001), (1, Tick.end - 2, Tick.end - 1), (1, Tick.end - 1, 0),
      (1, Tick.end, 0), (1, .max, 0), (Tick.end - 1, 1, 0), (Tick.end - 2, 1, Tick.end - 1),
      (Tick.end, Tick.end, 0), (Tick.end, 1, 0),
    ] as [(Tick, Tick, Tick)])
  func deadlines(now: Tick, lifetime: Tick, deadline: Tick) {
    #expect(now.deadline(after: lifetime) == deadline)
  }
}
