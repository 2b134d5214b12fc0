/// How long a run may take.
struct Effort {
  /// Turns of each entrant; the median of that many counts.
  let rounds: Int
  /// Operations of one turn, at least.
  let operations: Int
  /// Whether hits are also measured in chains and with the stored objects.
  let hasVariants: Bool
  /// Runs of what is repeated as a whole, as growth to a million.
  let repetitions: Int

  static let full = Effort(
    rounds: 15, operations: 131_072, hasVariants: true, repetitions: 5)
  static let quick = Effort(
    rounds: 9, operations: 32_768, hasVariants: false, repetitions: 2)
}
