import ReportPage

/// The charts of a plan.
package struct Charts {
  private let plan: Plan

  package init(_ plan: Plan) {
    self.plan = plan
  }

  /// All charts, by the names of their files.
  package var files: [(name: String, svg: String)] {
    [
      ("hits-by-size.svg", SVG.file(hitsBySize)),
      ("cost-by-memory.svg", SVG.file(costByMemory)),
      ("time-by-memory.svg", SVG.file(timeByMemory)),
      ("hits-by-time-to-live.svg", SVG.file(hitsByTimeToLive)),
      ("cost-by-memory-and-time-to-live.svg", SVG.file(heatMap)),
    ]
  }

  private static let percents = stride(from: 0.0, through: 1, by: 0.2).map {
    (place: $0, label: Format.percent($0, digits: 0))
  }

  /// The ticks that lie between two places.
  private static func ticks(
    _ places: [(Double, String)], from least: Double, to most: Double
  ) -> [(place: Double, label: String)] {
    places.filter { $0.0 >= least * 0.999 && $0.0 <= most * 1.001 }
      .map { (place: $0.0, label: $0.1) }
  }

  var hitsBySize: String {
    let sizes = plan.curveSizes.map(Double.init)
    let places = (14...34).filter { $0 % 2 == 0 }.map {
      (Double(1 << $0), Format.bytes(1 << $0).replacing(".0 ", with: " "))
    }
    let size = Double(plan.points[plan.best].cacheBytes)
    let isWithin = size >= (sizes.first ?? 0) && size <= (sizes.last ?? 0)
    return LineChart(
      title: "Hit ratio by size of each cache and number of environments",
      series: plan.curves.enumerated().map { place, curve in
        LineChart.Series(
          name: "\(curve.environments)",
          points: zip(sizes, curve.ratios).map { (x: $0, y: $1) }, color: place % 5 + 1)
      },
      xTicks: Self.ticks(places, from: sizes.first ?? 0, to: sizes.last ?? 1),
      yTicks: Self.percents,
      mark: isWithin
        ? (size, "at \(Format.count(plan.points[plan.best].megabytes)) MB") : nil
    ).svg
  }

  var costByMemory: String {
    byMemory(
      "Dollars a month by memory setting in MB", plan.points.map(\.without.total),
      plan.points.map(\.cost), unit: "$")
  }

  var timeByMemory: String {
    byMemory(
      "Milliseconds of an invocation by memory setting in MB",
      plan.points.map(\.withoutFleet.meanMilliseconds), plan.points.map(\.milliseconds), unit: "")
  }

  /// A line without a cache, and a band with one.
  private func byMemory(
    _ title: String, _ without: [Double], _ with: [Span], unit: String
  ) -> String {
    let memory = plan.points.map { Double($0.megabytes) }
    func line(_ values: [Double]) -> [(x: Double, y: Double)] {
      zip(memory, values).map { (x: $0, y: $1) }
    }
    let all = without + with.map(\.low) + with.map(\.high)
    return LineChart(
      title: title,
      series: [
        LineChart.Series(
          name: "without a cache", points: line(without), color: 3, isDashed: true),
        LineChart.Series(
          name: "with a cache, between its bounds", points: line(with.map(\.low)),
          upper: line(with.map(\.high)), color: 1),
      ],
      xTicks: Self.ticks(
        [128, 256, 512, 1024, 2048, 4096, 10_240].map { (Double($0), Format.count($0)) },
        from: memory.first ?? 0, to: memory.last ?? 1),
      yTicks: Self.logarithmicTicks(from: all.min() ?? 1, to: all.max() ?? 1, unit: unit),
      isVerticalLogarithmic: true,
      mark: (Double(plan.points[plan.best].megabytes), "cheapest")
    ).svg
  }

  /// Places of 1, 2 or 5 with zeros, one below the least and one above the most; all of them where
  /// they are few, else each third.
  static func logarithmicTicks(
    from least: Double, to most: Double, unit: String
  ) -> [(place: Double, label: String)] {
    let least = least.isFinite ? max(least, 1e-4) : 1
    let most = most.isFinite ? max(most, least) : least
    let factors = [2.0, 2.5, 2.0]
    var places = [1e-4]
    while places[places.count - 1] < most, places.count < 60 {
      places.append(places[places.count - 1] * factors[(places.count - 1) % 3])
    }
    let first = max(0, (places.firstIndex { $0 > least } ?? 1) - 1)
    let range = Array(places[first...])
    let step = range.count > 7 ? 3 : 1
    var ticks = stride(from: 0, to: range.count, by: step).map { range[$0] }
    if let last = range.last, ticks.last != last { ticks.append(last) }
    return ticks.map { place in
      let digits = place >= 1 ? 0 : place >= 0.1 ? 1 : place >= 0.01 ? 2 : 4
      return (place: place, label: unit + Format.fixed(place, digits))
    }
  }

  var hitsByTimeToLive: String {
    let places = plan.options.timesToLive.indices.map(Double.init)
    let marked = plan.options.timesToLive.firstIndex(of: plan.timeToLive)
    return LineChart(
      title: "Hit ratio by time to live, at \(Format.count(plan.points[plan.best].megabytes)) MB",
      series: [
        LineChart.Series(
          name: "most recently used first",
          points: zip(places, plan.ratiosByTimeToLive).map { (x: $0, y: $1) }, color: 2)
      ],
      xTicks: zip(places, plan.options.timesToLive).map {
        (place: $0, label: Format.lifetime($1))
      },
      yTicks: Self.percents, isLogarithmic: false,
      mark: marked.map { (Double($0), "recommended") }
    ).svg
  }

  /// Dollars by memory setting and time to live.
  var heatMap: String {
    let cellWidth = 58.0
    let cellHeight = 30.0
    let (left, top) = (64.0, 48.0)
    let lives = plan.options.timesToLive
    let width = left + cellWidth * Double(plan.points.count) + 12
    let height = top + cellHeight * Double(lives.count) + 36
    let title = "Dollars a month by memory setting and time to live"
    var body = SVG.text(16, 26, title, "title")
    for (row, life) in lives.enumerated() {
      let y = top + Double(row) * cellHeight
      body += SVG.text(left - 8, y + cellHeight / 2 + 4, Format.lifetime(life), "tick end")
      for (column, cost) in plan.heatMap[row].enumerated() {
        let x = left + Double(column) * cellWidth
        let place = "x=\"\(SVG.number(x + 1))\" y=\"\(SVG.number(y + 1))\""
        let size =
          "width=\"\(SVG.number(cellWidth - 2))\" height=\"\(SVG.number(cellHeight - 2))\" rx=\"3\""
        body +=
          "<rect class=\"heat\" \(place) \(size) "
          + "fill-opacity=\"\(Format.fixed(0.06 + 0.5 * plan.heat(cost), 2))\"/>"
        body += SVG.text(x + cellWidth / 2, y + cellHeight / 2 + 4, Format.dollars(cost), "cell")
        if life == plan.timeToLive, column == plan.best {
          body += "<rect class=\"best\" \(place) \(size)/>"
        }
      }
    }
    for (column, point) in plan.points.enumerated() {
      body += SVG.text(
        left + (Double(column) + 0.5) * cellWidth, height - 14, "\(point.megabytes)",
        "tick middle")
    }
    return SVG.element(width: width, height: height, title: title, body)
  }
}
