/// The rule by which one of several environments gets an invocation.
///
/// AWS does not publish its own; these are bounds.
package enum Routing: String, Sendable, CaseIterable {
  /// The one that ended an invocation last: few environments, warm caches.
  case mostRecentlyUsed = "most recently used"
  /// Any of them: every environment meets every key.
  case random
}

/// How long the parts of an invocation take, in microseconds.
package struct InvocationTiming: Sendable, Hashable {
  /// Before the first invocation of an environment.
  package var initialization: Int64 = 0
  /// The handler without look-up and load.
  package var handler: Int64 = 0
  /// A look-up that hits.
  package var hit: Int64 = 0
  /// A load whose time the log does not say.
  package var load: Int64 = 0
  /// The factor for load times of the log.
  package var loadScale = 1.0

  package init() {}
}

/// How a fleet of environments behaves.
package struct FleetSettings: Sendable, Hashable {
  /// The cache of each environment; `nil` for none.
  package var cache: CacheLimit?
  package var routing = Routing.mostRecentlyUsed
  /// How long an environment lives without an invocation, in microseconds.
  package var idleLife: Int64 = 900_000_000
  /// Invocations that one environment takes at the same time: one, but on Managed Instances.
  package var concurrency = 1
  /// Environments at the most: the account's limit.
  ///
  /// An invocation that finds no room is throttled.
  package var environmentLimit = 1000
  package var timing = InvocationTiming()
  package var seed: UInt64 = 1

  package init() {}
}

/// Counts of a simulated fleet.
package struct FleetResult: Sendable, Equatable {
  /// Invocations that ran.
  package var requests = 0
  /// Look-ups that found their value.
  package var hits = 0
  /// Look-ups that waited for the load of another invocation in the same environment.
  package var joined = 0
  /// Loads, each of which reads the store once.
  package var reads = 0
  package var throttled = 0
  /// Environments that were started.
  package var coldStarts = 0
  /// Environments at one time, at the most.
  package var peakEnvironments = 0
  /// Milliseconds of invocations, each rounded up, as AWS bills them.
  package var billedMilliseconds = 0
  /// Milliseconds of initializations, each rounded up.
  package var billedInitMilliseconds = 0
  /// The sum of the environments that were alive at each arrival.
  package var environmentsAtArrivals = 0

  package init() {}

  /// The part of look-ups that read nothing from the store.
  package var hitRatio: Double {
    requests == 0 ? 0 : Double(requests - reads) / Double(requests)
  }

  /// Milliseconds of an invocation on average, as they are billed.
  package var meanMilliseconds: Double {
    requests == 0 ? 0 : Double(billedMilliseconds) / Double(requests)
  }

  /// Environments that an arrival meets on average.
  package var meanEnvironments: Double {
    let arrivals = requests + throttled
    return arrivals == 0 ? 0 : Double(environmentsAtArrivals) / Double(arrivals)
  }
}
