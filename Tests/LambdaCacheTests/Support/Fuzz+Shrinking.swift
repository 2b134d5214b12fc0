extension Fuzz {
  /// Leaves out as many operations as possible from a history that fails (delta debugging, Zeller
  /// and Hildebrandt 2002): halves first, then ever smaller pieces.
  ///
  /// - Parameters:
  ///   - operations: The history.
  ///   - violations: What is wrong after a history; empty if it does not fail.
  /// - Returns: The shortest history found, and what is wrong after it; if not even the whole one
  ///   fails again, that one and nothing.
  static func shrink<Operation>(
    _ operations: [Operation], violations: ([Operation]) -> [String]
  ) -> (operations: [Operation], violations: [String]) {
    var shortest = operations
    var last = violations(operations)
    guard !last.isEmpty else { return (operations, []) }
    var replaysLeft = 3_000
    var piece = max(1, operations.count / 2)
    while true {
      var start = 0
      var isShorter = false
      while start < shortest.count, replaysLeft > 0 {
        var candidate = shortest
        candidate.removeSubrange(start..<min(start + piece, shortest.count))
        replaysLeft -= 1
        let wrong = violations(candidate)
        if wrong.isEmpty {
          start += piece
        } else {
          (shortest, last, isShorter) = (candidate, wrong, true)
        }
      }
      if piece == 1, !isShorter || replaysLeft == 0 { return (shortest, last) }
      piece = max(1, piece / 2)
    }
  }
}
