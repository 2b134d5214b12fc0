#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Operations on file descriptors that sockets and pipes share.
enum FileDescriptor {
  enum WaitOutcome: Equatable {
    /// The descriptor is ready, or in a state that the next call on it will report.
    case ready
    case stopped
    case timedOut
  }

  static func setNonBlocking(_ descriptor: Int32, _ isNonBlocking: Bool) throws(SystemError) {
    let flags = fcntl(descriptor, F_GETFL)
    guard flags >= 0 else { throw .last("fcntl") }
    let changed = isNonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK
    guard fcntl(descriptor, F_SETFL, changed) >= 0 else { throw .last("fcntl") }
  }

  /// Keeps a descriptor out of programs that this process may start.
  static func setCloseOnExec(_ descriptor: Int32) throws(SystemError) {
    guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) >= 0 else { throw .last("fcntl") }
  }

  /// Waits until a descriptor is ready, a stop signal fires, or time is up.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor, or -1 for none.
  ///   - events: `POLLIN` or `POLLOUT`.
  ///   - stops: The signals that end the wait. A descriptor that is ready as well wins over them.
  ///   - limit: The longest wait, or `nil` to wait without limit.
  static func wait(
    for descriptor: Int32, events: Int32, stops: [StopSignal] = [], limit: Duration?
  ) throws(SystemError) -> WaitOutcome {
    var entries = stops.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
    let deadline = limit.map { SuspendingClock.now + $0 }
    while true {
      let count = poll(&entries, nfds_t(entries.count), pollTimeout(until: deadline))
      if count > 0 { return entries.last?.revents == 0 ? .stopped : .ready }
      if count < 0, errno != EINTR { throw .last("poll") }
      if let deadline, SuspendingClock.now >= deadline { return .timedOut }
    }
  }

  /// Waits without limit until one of several descriptors can be read.
  ///
  /// - Returns: For each descriptor, whether it is ready, or in a state that the next call on it will
  ///   report.
  static func waitForAny(_ descriptors: [Int32]) throws(SystemError) -> [Bool] {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    while poll(&entries, nfds_t(entries.count), -1) < 0 {
      guard errno == EINTR else { throw .last("poll") }
    }
    return entries.map { $0.revents != 0 }
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
