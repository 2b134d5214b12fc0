import Foundation

/// The resident set of this process, as the kernel counts it; Linux only.
enum ResidentSet {
  /// The resident set in bytes, counted page by page.
  ///
  /// - Throws: ``MemoryProbeError/unreadable(_:)`` if the kernel does not say.
  static func byteCount() throws -> Int { try field("Rss:", of: "/proc/self/smaps_rollup") }

  /// The largest resident set since the program was started, in bytes.
  ///
  /// - Throws: ``MemoryProbeError/unreadable(_:)`` if the kernel does not say.
  static func peakByteCount() throws -> Int { try field("VmHWM:", of: "/proc/self/status") }

  private static func field(_ name: String, of path: String) throws -> Int {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
        .flatMap { $0.split(separator: "\t") }
      if words.count == 3, words[0] == name, words[2] == "kB", let count = Int(words[1]) {
        return count * 1_024
      }
    }
    throw MemoryProbeError.unreadable("\(name) in \(path)")
  }
}

/// Why a figure about memory could not be had.
enum MemoryProbeError: Error, CustomStringConvertible {
  /// The kernel does not report it.
  case unreadable(String)
  /// A process that was to measure it failed.
  case failed(String, status: Int32)

  var description: String {
    switch self {
    case .unreadable(let what): "The system does not report \(what)."
    case .failed(let probe, let status):
      "The process that measures \(probe) ended with status \(status)."
    }
  }
}
