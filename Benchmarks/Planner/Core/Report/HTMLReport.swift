import ReportPage

/// A plan as one page that needs nothing else.
package struct HTMLReport {
  private let content: PlanContent
  private var plan: Plan { content.plan }

  package init(_ content: PlanContent) {
    self.content = content
  }

  package var text: String {
    let charts = Charts(plan)
    let advice = content.advice
    var page = HTMLPage(title: content.title)
    page.add(advice: advice.paragraph, isGood: advice.pays, code: variables)
    page.add(notes: content.notes)
    page.add(figures: content.expectations + content.facts)
    page.add(charts: [
      charts.hitsBySize, charts.costByMemory, charts.hitsByTimeToLive, charts.timeByMemory,
    ])
    page.add(wideChart: charts.heatMap)
    add(content.memory, "By memory setting, at a time to live of \(lifetime)", to: &page)
    if let policies = content.policies { add(policies, "By policy", to: &page) }
    page.add(heading: "What no cache can get")
    page.add(paragraph: content.limits)
    page.add(heading: "Assumptions")
    page.add(paragraph: content.assumptions)
    return page.text
  }

  private var lifetime: String { Format.lifetime(plan.timeToLive) }

  private var variables: String { content.advice.variables.joined(separator: "\n") }

  private func add(_ table: PlanContent.Table, _ title: String, to page: inout HTMLPage) {
    page.add(heading: title)
    page.add(header: table.header, rows: table.rows, picked: table.picked)
  }
}
