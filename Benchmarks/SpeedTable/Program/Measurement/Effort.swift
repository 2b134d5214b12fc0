/// How long a run may take.
struct Effort {
  /// Turns of each entrant; the median of that many counts.
  let rounds: Int
  /// Operations of one turn, at least.
  let operations: Int
  /// Runs of what is repeated as a whole, as growth to a million.
  let repetitions: Int

  static let full = Effort(rounds: 15, operations: 131_072, repetitions: 5)
  static let quick = Effort(rounds: 9, operations: 32_768, repetitions: 3)
}
