/// A chart of lines as SVG, in colors of style sheet variables.
struct LineChart {
  /// A line, or the band between two.
  struct Series {
    var name: String
    var points: [(x: Double, y: Double)]
    /// The upper edge of a band; empty for a line.
    var upper: [(x: Double, y: Double)] = []
    /// The number of the color, from 1.
    var color: Int
    var isDashed = false
  }

  var title: String
  var series: [Series]
  var xTicks: [(place: Double, label: String)]
  var yTicks: [(place: Double, label: String)]
  /// Whether places on the horizontal axis are put at their logarithms.
  var isLogarithmic = true
  /// Whether those on the vertical axis are.
  var isVerticalLogarithmic = false
  /// A place on the horizontal axis that is marked.
  var mark: (place: Double, label: String)?

  static let width = 560.0
  static let height = 340.0
  private static let left = 60.0
  private static let right = 28.0
  private static let top = 64.0
  private static let bottom = 40.0

  private func scaled(_ place: Double) -> Double {
    isLogarithmic ? Logarithm.natural(max(place, 1e-9)) : place
  }

  private func x(_ place: Double) -> Double {
    let all = series.flatMap { $0.points.map(\.x) }
    let (least, most) = (scaled(all.min() ?? 0), scaled(all.max() ?? 1))
    let part = most > least ? (scaled(place) - least) / (most - least) : 0.5
    return Self.left + part * (Self.width - Self.left - Self.right)
  }

  private func y(_ place: Double) -> Double {
    func scaled(_ place: Double) -> Double {
      isVerticalLogarithmic ? Logarithm.natural(max(place, 1e-9)) : place
    }
    let most = scaled(yTicks.map(\.place).max() ?? 1)
    let least = scaled(yTicks.map(\.place).min() ?? 0)
    let part = most > least ? (scaled(place) - least) / (most - least) : 0
    return Self.height - Self.bottom - part * (Self.height - Self.top - Self.bottom)
  }

  private func coordinate(_ number: Double) -> String { SVG.number(number) }

  private func path(_ points: [(x: Double, y: Double)]) -> String {
    points.map { "\(coordinate(x($0.x))),\(coordinate(y($0.y)))" }.joined(separator: " ")
  }

  /// The chart.
  var svg: String {
    var body = SVG.text(16, 26, title, "title")
    for tick in yTicks {
      let place = coordinate(y(tick.place))
      body +=
        "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" "
        + "y1=\"\(place)\" y2=\"\(place)\"/>"
      body += SVG.text(Self.left - 8, y(tick.place) + 4, tick.label, "tick end")
    }
    for tick in xTicks {
      let place = coordinate(x(tick.place))
      body +=
        "<line class=\"grid\" x1=\"\(place)\" x2=\"\(place)\" y1=\"\(Self.top)\" "
        + "y2=\"\(Self.height - Self.bottom)\"/>"
      body += SVG.text(x(tick.place), Self.height - 16, tick.label, "tick middle")
    }
    body += marker + lines + legend
    return SVG.element(width: Self.width, height: Self.height, title: title, body)
  }

  private var marker: String {
    guard let mark else { return "" }
    let place = x(mark.place)
    let isRight = place > Self.width * 0.75
    return
      "<line class=\"mark\" x1=\"\(coordinate(place))\" x2=\"\(coordinate(place))\" "
      + "y1=\"\(Self.top)\" y2=\"\(Self.height - Self.bottom)\"/>"
      + SVG.text(
        place + (isRight ? -6 : 6), Self.height - Self.bottom - 8, mark.label,
        isRight ? "tick end" : "tick")
  }

