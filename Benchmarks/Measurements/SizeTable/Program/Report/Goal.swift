import LambdaCache

/// The goals that figures are judged by.
enum Goal {
  /// Percent by which the sum over a corpus may differ from what was allocated.
  static let corpus = 2.0

  /// Percent by which a kind may differ.
  static let kind = 5.0

  /// Percent by which a whole cache's count may differ from the growth of the resident set.
  static let cache = 3.0

  /// Percent by which a whole cache may be counted below what was allocated for it.
  static let cacheBelow = 1.0

  /// Nanoseconds for a `String`.
  static let text = 50.0

  /// Nanoseconds for the struct of ten fields.
  static let tenFields = 1_000.0

  /// The most that estimating may take, for the kinds that have a goal.
  static func nanoseconds(for kind: Kind) -> Double? {
    if kind.name.hasPrefix("String, ") { return text }
    return kind.name == "struct, 10 fields" ? tenFields : nil
  }
}
