/// A plan as one page that needs nothing else.
package struct HTMLReport {
  private let plan: Plan
  private let advice: Advice

  package init(_ plan: Plan, _ advice: Advice) {
    self.plan = plan
    self.advice = advice
  }

  package var text: String {
    let charts = Charts(plan)
    let title = plan.intake.log.isSynthetic ? "A plan from a synthetic log" : "A plan for a cache"
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width,initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>\(SVG.style)\(Self.pageStyle)</style></head><body><main>
      <h1>\(title)</h1>
      <section class="advice\(advice.pays ? "" : " no")"><p>\(SVG.escaped(advice.paragraph))</p>
      \(variables)</section>
      \(notes)\(figures)
      <div class="charts">
      \([charts.hitsBySize, charts.costByMemory, charts.hitsByTimeToLive, charts.timeByMemory]
        .map { "<figure>\($0)</figure>" }.joined(separator: "\n"))
      </div><figure class="wide">\(charts.heatMap)</figure>
      \(memoryTable)
      <h2>What no cache can get</h2><p>\(SVG.escaped(TextReport.limits(plan)))</p>
      <h2>Assumptions</h2><p>\(SVG.escaped(TextReport.assumptions(plan)))</p>
      </main></body></html>

      """
  }

  private var variables: String {
    advice.variables.isEmpty
      ? "" : "<pre>\(SVG.escaped(advice.variables.joined(separator: "\n")))</pre>"
  }

  private var notes: String {
    let issues = plan.intake.issues.issues.map {
      "\(Format.count($0.count)) left out: \($0.reason) (\($0.places.joined(separator: ", ")))."
    }
    let notes = advice.warnings + issues
    guard !notes.isEmpty else { return "" }
    return "<ul class=\"notes\">"
      + notes.map { "<li>\(SVG.escaped($0))</li>" }.joined() + "</ul>"
  }

  private var figures: String {
    let log = plan.intake.log
    let figures = [
      ("requests", Format.count(log.requestsRead)),
      ("keys", Format.count(plan.facts.distinct)),
      ("span", Format.duration(milliseconds: Double(log.spanMilliseconds))),
      ("hits", Format.span(Advice.hitRatio(plan)) { Format.percent($0) }),
      ("saved a month", Format.span(advice.saving) { Format.dollars($0) }),
    ]
    return "<dl>"
      + figures.map { "<div><dt>\($0)</dt><dd>\(SVG.escaped($1))</dd></div>" }.joined() + "</dl>"
  }

  private var memoryTable: String {
    var rows = ""
    for (place, point) in plan.points.enumerated() {
      let cells = [
        "\(Format.count(point.megabytes)) MB",
        Format.fixed(Double(point.megabytes) / Workload.processorMegabytes, 2),
        Format.bytes(point.cacheBytes),
        Format.span(point.hitRatio) { Format.percent($0) },
        Format.span(point.environments) { Format.fixed($0, 1) },
        Format.span(point.milliseconds) { Format.fixed($0, 1) },
        Format.dollars(point.without.total),
        Format.span(point.cost) { Format.dollars($0) },
      ]
      rows +=
        "<tr\(place == plan.best ? " class=\"pick\"" : "")>"
        + cells.map { "<td>\(SVG.escaped($0))</td>" }.joined() + "</tr>"
    }
    let header = [
      "memory setting", "vCPU", "for caches", "hits", "environments", "ms", "without a cache",
      "with a cache",
    ]
    return "<h2>By memory setting, at a time to live of \(Format.lifetime(plan.timeToLive))</h2>"
      + "<div class=\"scroll\"><table><thead><tr>"
      + header.map { "<th>\($0)</th>" }.joined()
      + "</tr></thead><tbody>\(rows)</tbody></table></div>"
  }

  private static let pageStyle = """

    body{margin:0;background:var(--paper);color:var(--ink);\
    font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
    main{max-width:1120px;margin:0 auto;padding:24px 16px 48px}
    h1{font-size:26px;margin:0 0 16px} h2{font-size:18px;margin:32px 0 8px}
    .advice{background:var(--panel);border-left:4px solid var(--c2);padding:4px 16px;\
    border-radius:4px} .advice.no{border-color:var(--heat)}
    pre{overflow-x:auto;background:var(--paper);border:1px solid var(--rule);padding:10px 12px;\
    border-radius:4px;font:14px ui-monospace,Menlo,Consolas,monospace}
    .notes{color:var(--soft);font-size:14px;padding-left:20px}
    dl{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0}
    dl div{flex:1 1 130px;background:var(--panel);border-radius:4px;padding:8px 12px}
    dt{color:var(--soft);font-size:13px} dd{margin:0;font-weight:600}
    figure{margin:24px 0;border:1px solid var(--rule);border-radius:4px;overflow-x:auto}
    figure svg{display:block;width:100%}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:16px}
    .charts figure{margin:0} .wide svg{min-width:900px}
    .scroll{overflow-x:auto} table{border-collapse:collapse;font-size:14px;width:100%}
    th,td{text-align:right;padding:5px 10px;border-bottom:1px solid var(--rule);\
    white-space:nowrap} th{color:var(--soft);font-weight:500}
    th:first-child,td:first-child{text-align:left} .pick td{font-weight:700}
    """
}
