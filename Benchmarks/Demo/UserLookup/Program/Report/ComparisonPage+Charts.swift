import ReportPage

extension ComparisonPage {
  private static let width = 460.0

  /// The plots.
  var charts: [String] {
    var charts = [
      hitRatio,
      latency("Share of lookups that take at most so long", report.phases.map(\.latency)),
    ]
    let modelled = report.phases.compactMap(\.modelledLatency)
    if let model = report.model, modelled.count == report.phases.count {
      let read = Self.duration(Double(model.readLatency))
      charts.append(latency("MODELLED: the same, \(read) added to each read", modelled))
    }
    return charts + [memory]
  }

  /// The hit ratio over the requests: of each hundredth, and of all so far.
  private var hitRatio: String {
    let samples = report.cached.samples
    var before = PhaseSample(requests: 0, hits: 0, residentByteCount: 0)
    var each: [(x: Double, y: Double)] = []
    for sample in samples {
      let part = Double(sample.hits - before.hits) / Double(sample.requests - before.requests)
      each.append((x: Double(sample.requests), y: part))
      before = sample
    }
    return LineChart(
      title: "Hit ratio by requests",
      series: [
        LineChart.Series(name: "each hundredth", points: each, color: 1, hasDots: false),
        LineChart.Series(
          name: "so far",
          points: samples.map {
            (x: Double($0.requests), y: Double($0.hits) / Double($0.requests))
          },
          color: 2, isDashed: true, hasDots: false),
      ],
      xTicks: requestTicks, yTicks: Self.shares, isLogarithmic: false, width: Self.width
    ).svg
  }

  private func latency(_ title: String, _ figures: [LatencyFigures]) -> String {
    let series = zip(report.phases, figures).enumerated().map { place, phase in
      LineChart.Series(
        name: phase.0.mode.label,
        points: zip(phase.1.quantiles, LatencyFigures.shares).map {
          (x: Double(max($0, 1)), y: $1)
        },
        color: place == 0 ? 3 : 1, isDashed: place == 0, hasDots: false)
    }
    let all = figures.flatMap(\.quantiles)
    let (least, most) = (Double(max(all.min() ?? 1, 1)), Double(all.max() ?? 1))
    let powers = [1.0, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10]
    return LineChart(
      title: title, series: series,
      xTicks: powers.filter { $0 >= least && $0 <= most }.map {
        (place: $0, label: Self.duration($0))
      },
      yTicks: Self.shares, width: Self.width
    ).svg
  }

  /// The resident set over the requests, and the function's memory.
  private var memory: String {
    let limit = Double(report.cost.memoryMegabytes)
    let ends = [1, Double(report.cached.requests)]
    func line(_ phase: PhaseResult) -> [(x: Double, y: Double)] {
      phase.samples.map {
        (x: Double($0.requests), y: Double($0.residentByteCount) / 1_048_576)
      }
    }
    return LineChart(
      title: "Resident set by requests, MB",
      series: [
        LineChart.Series(
          name: "limit", points: ends.map { (x: $0, y: limit) }, color: 5, isDashed: true,
          hasDots: false),
        LineChart.Series(
          name: "without cache", points: line(report.uncached), color: 3, isDashed: true,
          hasDots: false),
        LineChart.Series(
          name: "with cache", points: line(report.cached), color: 1, hasDots: false),
      ],
      xTicks: requestTicks,
      yTicks: (0...4).map {
        (place: limit * Double($0) / 4, label: Format.count(Int(limit) * $0 / 4))
      },
      isLogarithmic: false, width: Self.width
    ).svg
  }

  private static let shares = stride(from: 0.0, through: 1, by: 0.25).map {
    (place: $0, label: "\(Int($0 * 100)) %")
  }

  /// Quarters of the requests.
  private var requestTicks: [(place: Double, label: String)] {
    (1...4).map { quarter in
      let requests = report.cached.requests * quarter / 4
      return (
        place: Double(requests),
        label: requests >= 1_000_000 && requests.isMultiple(of: 250_000)
          ? Format.shortest(Double(requests) / 1e6) + " M" : Format.count(requests)
      )
    }
  }

  private static func duration(_ nanoseconds: Double) -> String {
    Format.duration(nanoseconds: Int(nanoseconds)).replacing(#/\.0+ /#, with: " ")
  }
}
