#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Writing whole lines to standard output, which Lambda sends to the function's log.
public enum StandardOutput {
  /// Writes bytes with one system call, or with as many as it takes where the system accepts only a
  /// part at a time.
  ///
  /// It bypasses the buffer of `print`: whatever is in that appears later, and is flushed by
  /// `fflush(stdout)`.
  ///
  /// - Parameter bytes: What to write.
  /// - Throws: ``StandardOutputError`` if the system refuses.
  public static func write(_ bytes: [UInt8]) throws(StandardOutputError) {
    try write(bytes, to: STDOUT_FILENO)
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32) throws(StandardOutputError) {
    var offset = 0
    while offset < bytes.count {
      let count = systemWrite(bytes[offset...], to: descriptor)
      if count >= 0 {
        offset += count
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN, EWOULDBLOCK: waitForRoom(in: descriptor)
      case let code:
        throw StandardOutputError(code: code, written: offset, length: bytes.count)
      }
    }
  }

  /// Says on standard error that lines were not written to standard output.
  static func logFailure(of error: any Error) {
    let line = "LambdaCache: metrics were not written, and are kept for the next line: \(error)\n"
    do {
      try write(Array(line.utf8), to: STDERR_FILENO)
    } catch {
      // There is nowhere left to say it.
    }
  }

  private static func systemWrite(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int {
    bytes.withUnsafeBytes { buffer in
      #if canImport(Glibc)
        Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      #elseif canImport(Musl)
        Musl.write(descriptor, buffer.baseAddress, buffer.count)
      #elseif canImport(Darwin)
        Darwin.write(descriptor, buffer.baseAddress, buffer.count)
      #endif
    }
  }

  /// Waits as a descriptor that blocks would have done.
  ///
  /// What goes wrong here, the next write says.
  private static func waitForRoom(in descriptor: Int32) {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = poll(&entry, 1, -1)
  }
}

/// What the system refused to write.
public struct StandardOutputError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The system's number of the error, `errno`.
  public let code: Int32
  /// The bytes that had been written.
  public let written: Int
  /// The bytes that should have been.
  public let length: Int

  /// What went wrong.
  public var description: String {
    "standard output took \(written) of \(length) bytes: \(String(cString: strerror(code)))"
  }
}
