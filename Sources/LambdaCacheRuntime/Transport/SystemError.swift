#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The failure of a system call.
struct SystemError: Error, Equatable, CustomStringConvertible {
  /// The name of the call, as in its manual page.
  let call: String
  /// The value of `errno`, or what the call returned in its place.
  let code: Int32

  /// The failure of the call made last on this thread.
  static func last(_ call: String) -> SystemError { SystemError(call: call, code: errno) }

  var description: String { "\(call): \(String(cString: strerror(code)))" }

  /// Whether the call was interrupted by a signal and is to be made again.
  var isInterruption: Bool { code == EINTR }

  /// Whether the system has no descriptor or no memory for a connection, which may be had later.
  var isExhaustion: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) }

  /// Whether `accept` failed because of the connection that it would have taken, which is gone or
  /// forbidden, and not of the socket that takes connections; Linux reports what has happened to
  /// the network meanwhile.
  var isOfNewConnection: Bool {
    [
      ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, EHOSTUNREACH, EOPNOTSUPP,
      ENETUNREACH, ETIMEDOUT,
    ].contains(code)
  }

  /// Whether a call that may not wait would have had to.
  var wouldWait: Bool { code == EAGAIN || code == EWOULDBLOCK }
}
