#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A stream that whole lines are written to: past the buffer of `print`, which a crash loses, and
/// each line in one piece.
///
/// It is the only place that writes to standard output and standard error.
package final class LogStream: Sendable {
  /// As many bytes as a pipe takes in one piece (`PIPE_BUF`, pipe(7)), so that lines written
  /// together are not mixed with those of another process.
  package static let pieceByteCount = Int(PIPE_BUF)

  /// What Lambda sends to the function's log, as the other.
  package static let standardOutput = LogStream(STDOUT_FILENO, lock: standardLock)
  package static let standardError = LogStream(STDERR_FILENO, lock: standardLock)

  /// One for both streams: they may be the same pipe.
  private static let standardLock = Locked(0)

  private let descriptor: Int32

  /// Held while bytes are written: the system may take a long line in parts, and another thread's
  /// line must not come in between.
  ///
  /// Its value is the number of writes: the thread sanitizer takes an empty value for the first
  /// word of the object that holds it, which every thread reads.
  private let lock: Locked<Int>

  /// A stream of its own, for tests.
  package convenience init(descriptor: Int32) {
    self.init(descriptor, lock: Locked(0))
  }

  private init(_ descriptor: Int32, lock: Locked<Int>) {
    self.descriptor = descriptor
    self.lock = lock
  }

  /// Writes bytes with one system call, or with as many as it takes where the system accepts only a
  /// part at a time.
  ///
  /// - Parameter bytes: Whole lines, each with its end.
  /// - Throws: ``LogStreamError`` if the system refuses.
  package func write(_ bytes: [UInt8]) throws(LogStreamError) {
    let result: Result<Void, LogStreamError> = lock.withLock { writes in
      writes &+= 1
      return bytes.withUnsafeBytes { bytes in
        do throws(LogStreamError) {
          return .success(try writeAll(bytes))
        } catch {
          return .failure(error)
        }
      }
    }
    try result.get()
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(LogStreamError) {
    var written = 0
    while written < bytes.count {
      let count = systemWrite(UnsafeRawBufferPointer(rebasing: bytes[written...]))
      if count >= 0 {
        written += count
        continue
      }
      let code = errno
      if code == EINTR { continue }
      guard code == EAGAIN || code == EWOULDBLOCK else {
        throw LogStreamError(code: code, written: written, length: bytes.count)
      }
      _ = waitForRoom(milliseconds: -1)
    }
  }

  /// Writes bytes if the stream has room for them.
  ///
  /// A pipe that poll(2) calls writable has room for one piece, so writing that does not wait,
  /// unless another process takes the room in between. Nothing is changed of the stream itself,
  /// which is not the library's.
  ///
  /// - Parameters:
  ///   - bytes: At most ``pieceByteCount``, or a pipe may wait for its reader.
  ///   - milliseconds: How long may be waited for room.
  /// - Returns: How many bytes were written; fewer than there are if there is no room in time,
  ///   another thread is writing, or the system refuses.
  package func writeIfReady(
    _ bytes: UnsafeRawBufferPointer, waitingAtMost milliseconds: Int32
  ) -> Int {
    for waited in 0...milliseconds {
      if waited > 0 { _ = poll(nil, 0, 1) }
      if let count = lock.withLockIfFree({ writes in
        writes &+= 1
        return writeReady(bytes, waitingAtMost: milliseconds - waited)
      }) {
        return count
      }
    }
    return 0
  }

  private func writeReady(
    _ bytes: UnsafeRawBufferPointer, waitingAtMost milliseconds: Int32
  ) -> Int {
    var offset = 0
    while offset < bytes.count {
      guard let events = waitForRoom(milliseconds: milliseconds) else { continue }
      // An error as well as room means a pipe without a reader, and writing would be a signal.
      guard events == Int16(POLLOUT) else { break }
      let count = systemWrite(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      offset += count
    }
    return offset
  }

  /// Waits until the stream takes more, or shows an error in the next write.
  ///
  /// - Returns: The events of poll(2); 0 if none came in time, `nil` if a signal has interrupted
  ///   the wait.
  private func waitForRoom(milliseconds: Int32) -> Int16? {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    let ready = poll(&entry, 1, milliseconds)
    if ready < 0, errno == EINTR { return nil }
    return ready > 0 ? entry.revents : 0
  }

  private func systemWrite(_ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #elseif canImport(Musl)
      Musl.write(descriptor, bytes.baseAddress, bytes.count)
    #elseif canImport(Darwin)
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }
}

/// A write that the system refused.
package struct LogStreamError: Error, Hashable, CustomStringConvertible {
  /// The system's number of the error, `errno`.
  package let code: Int32
  /// The number of bytes that had been written.
  package let written: Int
  /// The number of bytes that were to be written.
  package let length: Int

  package init(code: Int32, written: Int, length: Int) {
    self.code = code
    self.written = written
    self.length = length
  }

  package var description: String {
    "the log took \(written) of \(length) bytes: \(String(cString: strerror(code)))"
  }
}
