internal import LambdaCacheText

/// The names that CloudWatch accepts.
///
/// It drops a line with any other name in silence.
///
/// Sources: CloudWatch user guide, *Metrics concepts* (characters of a namespace) and *Embedded
/// metric format specification* (30 dimensions in a set, 250 characters in the name of one, 1,024
/// in its value); CloudWatch API reference, `Metric` (255 characters in a namespace, where the
/// specification's schema has 1,024, and no colon at the start) and `Dimension` (printable ASCII,
/// not all of it spaces).
enum MetricNameRules {
  static let longestNamespace = 255
  static let longestDimensionName = 250
  static let longestDimensionValue = 1024
  static let largestDimensionSet = 30

  static func checkNamespace(_ text: String) throws(SavingsMetricsError) {
    let isUsable =
      text.utf8.allSatisfy {
        ASCII.isLetter($0) || ASCII.isDigit($0) || ".-_/#: ".utf8.contains($0)
      }
      && hasContent(text, longest: longestNamespace)
      && !text.utf8.starts(with: ":".utf8) && !text.utf8.starts(with: "AWS/".utf8)
    guard isUsable else {
      throw SavingsMetricsError(
        setting: .namespace, value: text,
        accepted: "1 to \(longestNamespace) of A-Z a-z 0-9 . - _ / # : and space, not all spaces, "
          + "and beginning neither with a colon nor with AWS/")
    }
  }

  static func checkDimensionName(
    _ text: String, reserved: some Sequence<String>
  ) throws(SavingsMetricsError) {
    let isUsable =
      isPrintable(text) && hasContent(text, longest: longestDimensionName)
      && !text.utf8.starts(with: ":".utf8) && !reserved.contains(text)
    guard isUsable else {
      throw SavingsMetricsError(
        setting: .dimensionName, value: text,
        accepted: "1 to \(longestDimensionName) printable ASCII characters, not all spaces, not "
          + "beginning with a colon, and not the name of another member of the line")
    }
  }

  static func checkDimensionValue(_ text: String) throws(SavingsMetricsError) {
    guard isPrintable(text), hasContent(text, longest: longestDimensionValue) else {
      throw SavingsMetricsError(
        setting: .dimensionValue, value: text,
        accepted: "1 to \(longestDimensionValue) printable ASCII characters, not all spaces")
    }
  }

  private static func hasContent(_ text: String, longest: Int) -> Bool {
    text.utf8.count <= longest && text.utf8.contains { $0 != ASCII.space }
  }

  private static func isPrintable(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 == ASCII.space || ASCII.isVisible($0) }
  }
}
