#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A flag that ends a blocking wait, set once and never cleared.
///
/// It is a pipe: `fire` writes a byte that is never read, so that the reading end stays ready, and
/// any number of waits, now and later, see it in `poll`. Writing to a pipe is allowed in a signal
/// handler.
package final class StopSignal: Sendable {
  /// The end to wait for.
  package let descriptor: Int32
  /// The end to write to.
  package let trigger: Int32

  package init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .last("pipe") }
    descriptor = ends[0]
    trigger = ends[1]
    for end in ends {
      try FileDescriptor.setCloseOnExec(end)
      try FileDescriptor.setNonBlocking(end)
    }
  }

  deinit {
    close(descriptor)
    close(trigger)
  }

  /// Ends all waits that include this signal.
  package func fire() { Self.fire(trigger) }

  /// Fires the signal that has this trigger.
  ///
  /// Safe in a signal handler: one system call, and a full pipe, the only failure there is, means
  /// that the signal has fired already.
  package static func fire(_ trigger: Int32) {
    var byte: UInt8 = 1
    _ = write(trigger, &byte, 1)
  }

  /// Pauses, or returns early when one of the signals fires.
  ///
  /// - Returns: Whether one of the signals has fired.
  package static func pause(for duration: Duration, orUntil stops: [StopSignal]) throws(SystemError)
    -> Bool
  {
    try FileDescriptor.wait(for: -1, events: POLLIN, stops: stops, limit: duration) == .stopped
  }
}
