#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Lines about a cache that people should see, on standard error, which Lambda sends to the log.
package enum DiagnosticLog {
  /// Takes the lines in the place of standard error, for tests; `nil` for standard error.
  @TaskLocal package static var sink: (@Sendable (String) -> Void)?

  /// Writes a line.
  ///
  /// A line that the system refuses is lost. No lock of a cache may be held.
  ///
  /// - Parameter line: One line without its end; control characters become blanks.
  package static func write(_ line: String) {
    if let sink { return sink(line) }
    var bytes = line.utf8.map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }
    bytes.append(UInt8(ascii: "\n"))
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite($0) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private static func systemWrite(_ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    #elseif canImport(Musl)
      Musl.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    #elseif canImport(Darwin)
      Darwin.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    #endif
  }
}
