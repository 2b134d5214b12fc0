#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Access to the system: time, terminal, files.
package enum Platform {
  /// Milliseconds since 1970.
  package static var wallMilliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// The value of an environment variable; `nil` if there is none.
  package static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Whether errors are shown on a terminal.
  package static var hasTerminalForErrors: Bool { isatty(2) == 1 }

  /// Whether a file can be read.
  package static func fileExists(_ path: String) -> Bool { access(path, R_OK) == 0 }

  /// Writes a text to the standard error stream.
  package static func printError(_ text: String) {
    var text = text
    text.withUTF8 { bytes in _ = write(2, bytes.baseAddress, bytes.count) }
  }

  /// Writes a file, in the place of one that is there.
  ///
  /// - Throws: ``InputError/unwritable(file:reason:)``.
  package static func writeFile(_ path: String, _ text: String) throws(InputError) {
    guard let file = fopen(path, "wb") else {
      throw .unwritable(file: path, reason: lastError)
    }
    var text = text
    let isWritten = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
    guard fclose(file) == 0, isWritten else {
      throw .unwritable(file: path, reason: lastError)
    }
  }

  package static var lastError: String { String(cString: strerror(errno)) }
}

/// A file that is read from its beginning to its end; `-` is the standard input.
package struct InputFile: ~Copyable {
  package let path: String
  /// The size of a regular file; `nil` where there is no telling.
  package let size: Int?
  private let descriptor: Int32

  /// - Throws: ``InputError/unreadable(file:reason:)``.
  package init(path: String) throws(InputError) {
    self.path = path
    descriptor = path == "-" ? 0 : open(path, O_RDONLY)
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: Platform.lastError) }
    var status = stat()
    let hasStatus = fstat(descriptor, &status) == 0
    if hasStatus, status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      throw .unreadable(file: path, reason: "it is a directory")
    }
    size = hasStatus && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  deinit {
    if descriptor > 0 { close(descriptor) }
  }

  /// Reads what comes next; 0 at the end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    while true {
      #if canImport(Darwin)
        let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
      #elseif canImport(Musl)
        let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
      #else
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      #endif
      if count >= 0 { return count }
      guard errno == EINTR else {
        throw .unreadable(file: path, reason: Platform.lastError)
      }
    }
  }
}
