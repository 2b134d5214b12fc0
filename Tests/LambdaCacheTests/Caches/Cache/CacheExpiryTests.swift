import LambdaCache
import Testing

@Suite("A shared cache's time")
struct CacheExpiryTests {
  private static let attosecond = Duration(secondsComponent: 0, attosecondsComponent: 1)

  @Test(
    "A shared cache's clock ends an entry with the first reading a lifetime later, not before",
    arguments: [.milliseconds(1), .milliseconds(999), .seconds(1), .seconds(300)] as [Duration],
    [.zero, .seconds(1), .milliseconds(-5), .seconds(1 << 40)] as [Duration])
  func expiresOnTime(lifetime: Duration, origin: Duration) {
    let clock = ManualClock(elapsed: origin)
    let cache = Cache<Int, Int>(byteLimit: 65_536, timeToLive: lifetime) { $0.clock = clock }
    clock.advance(by: .milliseconds(17))
    cache[1] = 1
    clock.advance(by: lifetime - Self.attosecond)
    #expect(cache.contains(1))
    #expect(cache.peekValue(forKey: 1) == 1)
    #expect(cache.value(forKey: 1) == 1)
    clock.advance(by: Self.attosecond)
    #expect(!cache.contains(1))
    #expect(cache.peekValue(forKey: 1) == nil)
    #expect(cache.value(forKey: 1) == nil)
  }

  @Test("A shared cache's clock makes no entry young again when its clock steps back")
  func backwardStep() {
    let clock = ManualClock(elapsed: .seconds(100))
    let cache = Cache<Int, Int>(byteLimit: 65_536, timeToLive: .seconds(10)) { $0.clock = clock }
    cache[1] = 1
    clock.advance(by: .seconds(9))
    #expect(cache[1] == 1)
    clock.elapsed = .zero
    #expect(cache[1] == 1)
    cache[2] = 2
    clock.elapsed = .milliseconds(109_999)
    #expect(cache[1] == 1)
    clock.elapsed = .seconds(110)
    #expect(cache[1] == nil)
    #expect(cache[2] == 2, "a write during the step back counts from the latest time seen")
    clock.elapsed = .seconds(119)
    #expect(cache[2] == nil)
  }

  @Test(
    "A shared cache's clock keeps an entry for ever if its lifetime exceeds the representable",
    arguments: [.seconds(Int64.max / 1000), .seconds(Int64.max), .seconds(Int64.max) * 2]
      as [Duration])
  func hugeLifetime(lifetime: Duration) {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(byteLimit: 65_536, timeToLive: lifetime) { $0.clock = clock }
    #expect(cache.setValue(1, forKey: 1) == .inserted)
    #expect(cache.setValue(2, forKey: 2, timeToLive: lifetime) == .inserted)
    clock.advance(by: .seconds(86_400 * 36_525))
    #expect(cache[1] == 1)
    #expect(cache[2] == 2)
  }

  @Test("A shared cache prefers the lifetime of an insertion to its own")
  func insertionsLifetime() {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(byteLimit: 65_536, timeToLive: .seconds(10)) { $0.clock = clock }
    cache.setValue(1, forKey: 1, timeToLive: .seconds(1))
    cache.setValue(2, forKey: 2)
    cache.setValue(3, forKey: 3, timeToLive: .seconds(100))
    let alive = [Duration.milliseconds(999), .seconds(1), .seconds(10), .seconds(100)].map {
      clock.elapsed = $0
      return (1...3).filter(cache.contains)
    }
    #expect(alive == [[1, 2, 3], [2, 3], [3], []])
  }

  @Test(
    "A shared cache's clock never ends an entry early by the system's clocks",
    arguments: [1, 7, 30])
  func neverEarlyBySystemClocks(milliseconds: Int) {
    let cache = Cache<Int, Int>(byteLimit: 65_536, timeToLive: .milliseconds(milliseconds))
    for round in 0..<5 {
      let start = (SystemClocks.monotonic, SystemClocks.wall)
      cache[round] = round
      while cache[round] != nil {}
      let end = (SystemClocks.monotonic, SystemClocks.wall)
      #expect(max(end.0 - start.0, end.1 - start.1) >= milliseconds * 1_000_000)
    }
  }
}

@Suite("A manual clock")
struct ManualClockTests {
  @Test("A manual clock moves only when it is set, forward and backward")
  func moves() {
    let clock = ManualClock()
    #expect(clock.elapsed == .zero)
    clock.advance(by: .seconds(3))
    #expect(clock.elapsed == .seconds(3))
    clock.advance(by: .seconds(-5))
    #expect(clock.elapsed == .seconds(-2))
    clock.elapsed = .milliseconds(1)
    #expect(clock.elapsed == .milliseconds(1))
    #expect(ManualClock(elapsed: .seconds(9)).elapsed == .seconds(9))
  }

  @Test("A manual clock loses no step of threads that move it together")
  func movesAtomically() {
    let clock = ManualClock()
    #expect(
      Threads.run(4) { _ in
        for _ in 0..<1000 { clock.advance(by: .milliseconds(1)) }
      })
    #expect(clock.elapsed == .seconds(4))
  }
}
