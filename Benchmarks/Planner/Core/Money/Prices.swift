/// Prices in US dollars.
///
/// The defaults are list prices of US East (N. Virginia), first tier, without free tier or savings
/// plan. To be checked against a bill, for such pages change. They are from:
/// - *AWS Lambda Pricing* (aws.amazon.com/lambda/pricing) for durations and requests, on Managed
///   Instances too;
/// - *AWS Lambda standardizes billing for INIT Phase* (AWS Compute Blog) for initializations, which
///   are billed like durations;
/// - *Amazon DynamoDB pricing for on-demand capacity*, as of the halving in November 2024, for a
///   read request unit: one strongly consistent read of up to 4 KB;
/// - *Amazon ElastiCache pricing* for a `cache.t4g.micro` node.
package struct Prices: Sendable, Equatable {
  package static let source = "list prices of US East (N. Virginia), first tier, as of 2026"

  /// A gigabyte (1,024 MB of the memory setting) during a second, on x86_64.
  package static let x86GigabyteSecond = 0.000_016_666_7
  /// The same on arm64.
  package static let armGigabyteSecond = 0.000_013_333_4

  package var perGigabyteSecond = Prices.armGigabyteSecond
  package var perMillionRequests = 0.20
  /// A million reads of the store behind the cache.
  package var perMillionReads = 0.125
  /// A node of a shared cache during an hour.
  package var perNodeHour = 0.016
  /// The instances of Managed Instances, which are paid for instead of durations; `nil` without.
  package var instances: InstancePrices?

  package init() {}
}

/// Prices of Managed Instances: instances of EC2 and a fee on top of their price, and none of
/// durations (*AWS Lambda Pricing*, "Lambda Managed Instances").
package struct InstancePrices: Sendable, Equatable {
  /// An instance during an hour: `m7g.large` (*Amazon EC2 On-Demand Pricing*).
  package var perHour = 0.0816
  /// The memory of an instance, which environments share.
  package var megabytes = 8192
  /// The fee that AWS adds for managing them, as a part of their price.
  package var fee = 0.15
  /// Instances that run in any case, one in each of three availability zones.
  package var leastCount = 3

  package init() {}

  /// Dollars a month for as many environments as there are at one time.
  package func perMonth(environments: Int, megabytes setting: Int) -> Double {
    let perInstance = max(1, megabytes / setting)
    // A setting above an instance's memory takes larger instances, at the same price for a GB.
    let share = Double(max(setting, megabytes)) / Double(megabytes)
    let count = max(leastCount, (environments + perInstance - 1) / perInstance)
    return Double(count) * share * perHour * (1 + fee) * hoursPerMonth
  }
}

/// The hours of a month, as AWS's calculator counts them.
package let hoursPerMonth = 730.0

/// The times that an invocation consists of, apart from the memory setting.
package struct Workload: Sendable, Equatable {
  /// Milliseconds of one virtual processor that the handler needs without look-up and load.
  package var handlerProcessor = 1.5
  /// Milliseconds that it waits.
  package var handlerWait = 1.5
  /// Milliseconds of one virtual processor that a load needs.
  package var loadProcessor = 2.0
  /// Milliseconds that a load waits.
  package var loadWait = 18.0
  /// Milliseconds of an initialization.
  package var initialization = 150.0
  /// Milliseconds of a look-up in a shared cache over the network.
  package var sharedLookUp = 1.0
  /// The mean of the log's own load times in milliseconds, to which they are scaled; `nil` without.
  package var recordedLoad: Double?

  package init() {}

  /// The memory setting in MB from which a function has a whole virtual processor (AWS Lambda
  /// developer guide, *Configure Lambda function memory*); below it has a part in proportion.
  package static let processorMegabytes = 1769.0

  /// How much slower one thread is at a memory setting than on a whole virtual processor.
  package static func slowdown(megabytes: Int) -> Double {
    processorMegabytes / min(Double(megabytes), processorMegabytes)
  }

  /// The times of an invocation at a memory setting.
  package func timing(megabytes: Int) -> InvocationTiming {
    let slowdown = Workload.slowdown(megabytes: megabytes)
    let load = loadProcessor * slowdown + loadWait
    var timing = InvocationTiming()
    timing.initialization = Workload.microseconds(initialization)
    timing.handler = Workload.microseconds(handlerProcessor * slowdown + handlerWait)
    timing.load = Workload.microseconds(load)
    if let recordedLoad, recordedLoad > 0 { timing.loadScale = load / recordedLoad }
    return timing
  }

  private static func microseconds(_ milliseconds: Double) -> Int64 {
    Int64((min(max(milliseconds, 0), 1e9) * 1000).rounded())
  }
}

/// A monthly bill, by its parts.
package struct MonthlyCost: Sendable, Equatable {
  /// Durations, or the instances in their place.
  package var duration = 0.0
  package var initialization = 0.0
  package var requests = 0.0
  package var reads = 0.0
  /// A shared cache node.
  package var node = 0.0

  package init() {}

  package var total: Double { duration + initialization + requests + reads + node }

  /// The bill of a fleet.
  ///
  /// - Parameters:
  ///   - fleet: What ran.
  ///   - megabytes: The memory setting.
  ///   - monthsPerLog: By how much the log is multiplied to be a month.
  package init(
    _ fleet: FleetResult, megabytes: Int, prices: Prices, monthsPerLog factor: Double
  ) {
    let gigabytes = Double(megabytes) / 1024
    let perMillisecond = gigabytes / 1000 * prices.perGigabyteSecond * factor
    if let instances = prices.instances {
      duration = instances.perMonth(environments: fleet.peakEnvironments, megabytes: megabytes)
    } else {
      duration = Double(fleet.billedMilliseconds) * perMillisecond
      initialization = Double(fleet.billedInitMilliseconds) * perMillisecond
    }
    requests = Double(fleet.requests) * factor * prices.perMillionRequests / 1e6
    reads = Double(fleet.reads) * factor * prices.perMillionReads / 1e6
  }
}

/// The part of a function's memory that its caches may have, by the library's default rules.
package enum MemoryPlan {
  /// Bytes that are kept for the handler and the allocator; the table in the documentation of
  /// `MemoryTerms` and `MemoryBudget.explain()` say the same.
  package static func reserve(megabytes: Int, concurrency: Int = 1) -> Int {
    let limit = megabytes << 20
    let small = min(limit, 1 << 30)
    let further = min((concurrency - 1) * (8 << 20), limit / 4)
    let handler = max(24 << 20, small / 16 * 5 + (limit - small) / 8)
    return handler + further + 4 << 20 + limit / 16
  }

  /// Bytes for caches.
  ///
  /// - Parameters:
  ///   - resident: The bytes that the process uses when the budget is made.
  ///   - reserve: The bytes that `LAMBDA_CACHE_RESERVE` keeps; `nil` for the default.
  package static func cacheBytes(
    megabytes: Int, resident: Int, reserve: Int? = nil, concurrency: Int = 1
  ) -> Int {
    let kept = reserve ?? Self.reserve(megabytes: megabytes, concurrency: concurrency)
    return max(0, megabytes << 20 - resident - kept)
  }
}
