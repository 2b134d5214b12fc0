import Foundation

/// Numbers as the table writes them.
enum Format {
  static func number(_ value: Double, digits: Int = 1) -> String {
    String(format: "%.\(digits)f", value)
  }

  static func nanoseconds(_ value: Double) -> String { number(value) + " ns" }

  static func milliseconds(_ value: Double) -> String { number(value, digits: 2) + " ms" }

  /// A number with separators, as 100,000.
  static func count(_ value: Int) -> String {
    var digits = String(abs(value))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }
}
