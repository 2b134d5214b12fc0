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
final class StopSignal: Sendable {
  /// The end to wait for.
  let descriptor: Int32
  /// The end to write to.
  let trigger: Int32

  init() throws(SystemError) {
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
  func fire() { Self.fire(trigger) }

  /// Fires the signal that has this trigger.
  ///
  /// Safe in a signal handler: one system call, and a full pipe, the only failure there is, means
  /// that the signal has fired already.
  static func fire(_ trigger: Int32) {
    var byte: UInt8 = 1
    _ = write(trigger, &byte, 1)
  }

  /// Pauses, or returns early when one of the signals fires.
  ///
  /// - Returns: Whether one of the signals has fired.
  static func pause(for duration: Duration, orUntil stops: [StopSignal]) throws(SystemError) -> Bool
  {
    try FileDescriptor.wait(for: -1, events: POLLIN, stops: stops, limit: duration) == .stopped
  }
}
