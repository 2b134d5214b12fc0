/// Compares the deadlines of invocations with the clocks of the system.
package struct DeadlineSkew {
  /// By how much deadline and clocks may part before the deadline is believed, in nanoseconds: an
  /// event may be under way for some time between the service that sets its deadline and here.
  private static var tolerance: Int64 { 1_000_000_000 }

  private var time = Timekeeper()
  /// The first deadline minus the time that the clocks had said by then.
  private var origin: Int64?

  package init() {}

  /// What the clocks of the system have missed, in nanoseconds; 0 if they agree.
  mutating func missing(atDeadline milliseconds: Int64) -> Int64 {
    _ = time.follow()
    return missing(atDeadline: milliseconds, elapsed: time.elapsed)
  }

  /// What clocks that say `elapsed` nanoseconds have missed.
  package mutating func missing(atDeadline milliseconds: Int64, elapsed: Int64) -> Int64 {
    // No deadline of this century comes near the limits of nanoseconds in 64 bits; others are
    // noise.
    let (deadline, isHuge) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
    guard !isHuge, milliseconds > 0 else { return 0 }
    guard let origin else {
      self.origin = deadline - elapsed
      return 0
    }
    let missing = deadline - elapsed - origin
    return missing > Self.tolerance ? missing : 0
  }
}
