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
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width,initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(content.title)</title>
      <style>\(SVG.style)\(Self.pageStyle)</style></head><body><main>
      <h1>\(content.title)</h1>
      <section class="advice\(advice.pays ? "" : " no")"><p>\(SVG.escaped(advice.paragraph))</p>
      \(variables)</section>
      \(notes)\(figures)
      <div class="charts">
      \([charts.hitsBySize, charts.costByMemory, charts.hitsByTimeToLive, charts.timeByMemory]
        .map { "<figure>\($0)</figure>" }.joined(separator: "\n"))
      </div><figure class="wide">\(charts.heatMap)</figure>
      \(table(content.memory, "By memory setting, at a time to live of \(lifetime)"))
      \(content.policies.map { table($0, "By policy") } ?? "")
      <h2>What no cache can get</h2><p>\(SVG.escaped(content.limits))</p>
      <h2>Assumptions</h2><p>\(SVG.escaped(content.assumptions))</p>
      </main></body></html>

      """
  }

  private var lifetime: String { Format.lifetime(plan.timeToLive) }

  private var variables: String {
    let variables = content.advice.variables
    return variables.isEmpty
      ? "" : "<pre>\(SVG.escaped(variables.joined(separator: "\n")))</pre>"
  }

  private var notes: String {
    let notes = content.notes.map { "<li>\(SVG.escaped($0))</li>" }
    return notes.isEmpty ? "" : "<ul class=\"notes\">\(notes.joined())</ul>"
  }

  private var figures: String {
    let figures = (content.expectations + content.facts).map {
      "<div><dt>\(SVG.escaped($0))</dt><dd>\(SVG.escaped($1))</dd></div>"
    }
    return "<dl>\(figures.joined())</dl>"
  }

  private func table(_ table: PlanContent.Table, _ title: String) -> String {
    func cells(_ texts: [String], _ tag: String) -> String {
      texts.map { "<\(tag)>\(SVG.escaped($0))</\(tag)>" }.joined()
    }
    let rows = table.rows.enumerated().map { place, row in
      "<tr\(place == table.picked ? " class=\"pick\"" : "")>\(cells(row, "td"))</tr>"
    }
    return "<h2>\(SVG.escaped(title))</h2><div class=\"scroll\"><table><thead><tr>"
      + "\(cells(table.header, "th"))</tr></thead><tbody>\(rows.joined())</tbody></table></div>"
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
