/// How long a run may take.
struct Effort {
  /// How often all entrants are created again: an entrant's place in memory, and the secrets of its
  /// hashes, can cost or save it a quarter.
  let generations: Int
  /// Turns of each entrant in a generation; the median of all counts.
  let rounds: Int
  /// Operations of one turn, at least.
  let operations: Int
  /// Whether hits are also measured in chains and with the stored objects.
  let hasVariants: Bool
  /// Runs of what is repeated as a whole, as growth to a million.
  let repetitions: Int

  static let full = Effort(
    generations: 9, rounds: 3, operations: 131_072, hasVariants: true, repetitions: 5)
  static let quick = Effort(
    generations: 3, rounds: 3, operations: 32_768, hasVariants: false, repetitions: 2)
}
