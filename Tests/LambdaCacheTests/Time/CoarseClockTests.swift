import LambdaCache
import Testing

@Suite("The coarse clock")
struct CoarseClockTests {
  @Test("is that of the system, at most two of its steps behind", .timeLimit(.minutes(1)))
  func agreement() {
    let clock = CoarseClock()
    let step = SystemClocks.coarseStep
    for _ in 0..<1_000 {
      let before = SystemClocks.monotonic
      let coarse = clock.nanoseconds
      let after = SystemClocks.monotonic
      #expect(coarse >= before - 2 * step)
      #expect(coarse <= after)
    }
  }

  @Test("goes on", .timeLimit(.minutes(1)))
  func progress() {
    let clock = CoarseClock()
    let start = clock.nanoseconds
    while clock.nanoseconds == start {}
    #expect(clock.nanoseconds > start)
  }
}
