#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A line on standard error that says how far something is.
///
/// On a terminal the line is rewritten in place; elsewhere, one line appears per quarter.
struct ProgressLine {
  private let label: String
  private let total: Int
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let stopwatch = Stopwatch()
  private var shown = -1

  init(_ label: String, total: Int) {
    self.label = label
    self.total = total
  }

  /// Shows how much is done, when that makes a difference to what is shown already.
  mutating func update(done: Int) {
    let percent = total == 0 ? 100 : done * 100 / total
    let step = isTerminal ? percent : percent / 25 * 25
    guard step > shown else { return }
    shown = step
    let seconds = Format.decimal(Double(stopwatch.elapsedNanoseconds) / 1e9, digits: 1)
    let line = "\(label): \(step) % of \(Format.count(total)), \(seconds) s"
    let isDone = done >= total
    Self.print(isTerminal ? "\r\u{1B}[K\(line)\(isDone ? "\n" : "")" : "\(line)\n")
  }

  /// Writes a text to standard error.
  static func print(_ text: String) {
    // One call: what a full pipe or a closed standard error does not take is only progress.
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
