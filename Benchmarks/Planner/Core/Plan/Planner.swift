import Workload

/// Computes a plan from a log.
package struct Planner {
  private let options: PlanOptions
  private let log: RequestLog
  /// The requests that fleets are simulated with: contiguous, all keys.
  private let fleetLog: RequestLog
  private let monthsPerLog: Double
  /// Bytes with which no cache of a fleet evicts anything; a larger limit changes nothing.
  private let sufficientBytes: Int

  /// Makes a plan.
  ///
  /// - Parameters:
  ///   - intake: The requests, which must not be empty.
  ///   - progress: Called with the name of each step before it begins.
  package static func plan(
    _ intake: LogIntake, _ options: PlanOptions, progress: (String) -> Void = { _ in }
  ) -> Plan {
    let planner = Planner(intake, options)
    return planner.plan(intake, progress)
  }

  /// The expectation at each memory setting, with the longest time to live that may be recommended.
  ///
  /// - Parameter intake: The requests, which must not be empty.
  package static func points(_ intake: LogIntake, _ options: PlanOptions) -> [MemoryPoint] {
    let planner = Planner(intake, options)
    return planner.memoryPoints(
      timeToLive: options.longestTimeToLive, withoutCache: planner.fleetsWithoutCache())
  }

  private init(_ intake: LogIntake, _ options: PlanOptions) {
    self.options = options
    log = intake.log
    let whole = intake.window ?? intake.log
    // Invocations for the keys that a log lacks are simulated as well.
    let most = max(1, Int(Double(options.fleetRequests) * whole.sampleRate))
    fleetLog = whole.count > most ? whole.slice(0..<most) : whole
    let unlimited = Replay.run(fleetLog, limits: [CacheLimit(byteLimit: 1 << 40)], threads: 1)[0]
    sufficientBytes =
      Int(2 * Double(unlimited.peakByteCount) / fleetLog.sampleRate) + 1 << 20
    // At least one millisecond a request: a log of one instant says nothing of a month. The rate of
    // requests is that of the whole log, also where fleets see a part of it.
    let requestsRead = max(log.requestsRead, log.count)
    let milliseconds = Double(max(log.spanMilliseconds, Int64(requestsRead)))
    let requests = Double(requestsRead) / log.recordedRate
    monthsPerLog =
      hoursPerMonth * 3_600_000 / milliseconds * requests
      / (Double(max(fleetLog.count, 1)) / fleetLog.sampleRate)
  }

  private func plan(_ intake: LogIntake, _ progress: (String) -> Void) -> Plan {
    let facts = KeyFacts(log)
    progress("hit ratio by size")
    let sizes = curveSizes()
    let (curves, curveError) = curves(sizes)
    progress("cost by memory setting and time to live")
    let grid = heatMap()
    let without = fleetsWithoutCache()
    let timeToLivePlace = recommendedTimeToLive(grid.costs, withoutCache: without)
    let timeToLive = options.timesToLive[timeToLivePlace]
    progress("bounds of the fleet")
    var points = memoryPoints(timeToLive: timeToLive, withoutCache: without)
    var best = cheapest(points.map(\.cost.middle))
    let policies = policyPoints(points[best], timeToLive: timeToLive)
    // The first one, unless another pays.
    let policy = policies[cheapest(policies.map(\.cost))].policy
    if policy != .leastRecentlyUsed {
      points = memoryPoints(timeToLive: timeToLive, policy: policy, withoutCache: without)
      best = cheapest(points.map(\.cost.middle))
    }
    let bestWithout = cheapest(points.map(\.without.total))
    progress("halves of the log, and a shared cache")
    let limit = CacheLimit(
      byteLimit: points[best].cacheBytes, timeToLiveMilliseconds: timeToLive, policy: policy)
    let unlimited = settings(
      points[best].megabytes, cache: CacheLimit(byteLimit: 1 << 40))
    return Plan(
      intake: intake, options: options, facts: facts, fleetFacts: KeyFacts(fleetLog),
      curveSizes: sizes, curves: curves,
      curveError: curveError,
      sampleError: Replay.standardError(
        log, limit: CacheLimit(byteLimit: limit.byteLimit), rate: 1),
      fleetRequests: fleetLog.count, monthsPerLog: monthsPerLog, points: points,
      heatMap: grid.costs, ratiosByTimeToLive: grid.ratios.map { $0[best] },
      timeToLive: timeToLive, policies: policies, policy: policy, best: best,
      bestWithout: bestWithout,
      halves: halves(points[best].megabytes, limit),
      shared: shared(points[best], timeToLive: timeToLive),
      unavoidablePerEnvironment: 1 - Fleet.run(fleetLog, unlimited).hitRatio,
      enoughBytes: enoughBytes(points[best].megabytes, limit))
  }

  /// Sixteen sizes up to what the largest memory setting leaves, or what all keys together need.
  private func curveSizes() -> [Int] {
    let most = cacheBytes(options.memorySettings.last ?? 128)
    let needed = Replay.run(log, limits: [CacheLimit(byteLimit: most)], threads: 1)[0]
    let scale = log.sampleRate
    let greatest = min(
      Double(most), max(Double(needed.peakByteCount) / scale * 1.05, Double(1 << 20)))
    let least = max(greatest / 1000, 65_536)
    return (0..<16).map { step in
      Int(least * Logarithm.power(greatest / least, Double(step) / 15))
    }
  }

  private func curves(_ sizes: [Int]) -> ([RatioCurve], Double) {
    let limits = sizes.map { CacheLimit(byteLimit: $0) }
    let rate = min(1, Double(options.curveRequests) / Double(max(log.count, 1)))
    var curves: [RatioCurve] = []
    var error = 0.0
    for environments in options.environmentCounts {
      // One environment is replayed with all requests, whatever their number.
      let ownRate = environments == 1 ? 1 : rate
      let results = Replay.run(
        log, limits: limits, rate: ownRate, environments: environments,
        threads: options.threads)
      curves.append(
        RatioCurve(
          environments: environments, ratios: results.map(\.hitRatio), rate: ownRate))
    }
    if rate < 1, let exact = curves.first(where: { $0.rate == 1 }) {
      let sampled = Replay.run(log, limits: limits, rate: rate, threads: options.threads)
      error = zip(exact.ratios, sampled).map { abs($0 - $1.hitRatio) }.max() ?? 0
    }
    return (curves, error)
  }

  private func cacheBytes(_ megabytes: Int) -> Int {
    MemoryPlan.cacheBytes(
      megabytes: megabytes, resident: options.residentBytes(megabytes),
      reserve: options.reservedBytes, concurrency: options.concurrency)
  }

  private func settings(
    _ megabytes: Int, cache: CacheLimit?, _ routing: Routing = .mostRecentlyUsed,
    idleLife: Int64? = nil
  ) -> FleetSettings {
    var settings = FleetSettings()
    settings.cache = cache
    settings.cache?.byteLimit = min(cache?.byteLimit ?? 0, sufficientBytes)
    settings.routing = routing
    settings.idleLife = idleLife ?? options.idleLives.last ?? 0
    settings.concurrency = options.concurrency
    settings.environmentLimit = options.environmentLimit
    settings.timing = options.workload.timing(megabytes: megabytes)
    return settings
  }

  /// Simulates fleets, those that are the same only once.
  private func run(_ settings: [FleetSettings]) -> [FleetResult] {
    var places: [FleetSettings: Int] = [:]
    var distinct: [FleetSettings] = []
    for one in settings where places[one] == nil {
      places[one] = distinct.count
      distinct.append(one)
    }
    let wanted = distinct
    let results = Parallel.map(wanted.count, threads: options.threads) {
      Fleet.run(fleetLog, wanted[$0])
    }
    return settings.map { results[places[$0]!] }
  }

  private func cost(_ fleet: FleetResult, _ megabytes: Int) -> MonthlyCost {
    MonthlyCost(
      fleet, megabytes: megabytes, prices: options.prices, monthsPerLog: monthsPerLog)
  }

  /// Costs and hit ratios by time to live, then memory setting, most recently used first.
  private func heatMap() -> (costs: [[Double]], ratios: [[Double]]) {
    let columns = options.memorySettings.count
    let fleets = run(
      options.timesToLive.flatMap { life in
        options.memorySettings.map { megabytes in
          settings(
            megabytes,
            cache: CacheLimit(byteLimit: cacheBytes(megabytes), timeToLiveMilliseconds: life))
        }
      })
    var costs: [[Double]] = []
    var ratios: [[Double]] = []
    for row in options.timesToLive.indices {
      let part = fleets[row * columns..<(row + 1) * columns]
      ratios.append(part.map(\.hitRatio))
      costs.append(
        zip(part, options.memorySettings).map { cost($0, $1).total })
    }
    return (costs, ratios)
  }

  /// The shortest time to live that saves 95 % of what the best saves: the freshest values for
  /// nearly no money.
  private func recommendedTimeToLive(
    _ costs: [[Double]], withoutCache: [FleetResult]
  ) -> Int {
    let allowed = options.timesToLive.indices.filter { place in
      guard let longest = options.longestTimeToLive else { return true }
      return options.timesToLive[place].map { $0 <= longest } ?? false
    }
    let places = allowed.isEmpty ? [0] : allowed
    let cheapest = places.map { costs[$0].min() ?? 0 }
    guard let least = cheapest.min() else { return 0 }
    let bills = zip(withoutCache, options.memorySettings).map { cost($0, $1).total }
    let without = bills.min() ?? least
    let wanted = without - 0.95 * max(without - least, 0)
    return zip(places, cheapest).first { $0.1 <= wanted }?.0 ?? places.last ?? 0
  }

  private func fleetsWithoutCache() -> [FleetResult] {
    run(options.memorySettings.map { settings($0, cache: nil) })
  }

  private func memoryPoints(
    timeToLive: Int64?, policy: CachePolicy = .leastRecentlyUsed, withoutCache: [FleetResult]
  ) -> [MemoryPoint] {
    let limits = options.memorySettings.map {
      CacheLimit(
        byteLimit: cacheBytes($0), timeToLiveMilliseconds: timeToLive, policy: policy)
    }
    let bounds = Routing.allCases.flatMap { routing in
      options.idleLives.map { (routing, $0) }
    }
    let fleets = run(
      zip(options.memorySettings, limits).flatMap { megabytes, limit in
        bounds.map { settings(megabytes, cache: limit, $0.0, idleLife: $0.1) }
      })
    return options.memorySettings.indices.map { place in
      let megabytes = options.memorySettings[place]
      let own = Array(fleets[place * bounds.count..<(place + 1) * bounds.count])
      return MemoryPoint(
        megabytes: megabytes, cacheBytes: limits[place].byteLimit,
        without: cost(withoutCache[place], megabytes), withoutFleet: withoutCache[place],
        fleets: own, costs: own.map { cost($0, megabytes) })
    }
  }

  /// The policies side by side.
  private func policyPoints(_ point: MemoryPoint, timeToLive: Int64?) -> [PolicyPoint] {
    let megabytes = point.megabytes
    let fleets = run(
      options.policies.map { policy in
        settings(
          megabytes,
          cache: CacheLimit(
            byteLimit: point.cacheBytes, timeToLiveMilliseconds: timeToLive, policy: policy))
      })
    return zip(options.policies, fleets).map { policy, fleet in
      PolicyPoint(
        policy: policy, hitRatio: fleet.hitRatio, cost: cost(fleet, megabytes).total)
    }
  }

  /// The first place whose cost is within a thousandth of the least.
  private func cheapest(_ costs: [Double]) -> Int {
    let least = costs.min() ?? 0
    return costs.firstIndex { $0 <= least * 1.001 } ?? 0
  }

  private func halves(_ megabytes: Int, _ limit: CacheLimit) -> Span {
    guard fleetLog.count > 1 else { return Span([]) }
    let middle = fleetLog.count / 2
    let parts = [fleetLog.slice(0..<middle), fleetLog.slice(middle..<fleetLog.count)]
    let ratios = Parallel.map(4, threads: options.threads) { place in
      Fleet.run(
        parts[place / 2],
        settings(megabytes, cache: limit, Routing.allCases[place % 2])
      ).hitRatio
    }
    return Span(ratios)
  }

  /// A node that all environments ask, whose size is no limit.
  private func shared(_ point: MemoryPoint, timeToLive: Int64?) -> SharedCache {
    var shared = SharedCache()
    let limit = CacheLimit(byteLimit: 1 << 40, timeToLiveMilliseconds: timeToLive)
    let ratio = Replay.run(fleetLog, limits: [limit], threads: 1)[0].hitRatio
    shared.hitRatio = ratio
    let timing = options.workload.timing(megabytes: point.megabytes)
    let lookUp = options.workload.sharedLookUp
    // Whole milliseconds are billed.
    let hit = (Double(timing.handler) / 1000 + lookUp).rounded(.up)
    let miss = (Double(timing.handler + timing.load) / 1000 + lookUp).rounded(.up)
    let billed = Double(point.withoutFleet.requests) * (ratio * hit + (1 - ratio) * miss)
    let gigabytes = Double(point.megabytes) / 1024
    shared.cost.duration =
      options.prices.instances == nil
      ? billed / 1000 * gigabytes * options.prices.perGigabyteSecond * monthsPerLog
      : point.without.duration
    shared.cost.initialization = point.costs[0].initialization
    shared.cost.requests = point.without.requests
    shared.cost.reads = point.without.reads * (1 - ratio)
    shared.breakEvenPerHour = (point.cost.middle - shared.cost.total) / hoursPerMonth
    shared.cost.node = options.prices.perNodeHour * hoursPerMonth
    return shared
  }

  /// The least bytes with which the fleet comes within half a point of what a limit gives it.
  private func enoughBytes(_ megabytes: Int, _ limit: CacheLimit) -> Int {
    guard limit.byteLimit > 0 else { return 0 }
    let sizes = (0..<16).map { Int(Double(limit.byteLimit) * Logarithm.power(0.7, Double($0))) }
    let ratios = run(
      sizes.map { size in
        var smaller = limit
        smaller.byteLimit = size
        return settings(megabytes, cache: smaller)
      }
    ).map(\.hitRatio)
    let enough = zip(sizes, ratios).prefix { $0.1 >= ratios[0] - 0.005 }
    return enough.last?.0 ?? limit.byteLimit
  }
}
