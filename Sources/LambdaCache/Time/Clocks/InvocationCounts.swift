import Synchronization

/// Counters of the process's invocations, and the time by which their deadlines have shown the
/// clocks of the system to be late: written by ``InvocationClock``, read by every clock.
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

  /// The times that an invocation has ended while no other one was going on.
  package static var pauseCount: Int { pauses.load(ordering: .relaxed) }

  /// Counts a pause.
  static func addPause() { pauses.add(1, ordering: .relaxed) }

  private static let missedNanoseconds = Atomic<Int64>(0)

  /// Nanoseconds by which the clocks of the system are late, as deadlines show.
  @usableFromInline static var skew: Int64 { missedNanoseconds.load(ordering: .relaxed) }

  /// Adds to ``skew``.
  static func addSkew(_ nanoseconds: Int64) {
    missedNanoseconds.add(nanoseconds, ordering: .relaxed)
  }
}
