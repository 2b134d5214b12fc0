/// A plan for a terminal.
package struct TextReport {
  private let plan: Plan
  private let advice: Advice

  package init(_ plan: Plan, _ advice: Advice) {
    self.plan = plan
    self.advice = advice
  }

  package var text: String {
    [
      title, wrapped(advice.paragraph), variables, notes, inputTable, curveTable, memoryTable,
      lifetimeTable, heatMapTable, limits, assumptions,
    ].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var title: String {
    plan.intake.log.isSynthetic
      ? "PLAN FROM A SYNTHETIC LOG\n" : "PLAN\n"
  }

  private var variables: String {
    advice.variables.isEmpty
      ? "" : advice.variables.map { "  " + $0 }.joined(separator: "\n") + "\n"
  }

  private var notes: String {
    let issues = plan.intake.issues.issues.map {
      "\(Format.count($0.count)) left out: \($0.reason) (\($0.places.joined(separator: ", ")))."
    }
    let notes = advice.warnings + issues
    return notes.map { wrapped("! " + $0) }.joined()
  }

  private var inputTable: String {
    let log = plan.intake.log
    var table = TextTable(["The log", ""])
    table.add(["requests", Format.count(log.requestsRead)])
    table.add([
      log.sampleRate < 1 ? "keys in the sample" : "keys", Format.count(plan.facts.distinct),
    ])
    table.add(["span", Format.duration(milliseconds: Double(log.spanMilliseconds))])
    let bytes = log.heapBytes.reduce(0.0) { $0 + Double($1) }
    table.add([
      "mean size of an entry", Format.bytes(Int(bytes / Double(max(log.count, 1)))),
    ])
    if plan.intake.environmentCount > 0 {
      table.add(["environments named", Format.count(plan.intake.environmentCount)])
    }
    let reports = plan.intake.reports
    if reports.count > 0 {
      table.add(["REPORT lines", Format.count(reports.count)])
      table.add(["cold starts among them", Format.count(reports.initCount)])
      table.add(["memory used at the most", "\(reports.maxMemoryUsed) MB"])
    }
    return table.text
  }

  private var curveTable: String {
    var table = TextTable(
      ["Hit ratio: bytes of each cache"]
        + plan.curves.map { "\($0.environments) env." } + ["with one environment"])
    for (place, size) in plan.curveSizes.enumerated() {
      table.add(
        [Format.bytes(size)] + plan.curves.map { Format.percent($0.ratios[place]) }
          + [TextPlot.bar(plan.curves.first?.ratios[place] ?? 0, width: 24)])
    }
    return table.text
  }

  private var memoryTable: String {
    var table = TextTable([
      "Memory setting", "vCPU", "for caches", "hits", "environments", "ms", "without", "with",
      "dollars a month",
    ])
    let most =
      plan.points.map { max($0.without.total, $0.cost.high) }.max() ?? 1
    for (place, point) in plan.points.enumerated() {
      table.add([
        "\(Format.count(point.megabytes)) MB" + (place == plan.best ? " ◀" : ""),
        Format.fixed(Double(point.megabytes) / Workload.processorMegabytes, 2),
        Format.bytes(point.cacheBytes),
        Format.span(point.hitRatio) { Format.percent($0) },
        Format.span(point.environments) { Format.fixed($0, 1) },
        Format.span(point.milliseconds) { Format.fixed($0, 1) },
        Format.dollars(point.without.total),
        Format.span(point.cost) { Format.dollars($0) },
        TextPlot.bar(point.cost.middle / most, width: 24),
      ])
    }
    return table.text
  }

  private var lifetimeTable: String {
    let megabytes = plan.points[plan.best].megabytes
    var table = TextTable(["Time to live", "hits", "a month", "hits at \(megabytes) MB"])
    for (place, life) in plan.options.timesToLive.enumerated() {
      table.add([
        Format.lifetime(life) + (life == plan.timeToLive ? " ◀" : ""),
        Format.percent(plan.ratiosByTimeToLive[place]),
        Format.dollars(plan.heatMap[place][plan.best]),
        TextPlot.bar(plan.ratiosByTimeToLive[place], width: 24),
      ])
    }
    return table.text
  }

  private var heatMapTable: String {
    let columns = plan.points.indices.filter { $0 % 2 == 0 || $0 == plan.best }
    var table = TextTable(
      ["Dollars a month"] + columns.map { "\(plan.points[$0].megabytes) MB" })
    for (row, life) in plan.options.timesToLive.enumerated() {
      table.add(
        [Format.lifetime(life)]
          + columns.map { column in
            let cost = plan.heatMap[row][column]
            return Format.dollars(cost) + " " + TextPlot.shade(plan.heat(cost))
          })
    }
    return table.text
  }

  private var limits: String { wrapped(Self.limits(plan)) }

  /// The reads that no cache can avoid, and those that a shared one would.
  static func limits(_ plan: Plan) -> String {
    let shared = plan.shared
    let breakEven =
      shared.breakEvenPerHour > 0
      ? "That is cheaper than caches in the environments if it costs less than "
        + "\(Format.dollars(shared.breakEvenPerHour)) an hour."
      : "Even for nothing it would cost more than caches in the environments do."
    return """
      What no cache can get: \(Format.percent(1 - plan.fleetFacts.ceiling)) of the requests are the \
      first for their key in the whole fleet (\(Format.percent(plan.fleetFacts.onceRatio)) for keys \
      that are asked for once), and \(Format.percent(plan.unavoidablePerEnvironment)) the first in their \
      environment. An unlimited cache shared by all environments, behind their own or alone, would \
      bring \(Format.percent(shared.hitRatio)) without a read. Alone, with a node of \
      \(Format.price(plan.options.prices.perNodeHour)) an hour, the bill would be \
      \(Format.dollars(shared.cost.total)) a month. \(breakEven)
      """
  }

  private var assumptions: String { wrapped(Self.assumptions(plan)) }

  static func assumptions(_ plan: Plan) -> String {
    let work = plan.options.workload
    let prices = plan.options.prices
    return """
      Assumed: a handler of \(Format.fixed(work.handlerProcessor, 2)) ms of one vCPU and \
      \(Format.fixed(work.handlerWait, 2)) ms of waiting, a load of \
      \(Format.fixed(work.loadProcessor, 2)) and \(Format.fixed(work.loadWait, 2)) ms, an \
      initialization of \(Format.fixed(work.initialization, 0)) ms; idle environments live for \
      \(plan.options.idleLives.map { Format.lifetime($0 / 1000) }.joined(separator: " to ")); \
      \(Format.bytes(plan.options.residentBytes)) resident without caches; \
      \(Format.price(prices.perGigabyteSecond)) a GB-second, \
      \(Format.price(prices.perMillionRequests)) a million requests, \
      \(Format.price(prices.perMillionReads)) a million reads \
      (defaults: \(Prices.source)).
      """
  }

  /// Lines of at most 96 characters.
  private func wrapped(_ text: String) -> String {
    var lines = ""
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + word.count + 1 > 96 {
        lines += line + "\n"
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + line + "\n"
  }
}
