extension SavingsMetrics {
  func lines(for savings: [String: Savings]) -> [UInt8] {
    let timestamp = timestamp()
    var bytes: [UInt8] = []
    guard dimensionSets.contains(where: { $0.contains(Self.cacheDimension) }) else {
      line(for: savings.values.reduce(.zero, +), of: "", timestamp: timestamp).append(to: &bytes)
      return bytes
    }
    for (name, _) in caches {
      guard let savings = savings[name] else { continue }
      line(for: savings, of: name, timestamp: timestamp).append(to: &bytes)
    }
    return bytes
  }

  private func line(
    for savings: Savings, of cacheName: String, timestamp: Int64
  ) -> EmbeddedMetricLine {
    var dimensions: [(name: String, value: String)] = []
    for name in dimensionSets.joined() {
      if dimensions.contains(where: { $0.name == name }) { continue }
      let value =
        switch name {
        case Self.functionDimension: functionName
        case Self.cacheDimension: cacheName
        default: customDimensions[name] ?? ""
        }
      dimensions.append((name, value))
    }
    return EmbeddedMetricLine(
      timestamp: timestamp, namespace: namespace,
      dimensionSets: dimensionSets, dimensions: dimensions,
      metrics: SavingsMetrics.metrics(of: savings))
  }

  static func metrics(of savings: Savings) -> [EmbeddedMetricLine.Metric] {
    typealias Metric = EmbeddedMetricLine.Metric
    var metrics = [
      Metric(name: "Hits", unit: .count, value: Double(savings.hits)),
      Metric(name: "Misses", unit: .count, value: Double(savings.misses)),
      Metric(name: "Refreshes", unit: .count, value: Double(savings.refreshes)),
      Metric(name: "DatabaseCallsSaved", unit: .count, value: Double(savings.databaseCalls)),
      Metric(name: "TimeSaved", unit: .milliseconds, value: savings.milliseconds),
      Metric(name: "GBSecondsSaved", unit: .none, value: savings.gigabyteSeconds),
      Metric(name: "DollarsSaved", unit: .none, value: savings.dollars),
      Metric(name: "Entries", unit: .count, value: Double(savings.entries)),
      Metric(name: "Bytes", unit: .bytes, value: Double(savings.bytes)),
      Metric(name: "Evictions", unit: .count, value: Double(savings.evictions)),
      Metric(name: "Rejections", unit: .count, value: Double(savings.rejections)),
    ]
    if let hitRatio = savings.hitRatio {
      metrics.append(Metric(name: "HitRate", unit: .percent, value: hitRatio * 100))
    }
    return metrics
  }

  /// Names on a line that no dimension may have.
  static let reservedNames: Set<String> = [
    "_aws", "Hits", "Misses", "Refreshes", "DatabaseCallsSaved", "TimeSaved", "GBSecondsSaved",
    "DollarsSaved", "Entries", "Bytes", "Evictions", "Rejections", "HitRate",
  ]
}
