import AllocationLedger
import ArgumentParser
import Foundation

/// The command line of this program: measures and prints.
@main
struct SizeTableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "SizeTable",
    abstract: "Are estimated sizes those of the allocator, and of the resident set?",
    discussion: """
      For each kind of value: what thousands of values say they own on the heap, what the \
      allocator handed out for them, and the time of one estimate. With --caches, for a whole \
      cache of each kind: what it counts, and by how much the resident set of its process grew.

      It takes a minute, with --quick ten seconds, with --caches a quarter of an hour. It needs Linux \
      with glibc. Built without -c release, it refuses to run.
      """,
    subcommands: [CacheProbeCommand.self])

  @Flag(help: "A tenth of the values and entries, and fewer rounds.")
  var quick = false

  @Flag(help: "Measure whole caches instead of single values.")
  var caches = false

  @Option(help: "With --caches, how many entries a cache holds.")
  var entries = 1_000_000

  @Option(help: "With --caches, the memory that one may take; of large values it holds fewer.")
  var mebibytes = 1_024

  @Flag(help: "Print Markdown.")
  var markdown = false

  @Flag(help: "Exit with an error if a goal is missed.")
  var check = false

  @Option(help: "Only the kinds whose name or corpus contains this.")
  var only: String?

  func validate() throws {
    var isDebugBuild = false
    assert(
      {
        isDebugBuild = true
        return true
      }())
    if isDebugBuild {
      throw ValidationError("This program was built for debugging; build it with -c release.")
    }
    guard entries > 0, mebibytes > 0 else {
      throw ValidationError("--entries and --mebibytes are at least 1.")
    }
    if !allocation_ledger_is_available() {
      throw ValidationError("The allocator of this system cannot be observed.")
    }
  }

  func run() throws {
    let corpora = Corpus.allCases.map { corpus in
      (
        corpus,
        corpus.kinds.filter { kind in
          only.map { kind.name.contains($0) || corpus.rawValue.contains($0) } ?? true
        }
      )
    }.filter { !$0.1.isEmpty }
    let missed =
      caches ? try printCaches(corpora) : printSizes(corpora)
    for line in missed { print("missed: \(line)") }
    if missed.isEmpty { print("all goals are met") }
    if check, !missed.isEmpty { throw ExitCode.failure }
  }

  /// Prints the table of single values; returns the goals that are missed.
  private func printSizes(_ corpora: [(Corpus, [Kind])]) -> [String] {
    var missed: [String] = []
    for (corpus, kinds) in corpora {
      var table = TextTable(
        headings: ["\(corpus.rawValue)", "bytes stated", "allocated", "difference", "ns"])
      var stated = 0.0
      var allocated = 0.0
      for kind in kinds {
        let figures = kind.measureSize(quick ? 2_000 : 20_000)
        let time = kind.measureTime(quick ? 5 : 15)
        stated += Double(figures.stated) / Double(figures.count)
        allocated += Double(figures.allocated) / Double(figures.count)
        table.rows.append([
          kind.name, Format.bytesPerValue(figures.stated, figures.count),
          Format.bytesPerValue(figures.allocated, figures.count),
          Format.percent(figures.deviation), Format.nanoseconds(time),
        ])
        if abs(figures.deviation) > Goal.kind {
          missed.append("\(kind.name): \(Format.percent(figures.deviation))")
        }
        if let goal = Goal.nanoseconds(for: kind), time > goal {
          missed.append("\(kind.name): \(Format.nanoseconds(time)) ns")
        }
      }
      let deviation = 100 * (stated - allocated) / allocated
      if abs(deviation) > Goal.corpus {
        missed.append("\(corpus.rawValue): \(Format.percent(deviation))")
      }
      table.rows.append(["all", "", "", Format.percent(deviation), ""])
      print(table.text(markdown: markdown), "\n")
    }
    return missed
  }

  /// Prints the table of whole caches; returns the goals that are missed.
  private func printCaches(_ corpora: [(Corpus, [Kind])]) throws -> [String] {
    var missed: [String] = []
    var table = TextTable(
      headings: [
        "whole cache", "entries", "MiB counted", "allocated", "difference", "resident",
        "difference",
      ])
    for kind in corpora.flatMap(\.1) {
      let figures = try CacheFigures.inOwnProcess(
        kind, atMost: max(1, entries / (quick ? 10 : 1)), mebibytes: mebibytes)
      table.rows.append([
        kind.name, Format.count(figures.count), Format.mebibytes(figures.byteCount),
        Format.mebibytes(figures.allocated), Format.percent(figures.allocatedDeviation),
        Format.mebibytes(figures.residentGrowth), Format.percent(figures.residentDeviation),
      ])
      if figures.allocatedDeviation < -Goal.cacheBelow {
        missed.append(
          "cache of \(kind.name): \(Format.percent(figures.allocatedDeviation)) of allocated")
      }
      if abs(figures.residentDeviation) > Goal.cache {
        missed.append(
          "cache of \(kind.name): \(Format.percent(figures.residentDeviation)) of resident")
      }
    }
    print(table.text(markdown: markdown), "\n")
    return missed
  }
}

/// The command that the program starts itself with.
struct CacheProbeCommand: ParsableCommand {
  static let name = "cache-probe"
  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Fills one cache in this process.", shouldDisplay: false)

  @Argument(help: "The kind of value.")
  var kind: String

  @Argument(help: "The most entries.")
  var entries: Int

  @Argument(help: "The memory that they may take.")
  var mebibytes: Int

  func run() throws {
    guard let kind = Corpus.allCases.flatMap(\.kinds).first(where: { $0.name == kind }) else {
      throw ValidationError("There is no kind '\(kind)'.")
    }
    let figures = try kind.measureCache(entries, mebibytes << 20)
    FileHandle.standardOutput.write(try JSONEncoder().encode(figures))
  }
}
