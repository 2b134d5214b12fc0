import Synchronization

/// The time that the invocations of a process show, for all caches that follow the clocks of the
/// system.
///
/// `LambdaCacheRuntime`, the adapters of `LambdaCacheHandlers` and ``InvocationScope`` call it.
///
/// Without it caches go by the clocks of the system alone, and take every long gap between two
/// operations for a freeze.
package enum InvocationClock {
  private static let openScopes = Locked(OpenScopes())
  private static let skew = Locked(DeadlineSkew())
  private static let mayBeFrozen = LambdaEnvironment.mayBeFrozen(ProcessEnvironment.current)

  /// Notes that an invocation begins, before any cache is used in it.
  ///
  /// The deadline that Lambda sends with an invocation is its own wall clock plus the function's
  /// time-out, which does not change while an environment lives. So two deadlines give the time
  /// between their invocations, even if every clock inside of the environment stood still in the
  /// meantime. Where that is over a second more than the clocks have counted, it is believed.
  ///
  /// Deadlines are ignored where no clock can stand still: outside of Lambda, where a tool for
  /// tests may send any, and on Managed Instances, which are never frozen. The environment variable
  /// `AWS_LAMBDA_INITIALIZATION_TYPE` distinguishes them (AWS Lambda developer guide, *Defined
  /// runtime environment variables*); it is read once.
  ///
  /// - Parameter deadlineInMilliseconds: The header `Lambda-Runtime-Deadline-Ms` (AWS Lambda
  ///   developer guide, *Using the Lambda runtime API*): milliseconds since 1970; `nil` if it is
  ///   not known.
  package static func beginInvocation(deadlineInMilliseconds: Int64? = nil) {
    // Published last, so that a reader that sees the new count also sees the new skew.
    defer { InvocationCounts.begun.pointee.add(1, ordering: .releasing) }
    // A deadline in the past is that of a delayed invocation, or the wall clock runs ahead.
    guard let deadlineInMilliseconds, mayBeFrozen,
      deadlineInMilliseconds > SystemClocks.wall / 1_000_000
    else { return }
    skew.withLock { skew in
      // Under the lock, so that two invocations at once do not both add the skew that both find.
      let found = skew.skew(atDeadline: deadlineInMilliseconds)
      if found > 0 { InvocationCounts.addSkew(found) }
    }
  }

  /// - Parameter deadline: The latest end of the invocation, if that is known.
  /// - Returns: The number to pass to ``noteClosedScope(_:)``.
  static func noteOpenedScope(deadline: ContinuousClock.Instant?) -> Int {
    openScopes.withLock { $0.open(deadline: deadline, now: .now) }
  }

  static func noteClosedScope(_ number: Int) {
    let isPause = openScopes.withLock { $0.close(number, now: .now) }
    if isPause { InvocationCounts.addPause() }
    InvocationEnds.announce(isAnyOpen: !isPause)
  }
}

/// The invocations that are going on.
///
/// One that is never ended, because a reference keeps it for ever, is over when its time is: it
/// must not count as going on, or no environment would ever seem to be frozen.
package struct OpenScopes {
  /// The longest time-out of a function (AWS Lambda developer guide, *Lambda quotas*).
  private static var longestTimeOut: Duration { .seconds(900) }

  /// Few, and the one that ends is usually the last.
  private var scopes: [(number: Int, end: ContinuousClock.Instant)] = []
  private var nextNumber = 0

  package init() {}

  package mutating func open(
    deadline: ContinuousClock.Instant?, now: ContinuousClock.Instant
  ) -> Int {
    let latest = now + Self.longestTimeOut
    nextNumber += 1
    scopes.append((nextNumber, min(deadline ?? latest, latest)))
    return nextNumber
  }

  /// - Parameter now: The present time, which is asked for only if others have not been closed.
  /// - Returns: Whether none is going on any more.
  package mutating func close(
    _ number: Int, now: @autoclosure () -> ContinuousClock.Instant
  ) -> Bool {
    guard let place = scopes.lastIndex(where: { $0.number == number }) else { return false }
    scopes.remove(at: place)
    if scopes.isEmpty { return true }
    let now = now()
    return !scopes.contains { $0.end > now }
  }
}
