import Workload

/// Prices, function and ranges that a plan is made for.
package struct PlanOptions: Sendable {
  package var prices = Prices()
  package var workload = Workload()
  /// Memory settings in MB, in ascending order.
  package var memorySettings = [
    128, 192, 256, 384, 512, 768, 1024, 1536, 1769, 2048, 3008, 4096, 5308, 7076, 8845, 10_240,
  ]
  /// The policies to compare; the first one is planned with.
  package var policies = CachePolicy.allCases
  /// Times to live in milliseconds, in ascending order; `nil`, which is none, comes last.
  package var timesToLive: [Int64?] = [
    5_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 14_400_000, nil,
  ]
  /// The longest time to live that may be recommended, in milliseconds; `nil` for any.
  package var longestTimeToLive: Int64?
  /// Environments in the chart of hit ratios.
  package var environmentCounts = [1, 2, 4, 8, 16]
  /// The shortest and the longest time that an idle environment may live, in microseconds.
  ///
  /// AWS promises none.
  package var idleLives: [Int64] = [300_000_000, 2_700_000_000]
  package var concurrency = 1
  package var environmentLimit = 1000
  /// Bytes that the function uses before it has a cache.
  package var memoryInUse = MemoryInUse(byteCount: 16 << 20)
  /// Bytes that `LAMBDA_CACHE_RESERVE` keeps from caches; `nil` for the library's default.
  package var reservedBytes: Int?
  /// Requests in the simulations of fleets, at most.
  package var fleetRequests = 500_000
  /// Look-ups in each replay of several environments, at most; a sample of the keys beyond that.
  package var curveRequests = 1_000_000
  package var threads = 2

  package init() {}

  /// Bytes that the function uses at a memory setting before it has a cache.
  func residentBytes(_ megabytes: Int) -> Int { memoryInUse.byteCount(atMegabytes: megabytes) ?? 0 }
}

/// A line of the chart of hit ratios.
package struct RatioCurve: Sendable {
  package var environments: Int
  /// One for each size of ``Plan/curveSizes``.
  package var ratios: [Double]
  /// The part of the keys that was replayed.
  package var rate: Double
}

/// The lowest and the highest of several outcomes.
package struct Span: Sendable, Equatable {
  package var low: Double
  package var high: Double

  package init(_ values: [Double]) {
    low = values.min() ?? 0
    high = values.max() ?? 0
  }

  package var middle: Double { (low + high) / 2 }
}

/// The expectation at one memory setting.
package struct MemoryPoint: Sendable {
  package var megabytes: Int
  package var cacheBytes: Int
  package var without: MonthlyCost
  package var withoutFleet: FleetResult
  /// With the cache, for both routings and both idle lives.
  package var fleets: [FleetResult]
  package var costs: [MonthlyCost]

  package var hitRatio: Span { Span(fleets.map(\.hitRatio)) }
  package var cost: Span { Span(costs.map(\.total)) }
  /// Milliseconds of an invocation, as they are billed.
  package var milliseconds: Span { Span(fleets.map(\.meanMilliseconds)) }
  package var environments: Span { Span(fleets.map(\.meanEnvironments)) }
}

/// The expectation with one policy, at the memory setting that is best for the first one and at the
/// recommended time to live.
package struct PolicyPoint: Sendable, Equatable {
  package var policy: CachePolicy
  package var hitRatio: Double
  /// Dollars a month.
  package var cost: Double
}

/// Counts of keys, which bound the hits of every cache.
package struct KeyFacts: Sendable, Equatable {
  package var requests = 0
  package var distinct = 0
  package var askedOnce = 0
  /// The hit ratio of one cache without limits for everything: 1 − distinct ÷ requests.
  package var ceiling: Double {
    requests == 0 ? 0 : 1 - Double(distinct) / Double(requests)
  }
  /// Requests whose key is never asked for again or before.
  package var onceRatio: Double {
    requests == 0 ? 0 : Double(askedOnce) / Double(requests)
  }

  package init() {}

  package init(_ log: RequestLog) {
    var counts: [UInt64: Bool] = [:]
    for key in log.keys {
      if counts.updateValue(true, forKey: key) == nil { counts[key] = false }
    }
    requests = log.count
    distinct = counts.count
    askedOnce = counts.values.reduce(0) { $0 + ($1 ? 0 : 1) }
  }
}

/// A cache node that all environments share, in the place of caches of their own.
package struct SharedCache: Sendable, Equatable {
  /// Hits of an unlimited one.
  package var hitRatio = 0.0
  /// The bill with it, the node included.
  package var cost = MonthlyCost()
  /// Dollars an hour at which its bill equals that of caches in the environments; not positive if
  /// these are cheaper than one for nothing.
  package var breakEvenPerHour = 0.0

  package init() {}
}

/// The result of planning.
package struct Plan: Sendable {
  package var intake: LogIntake
  package var options: PlanOptions
  package var facts: KeyFacts
  /// Those of the requests that fleets were simulated with.
  package var fleetFacts: KeyFacts
  /// Bytes of a cache, in ascending order.
  package var curveSizes: [Int]
  package var curves: [RatioCurve]
  /// Points by which a sample of the chart differs from all requests, where both are known.
  package var curveError: Double
  /// The standard error of ratios of a log that is a sample itself, in parts of 1.
  package var sampleError: Double
  /// Requests in the simulations of fleets.
  package var fleetRequests: Int
  package var monthsPerLog: Double
  /// At ``timeToLive``, one for each memory setting.
  package var points: [MemoryPoint]
  /// Dollars a month by time to live, then memory setting.
  package var heatMap: [[Double]]
  /// Hit ratios by time to live, at the recommended memory setting.
  package var ratiosByTimeToLive: [Double]
  /// The recommended time to live in milliseconds.
  package var timeToLive: Int64?
  /// The policies that were compared.
  package var policies: [PolicyPoint]
  /// The recommended policy.
  package var policy: CachePolicy
  /// The place of the recommended memory setting.
  package var best: Int
  /// The place of the cheapest memory setting without a cache.
  package var bestWithout: Int
  /// Hit ratios of the halves of the log, at the recommendation, both routings.
  package var halves: Span
  package var shared: SharedCache
  /// Requests of one environment that no cache could serve: reads of an unlimited cache.
  package var unavoidablePerEnvironment: Double
  /// The least bytes that come within half a point of the hit ratio at the recommended memory.
  package var enoughBytes: Int

  /// Where a cost lies between the least and the most of the heat map, from 0 to 1, by logarithms.
  package func heat(_ cost: Double) -> Double {
    let all = heatMap.joined()
    guard let least = all.min(), let most = all.max(), least > 0, most > least else { return 0 }
    return Logarithm.natural(cost / least) / Logarithm.natural(most / least)
  }
}
