import ArgumentParser
import Foundation

/// The command line of this program: measures and prints.
@main
struct SpeedTableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "SpeedTable",
    abstract: "What do the caches cost in time and memory, beside their goals?",
    discussion: """
      Measures hits, evicting inserts, threads, loads, growth and memory in one run, entrants taking \
      turns. A result is the ratio (or the difference) of the medians of all rounds; "rounds" is the \
      range of single rounds.

      It takes three minutes, with --quick half a minute. It needs nothing but a machine that does \
      little else. Built without -c release, it refuses to run.
      """,
    subcommands: [MemoryProbeCommand.self])

  @Flag(help: "Fewer rows, fewer and shorter rounds: half a minute instead of three.")
  var quick = false

  @Flag(help: "Print Markdown.")
  var markdown = false

  /// The goals that end the program with an error if they are missed.
  enum Check: String, ExpressibleByArgument, CaseIterable {
    /// Figures that are equal on every machine: bytes and allocations.
    case counts
    /// Times as well.
    case all
  }

  @Option(help: "Fail if a goal is missed: of the rows about bytes and allocations, or of all.")
  var check: Check?

  func validate() throws {
    var isChecked = false
    assert(
      {
        isChecked = true
        return true
      }())
    if isChecked {
      throw ValidationError("This program was built for debugging; build it with -c release.")
    }
  }

  func run() async throws {
    let effort: Effort = quick ? .quick : .full
    let report = Report(style: markdown ? .markdown : .plain)
    print(Machine.lines(command: command).joined(separator: markdown ? "  \n" : "\n"), "\n")
    fflush(nil)
    var findings: [Finding] = []
    func show(_ title: String, _ new: [Finding]) {
      findings += new
      print(report.text(of: Report.Section(title: title, findings: new)))
      fflush(nil)
    }
    show("Hits among 1,000 entries", smallHits(effort))
    show("Hits among 100,000 entries", largeHits(effort))
    show("Evicting inserts", insertions(effort))
    show(
      "Threads, loads, growth",
      ThreadMeasurement<IntegerWorkbench>(effort: effort).findings()
        + ThreadMeasurement<TextWorkbench>(effort: effort).findings()
        + (try await AsyncMeasurement(size: 1_000, effort: effort).findings())
        + (try await LoadMeasurement(effort: effort).findings())
        + GrowthMeasurement(effort: effort).findings())
    show("Expiry", MassExpiry(effort: effort).findings())
    let memory = try MemoryMeasurement().findings()
    show("Memory", memory)
    print(Report.summary(of: findings))
    let judged =
      switch check {
      case .counts: memory
      case .all: findings
      case nil: [Finding]()
      }
    if judged.contains(where: { $0.verdict == .missed }) { throw ExitCode.failure }
  }

  private var command: String {
    "Benchmarks/run SpeedTable" + (quick ? " --quick" : "")
      + (markdown ? " --markdown" : "") + (check.map { " --check \($0.rawValue)" } ?? "")
  }

  private func smallHits(_ effort: Effort) -> [Finding] {
    HitMeasurement<TextWorkbench>(
      size: 1_000,
      goals: .init(unique: 0.5, shared: 0.6, textbook: 0.2, adaptive: 1, foundation: 0.1),
      effort: effort
    ).findings()
      + HitMeasurement<IntegerWorkbench>(
        size: 1_000,
        goals: .init(unique: 0.6, shared: 0.8, textbook: 0.2, adaptive: 1, foundation: 0.1),
        effort: effort
      ).findings()
  }

  private func largeHits(_ effort: Effort) -> [Finding] {
    HitMeasurement<TextWorkbench>(
      size: 100_000,
      goals: .init(unique: 0.7, shared: 0.75, textbook: 0.25, adaptive: 0.85, foundation: nil),
      effort: effort
    ).findings()
      + HitMeasurement<IntegerWorkbench>(
        size: 100_000,
        goals: .init(unique: 0.8, shared: 1.1, textbook: 0.25, adaptive: 0.85, foundation: nil),
        effort: effort
      ).findings()
  }

  /// Insertions against the textbook: a fifth, and with String keys a quarter where the caches of
  /// the processor no longer help.
  private func insertions(_ effort: Effort) -> [Finding] {
    InsertionMeasurement<IntegerWorkbench>(size: 1_000, goal: 0.2, effort: effort).findings()
      + InsertionMeasurement<TextWorkbench>(size: 1_000, goal: 0.2, effort: effort).findings()
      + InsertionMeasurement<IntegerWorkbench>(size: 100_000, goal: 0.2, effort: effort).findings()
      + InsertionMeasurement<TextWorkbench>(size: 100_000, goal: 0.25, effort: effort).findings()
  }
}
