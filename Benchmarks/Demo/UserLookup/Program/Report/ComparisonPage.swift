import Foundation
import ReportPage

/// The two phases as one page with plots that needs nothing else.
struct ComparisonPage {
  let report: ComparisonReport

  init(_ report: ComparisonReport) {
    self.report = report
  }

  static let defaultName = "user-lookup.html"

  /// The file that is written when none is named.
  static func path(besideDatabase path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent()
      .appendingPathComponent(defaultName).path
  }

  private var cached: PhaseResult { report.cached }
  private var uncached: PhaseResult { report.uncached }

  var text: String {
    var page = HTMLPage(title: "What a cache saves a function that looks users up")
    page.add(
      advice: conclusion,
      isGood: report.months.map { $0.cached.price < $0.uncached.price }
        ?? (cached.databaseReads < uncached.databaseReads))
    page.add(figures: figures)
    page.add(charts: charts)
    page.add(heading: "Measured")
    page.add(header: report.table.headings, rows: report.table.rows)
    for (title, table) in report.modelledTables {
      page.add(heading: "Modelled: \(title)")
      page.add(header: table.headings, rows: table.rows)
    }
    if let budget = cached.budget {
      page.add(heading: "Memory budget of the cache")
      page.add(code: budget)
    }
    page.add(heading: "How to read the figures")
    page.add(paragraph: report.assumptions.joined(separator: " "))
    return page.text
  }

  private var conclusion: String {
    let measured = """
      \(report.streamDescription). Of them \(Format.count(cached.databaseReads)) reached the \
      database with the cache, in a function of \(report.memory), and \
      \(Format.count(uncached.databaseReads)) without it.
      """
    guard let model = report.model, let months = report.months else { return measured }
    return measured + """
       Modelled: with a database whose reads take \
      \(Format.duration(nanoseconds: model.readLatency)) and cost \
      \(Format.price(model.millionReadsPrice)) a million, a month at \
      \(Format.shortest(model.requestsPerSecond)) requests a second costs \
      \(Format.dollars(months.cached.price, digits: 2)) in the place of \
      \(Format.dollars(months.uncached.price, digits: 2)).
      """
  }

  private var figures: [(String, String)] {
    var figures = [
      ("hit ratio", Format.percent(cached.cache?.hits ?? 0, of: cached.requests)),
      ("median lookup", Format.duration(nanoseconds: cached.latency.median)),
      ("without cache", Format.duration(nanoseconds: uncached.latency.median)),
      ("peak resident set", Format.mebibytes(cached.peakResidentByteCount)),
    ]
    if let months = report.months {
      figures.append(
        (
          "saved a month (modelled)",
          Format.dollars(months.uncached.price - months.cached.price, digits: 2)
        ))
    }
    return figures
  }
}
