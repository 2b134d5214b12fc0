import LambdaCache
import Testing

@Suite("The coarse clock", .timeLimit(.minutes(15)))
struct CoarseClockTests {
  @Test("The coarse clock is that of the system, no more than two of its steps behind")
  func agreement() {
    let clock = CoarseClock()
    var least = Int64.max
    for _ in 0..<1_000 {
      let before = SystemClocks.monotonic
      let coarse = clock.nanoseconds
      #expect(coarse <= SystemClocks.monotonic)
      // Where the machine was away, the clock of its ticks is late for that long.
      least = min(least, before - coarse)
    }
    #expect(least <= 2 * SystemClocks.coarseStep)
  }

  @Test("The coarse clock goes on")
  func progress() {
    let clock = CoarseClock()
    let start = clock.nanoseconds
    while clock.nanoseconds == start {}
    #expect(clock.nanoseconds > start)
  }
}
