import LambdaCache
import Testing

@Suite("Statistics of a guard")
struct GuardStatisticsTests {
  private typealias Statistics = MemoryGuardStatistics

  private static let counters: [any WritableKeyPath<Statistics, Int> & Sendable] = [
    \.readings, \.sheds, \.shedByteCount, \.trims, \.trimmedByteCount, \.recoveries,
  ]
  private static let times: [any WritableKeyPath<Statistics, Duration> & Sendable] = [
    \.trimTime, \.time,
  ]
  private static let levels: [any WritableKeyPath<Statistics, Int> & Sendable] = [
    \.residentByteCount, \.highWaterByteCount, \.handlerByteCount,
  ]

  /// Statistics whose every number is another one.
  private func numbered(by step: Int) -> Statistics {
    var statistics = Statistics()
    for (place, counter) in (Self.counters + Self.levels).enumerated() {
      statistics[keyPath: counter] = (place + 1) * step
    }
    for (place, time) in Self.times.enumerated() {
      statistics[keyPath: time] = .seconds((place + 100) * step)
    }
    statistics.longestTime = .seconds(step)
    return statistics
  }

  @Test("The difference of a guard's statistics has the events between, and the later levels")
  func difference() {
    let known = Self.counters.count + Self.times.count + Self.levels.count + 1
    #expect(Mirror(reflecting: Statistics()).children.count == known, "one is missing here")
    let (earlier, later, expected) = (numbered(by: 1), numbered(by: 10), numbered(by: 9))
    let difference = later - earlier
    for counter in Self.counters {
      #expect(difference[keyPath: counter] == expected[keyPath: counter])
    }
    for time in Self.times { #expect(difference[keyPath: time] == expected[keyPath: time]) }
    for level in Self.levels { #expect(difference[keyPath: level] == later[keyPath: level]) }
    #expect(difference.longestTime == later.longestTime)
  }
}
