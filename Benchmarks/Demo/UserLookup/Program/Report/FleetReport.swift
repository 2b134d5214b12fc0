/// What environments of a function do without cache, with caches, and with a tier behind them.
struct FleetReport {
  /// Without cache, with caches, and with caches and tier.
  let fleets: [FleetResult]
  /// A description of the stream that was played.
  let streamDescription: String
  /// The memory of each environment, and where it was taken from, in words.
  let memory: String
  /// The modelled time of a database read, in nanoseconds.
  let databaseLatency: Int

  /// The part of the database reads with caches that the tier saves; `nil` if one was not played.
  var savedByTier: Double? {
    guard let cached = fleets.first(where: { $0.mode == .cached }),
      let tiered = fleets.first(where: { $0.mode == .tiered })
    else { return nil }
    return tiered.savedShare(of: cached)
  }

  /// Environments whose answers differ from those of the first fleet.
  var wrongEnvironments: Int {
    guard let expected = fleets.first?.digests else { return 0 }
    return fleets.dropFirst().reduce(0) { count, fleet in
      count + zip(expected, fleet.digests).count { $0 != $1 }
    }
  }

  /// The report, ending with a newline.
  var text: String {
    """
    \(streamDescription), dealt at random to \(fleets.first?.environments.count ?? 0) environments
    memory of each: \(memory)

    \(table.text)
    \(remarks)

    """
  }

  private var table: TextTable {
    var table = TextTable(headings: ["ALL ENVIRONMENTS"] + fleets.map(\.mode.label))
    table.append("requests", fleets.map { Format.count($0.requests) })
    table.append(
      "answered by the environment's cache", fleets.map { hits($0.cacheHits, of: $0) })
    table.append(
      "answered by the tier",
      fleets.map { fleet in fleet.tier.map { hits($0.hits, of: fleet) } ?? "–" })
    table.append("database reads", fleets.map { Format.count($0.databaseReads) })
    table.append("  less than without cache", saved(since: .uncached))
    table.append("  less than with caches", saved(since: .cached))
    append("latency of a lookup", \.latency, to: &table)
    guard databaseLatency > 0 else { return appendCounts(to: table) }
    append(
      "MODELLED: \(Format.duration(nanoseconds: databaseLatency)) more for each read",
      \.modelledLatency, to: &table)
    return appendCounts(to: table)
  }

  private func appendCounts(to table: TextTable) -> TextTable {
    var table = table
    table.append(
      "entries in all caches",
      fleets.map { fleet in
        fleet.mode == .uncached
          ? "–" : Format.count(fleet.environments.reduce(0) { $0 + ($1.cache?.entries ?? 0) })
      })
    table.append(
      "largest resident set", fleets.map { Format.mebibytes($0.peakResidentByteCount) })
    table.append("calls of the tier that failed", tierCounts(\.failures))
    table.append("calls that were left out", tierCounts(\.skippedCalls))
    table.append("loads of others waited for", tierCounts(\.leaseWaits))
    return table
  }

  private func tierCounts(_ count: KeyPath<TierCounts, Int>) -> [String] {
    fleets.map { fleet in fleet.tier.map { Format.count($0[keyPath: count]) } ?? "–" }
  }

  private func hits(_ count: Int, of fleet: FleetResult) -> String {
    "\(Format.count(count)) (\(Format.percent(count, of: fleet.requests)))"
  }

  /// The share of database reads that each fleet after one saves.
  private func saved(since mode: FleetMode) -> [String] {
    guard let place = fleets.firstIndex(where: { $0.mode == mode }) else {
      return fleets.map { _ in "–" }
    }
    return fleets.indices.map { index in
      guard index > place else { return "–" }
      return Format.decimal(fleets[index].savedShare(of: fleets[place]) * 100, digits: 1) + " %"
    }
  }

  private func append(
    _ title: String, _ figures: KeyPath<FleetResult, LatencyFigures>, to table: inout TextTable
  ) {
    let columns = fleets.map { $0[keyPath: figures] }
    table.append(section: title)
    table.append("  p50", columns.map { Format.duration(nanoseconds: $0.median) })
    table.append("  p99", columns.map { Format.duration(nanoseconds: $0.percentile99) })
    table.append("  max", columns.map { Format.duration(nanoseconds: $0.maximum) })
    table.append("  all together", columns.map { Format.duration(nanoseconds: $0.total) })
  }

  private var remarks: String {
    """
    Each environment is a process with its own cache, its own connections to database and tier, and
    the same requests in each column; caches and tier start empty. Its answers are the same in all
    columns (\(wrongEnvironments) environments differ). As many have a turn at the same time as there are
    processors. MODELLED figures are computed; nothing waited for them. Latencies with the tier
    include storing, which a function does after its response.
    """
  }
}
