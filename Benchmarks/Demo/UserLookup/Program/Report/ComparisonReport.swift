/// The two phases side by side.
struct ComparisonReport {
  let uncached: PhaseResult
  let cached: PhaseResult
  let cost: CostModel
  /// A description of the stream that was played.
  let streamDescription: String
  /// Where the function's memory was taken from, in words.
  let memoryOrigin: String
  /// The modelled time of a database read over a network, in nanoseconds.
  let databaseLatency: Int

  /// The report, ending with a newline.
  var text: String {
    var text = "\(streamDescription)\nfunction memory: \(cost.memoryMegabytes) MB"
    text += " (\(memoryOrigin))\n\n\(table)"
    if let budget = cached.budget {
      text += "\nmemory budget of the cache\n"
      text += budget.split(separator: "\n").map { "  \($0)\n" }.joined()
    }
    return text + "\n\(assumptions)"
  }

  private var phases: [PhaseResult] { [uncached, cached] }

  private var table: String {
    var table = TextTable(headings: [""] + phases.map(\.mode.label))
    table.append("requests", phases.map { Format.count($0.requests) })
    table.append("database reads", phases.map { Format.count($0.databaseReads) })
    table.append(
      "hit ratio", phases.map { Format.percent($0.cache?.hits ?? 0, of: $0.requests) })
    appendLatency(phases.map(\.latency), to: &table, section: "latency of a lookup")
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
      "cost of a million requests", phases.map { Format.dollars(price(of: $0.latency, $0)) })
    appendModelledRows(to: &table)
    return table.text
  }

  private func appendModelledRows(to table: inout TextTable) {
    let modelled = phases.compactMap(\.modelledLatency)
    guard modelled.count == phases.count else { return }
    appendLatency(
      modelled, to: &table,
      section: "MODELLED: \(Format.duration(nanoseconds: databaseLatency)) added per database read")
    table.append(
      "  cost of a million requests",
      zip(modelled, phases).map { Format.dollars(price(of: $0, $1)) })
  }

  private func appendLatency(
    _ figures: [LatencyFigures], to table: inout TextTable, section: String
  ) {
    table.append(section: section)
    table.append("  p50", figures.map { Format.duration(nanoseconds: $0.median) })
    table.append("  p99", figures.map { Format.duration(nanoseconds: $0.percentile99) })
    table.append("  max", figures.map { Format.duration(nanoseconds: $0.maximum) })
    table.append("  all together", figures.map { Format.duration(nanoseconds: $0.total) })
  }

  private func price(of latency: LatencyFigures, _ phase: PhaseResult) -> Double {
    cost.costOfMillionRequests(
      billedMilliseconds: latency.billedMilliseconds, requests: phase.requests)
  }

  private var assumptions: String {
    """
    Each phase is a process of its own; the cache starts empty. The answers of both are the same
    (digest \(String(cached.digest, radix: 16))). Latency is the lookup alone, clock included; p50 and p99 are
    at most 0.8 % too high. The database is a local file, read into the system's cache beforehand.
    Cost: a request is an invocation, billed for its lookup rounded up to 1 ms, at
    $\(Self.price(cost.gigabyteSecondPrice)) per GB-second and \(Format.dollars(cost.millionRequestsPrice)) per million requests; cold starts, event
    parsing and the database's own bill are not in it.

    """
  }

  /// A price with all its digits: the standard description is in powers of ten.
  private static func price(_ dollars: Double) -> String {
    Format.decimal(dollars, digits: 10)
  }
}
