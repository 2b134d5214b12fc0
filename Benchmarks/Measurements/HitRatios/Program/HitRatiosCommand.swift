import ArgumentParser
import Foundation

/// The command line of this program: measures and prints.
@main
struct HitRatiosCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "HitRatios",
    abstract: "How many more hits does the adaptive policy get from the same bytes?",
    discussion: """
      For each recorded trace and five sizes of a cache: the hit ratios of the exact cache, of the \
      adaptive one, of its prototype, and of one that knows all requests to come. The traces are \
      files of unsigned 32-bit numbers, a key for each request, and are looked for in \
      LAMBDA_CACHE_TRACES, or in shared/traces beside the clone.

      It takes half a minute.
      """)

  @Option(help: "The folder of the traces.")
  var traces: String?

  @Option(help: "Only this trace.")
  var only: String?

  @Option(help: "The most requests of a trace.")
  var requests = 1_000_000

  @Option(help: "Write a picture of each trace, NAME-SIZES.svg, into this folder.")
  var pictures: String?

  @Flag(help: "Exit with an error if a goal is missed.")
  var check = false

  private static let names = [
    "web07", "cpio", "adaptsize", "oltp", "corda", "orm-busy", "pairs", "phases",
  ]

  /// What the picture of four shows: web pages, disk blocks, a content network and a database.
  private static let overview: [(String, Trace.Sizes)] = [
    ("web07", .oneEach), ("cpio", .own), ("adaptsize", .own), ("orm-busy", .drawn),
  ]

  private var folder: URL {
    let clone = URL(filePath: #filePath).pathComponents.dropLast(5).joined(separator: "/")
    return URL(
      filePath: traces ?? ProcessInfo.processInfo.environment["LAMBDA_CACHE_TRACES"]
        ?? "\(clone)/../shared/traces")
  }

  func run() throws {
    var table = HitTable(folder: folder.standardizedFileURL, requests: requests)
    print(HitTable.title)
    table.measure(only.map { [$0] } ?? Self.names) { print(HitTable.line($0)) }
    guard !table.rows.isEmpty else {
      throw ValidationError("There is no trace in \(folder.path()).")
    }
    let (text, isMet) = table.summary()
    print(text)
    if let pictures { try draw(table.rows, into: URL(filePath: pictures)) }
    var savings = SavingsTable(folder: folder.standardizedFileURL, requests: requests)
    print(SavingsTable.title)
    savings.measure(only.map { [$0] } ?? Self.names) { print(SavingsTable.line($0)) }
    let (savingsText, isSaving) = savings.summary()
    print(savingsText)
    if check, !(isMet && isSaving) { throw ExitCode.failure }
  }

  private func draw(_ rows: [HitRow], into folder: URL) throws {
    for (name, rows) in Dictionary(grouping: rows, by: { "\($0.trace)-\($0.sizes.rawValue)" }) {
      let file = "\(name.replacing(" ", with: "-")).svg"
      try HitChart(rows: rows).svg().write(
        to: folder.appending(path: file), atomically: true, encoding: .utf8)
    }
    let overview = Self.overview.map { trace, sizes in
      HitChart(rows: rows.filter { $0.trace == trace && $0.sizes == sizes })
    }
    guard overview.allSatisfy({ !$0.rows.isEmpty }) else { return }
    try HitChart.grid(overview).write(
      to: folder.appending(path: "overview.svg"), atomically: true, encoding: .utf8)
  }
}
