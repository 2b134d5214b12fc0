#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory of this process, as the system counts it.
enum ProcessMemory {
  /// The largest resident set this process has had, in bytes.
  ///
  /// On Linux it is `VmHWM` of `/proc/self/status`, which begins again when a program is started;
  /// `ru_maxrss` of `getrusage` also counts the process that started it.
  ///
  /// - Throws: `ProcessMemoryError` when the system does not say.
  static func peakResidentByteCount() throws -> Int {
    #if canImport(Darwin)
      var usage = rusage()
      guard getrusage(RUSAGE_SELF, &usage) == 0 else { throw ProcessMemoryError.unavailable }
      return usage.ru_maxrss
    #else
      return try statusByteCount("VmHWM:")
    #endif
  }

  /// The resident set of this process now, in bytes; on Darwin the largest so far.
  ///
  /// - Throws: `ProcessMemoryError` when the system does not say.
  static func residentByteCount() throws -> Int {
    #if canImport(Darwin)
      return try peakResidentByteCount()
    #else
      return try statusByteCount("VmRSS:")
    #endif
  }

  #if !canImport(Darwin)
    /// A line of `/proc/self/status`.
    private static func statusByteCount(_ name: String) throws -> Int {
      guard let status = fopen("/proc/self/status", "r") else {
        throw ProcessMemoryError.unavailable
      }
      defer { fclose(status) }
      var line = [CChar](repeating: 0, count: 256)
      while fgets(&line, Int32(line.count), status) != nil {
        let text = line.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let fields = text.split(whereSeparator: \.isWhitespace)
        if fields.count == 3, fields[0] == name, fields[2] == "kB", let count = Int(fields[1]) {
          return count * 1024
        }
      }
      throw ProcessMemoryError.unavailable
    }
  #endif
}

/// Why the memory of this process is not known.
enum ProcessMemoryError: Error, Equatable {
  /// The system does not say.
  case unavailable
}

extension ProcessMemoryError: CustomStringConvertible {
  var description: String { "The system does not say how much memory this process has used." }
}
