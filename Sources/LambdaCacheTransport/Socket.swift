#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A connected TCP socket.
///
/// Only the calls that say so wait, each with a time limit.
/// A broken connection is an error, never SIGPIPE, and a call interrupted by a signal is made
/// again.
package final class Socket {
  package let descriptor: Int32

  /// Takes over a descriptor, which is closed with this object.
  package init(owning descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Sets the options of every connection.
  package func configure() throws(SystemError) {
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

  /// Waits until something can be received, one of the signals fires, or time is up.
  ///
  /// - Parameter limit: The longest wait, or `nil` to wait without limit.
  package func waitUntilReadable(
    orUntil stops: [StopSignal] = [], within limit: Duration? = nil
  ) throws(SystemError) -> FileDescriptor.WaitOutcome {
    try FileDescriptor.wait(for: descriptor, events: POLLIN, stops: stops, limit: limit)
  }

  /// Whether the peer has closed an idle connection, or sent unrequested bytes.
  package var isStale: Bool {
    do throws(SystemError) {
      return try peek() != nil
    } catch {
      return true
    }
  }

  /// Whether there is a byte to be received.
  package var hasInput: Bool { (try? peek()) == 1 }

  /// Looks for one byte without taking it and without waiting.
  ///
  /// - Returns: 1 if there is one, 0 when the peer has ended the connection, `nil` when there is
  ///   nothing yet.
  private func peek() throws(SystemError) -> Int? {
    var byte: UInt8 = 0
    return try Self.withoutWaiting("recv") {
      recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    }
  }

  /// Waits until bytes can be sent, or time is up.
  package func waitUntilWritable(within limit: Duration) throws(SystemError)
    -> FileDescriptor.WaitOutcome
  {
    try FileDescriptor.wait(for: descriptor, events: POLLOUT, limit: limit)
  }

  /// Sends bytes from an offset on, as many as the system takes without waiting.
  ///
  /// - Returns: The number of bytes sent, at least one; `nil` when none can be sent now.
  package func send(_ bytes: [UInt8], from offset: Int) throws(SystemError) -> Int? {
    try Self.withoutWaiting("send") {
      bytes.withUnsafeBytes { sendNow(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
    }
  }

  /// Sends the first of some bytes, as many as the system takes without waiting.
  ///
  /// - Returns: The number of bytes sent, at least one; `nil` when none can be sent now.
  package func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
    try Self.withoutWaiting("send") { sendNow(bytes) }
  }

  private func sendNow(_ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
      return Darwin.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
    #elseif canImport(Musl)
      return Musl.send(
        descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    #else
      return Glibc.send(
        descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    #endif
  }

  /// Receives the bytes that are there, without waiting.
  ///
  /// - Returns: The number of bytes received; 0 when the peer has ended the connection, `nil` when
  ///   there is nothing yet.
  package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
    try Self.withoutWaiting("recv") {
      recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
    }
  }

  /// Ends the sending direction; what was sent still arrives.
  package func endSending() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  /// Makes a call that does not wait, and again when a signal has interrupted it.
  ///
  /// - Returns: The result of the call; `nil` when it would have had to wait.
  private static func withoutWaiting(
    _ name: String, _ call: () -> Int
  ) throws(SystemError) -> Int? {
    while true {
      let result = call()
      if result >= 0 { return result }
      let error = SystemError.last(name)
      if error.wouldWait { return nil }
      if !error.isInterruption { throw error }
    }
  }
}
