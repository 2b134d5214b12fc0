#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Writing whole lines to standard output, which Lambda sends to the function's log.
enum StandardOutput {
  /// Writes bytes with one system call, or with as many as it takes where the system accepts only a
  /// part at a time.
  ///
  /// It bypasses the buffer of `print`, whose content appears later.
  ///
  /// - Throws: ``StandardOutputError`` if the system refuses.
  static func write(_ bytes: [UInt8]) throws(StandardOutputError) {
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
      case EAGAIN, EWOULDBLOCK: waitUntilWritable(in: descriptor)
      case let code:
        throw StandardOutputError(code: code, written: offset, length: bytes.count)
      }
    }
  }

  /// Reports on standard error that lines were not written to standard output.
  static func logFailure(of error: any Error) {
    let line = "LambdaCache: metrics were not written, and are kept for the next line: \(error)\n"
    do {
      try write(Array(line.utf8), to: STDERR_FILENO)
    } catch {
      // There is nowhere left to report it.
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

  /// Waits until a descriptor that does not block takes more; an error shows in the next write.
  private static func waitUntilWritable(in descriptor: Int32) {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = poll(&entry, 1, -1)
  }
}

/// A write that the system refused.
struct StandardOutputError: Error, Hashable, CustomStringConvertible {
  /// The system's number of the error, `errno`.
  let code: Int32
  /// The number of bytes that had been written.
  let written: Int
  /// The number of bytes that were to be written.
  let length: Int

  var description: String {
    "standard output took \(written) of \(length) bytes: \(String(cString: strerror(code)))"
  }
}
