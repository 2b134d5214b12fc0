internal import LambdaCacheText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Lines for the function's log.
enum Diagnostics {
  /// Writes one line to standard error, which Lambda sends to the log.
  ///
  /// Control characters become spaces, so that a line stays one. Lines that cannot be written are
  /// lost.
  static func log(_ line: String) {
    var bytes = line.utf8.map { $0 < 0x20 ? ASCII.space : $0 }
    bytes.append(ASCII.lineFeed)
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { all in
        write(STDERR_FILENO, all.baseAddress! + offset, all.count - offset)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      offset += count
    }
  }

  /// Writes the error of an invocation.
  static func log(_ report: ErrorReport, of requestID: String) {
    log("\(requestID) \(report.type): \(report.message)")
  }
}
