/// A page that needs nothing else: text, figures, charts and tables, in a light and a dark scheme.
package struct HTMLPage {
  private let title: String
  private var body = ""

  /// - Parameter title: The title and the first heading.
  package init(title: String) {
    self.title = title
  }

  package var text: String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(SVG.escaped(title))</title>
    <style>\(SVG.style)\(Self.style)</style></head><body><main>
    <h1>\(SVG.escaped(title))</h1>
    \(body)</main></body></html>

    """
  }

  package mutating func add(heading: String) {
    body += "<h2>\(SVG.escaped(heading))</h2>\n"
  }

  package mutating func add(paragraph: String) {
    body += "<p>\(SVG.escaped(paragraph))</p>\n"
  }

  /// Adds lines as they are.
  package mutating func add(code: String) {
    body += "<pre>\(SVG.escaped(code))</pre>\n"
  }

  /// Adds the conclusion.
  ///
  /// - Parameters:
  ///   - advice: A paragraph.
  ///   - isGood: Whether it speaks for the cache.
  ///   - code: Lines to paste; none if it is empty.
  package mutating func add(advice: String, isGood: Bool, code: String = "") {
    body += "<section class=\"advice\(isGood ? "" : " no")\">"
    add(paragraph: advice)
    if !code.isEmpty { add(code: code) }
    body += "</section>\n"
  }

  /// Adds reservations in small letters.
  package mutating func add(notes: [String]) {
    guard !notes.isEmpty else { return }
    let items = notes.map { "<li>\(SVG.escaped($0))</li>" }.joined()
    body += "<ul class=\"notes\">\(items)</ul>\n"
  }

  /// Adds figures in boxes.
  ///
  /// - Parameter figures: Names and figures.
  package mutating func add(figures: [(String, String)]) {
    let boxes = figures.map {
      "<div><dt>\(SVG.escaped($0))</dt><dd>\(SVG.escaped($1))</dd></div>"
    }
    body += "<dl>\(boxes.joined())</dl>\n"
  }

  /// Adds charts side by side, as far as there is room.
  ///
  /// - Parameter charts: Elements of SVG.
  package mutating func add(charts: [String]) {
    let figures = charts.map { "<figure>\($0)</figure>" }.joined(separator: "\n")
    body += "<div class=\"charts\">\n\(figures)\n</div>\n"
  }

  /// Adds a chart that takes the whole width.
  package mutating func add(wideChart: String) {
    body += "<figure class=\"wide\">\(wideChart)</figure>\n"
  }

  /// Adds a table.
  ///
  /// - Parameters:
  ///   - header: The names of the columns.
  ///   - rows: The cells of each row. One of a single cell is a heading of the rows below.
  ///   - picked: The row that is marked.
  package mutating func add(header: [String], rows: [[String]], picked: Int? = nil) {
    func cells(_ texts: [String], _ tag: String) -> String {
      texts.map { "<\(tag)>\(SVG.escaped($0))</\(tag)>" }.joined()
    }
    let lines = rows.enumerated().map { place, row in
      row.count == 1
        ? "<tr class=\"part\"><td colspan=\"\(header.count)\">\(SVG.escaped(row[0]))</td></tr>"
        : "<tr\(place == picked ? " class=\"pick\"" : "")>\(cells(row, "td"))</tr>"
    }
    body +=
      "<div class=\"scroll\"><table><thead><tr>\(cells(header, "th"))</tr></thead><tbody>"
      + "\(lines.joined())</tbody></table></div>\n"
  }

  private static let style = """

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
    figure svg{display:block;width:100%;min-width:400px}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:16px}
    .charts figure{margin:0} .wide svg{min-width:900px}
    .scroll{overflow-x:auto} table{border-collapse:collapse;font-size:14px;width:100%}
    th,td{text-align:right;padding:5px 10px;border-bottom:1px solid var(--rule);\
    white-space:nowrap} th{color:var(--soft);font-weight:500}
    th:first-child,td:first-child{text-align:left} .pick td{font-weight:700}
    .part td{padding-top:14px;font-weight:600}
    @media (max-width:640px){th,td{padding:5px 4px;font-size:13px}\
    td:first-child{white-space:normal} figure svg{min-width:340px}}
    """
}
