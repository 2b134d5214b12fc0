#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A connected TCP socket, in blocking mode with a time limit on every call.
///
/// A broken connection is an error, never SIGPIPE, and a call interrupted by a signal is made again.
final class Socket {
  let descriptor: Int32

  /// Takes over a descriptor, which is closed with this object.
  init(owning descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Sets what every connection here needs.
  ///
  /// - Parameter inactivity: The longest that a send or a receive may wait.
  func configure(inactivity: Duration) throws(SystemError) {
    var limit = Self.interval(inactivity)
    let size = socklen_t(MemoryLayout<timeval>.size)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      guard setsockopt(descriptor, SOL_SOCKET, option, &limit, size) == 0 else {
        throw .last("setsockopt")
      }
    }
    // Each request leaves in as few segments as it fits into; waiting for more only adds delay.
    try enable(Int32(TCP_NODELAY), level: Int32(IPPROTO_TCP))
    #if canImport(Darwin)
      try enable(SO_NOSIGPIPE, level: SOL_SOCKET)
    #endif
  }

  private func enable(_ option: Int32, level: Int32) throws(SystemError) {
    var one: Int32 = 1
    guard setsockopt(descriptor, level, option, &one, socklen_t(MemoryLayout<Int32>.size)) == 0
    else { throw .last("setsockopt") }
  }

  /// A duration in the form of socket options.
  ///
  /// Zero would mean no limit, so the shortest is a microsecond.
  private static func interval(_ duration: Duration) -> timeval {
    let (seconds, attoseconds) = max(duration, .microseconds(1)).components
    return timeval(
      tv_sec: numericCast(seconds), tv_usec: numericCast(attoseconds / 1_000_000_000_000))
  }

  /// Waits until something can be received, one of the signals fires, or time is up.
  ///
  /// - Parameter limit: The longest wait, or `nil` to wait without limit.
  func waitUntilReadable(
    orUntil stops: [StopSignal] = [], within limit: Duration? = nil
  ) throws(SystemError) -> FileDescriptor.WaitOutcome {
    try FileDescriptor.wait(for: descriptor, events: POLLIN, stops: stops, limit: limit)
  }

  /// Whether the peer has closed an idle connection, or sent what nobody asked for.
  var isStale: Bool {
    var byte: UInt8 = 0
    while true {
      let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
      if count >= 0 { return true }
      let error = SystemError.last("recv")
      if !error.isInterruption { return !error.isTimeout }
    }
  }

  /// Sends bytes from an offset on: at least one, perhaps not all.
  ///
  /// - Parameter waits: Whether to wait while the peer takes none; otherwise that is an error whose
  ///   `isTimeout` is true.
  /// - Returns: The number of bytes sent.
  func send(_ bytes: [UInt8], from offset: Int, waits: Bool = true) throws(SystemError) -> Int {
    let flags = waits ? 0 : Int32(MSG_DONTWAIT)
    return try Self.retryingInterruptions("send") {
      bytes.withUnsafeBytes { all in
        let rest = UnsafeRawBufferPointer(rebasing: all[offset...])
        #if canImport(Darwin)
          return Darwin.send(descriptor, rest.baseAddress, rest.count, flags)
        #elseif canImport(Musl)
          return Musl.send(descriptor, rest.baseAddress, rest.count, flags | Int32(MSG_NOSIGNAL))
        #else
          return Glibc.send(descriptor, rest.baseAddress, rest.count, flags | Int32(MSG_NOSIGNAL))
        #endif
      }
    }
  }

  /// Receives what there is, waiting for at least one byte.
  ///
  /// - Returns: The number of bytes received; 0 when the peer has ended the connection.
  func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    try Self.retryingInterruptions("recv") {
      recv(descriptor, buffer.baseAddress, buffer.count, 0)
    }
  }

  /// Receives what there is, without waiting.
  ///
  /// - Returns: The number of bytes received; 0 when the peer has ended the connection, `nil` when
  ///   there is nothing yet.
  func receiveAvailable(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
    do throws(SystemError) {
      return try Self.retryingInterruptions("recv") {
        recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
      }
    } catch {
      guard error.isTimeout else { throw error }
      return nil
    }
  }

  /// Ends the sending direction; what was sent still arrives.
  func endSending() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  private static func retryingInterruptions(
    _ name: String, _ call: () -> Int
  ) throws(SystemError) -> Int {
    while true {
      let result = call()
      if result >= 0 { return result }
      let error = SystemError.last(name)
      if !error.isInterruption { throw error }
    }
  }
}
