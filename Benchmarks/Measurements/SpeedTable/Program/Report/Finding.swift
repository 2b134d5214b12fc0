/// One row of the table: a figure, what it is compared with, and the goal.
struct Finding {
  /// Whether a figure keeps its goal.
  enum Verdict: String {
    case met
    case missed
    /// There is no goal for it.
    case none = ""
  }

  /// The goal of a figure.
  enum Goal {
    case atMost(Double)
    case atLeast(Double)
  }

  let operation: String
  /// The number of entries.
  let size: String
  /// Our figure with its unit.
  let measured: String
  /// The name and figure of its counterpart; empty if it has none.
  let against: String
  /// The quantity that the goal judges.
  let result: Double
  let unit: ResultUnit
  /// The least and greatest result of single rounds.
  var spread: ClosedRange<Double>?
  var goal: Goal?

  /// The same figures without a goal.
  var unjudged: Finding {
    var finding = self
    finding.goal = nil
    return finding
  }

  var verdict: Verdict {
    switch goal {
    case .atMost(let limit): result <= limit ? .met : .missed
    case .atLeast(let limit): result >= limit ? .met : .missed
    case nil: .none
    }
  }
}

/// The unit of a result, and how it is written.
enum ResultUnit {
  case ratio
  /// A difference in nanoseconds.
  case addedNanoseconds
  case milliseconds
  case bytes
  case count

  func text(_ value: Double) -> String {
    switch self {
    case .ratio: Format.number(value, digits: value < 0.995 ? 3 : 2) + " ×"
    case .addedNanoseconds: (value < 0 ? "− " : "+ ") + Format.number(abs(value)) + " ns"
    case .milliseconds: Format.number(value, digits: 2) + " ms"
    case .bytes: Format.number(value, digits: value < 1_000 ? 2 : 0) + " B"
    case .count: Format.number(value, digits: value == value.rounded() ? 0 : 4)
    }
  }
}

extension Finding {
  /// A row that compares two entrants' times by the ratio of their medians.
  static func ratio(
    _ operation: String, size: Int, of ours: Samples, to theirs: Samples, named name: String,
    goal: Goal?
  ) -> Finding {
    Finding(
      operation: operation, size: Format.count(size), measured: Format.nanoseconds(ours.median),
      against: "\(name) \(Format.nanoseconds(theirs.median))", result: ours.median / theirs.median,
      unit: .ratio, spread: Samples.combined(ours, theirs, by: /).range, goal: goal)
  }

  /// A row that says how much longer one takes than another, in nanoseconds.
  static func difference(
    _ operation: String, size: Int, of ours: Samples, over theirs: Samples, named name: String,
    goal: Goal?
  ) -> Finding {
    Finding(
      operation: operation, size: Format.count(size), measured: Format.nanoseconds(ours.median),
      against: "\(name) \(Format.nanoseconds(theirs.median))", result: ours.median - theirs.median,
      unit: .addedNanoseconds, spread: Samples.combined(ours, theirs, by: -).range, goal: goal)
  }
}
