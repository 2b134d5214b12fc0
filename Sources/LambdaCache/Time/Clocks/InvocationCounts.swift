import Synchronization

/// Counters of the process's invocations, and the time that their deadlines have shown the clocks
/// of the system to have missed: written by ``InvocationClock``, read by every clock.
package enum InvocationCounts {
  /// Invocations that have begun; 0 where they are not announced.
  ///
  /// Allocated separately, so that a timekeeper can keep the address and read it without a call.
  nonisolated(unsafe) static let begun: UnsafeMutablePointer<Atomic<Int>> = {
    let count = UnsafeMutablePointer<Atomic<Int>>.allocate(capacity: 1)
    count.initialize(to: Atomic(0))
    return count
  }()

  /// Invocations that have begun.
  static var begunCount: Int { begun.pointee.load(ordering: .relaxed) }

  private static let pauses = Atomic<Int>(0)

  /// How often an invocation has ended and no other one was going on.
  package static var pauseCount: Int { pauses.load(ordering: .relaxed) }

  /// Counts a pause.
  static func addPause() { pauses.add(1, ordering: .relaxed) }

  private static let missedNanoseconds = Atomic<Int64>(0)

  /// Nanoseconds that the clocks of the system have missed by what deadlines show.
  @usableFromInline static var skew: Int64 { missedNanoseconds.load(ordering: .relaxed) }

  /// Adds to ``skew``.
  static func addSkew(_ nanoseconds: Int64) {
    missedNanoseconds.add(nanoseconds, ordering: .relaxed)
  }
}
