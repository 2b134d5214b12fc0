#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Operations on file descriptors that sockets and pipes share.
package enum FileDescriptor {
  package enum WaitOutcome: Equatable {
    /// The descriptor is ready, or in a state that the next call on it will report.
    case ready
    case stopped
    case timedOut
  }

  package static func setNonBlocking(_ descriptor: Int32) throws(SystemError) {
    let flags = fcntl(descriptor, F_GETFL)
    guard flags >= 0 else { throw .last("fcntl") }
    guard fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) >= 0 else { throw .last("fcntl") }
  }

  /// Keeps a descriptor out of programs that this process may start.
  package static func setCloseOnExec(_ descriptor: Int32) throws(SystemError) {
    guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) >= 0 else { throw .last("fcntl") }
  }

  /// Waits until a descriptor is ready, a stop signal fires, or time is up.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor, or -1 for none.
  ///   - events: `POLLIN` or `POLLOUT`.
  ///   - stops: The signals that end the wait. A descriptor that is ready as well wins over them.
  ///   - limit: The longest wait, or `nil` to wait without limit.
  package static func wait(
    for descriptor: Int32, events: Int32, stops: [StopSignal] = [], limit: Duration?
  ) throws(SystemError) -> WaitOutcome {
    var entries = stops.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
    guard try pollAll(&entries, until: limit.map { SuspendingClock.now + $0 }) else {
      return .timedOut
    }
    return entries.last?.revents == 0 ? .stopped : .ready
  }

  /// Waits until one of several descriptors is ready, or time is up.
  ///
  /// - Parameters:
  ///   - interests: The descriptors, each with `POLLIN` or `POLLOUT`; one below 0 is passed over.
  ///   - deadline: The end of the wait, or `nil` to wait without limit.
  /// - Returns: For each descriptor, whether it is ready, or in a state that the next call on it
  ///   will report; for none when time is up.
  package static func waitForAny(
    _ interests: [(descriptor: Int32, events: Int32)],
    until deadline: SuspendingClock.Instant? = nil
  ) throws(SystemError) -> [Bool] {
    var entries = interests.map { interest in
      pollfd(fd: interest.descriptor, events: Int16(interest.events), revents: 0)
    }
    let isAnyReady = try pollAll(&entries, until: deadline)
    return entries.map { isAnyReady && $0.revents != 0 }
  }

  /// Polls, and again when a signal has interrupted it, for the time that is left.
  ///
  /// - Returns: Whether an entry is ready; `false` when time is up.
  private static func pollAll(
    _ entries: inout [pollfd], until deadline: SuspendingClock.Instant?
  ) throws(SystemError) -> Bool {
    while true {
      let count = poll(&entries, nfds_t(entries.count), pollTimeout(until: deadline))
      if count > 0 { return true }
      if count < 0, errno != EINTR { throw .last("poll") }
      if let deadline, SuspendingClock.now >= deadline { return false }
    }
  }

  /// The time left in milliseconds, rounded up, or -1 for no limit.
  private static func pollTimeout(until deadline: SuspendingClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let (seconds, attoseconds) = max(.zero, deadline - SuspendingClock.now).components
    let milliseconds =
      min(seconds, 86_400) * 1000 + (attoseconds + 999_999_999_999_999)
      / 1_000_000_000_000_000
    return Int32(milliseconds)
  }
}
