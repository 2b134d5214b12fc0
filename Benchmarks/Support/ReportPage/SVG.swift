/// Pieces of SVG.
package enum SVG {
  package static func escaped(_ text: String) -> String {
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
  package static func number(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 1e7 else { return "0" }
    let tenths = Int((number * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    return tenths % 10 == 0
      ? "\(tenths / 10)" : "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }

  package static func text(_ x: Double, _ y: Double, _ text: String, _ style: String) -> String {
    "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\">\(escaped(text))</text>"
  }

  package static func element(
    width: Double, height: Double, title: String, _ body: String
  ) -> String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(width)) \(number(height))\" "
      + "role=\"img\" aria-label=\"\(escaped(title))\">\(body)</svg>"
  }

  /// Colors of both schemes, and what charts are drawn with.
  package static let style = """
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
  package static func file(_ svg: String) -> String {
    guard let end = svg.firstIndex(of: ">") else { return svg }
    let body = svg.index(after: end)
    return svg[..<body] + "<style>" + style + "</style>" + svg[body...] + "\n"
  }
}
