/// A fixed permutation of the users.
///
/// Popular users are not the first rows of the table in reality either: without it, a Zipf stream
/// and a translated trace would find their hot rows side by side on a few pages of the database.
struct UserScatter {
  private let userCount: Int
  private let stride: Int

  /// Creates the permutation of so many users.
  ///
  /// - Parameter userCount: The number of users, at least 1.
  init(userCount: Int) {
    precondition(userCount > 0, "There is no permutation of \(userCount) users")
    self.userCount = userCount
    // About the golden ratio of the count, so that neighbours end up far apart; a stride without
    // a common divisor reaches every user exactly once.
    var stride = max(1, Int(Double(userCount) * 0.618_033_988_749_895))
    while Self.greatestCommonDivisor(stride, userCount) != 1 {
      stride += 1
    }
    self.stride = stride
  }

  /// The user at a position of the permutation.
  func user(at position: Int) -> Int {
    precondition(
      position >= 0 && position < userCount, "There is no position \(position) in \(userCount)")
    return Int(
      UInt64(userCount).dividingFullWidth(UInt64(position).multipliedFullWidth(by: UInt64(stride)))
        .remainder)
  }

  private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    var (larger, smaller) = (first, second)
    while smaller != 0 {
      (larger, smaller) = (smaller, larger % smaller)
    }
    return larger
  }
}
