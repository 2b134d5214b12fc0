/// The time of a cache in milliseconds since it was made, plus one.
///
/// 48 bits of it are kept for each entry that can expire; that is 8,900 years. 0 means "never".
@usableFromInline
package typealias Tick = UInt64

extension Tick {
  /// The first tick that no entry's deadline can name.
  @inlinable package static var end: Tick { 1 << 48 }

  /// The components of `Duration` count these.
  package static var attosecondsPerMillisecond: Int64 { 1_000_000_000_000_000 }

  /// The whole milliseconds in a duration, rounded up.
  ///
  /// - Returns: 0 for a duration that is not positive, and `end` for one that is longer than can be
  ///   named.
  @usableFromInline
  package static func milliseconds(roundingUp duration: Duration) -> Tick {
    guard duration > .zero else { return 0 }
    // Compared before the components are read: those of a duration beyond 292 billion years trap.
    guard duration < .longestNamed else { return end }
    let (seconds, attoseconds) = duration.components
    let fraction = (attoseconds + (attosecondsPerMillisecond - 1)) / attosecondsPerMillisecond
    return Tick(seconds * 1000 + fraction)
  }

  /// The deadline of an entry that lives for `lifetime` from this tick on.
  ///
  /// - Returns: 0, which is never, if it lies beyond the ticks that can be named.
  @inlinable
  package func deadline(after lifetime: Tick) -> Tick {
    let sum = self &+ lifetime
    return lifetime >= Tick.end || sum >= Tick.end ? 0 : sum
  }
}

extension Duration {
  /// No tick names a longer time: about 8,900 years.
  static var longestNamed: Duration { .seconds(Int64(Tick.end / 1000)) }

  /// A time to wait for: zero for a negative one, and `nil` for one beyond 8,900 years.
  ///
  /// A `Duration` reaches far beyond an instant and its own components, and adding to one that is
  /// near its end traps.
  package var asTimeLimit: Duration? {
    self < .seconds(100 * 365 * 86_400) ? max(self, .zero) : nil
  }

  /// The same, but no farther from zero than the longest time that is named here, in either
  /// direction.
  var clamped: Duration { max(.zero - .longestNamed, min(self, .longestNamed)) }

  /// The sum, or the end of the range of durations that it lies beyond.
  package func addingClamped(_ other: Duration) -> Duration {
    let (sum, overflow) = attoseconds.addingReportingOverflow(other.attoseconds)
    return Duration(attoseconds: overflow ? (other < .zero ? .min : .max) : sum)
  }

  /// The difference, or the end of the range of durations that it lies beyond.
  package func subtractingClamped(_ other: Duration) -> Duration {
    let (rest, overflow) = attoseconds.subtractingReportingOverflow(other.attoseconds)
    return Duration(attoseconds: overflow ? (other < .zero ? .max : .min) : rest)
  }

  /// A multiple, or the end of the range of durations that it lies beyond.
  package func multipliedClamped(by factor: Int) -> Duration {
    let (product, overflow) = attoseconds.multipliedReportingOverflow(by: Int128(factor))
    let isNegative = (self < .zero) != (factor < 0)
    return Duration(attoseconds: overflow ? (isNegative ? .min : .max) : product)
  }

  /// The time from an earlier reading of a clock to this one; the longest named if that is longer,
  /// and zero if the clock went back.
  func sinceReading(_ earlier: Duration) -> Duration {
    guard self > earlier else { return .zero }
    let (attoseconds, overflow) = attoseconds.subtractingReportingOverflow(earlier.attoseconds)
    return overflow ? .longestNamed : min(Duration(attoseconds: attoseconds), .longestNamed)
  }
}
