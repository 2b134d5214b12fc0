/// The two phases side by side.
struct ComparisonReport {
  let uncached: PhaseResult
  let cached: PhaseResult
  let cost: CostModel
  /// A description of the stream that was played.
  let streamDescription: String
  /// Where the function's memory was taken from, in words.
  let memoryOrigin: String
  /// The database behind a network for the modelled rows; `nil` leaves them out.
  let model: NetworkModel?

  /// The report, ending with a newline.
  var text: String {
    var text = "\(streamDescription)\nfunction memory: \(memory)\n\n\(table.text)"
    for (title, table) in modelledTables {
      text += "\n\(title)\n\n\(table.text)"
    }
    if let budget = cached.budget {
      text += "\nmemory budget of the cache\n"
      text += budget.split(separator: "\n").map { "  \($0)\n" }.joined()
    }
    return text + "\n\(assumptions.joined(separator: "\n"))\n"
  }

  /// The function's memory and where it was taken from.
  var memory: String { "\(cost.memoryMegabytes) MB (\(memoryOrigin))" }

  /// The month without and with cache; `nil` without a model.
  var months: (uncached: MonthlyBill, cached: MonthlyBill)? {
    guard let uncached = month(of: uncached), let cached = month(of: cached) else { return nil }
    return (uncached, cached)
  }

  private func month(of phase: PhaseResult) -> MonthlyBill? {
    guard let model, let latency = phase.modelledLatency else { return nil }
    return cost.month(
      requests: phase.requests, billedMilliseconds: latency.billedMilliseconds,
      databaseReads: phase.databaseReads, model: model)
  }

  var phases: [PhaseResult] { [uncached, cached] }

  // MARK: Measured

  /// What was measured.
  var table: TextTable {
    var table = TextTable(headings: ["MEASURED"] + phases.map(\.mode.label))
    table.append("requests", phases.map { Format.count($0.requests) })
    table.append("database reads", phases.map { Format.count($0.databaseReads) })
    table.append(
      "hit ratio", phases.map { Format.percent($0.cache?.hits ?? 0, of: $0.requests) })
    table.append(section: "latency of a lookup")
    appendLatency(phases.map(\.latency), to: &table)
    table.append(section: "memory")
    table.append(
      "  entries in the cache", phases.map { $0.cache.map { Format.count($0.entries) } ?? "–" })
    table.append(
      "  bytes used of the budget",
      phases.map { phase in
        phase.cache.map {
          "\(Format.mebibytes($0.byteCount)) of \(Format.mebibytes($0.byteLimit))"
        } ?? "–"
      })
    table.append(
      "  share of the budget",
      phases.map { phase in
        phase.cache.map { Format.percent($0.byteCount, of: $0.byteLimit) } ?? "–"
      })
    table.append(
      "  peak resident set", phases.map { Format.mebibytes($0.peakResidentByteCount) })
    table.append(
      "  share of the function's memory",
      phases.map {
        Format.percent($0.peakResidentByteCount, of: cost.memoryMegabytes * 1_048_576)
      })
    table.append(
      "cost of a million requests",
      phases.map {
        Format.dollars(
          cost.costOfMillionRequests(
            billedMilliseconds: $0.latency.billedMilliseconds, requests: $0.requests))
      })
    return table
  }

  private func appendLatency(_ figures: [LatencyFigures], to table: inout TextTable) {
    table.append("  p50", figures.map { Format.duration(nanoseconds: $0.median) })
    table.append("  p99", figures.map { Format.duration(nanoseconds: $0.percentile99) })
    table.append("  max", figures.map { Format.duration(nanoseconds: $0.maximum) })
    table.append("  all together", figures.map { Format.duration(nanoseconds: $0.total) })
  }

  // MARK: Modelled

  /// What the same requests would take and cost with a database behind a network.
  var modelledTables: [(title: String, table: TextTable)] {
    guard let model, let months, let latencyTable else { return [] }
    return [
      (
        "the same requests, \(Format.duration(nanoseconds: model.readLatency)) added to each read",
        latencyTable
      ),
      (
        "a month at \(Format.shortest(model.requestsPerSecond)) requests a second",
        table(of: months.uncached, months.cached)
      ),
    ]
  }

  private var latencyTable: TextTable? {
    let figures = phases.compactMap(\.modelledLatency)
    guard figures.count == phases.count else { return nil }
    var table = TextTable(headings: ["MODELLED"] + phases.map(\.mode.label))
    table.append(section: "latency of a lookup")
    appendLatency(figures, to: &table)
    table.append(
      "billed for a request",
      zip(figures, phases).map { figures, phase in
        let mean = Double(figures.billedMilliseconds) / Double(phase.requests)
        return Format.decimal(mean, digits: 2) + " ms"
      })
    return table
  }

  private func table(of uncached: MonthlyBill, _ cached: MonthlyBill) -> TextTable {
    var table = TextTable(
      headings: ["MODELLED"] + phases.map(\.mode.label) + ["saved"])
    func append(
      _ label: String, _ figure: KeyPath<MonthlyBill, Double>, _ text: (Double) -> String
    ) {
      let (first, second) = (uncached[keyPath: figure], cached[keyPath: figure])
      table.append(label, [first, second, first - second].map(text))
    }
    func millions(_ count: Double) -> String {
      Format.decimal(count / 1_000_000, digits: 1) + " million"
    }
    func dollars(_ amount: Double) -> String { Format.dollars(amount, digits: 2) }
    append("GB-seconds", \.gigabyteSeconds) { Format.decimal($0, digits: 0) }
    append("database reads", \.databaseReads, millions)
    append("price of the GB-seconds", \.durationPrice, dollars)
    append("price of the reads", \.readPrice, dollars)
    append("price of the requests", \.requestPrice, dollars)
    append("all together", \.price, dollars)
    return table
  }

  // MARK: Assumptions

  /// How to read the figures, in lines.
  var assumptions: [String] {
    let measured = """
      Each phase is a process of its own; the cache starts empty. The answers of both are the same
      (digest \(String(cached.digest, radix: 16))). Latency is the lookup alone, clock included; p50 and p99 are
      at most 0.8 % too high. The database is a local file, read into the system's cache beforehand.
      Cost: a request is an invocation, billed for its lookup rounded up to 1 ms, at
      \(Format.price(cost.gigabyteSecondPrice)) per GB-second and \(Format.dollars(cost.millionRequestsPrice, digits: 2)) per million requests; cold starts and event
      parsing are not in it.
      """
    guard let model else { return measured.split(separator: "\n").map(String.init) }
    let modelled = """
      MODELLED figures are computed: each read takes \(Format.duration(nanoseconds: model.readLatency)) more and costs
      \(Format.price(model.millionReadsPrice)) a million, at \(Format.shortest(model.requestsPerSecond)) requests a second on average in one environment;
      nothing waited for it. With more environments each has a cache of its own, and hits less.
      """
    return (measured + "\n" + modelled).split(separator: "\n").map(String.init)
  }
}
