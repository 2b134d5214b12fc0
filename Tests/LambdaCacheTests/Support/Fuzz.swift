import TestSupport
import Testing

/// A history at whose end something was wrong.
struct FuzzFailure<Subject: FuzzSubject>: CustomStringConvertible {
  var seed: UInt64
  var step: Int
  var operation: Subject.Operation
  var violations: [String]
  var configuration: Subject.Configuration
  var shortest: [Subject.Operation]
  var shortestViolations: [String]

  var description: String {
    let history = shortest.enumerated().map { "  \($0 + 1). \($1)" }.joined(separator: "\n")
    return """
      \(Subject.self): seed \(seed), step \(step): \(operation)
      \(violations.joined(separator: "\n"))
      configuration: \(configuration)
      the shortest history found that fails has \(shortest.count) operations:
      \(history)
      \(shortestViolations.joined(separator: "\n"))
      replay: LAMBDA_CACHE_FUZZ_SEED=\(seed) LAMBDA_CACHE_FUZZ_ITERATIONS=1
      """
  }
}

/// Runs random histories.
///
/// `LAMBDA_CACHE_FUZZ_ITERATIONS` sets how many histories each test runs, and
/// `LAMBDA_CACHE_FUZZ_SEED` the seed of the first; without them a quick selection runs, always the
/// same.
enum Fuzz {
  /// The seed of the first history.
  static let seed = FuzzEnvironment.seed

  /// Runs histories, and records the first that fails as an issue.
  ///
  /// - Parameters:
  ///   - subject: What is driven.
  ///   - histories: How many histories run if the environment says nothing.
  ///   - steps: The operations in each.
  /// - Returns: What happened how often in all histories.
  @discardableResult
  static func run<Subject: FuzzSubject>(
    _ subject: Subject.Type, histories: Int, steps: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> [String: Int] {
    var coverage: [String: Int] = [:]
    for history in 0..<FuzzEnvironment.iterations(orElse: histories) {
      let seed = seed &+ UInt64(history) &* 0x9E37_79B9
      let failure = failure(of: subject, seed: seed, steps: steps, coverage: &coverage) {
        // Said at once, because a broken structure may die while the history is shrunk.
        FuzzNote.say("\(subject), seed \(seed): \($0)\n")
      }
      if let failure {
        Issue.record("\(failure)", sourceLocation: sourceLocation)
        return coverage
      }
    }
    return coverage
  }

  /// How many histories a test runs that does without a subject.
  static func count(orElse histories: Int) -> Int {
    FuzzEnvironment.iterations(orElse: histories)
  }

  /// Whether the environment has not shortened the run, so that coverage can be expected.
  static var isThorough: Bool { FuzzEnvironment.iterations.map { $0 >= 100 } ?? true }

  /// Runs one history.
  ///
  /// - Parameters:
  ///   - seed: The seed of configuration and operations.
  ///   - steps: How many operations there are.
  ///   - coverage: What happened how often is added to it.
  ///   - announce: Told what is wrong before the history is shrunk.
  /// - Returns: The failure, with the shortest history found, or `nil`.
  static func failure<Subject: FuzzSubject>(
    of: Subject.Type, seed: UInt64, steps: Int, coverage: inout [String: Int],
    announcing announce: (String) -> Void = { _ in }
  ) -> FuzzFailure<Subject>? {
    var random = SplitMix64(seed: seed)
    let configuration = Subject.configuration(using: &random)
    let subject = Subject(configuration)
    let note = FuzzNote(name: "\(Subject.self)", seed: seed)
    var operations: [Subject.Operation] = []
    for step in 1...steps {
      let operation = Subject.operation(in: configuration, using: &random)
      operations.append(operation)
      note.step = step
      var violations = subject.perform(operation)
      if isAudited(step: step, of: steps, size: subject.size) { violations += subject.audit() }
      guard violations.isEmpty else {
        announce("step \(step), \(operation): \(violations)")
        let (shortest, last) = shrink(operations) { candidate in
          replay(candidate, on: Subject(configuration))
        }
        return FuzzFailure(
          seed: seed, step: step, operation: operation, violations: violations,
          configuration: configuration, shortest: shortest,
          shortestViolations: last.isEmpty ? violations : last)
      }
    }
    coverage.merge(subject.coverage, uniquingKeysWith: +)
    return nil
  }

  /// Returns whether a subject is audited after a step.
  ///
  /// An audit of many entries takes ten times as long as the operation before it. What is broken
  /// there stays broken for some steps, so every eighth is enough, and every second of few entries;
  /// a history that fails is replayed with an audit after each. The operations' own results are
  /// compared after every step.
  private static func isAudited(step: Int, of steps: Int, size: Int) -> Bool {
    step.isMultiple(of: size <= 12 ? 2 : 8) || step == steps
  }

  private static func replay<Subject: FuzzSubject>(
    _ operations: [Subject.Operation], on subject: Subject
  ) -> [String] {
    for operation in operations {
      let violations = subject.perform(operation) + subject.audit()
      if !violations.isEmpty { return violations }
    }
    return []
  }
}
