internal import LambdaCache

/// Stops calling an engine that fails: after three failures in a row nothing until a trial.
///
/// A trial is one call, whatever else is asked meanwhile. Each that fails makes the next pause
/// longer, and a part of each pause is left to chance, so that many environments do not come back
/// together.
struct TierBreaker: Sendable {
  private static let failureLimit = 3
  private static let pause = BackOff(first: .seconds(1), longest: .seconds(60))

  /// Failures in a row while it was closed.
  private var failureCount = 0
  /// Pauses in a row.
  private var pauseCount = 0
  /// When the pause is over; `nil` if there is none.
  private var end: Duration?
  private var isOnTrial = false

  /// Whether a call may be made now, which is then the trial if there was a pause.
  ///
  /// The caller reports how each call ends that it makes.
  mutating func mayCall(now: Duration) -> Bool {
    guard !isPaused(now: now) else { return false }
    isOnTrial = end != nil
    return true
  }

  /// Whether no call may be made now, which changes nothing.
  func isPaused(now: Duration) -> Bool {
    guard let end else { return false }
    return now < end || isOnTrial
  }

  mutating func noteSuccess() { self = TierBreaker() }

  /// - Parameter chance: A number from 0 up to 1.
  mutating func noteFailure(now: Duration, chance: Double) {
    // A call that had begun before the pause says nothing that is not known.
    if end != nil, !isOnTrial { return }
    failureCount += 1
    guard isOnTrial || failureCount >= Self.failureLimit else { return }
    pauseCount += 1
    isOnTrial = false
    end = now + Self.pause.delay(afterFailures: pauseCount, chance: chance)
  }

  /// Notes that a call was given up for a reason that says nothing of the engine.
  mutating func noteCancellation() { isOnTrial = false }
}
