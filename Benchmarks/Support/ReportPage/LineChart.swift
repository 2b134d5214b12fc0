import Workload

/// A chart of lines as SVG, in colors of style sheet variables.
package struct LineChart {
  /// A line, or the band between two.
  package struct Series {
    let name: String
    let points: [(x: Double, y: Double)]
    let upper: [(x: Double, y: Double)]
    let color: Int
    let isDashed: Bool
    let hasDots: Bool

    /// - Parameters:
    ///   - name: The name in the legend.
    ///   - points: The line, or the lower edge of a band.
    ///   - upper: The upper edge of a band; empty for a line.
    ///   - color: The number of the color, from 1 to 5.
    ///   - hasDots: Whether each point of a line is marked.
    package init(
      name: String, points: [(x: Double, y: Double)], upper: [(x: Double, y: Double)] = [],
      color: Int, isDashed: Bool = false, hasDots: Bool = true
    ) {
      self.name = name
      self.points = points
      self.upper = upper
      self.color = color
      self.isDashed = isDashed
      self.hasDots = hasDots
    }
  }

  private let title: String
  private let series: [Series]
  private let xTicks: [(place: Double, label: String)]
  private let yTicks: [(place: Double, label: String)]
  private let isLogarithmic: Bool
  private let isVerticalLogarithmic: Bool
  private let mark: (place: Double, label: String)?
  private let width: Double

  /// - Parameters:
  ///   - title: What is shown, units included.
  ///   - series: The lines.
  ///   - xTicks: Places on the horizontal axis, which reaches from the first to the last point.
  ///   - yTicks: Places on the vertical axis, which reaches from the least to the greatest of them.
  ///   - isLogarithmic: Whether places on the horizontal axis are put at their logarithms.
  ///   - isVerticalLogarithmic: Whether those on the vertical axis are.
  ///   - mark: A place on the horizontal axis that is marked.
  ///   - width: The width in units of the text, whose letters are 14 of them high.
  package init(
    title: String, series: [Series], xTicks: [(place: Double, label: String)],
    yTicks: [(place: Double, label: String)], isLogarithmic: Bool = true,
    isVerticalLogarithmic: Bool = false, mark: (place: Double, label: String)? = nil,
    width: Double = 560
  ) {
    self.title = title
    self.series = series
    self.xTicks = xTicks
    self.yTicks = yTicks
    self.isLogarithmic = isLogarithmic
    self.isVerticalLogarithmic = isVerticalLogarithmic
    self.mark = mark
    self.width = width
  }

  private static let height = 340.0
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
    return Self.left + part * (width - Self.left - Self.right)
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
  package var svg: String {
    var body = SVG.text(16, 26, title, "title")
    for tick in yTicks {
      let place = coordinate(y(tick.place))
      body +=
        "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(width - Self.right)\" "
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
    return SVG.element(width: width, height: Self.height, title: title, body)
  }

  private var marker: String {
    guard let mark else { return "" }
    let place = x(mark.place)
    let isRight = place > width * 0.75
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
      let dots = (line.hasDots ? line.points : []).map {
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
      defer { place += 34 + Double(line.name.count) * 7.8 }
      return
        "<line class=\"line s\(line.color)\(line.isDashed ? " dashed" : "")\" "
        + "x1=\"\(coordinate(place))\" x2=\"\(coordinate(place + 18))\" y1=\"44\" y2=\"44\"/>"
        + SVG.text(place + 23, 48, line.name, "tick")
    }.joined()
  }
}
