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
    // Asked before the components are: those of a duration beyond 292 billion years trap.
    guard duration < .longestNamed else { return end }
    let (seconds, attoseconds) = duration.components
    let fraction = (attoseconds + (attosecondsPerMillisecond - 1)) / attosecondsPerMillisecond
    return Tick(seconds * 1000 + fraction)
  }

  /// The deadline of what lives for `lifetime` from this tick on.
  ///
  /// - Returns: 0, which is never, if it lies beyond what can be named.
  @inlinable
  package func deadline(after lifetime: Tick) -> Tick {
    let sum = self &+ lifetime
    return lifetime >= Tick.end || sum >= Tick.end ? 0 : sum
  }
}

extension Duration {
  /// No tick names a longer time: about 8,900 years.
  static var longestNamed: Duration { .seconds(Int64(Tick.end / 1000)) }

  /// The time from an earlier reading of a clock to this one; the longest named if that is longer,
  /// and zero if the clock went back.
  func sinceReading(_ earlier: Duration) -> Duration {
    guard self > earlier else { return .zero }
    let (attoseconds, overflow) = attoseconds.subtractingReportingOverflow(earlier.attoseconds)
    return overflow ? .longestNamed : min(Duration(attoseconds: attoseconds), .longestNamed)
  }
}
