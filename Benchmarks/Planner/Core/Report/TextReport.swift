/// A plan for a terminal.
package struct TextReport {
  private let content: PlanContent
  private var plan: Plan { content.plan }

  package init(_ content: PlanContent) {
    self.content = content
  }

  package var text: String {
    [
      content.title.uppercased() + "\n", wrapped(content.advice.paragraph), variables, notes,
      factTable, curveTable, memoryTable, policyTable, lifetimeTable, heatMapTable,
      wrapped("What no cache can get: " + content.limits),
      wrapped("Assumed: " + content.assumptions),
    ].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var variables: String { content.advice.variables.map { "  \($0)\n" }.joined() }

  private var notes: String { content.notes.map { wrapped("! " + $0) }.joined() }

  private var factTable: String {
    var table = TextTable(["The log", ""])
    for (name, text) in content.facts { table.add([name, text]) }
    return table.text
  }

  private var curveTable: String {
    var table = TextTable(
      ["Hit ratio: bytes of each cache"]
        + plan.curves.map { "\($0.environments) env." } + ["with one environment"])
    for (place, size) in plan.curveSizes.enumerated() {
      table.add(
        [Format.bytes(size)] + plan.curves.map { Format.percent($0.ratios[place]) }
          + [TextPlot.bar(plan.curves.first?.ratios[place] ?? 0, width: 24)])
    }
    return table.text
  }

  private var memoryTable: String {
    let most = plan.points.map { max($0.without.total, $0.cost.high) }.max() ?? 1
    return marked(content.memory, bars: plan.points.map { $0.cost.middle / most })
  }

  private var policyTable: String { content.policies.map { marked($0, bars: []) } ?? "" }

  /// A table, the recommended row marked, with bars behind the rows if there are any.
  private func marked(_ content: PlanContent.Table, bars: [Double]) -> String {
    var table = TextTable(content.header + (bars.isEmpty ? [] : ["dollars a month"]))
    for (place, row) in content.rows.enumerated() {
      var row = row
      if place == content.picked { row[0] += " ◀" }
      table.add(bars.isEmpty ? row : row + [TextPlot.bar(bars[place], width: 24)])
    }
    return table.text
  }

  private var lifetimeTable: String {
    let megabytes = plan.points[plan.best].megabytes
    var table = TextTable(["Time to live", "hits", "a month", "hits at \(megabytes) MB"])
    for (place, life) in plan.options.timesToLive.enumerated() {
      table.add([
        Format.lifetime(life) + (life == plan.timeToLive ? " ◀" : ""),
        Format.percent(plan.ratiosByTimeToLive[place]),
        Format.dollars(plan.heatMap[place][plan.best]),
        TextPlot.bar(plan.ratiosByTimeToLive[place], width: 24),
      ])
    }
    return table.text
  }

  private var heatMapTable: String {
    let columns = plan.points.indices.filter { $0 % 2 == 0 || $0 == plan.best }
    var table = TextTable(
      ["Dollars a month"] + columns.map { "\(plan.points[$0].megabytes) MB" })
    for (row, life) in plan.options.timesToLive.enumerated() {
      table.add(
        [Format.lifetime(life)]
          + columns.map { column in
            let cost = plan.heatMap[row][column]
            return Format.dollars(cost) + " " + TextPlot.shade(plan.heat(cost))
          })
    }
    return table.text
  }

  /// Lines of at most 96 characters.
  private func wrapped(_ text: String) -> String {
    var lines = ""
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + word.count + 1 > 96 {
        lines += line + "\n"
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + line + "\n"
  }
}
