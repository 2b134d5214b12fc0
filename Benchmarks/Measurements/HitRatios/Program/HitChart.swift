import Foundation

/// The hit ratios of one trace against the size of the cache, as SVG.
struct HitChart {
  private static let size = (width: 640.0, height: 400.0)
  private static let margin = 56.0

  let rows: [HitRow]

  /// The picture.
  func svg() -> String {
    Self.document(width: Self.size.width, height: Self.size.height, body())
  }

  /// Several pictures in one, two in a row.
  static func grid(_ charts: [HitChart]) -> String {
    let rows = (charts.count + 1) / 2
    let parts = charts.enumerated().map { place, chart in
      let (x, y) = (Double(place % 2) * size.width, Double(place / 2) * size.height)
      return "<g transform=\"translate(\(x) \(y))\">\n\(chart.body())\n</g>"
    }
    return document(
      width: 2 * size.width, height: Double(rows) * size.height, parts.joined(separator: "\n"))
  }

  private static func document(width: Double, height: Double, _ body: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
    font-family="sans-serif" font-size="15">
    <rect width="\(width)" height="\(height)" fill="white"/>
    \(body)
    </svg>

    """
  }

  /// What is in the picture.
  private func body() -> String {
    let lines: [(name: String, color: String, value: (HitRow) -> Double?)] = [
      ("adaptive", "#0a7d4b", { $0.adaptive }), ("exact", "#3558b8", { $0.exact }),
      ("knows the future", "#999999", { $0.best }),
    ]
    var parts: [String] = []
    for percent in stride(from: 0.0, through: 100, by: 20) {
      let y = vertical(percent)
      parts.append(
        "<line x1=\"\(Self.margin)\" y1=\"\(y)\" x2=\"\(Self.size.width - 16)\" y2=\"\(y)\" "
          + "stroke=\"#dddddd\"/>"
          + "<text x=\"\(Self.margin - 8)\" y=\"\(y + 4)\" text-anchor=\"end\">\(Int(percent)) %</text>"
      )
    }
    for row in rows {
      parts.append(
        "<text x=\"\(horizontal(row.percent))\" y=\"\(Self.size.height - 30)\" "
          + "text-anchor=\"middle\">\(Int(row.percent)) %</text>")
    }
    for (place, line) in lines.enumerated() {
      let points = rows.compactMap { row in
        line.value(row).map { "\(horizontal(row.percent)),\(vertical($0))" }
      }
      guard !points.isEmpty else { continue }
      parts.append(
        "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"\(line.color)\" "
          + "stroke-width=\"2.5\"/>"
          + "<text x=\"\(Self.margin + 12)\" y=\"\(24 + 18 * Double(place))\" fill=\"\(line.color)\">"
          + "\(line.name)</text>")
    }
    parts.append(
      "<text x=\"320\" y=\"392\" text-anchor=\"middle\">\(rows.first?.trace ?? ""), size in percent "
        + "of all \(rows.first?.sizes == .oneEach ? "keys" : "bytes")</text>")
    return parts.joined(separator: "\n")
  }

  /// The place of a size, which doubles in equal steps.
  private func horizontal(_ percent: Double) -> Double {
    let (first, last) = (log(HitTable.percents.first ?? 1), log(HitTable.percents.last ?? 100))
    let width = Self.size.width - Self.margin - 40
    return rounded(Self.margin + 20 + (log(percent) - first) / (last - first) * width)
  }

  private func vertical(_ percent: Double) -> Double {
    rounded(Self.size.height - Self.margin - percent / 100 * (Self.size.height - Self.margin - 16))
  }

  private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
