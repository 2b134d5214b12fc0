import Foundation

/// Numbers as the table writes them.
enum Format {
  static func percent(_ value: Double) -> String { String(format: "%+.2f %%", value) }

  static func nanoseconds(_ value: Double) -> String { String(format: "%.1f", value) }

  static func bytesPerValue(_ byteCount: Int, _ count: Int) -> String {
    String(format: "%.1f", Double(byteCount) / Double(count))
  }

  static func mebibytes(_ byteCount: Int) -> String {
    String(format: "%.1f", Double(byteCount) / 1_048_576)
  }

  /// A number with separators, as 100,000.
  static func count(_ value: Int) -> String {
    var digits = String(value)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }
}
