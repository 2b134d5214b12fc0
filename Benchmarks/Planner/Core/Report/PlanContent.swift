/// The contents of a plan, once for the terminal and for the page.
package struct PlanContent: Sendable {
  /// A table whose first column names the rows.
  package struct Table: Sendable {
    package var header: [String]
    package var rows: [[String]] = []
    /// The row that is recommended.
    package var picked: Int?
  }

  package let plan: Plan
  package let advice: Advice

  package init(_ plan: Plan) {
    self.plan = plan
    advice = Advice(plan)
  }

  var title: String {
    plan.intake.log.isSynthetic ? "A plan from a synthetic log" : "A plan for a cache"
  }

  /// Reservations, and the lines that were left out.
  var notes: [String] {
    advice.warnings
      + plan.intake.issues.issues.map {
        "\(Format.count($0.count)) left out: \($0.reason) (\($0.places.joined(separator: ", ")))."
      }
  }

  /// The expectations in figures.
  var expectations: [(name: String, text: String)] {
    [
      ("hits", Format.span(Advice.hitRatio(plan)) { Format.percent($0) }),
      ("saved a month", Format.span(advice.saving) { Format.dollars($0) }),
    ]
  }

  /// Facts of the log.
  var facts: [(name: String, text: String)] {
    let log = plan.intake.log
    let recorded = plan.intake.recorded
    let bytes = log.heapBytes.reduce(0.0) {
      $0 + ($1 == RequestLog.neverStored ? 0 : Double($1))
    }
    var facts: [(name: String, text: String)] = [
      ("requests", Format.count(log.requestsRead)),
      (log.sampleRate < 1 ? "keys in the sample" : "keys", Format.count(plan.facts.distinct)),
      ("span", Format.duration(milliseconds: Double(log.spanMilliseconds))),
      ("mean size of an entry", Format.bytes(Int(bytes / Double(max(log.count, 1))))),
    ]
    if plan.intake.environmentCount > 0 {
      facts.append(("environments named", Format.count(plan.intake.environmentCount)))
    }
    if let ratio = recorded.hitRatio {
      facts.append(("hits when recorded", Format.percent(ratio)))
    }
    if recorded.foreignLines > 0 {
      facts.append(("lines of something else", Format.count(recorded.foreignLines)))
    }
    let reports = plan.intake.reports
    if reports.count > 0 {
      facts.append(("REPORT lines", Format.count(reports.count)))
      facts.append(("cold starts among them", Format.count(reports.initCount)))
      facts.append(("memory used at the most", "\(reports.maxMemoryUsed) MB"))
    }
    return facts
  }

  /// The expectation at each memory setting.
  var memory: Table {
    var table = Table(header: [
      "memory setting", "vCPU", "for caches", "hits", "environments", "ms", "without a cache",
      "with a cache",
    ])
    table.picked = plan.best
    table.rows = plan.points.map { point in
      [
        "\(Format.count(point.megabytes)) MB",
        Format.fixed(Double(point.megabytes) / Workload.processorMegabytes, 2),
        Format.bytes(point.cacheBytes),
        Format.span(point.hitRatio) { Format.percent($0) },
        Format.span(point.environments) { Format.fixed($0, 1) },
        Format.span(point.milliseconds) { Format.fixed($0, 1) },
        Format.dollars(point.without.total),
        Format.span(point.cost) { Format.dollars($0) },
      ]
    }
    return table
  }

  /// The policies side by side; `nil` where there is one to choose from.
  var policies: Table? {
    guard plan.policies.count > 1 else { return nil }
    var table = Table(header: ["policy", "hits", "dollars a month"])
    table.picked = plan.policies.firstIndex { $0.policy == plan.policy }
    table.rows = plan.policies.map {
      [$0.policy.name, Format.percent($0.hitRatio), Format.dollars($0.cost)]
    }
    return table
  }

  /// The reads that no cache can avoid, and those that a shared one would.
  var limits: String {
    let shared = plan.shared
    let breakEven =
      shared.breakEvenPerHour > 0
      ? "That is cheaper than caches in the environments if it costs less than "
        + "\(Format.dollars(shared.breakEvenPerHour)) an hour."
      : "Even for nothing it would cost more than caches in the environments do."
    return """
      \(Format.percent(1 - plan.fleetFacts.ceiling)) of the requests are the first for their key in \
      the whole fleet (\(Format.percent(plan.fleetFacts.onceRatio)) for keys that are asked for once), \
      and \(Format.percent(plan.unavoidablePerEnvironment)) the first in their environment. An unlimited cache shared by all environments, behind their own or alone, \
      would bring \(Format.percent(shared.hitRatio)) without a read. Alone, with a node of \
      \(Format.price(plan.options.prices.perNodeHour)) an hour, the bill would be \
      \(Format.dollars(shared.cost.total)) a month. \(breakEven)
      """
  }

  var assumptions: String {
    let work = plan.options.workload
    let prices = plan.options.prices
    return """
      A handler of \(Format.fixed(work.handlerProcessor, 2)) ms of one vCPU and \
      \(Format.fixed(work.handlerWait, 2)) ms of waiting, a load of \
      \(Format.fixed(work.loadProcessor, 2)) and \(Format.fixed(work.loadWait, 2)) ms, an \
      initialization of \(Format.fixed(work.initialization, 0)) ms; idle environments live for \
      \(plan.options.idleLives.map { Format.lifetime($0 / 1000) }.joined(separator: " to ")); \
      \(Format.bytes(plan.options.residentBytes(plan.points[plan.best].megabytes))) resident \
      without caches\
      \(plan.options.reservedBytes.map { ", \(Format.bytes($0)) reserved" } ?? ""); \
      \(Format.price(prices.perGigabyteSecond)) a GB-second, \
      \(Format.price(prices.perMillionRequests)) a million requests, \
      \(Format.price(prices.perMillionReads)) a million reads \
      (defaults: \(Prices.source)).
      """
  }
}
