import Testing

@testable import UserLookup

@Suite("The page")
struct ComparisonPageTests {
  @Test("The page needs nothing from elsewhere, and escapes what a stream is called")
  func selfContained() {
    let page = ComparisonPage(Samples.report(model: Samples.model)).text
    #expect(page.contains("a &lt;stream&gt;") && !page.contains("<stream>"))
    #expect(!page.contains("<script") && !page.contains("<link") && !page.contains("src="))
    let links = page.split(separator: "http").dropFirst()
    #expect(links.allSatisfy { $0.hasPrefix("://www.w3.org/2000/svg") })
  }

  @Test("The page has both schemes, and a width for small screens")
  func schemes() {
    let page = ComparisonPage(Samples.report(model: nil)).text
    #expect(page.contains("prefers-color-scheme:dark"))
    #expect(page.contains("name=\"color-scheme\" content=\"light dark\""))
    #expect(page.contains("width=device-width"))
  }

  @Test("The page has every row of the report, and calls modelled what is")
  func rows() {
    let report = Samples.report(model: Samples.model)
    let page = ComparisonPage(report).text
    for table in [report.table] + report.modelledTables.map(\.table) {
      for cell in table.rows.joined() {
        #expect(page.contains(">\(cell.replacing("'", with: "&#39;"))<"))
      }
    }
    #expect(page.contains("<h2>Modelled: a month at 100 requests a second</h2>"))
    let plain = ComparisonPage(Samples.report(model: nil)).text
    #expect(!plain.contains("odelled") && !plain.contains("MODELLED"))
  }

  @Test("The page plots hits, latencies, and the resident set below its limit")
  func plots() throws {
    let modelled = ComparisonPage(Samples.report(model: Samples.model)).charts
    #expect(modelled.count == 4)
    #expect(ComparisonPage(Samples.report(model: nil)).charts.count == 3)
    #expect(modelled.allSatisfy { $0.hasPrefix("<svg") && $0.hasSuffix("</svg>") })
    // The hit ratio of each tenth is three quarters: one height.
    let hits = try #require(points(of: modelled[0]).first)
    #expect(hits.count == 10)
    #expect(Set(hits.map(\.y)).count == 1)
    // The limit of 128 MB lies above all that is resident.
    let memory = points(of: modelled[3])
    let limit = try #require(memory.first?.first?.y)
    #expect(memory.count == 3)
    #expect(memory.dropFirst().joined().allSatisfy { $0.y > limit })
    // Shares grow with the latency.
    for line in points(of: modelled[1]) {
      #expect(line.count == LatencyFigures.shares.count)
      for (first, second) in zip(line, line.dropFirst()) {
        #expect(first.x <= second.x && first.y >= second.y)
      }
    }
  }

  @Test("The page of a single request has coordinates that are numbers")
  func oneRequest() {
    let page = ComparisonPage(Samples.report(model: Samples.model, requests: 10)).text
    #expect(!page.contains("nan") && !page.contains("inf\""))
  }

  /// The lines of a chart.
  private func points(of chart: String) -> [[(x: Double, y: Double)]] {
    chart.matches(of: /<polyline [^>]*points="([^"]*)"/).map { match in
      match.1.split(separator: " ").compactMap { pair in
        let numbers = pair.split(separator: ",").compactMap { Double($0) }
        return numbers.count == 2 ? (x: numbers[0], y: numbers[1]) : nil
      }
    }
  }
}
