internal import LambdaCache

/// Computes the savings of caches from the statistics that they keep; the formulas are documented
/// at ``SavingsMetrics``.
///
/// Where a source of statistics counts no surplus loads, they are its loads − its look-ups that
/// were not answered, over the life of the cache, so that it does no harm if a reading falls
/// between a look-up and the end of its load. That is too little if look-ups share a load or are
/// answered with failures.
struct SavingsLedger {
  private let prices: SavingsPrices
  /// The memory setting in MB of 1,024 KB; 0 if it is not known, and no GB-second is saved then.
  private let memoryMegabytes: Int
  /// The time of a load by the name of a cache, where it is stated and not measured.
  private let loadTimes: [String: Duration]

  private var readings: [String: Reading] = [:]

  init(prices: SavingsPrices, memoryMegabytes: Int, loadTimes: [String: Duration] = [:]) {
    self.prices = prices
    self.memoryMegabytes = memoryMegabytes
    self.loadTimes = loadTimes
  }

  /// Takes a reading of a cache.
  ///
  /// - Parameters:
  ///   - statistics: The cache's statistics. A reading that is behind the last one is taken for
  ///     that of a new cache.
  ///   - name: The name of the cache.
  /// - Returns: The savings since its last reading, or since the cache was made.
  mutating func record(_ statistics: CacheStatistics, of name: String) -> Savings {
    var last = readings[name] ?? Reading()
    if statistics.requests < last.hits + last.misses { last = Reading() }
    let reading = Reading(statistics, after: last)
    let meanLoadTime = statistics.meanLoadTime ?? loadTimes[name] ?? .zero
    readings[name] = reading
    return savings(from: last, to: reading, meanLoadTime: meanLoadTime)
  }

  private func savings(
    from last: Reading, to reading: Reading, meanLoadTime: Duration
  ) -> Savings {
    var savings = Savings()
    savings.hits = reading.hits - last.hits
    savings.misses = reading.misses - last.misses
    savings.refreshes = reading.refreshes - last.refreshes
    savings.evictions = reading.evictions - last.evictions
    savings.rejections = reading.rejections - last.rejections
    savings.entries = reading.entries
    savings.bytes = reading.bytes
    savings.time = meanLoadTime.multipliedClamped(by: savings.databaseCalls)
    savings.gigabyteSeconds = savings.time / .seconds(1) * Double(memoryMegabytes) / 1024
    savings.dollars =
      savings.gigabyteSeconds * prices.perGigabyteSecond
      + Double(savings.databaseCalls) * prices.perDatabaseCall
    return savings
  }
}

/// The statistics of a cache that count, over its life.
private struct Reading {
  /// Look-ups that were answered, and those that were not.
  var (hits, misses) = (0, 0)
  /// Never decreases: misses that share a load do not undo refreshes that were counted before.
  var refreshes = 0
  var (evictions, rejections) = (0, 0)
  var (entries, bytes) = (0, 0)

  init() {}

  init(_ statistics: CacheStatistics, after last: Reading) {
    // Stale and negative answers are counted as misses of the look-up itself.
    let answered = statistics.staleHits + statistics.notFoundHits
    hits = statistics.hits + answered
    misses = statistics.misses - answered
    let surplus = max(statistics.surplusLoads, statistics.loads - misses)
    refreshes = max(last.refreshes, surplus + statistics.discardedLoads)
    evictions = statistics.removals(.size) + statistics.removals(.pressure)
    rejections = statistics.rejections
    entries = statistics.count
    bytes = statistics.byteCount
  }
}

extension CacheStatistics {
  /// Loads that ended, whatever their end.
  var loads: Int { loadSuccesses + loadFailures + loadsNotFound }

  /// The mean time of loads, those that brought no value included; `nil` before the first.
  var meanLoadTime: Duration? { loads == 0 ? nil : loadTime / loads }
}
