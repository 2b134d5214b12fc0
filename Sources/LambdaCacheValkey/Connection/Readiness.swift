internal import LambdaCache
internal import LambdaCacheTransport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Waiting until a connection can be used.
struct Readiness {
  /// Whether the connection can be read, or has ended.
  var connection = false
  /// Whether the inbox can be read.
  var inbox = false

  /// Waits until something can be done, or time is up.
  ///
  /// - Parameters:
  ///   - descriptor: A connection; -1 for none.
  ///   - writes: Whether to wait until it can be written to as well.
  ///   - inbox: Another descriptor, whose bytes end the wait; -1 for none.
  ///   - end: The end of the wait on the monotonic clock, in nanoseconds.
  /// - Returns: What can be read; nothing when time is up, or if only the connection can be written
  ///   to.
  static func wait(
    for descriptor: Int32, writes: Bool = false, orFor inbox: Int32 = -1, until end: Int64
  ) throws(SystemError) -> Readiness {
    var entries = [
      pollfd(
        fd: descriptor, events: Int16(POLLIN) | (writes ? Int16(POLLOUT) : 0), revents: 0),
      pollfd(fd: inbox, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      let count = poll(&entries, nfds_t(entries.count), milliseconds(until: end))
      if count >= 0 {
        return Readiness(
          connection: entries[0].revents & ~Int16(POLLOUT) != 0, inbox: entries[1].revents != 0)
      }
      let error = SystemError.last("poll")
      guard error.isInterruption else { throw error }
    }
  }

  /// A time in whole milliseconds, rounded up; -1 for no limit.
  private static func milliseconds(until end: Int64) -> Int32 {
    guard end != .max else { return -1 }
    let left = max(0, end - SystemClocks.monotonic)
    return Int32(min((left + 999_999) / 1_000_000, 86_400_000))
  }
}