  private var lines: String {
    series.map { line in
      if !line.upper.isEmpty {
        return "<polygon class=\"band f\(line.color)\" points=\"\(path(line.points)) "
          + "\(path(line.upper.reversed()))\"><title>\(SVG.escaped(line.name))</title></polygon>"
          + "<polyline class=\"line s\(line.color)\" points=\"\(path(line.points))\"/>"
          + "<polyline class=\"line s\(line.color)\" points=\"\(path(line.upper))\"/>"
      }
      let dots = line.points.map {
        "<circle class=\"f\(line.color)\" cx=\"\(coordinate(x($0.x)))\" "
          + "cy=\"\(coordinate(y($0.y)))\" r=\"2.5\"/>"
      }.joined()
      return "<polyline class=\"line s\(line.color)\(line.isDashed ? " dashed" : "")\" "
        + "points=\"\(path(line.points))\"><title>\(SVG.escaped(line.name))</title></polyline>"
        + dots
    }.joined()
  }

  private var legend: String {
    var place = Self.left
    return series.map { line in
      defer { place += 34 + Double(line.name.count) * 7.4 }
      return
        "<line class=\"line s\(line.color)\(line.isDashed ? " dashed" : "")\" "
        + "x1=\"\(coordinate(place))\" x2=\"\(coordinate(place + 18))\" y1=\"44\" y2=\"44\"/>"
        + SVG.text(place + 23, 48, line.name, "tick")
    }.joined()
  }
}

/// Pieces of SVG.
enum SVG {
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.append(character)
      }
    }
    return escaped
  }

  /// A coordinate with a tenth; where it is no number, zero.
  static func number(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 1e7 else { return "0" }
    let tenths = Int((number * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    return tenths % 10 == 0
      ? "\(tenths / 10)" : "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }

  static func text(_ x: Double, _ y: Double, _ text: String, _ style: String) -> String {
    "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\">\(escaped(text))</text>"
  }

  static func element(width: Double, height: Double, title: String, _ body: String) -> String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(width)) \(number(height))\" "
      + "role=\"img\" aria-label=\"\(escaped(title))\">\(body)</svg>"
  }

  /// Colors of both schemes, and what charts are drawn with.
  static let style = """
    :root{--paper:#ffffff;--ink:#1d2530;--soft:#5b6675;--rule:#dfe4ea;--panel:#f5f7f9;\
    --heat:#d9480f;--c1:#0b5fa5;--c2:#1f8a4c;--c3:#b45309;--c4:#8b3fb0;--c5:#c2255c}
    @media (prefers-color-scheme:dark){:root{--paper:#12161c;--ink:#e6eaf0;--soft:#9aa6b5;\
    --rule:#2b333e;--panel:#1a2028;--heat:#ff922b;--c1:#6cb6ff;--c2:#63d08d;--c3:#f0b458;\
    --c4:#d2a0f5;--c5:#ff8fb1}}
    svg{background:var(--paper)}
    svg text{font:14px system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--soft)}
    svg .title{font-size:15px;font-weight:600;fill:var(--ink)}
    svg .cell{font-size:12px;fill:var(--ink);text-anchor:middle}
    svg .end{text-anchor:end} svg .middle{text-anchor:middle}
    svg .grid{stroke:var(--rule);stroke-width:1}
    svg .mark{stroke:var(--ink);stroke-width:1;stroke-dasharray:2 4}
    svg .line{fill:none;stroke-width:2} svg .dashed{stroke-dasharray:6 4}
    svg .band{opacity:.22} svg .heat{fill:var(--heat)}
    svg .best{fill:none;stroke:var(--ink);stroke-width:2.5}
    svg .s1{stroke:var(--c1)} svg .s2{stroke:var(--c2)} svg .s3{stroke:var(--c3)}
    svg .s4{stroke:var(--c4)} svg .s5{stroke:var(--c5)}
    svg .f1{fill:var(--c1)} svg .f2{fill:var(--c2)} svg .f3{fill:var(--c3)}
    svg .f4{fill:var(--c4)} svg .f5{fill:var(--c5)}
    """

  /// A chart as a file of its own.
  static func file(_ svg: String) -> String {
    guard let end = svg.firstIndex(of: ">") else { return svg }
    let body = svg.index(after: end)
    return svg[..<body] + "<style>" + style + "</style>" + svg[body...] + "\n"
  }
}
