#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writing to a stream that others write to as well, without waiting for its reader.
package enum LineOutput {
  /// As many bytes as a pipe takes in one piece (`PIPE_BUF`, pipe(7)), so that lines written
  /// together are not mixed with those of another writer.
  package static let pieceByteCount = Int(PIPE_BUF)

  package static let standardOutput = STDOUT_FILENO

  /// Writes bytes if the stream has room for them.
  ///
  /// A pipe that poll(2) calls writable has room for one piece, so writing that does not wait,
  /// unless another writer takes the room in between. Nothing is changed of the stream itself,
  /// which is not the library's.
  ///
  /// - Parameters:
  ///   - bytes: At most ``pieceByteCount``, or a pipe may wait for its reader.
  ///   - descriptor: The stream.
  ///   - milliseconds: How long may be waited for room.
  /// - Returns: How many bytes were written; fewer than there are if there is no room in time, or
  ///   the system refuses.
  package static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, waitingAtMost milliseconds: Int32
  ) -> Int {
    var offset = 0
    while offset < bytes.count {
      var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let ready = poll(&entry, 1, milliseconds)
      if ready < 0, errno == EINTR { continue }
      // An error as well as room means a pipe without a reader, and writing would be a signal.
      guard ready > 0, entry.revents == Int16(POLLOUT) else { break }
      let count = systemWrite(UnsafeRawBufferPointer(rebasing: bytes[offset...]), to: descriptor)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      offset += count
    }
    return offset
  }

  private static func systemWrite(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #elseif canImport(Musl)
      Musl.write(descriptor, bytes.baseAddress, bytes.count)
    #elseif canImport(Darwin)
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }
}
