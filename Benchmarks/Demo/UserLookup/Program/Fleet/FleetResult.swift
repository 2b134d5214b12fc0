/// The figures of one environment.
struct EnvironmentResult: Codable {
  var requests: Int
  var databaseReads: Int
  /// The digest of its answers in their order.
  var digest: UInt64
  var latency: LatencyRecorder
  /// The same with a modelled latency added for each database read.
  var modelledLatency: LatencyRecorder
  /// The largest resident set of its process, in bytes.
  var peakResidentByteCount: Int
  /// The cache's figures at the end; `nil` without cache.
  var cache: ProfileCacheStatistics?
  /// The tier's figures as this environment has counted them; `nil` without tier.
  var tier: TierCounts?
}

/// The counts of a shared tier, as one environment or all of them have seen it.
struct TierCounts: Codable, Equatable {
  /// Keys that were answered from the tier.
  var hits = 0
  /// Keys that were waited for because another environment loaded them.
  var leaseWaits = 0
  /// Calls that failed or took too long.
  var failures = 0
  /// Calls that were not made, because too many had failed.
  var skippedCalls = 0
}

/// The figures of all environments of a fleet.
struct FleetResult {
  let mode: FleetMode
  let environments: [EnvironmentResult]

  var requests: Int { total(\.requests) }
  var databaseReads: Int { total(\.databaseReads) }
  /// Requests that the caches of the environments have answered.
  var cacheHits: Int { environments.reduce(0) { $0 + ($1.cache?.hits ?? 0) } }
  /// The digests of the answers, an environment each.
  var digests: [UInt64] { environments.map(\.digest) }
  var peakResidentByteCount: Int { environments.map(\.peakResidentByteCount).max() ?? 0 }

  /// The counts of the tier; `nil` without one.
  var tier: TierCounts? {
    let counts = environments.compactMap(\.tier)
    guard !counts.isEmpty else { return nil }
    return counts.reduce(into: TierCounts()) { sum, each in
      sum.hits += each.hits
      sum.leaseWaits += each.leaseWaits
      sum.failures += each.failures
      sum.skippedCalls += each.skippedCalls
    }
  }

  var latency: LatencyFigures { figures(\.latency) }
  var modelledLatency: LatencyFigures { figures(\.modelledLatency) }

  /// The part of another fleet's database reads that this one did not need, from 0 to 1.
  func savedShare(of other: FleetResult) -> Double {
    guard other.databaseReads > 0 else { return 0 }
    return 1 - Double(databaseReads) / Double(other.databaseReads)
  }

  private func total(_ count: KeyPath<EnvironmentResult, Int>) -> Int {
    environments.reduce(0) { $0 + $1[keyPath: count] }
  }

  private func figures(_ recorder: KeyPath<EnvironmentResult, LatencyRecorder>) -> LatencyFigures {
    environments.reduce(into: LatencyRecorder()) { $0.add($1[keyPath: recorder]) }.figures
  }
}

/// Why a play with several environments has failed.
enum FleetError: Error, Equatable {
  /// Environments have answered otherwise than without cache.
  case answersDiffer(environments: Int)
  /// The tier has saved less than it should, both in percent.
  case missedGoal(saved: Double, goal: Double)
}

extension FleetError: CustomStringConvertible {
  var description: String {
    switch self {
    case .answersDiffer(let environments):
      "\(environments) environments have answered otherwise than without cache."
    case .missedGoal(let saved, let goal):
      """
      The tier has saved \(Format.decimal(saved, digits: 1)) % of the database reads, and should \
      have saved \(Format.decimal(goal, digits: 1)) %.
      """
    }
  }
}
