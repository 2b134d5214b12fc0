/// The difference between the deadlines of invocations and the clocks of the system.
package struct DeadlineSkew {
  /// The nanoseconds by which deadline and clocks may part before the deadline is believed: an
  /// event may be under way for some time between the service that sets its deadline and here.
  private static var tolerance: Int64 { 1_000_000_000 }

  private var time = Timekeeper()
  /// The first deadline minus the clocks' time at that moment.
  private var origin: Int64?

  package init() {}

  /// The nanoseconds by which the clocks of the system are late; 0 if they agree.
  mutating func skew(atDeadline milliseconds: Int64) -> Int64 {
    _ = time.follow()
    return skew(atDeadline: milliseconds, elapsed: time.elapsed)
  }

  /// The nanoseconds by which clocks are late that have counted `elapsed` nanoseconds.
  package mutating func skew(atDeadline milliseconds: Int64, elapsed: Int64) -> Int64 {
    // No deadline of this century comes near the limits of nanoseconds in 64 bits; others are
    // noise.
    let (deadline, isHuge) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
    guard !isHuge, milliseconds > 0 else { return 0 }
    guard let origin else {
      self.origin = deadline - elapsed
      return 0
    }
    let skew = deadline - elapsed - origin
    return skew > Self.tolerance ? skew : 0
  }
}
