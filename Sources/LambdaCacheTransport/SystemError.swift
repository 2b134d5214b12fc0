#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The failure of a system call.
package struct SystemError: Error, Equatable, CustomStringConvertible {
  /// The name of the call, as in its manual page.
  package let call: String
  /// The value of `errno`, or what the call returned in its place.
  package let code: Int32

  package init(call: String, code: Int32) {
    self.call = call
    self.code = code
  }

  /// The failure of the call made last on this thread.
  package static func last(_ call: String) -> SystemError { SystemError(call: call, code: errno) }

  package var description: String { "\(call): \(String(cString: strerror(code)))" }

  /// Whether the call was interrupted by a signal and is to be made again.
  package var isInterruption: Bool { code == EINTR }

  /// Whether the system has no descriptor or no memory for a connection, which may be had later.
  package var isExhaustion: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) }

  /// Whether `accept` failed because of the connection that it would have taken, which is gone or
  /// forbidden, and not of the socket that takes connections; Linux reports what has happened to
  /// the network meanwhile.
  package var isOfNewConnection: Bool {
    [
      ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, EHOSTUNREACH, EOPNOTSUPP,
      ENETUNREACH, ETIMEDOUT,
    ].contains(code)
  }

  /// Whether a call that may not wait would have had to.
  package var wouldWait: Bool { code == EAGAIN || code == EWOULDBLOCK }
}
