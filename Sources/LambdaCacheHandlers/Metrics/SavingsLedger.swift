public import LambdaCache

/// Computes what caches save from the statistics they keep anyway.
///
/// ```swift
/// var ledger = SavingsLedger(memoryMegabytes: 512)
/// // … an invocation …
/// let saved = ledger.record(profiles.statistics, of: "profiles")
/// print(saved.databaseCalls, saved.milliseconds, saved.dollars)
/// ```
///
/// Between two readings of a cache, where a *load* is a call of a loading closure:
///
/// ```
/// hits = look-ups that were answered, also with an expired value
/// refreshes = surplus loads + discarded loads, as the cache counts them
/// database calls saved = hits − refreshes
/// time saved = hits × mean time of a load − refreshes × mean time of a load
/// GB-seconds saved = seconds saved × memory setting in MB ÷ 1024
/// dollars saved = GB-seconds saved × rate + database calls saved × rate
/// ```
///
/// So a refresh is a load that no look-up was in need of: one before a value expires, one behind an
/// expired value that was served, one that failed so that an expired value was served, one that was
/// made twice because of a freeze. A load that replaces an expired value before anybody is answered
/// is none. Where a source of statistics counts no surplus loads, they are its loads − its look-ups
/// that were not answered, over the life of the cache, so that it does no harm if a reading falls
/// between a look-up and the end of its load. That is too little if look-ups share a load or are
/// answered with failures.
///
/// It assumes
/// - that a hit would have been a load, as long as the mean of all loads of this cache so far,
///   those that threw and those that refreshed included;
/// - that the handler would have waited for one load after the other. Where it makes several at
///   once, time is counted more than once;
/// - that a look-up takes no time, which is right to about 50 ns;
/// - that an expired value was served in the place of a load.
///
/// Misses that shared a load of another caller were saved a call too. They are not counted, for
/// statistics do not tell them from misses after which the caller asked the database on its own. So
/// calls saved are rather too few than too many.
///
/// A cache that does not load, whose caller sets values itself, has no times of loads: state one in
/// `loadTimes`, or its hits save calls and no time.
public struct SavingsLedger: Sendable {
  /// The prices that time and calls are turned into money with.
  public let prices: SavingsPrices
  /// The memory setting in MB of 1,024 KB; 0 if it is not known, and no GB-second is saved then.
  public let memoryMegabytes: Int
  /// How long a load of a cache takes, by the cache's name, where that is stated and not measured.
  public let loadTimes: [String: Duration]

  private var readings: [String: Reading] = [:]

  /// What each cache has saved since it was made, by name.
  public private(set) var totals: [String: Savings] = [:]

  /// Creates a ledger.
  ///
  /// - Parameters:
  ///   - prices: The prices; the defaults of this architecture if left out.
  ///   - memoryMegabytes: The memory setting in MB of 1,024 KB, from 0, which stands for not known.
  ///   - loadTimes: How long a load takes, from 0, by the name of a cache, for caches that have
  ///     none of their own to measure.
  public init(
    prices: SavingsPrices = .current, memoryMegabytes: Int, loadTimes: [String: Duration] = [:]
  ) {
    requireArgument(memoryMegabytes >= 0, "a memory setting is negative: \(memoryMegabytes) MB")
    for (name, time) in loadTimes {
      requireArgument(time >= .zero, "the time of a load of \(name) is negative: \(time)")
    }
    self.prices = prices
    self.memoryMegabytes = memoryMegabytes
    self.loadTimes = loadTimes
  }

  /// What all caches have saved since they were made.
  public var total: Savings { totals.values.reduce(.zero, +) }

  /// Takes a reading of a cache.
  ///
  /// - Parameters:
  ///   - statistics: What the cache says of itself. A reading that is behind the last one is taken
  ///     for that of a new cache.
  ///   - name: The name of the cache.
  /// - Returns: What was saved since its last reading, or since the cache was made.
  public mutating func record(_ statistics: CacheStatistics, of name: String) -> Savings {
    var last = readings[name] ?? Reading()
    if statistics.requests < last.hits + last.misses { last = Reading() }
    let reading = Reading(statistics, after: last)
    let meanLoadTime = statistics.meanLoadTime ?? loadTimes[name] ?? .zero
    let saved = savings(from: last, to: reading, meanLoadTime: meanLoadTime)
    readings[name] = reading
    totals[name, default: .zero] += saved
    return saved
  }

  private func savings(
    from last: Reading, to reading: Reading, meanLoadTime: Duration
  ) -> Savings {
    var savings = Savings()
    savings.hits = reading.hits - last.hits
    savings.misses = reading.misses - last.misses
    savings.refreshes = reading.refreshes - last.refreshes
    savings.time = meanLoadTime.multipliedClamped(by: savings.databaseCalls)
    savings.gigabyteSeconds = savings.time / .seconds(1) * Double(memoryMegabytes) / 1024
    savings.dollars =
      savings.gigabyteSeconds * prices.perGigabyteSecond
      + Double(savings.databaseCalls) * prices.perDatabaseRequest
    return savings
  }
}

/// What of the statistics of a cache counts, over its life.
private struct Reading {
  /// Look-ups that were answered, and those that were not.
  var (hits, misses) = (0, 0)
  /// Never decreases: misses that share a load do not undo refreshes that were counted before.
  var refreshes = 0

  init() {}

  init(_ statistics: CacheStatistics, after last: Reading) {
    hits = statistics.hits + statistics.staleHits
    misses = statistics.misses - statistics.staleHits
    let surplus = max(statistics.surplusLoads, statistics.loads - misses)
    refreshes = max(last.refreshes, surplus + statistics.discardedLoads)
  }
}

extension CacheStatistics {
  /// Loads that ended, whatever their end.
  var loads: Int { loadSuccesses + loadFailures }

  /// The mean time of loads, those that threw included; `nil` before the first.
  var meanLoadTime: Duration? { loads == 0 ? nil : loadTime / loads }
}
