import LambdaCache
import Testing

@testable import LambdaCacheHandlers

private struct Outage: Error {}

private func statistics(
  hits: Int = 0, misses: Int = 0, staleHits: Int = 0, loads: Int = 0, failures: Int = 0,
  discarded: Int = 0, notFound: Int = 0, notFoundHits: Int = 0, loadTime: Duration = .zero
) -> CacheStatistics {
  var statistics = CacheStatistics()
  statistics.hits = hits
  statistics.misses = misses
  statistics.loadSuccesses = loads
  statistics.loadFailures = failures
  statistics.staleHits = staleHits
  statistics.discardedLoads = discarded
  statistics.loadsNotFound = notFound
  statistics.failureHits = notFoundHits
  statistics.notFoundHits = notFoundHits
  statistics.loadTime = loadTime
  return statistics
}

@Suite("A savings ledger")
struct SavingsLedgerTests {
  /// Rates whose products are exact.
  private static let prices = try! SavingsPrices(perGigabyteSecond: 0.5, perDatabaseCall: 0.25)

  private struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var statistics: CacheStatistics
    var refreshes: Int
    var calls: Int
    var milliseconds: Double

    var testDescription: String { name }
  }

  private static let cases = [
    Case(name: "nothing", statistics: statistics(), refreshes: 0, calls: 0, milliseconds: 0),
    Case(
      name: "hits after loads",
      statistics: statistics(
        hits: 90, misses: 10, loads: 10, loadTime: .milliseconds(200)),
      refreshes: 0, calls: 90, milliseconds: 1800),
    Case(
      name: "a refresh takes back a hit",
      statistics: statistics(
        hits: 90, misses: 10, loads: 15, loadTime: .milliseconds(300)),
      refreshes: 5, calls: 85, milliseconds: 1700),
    Case(
      name: "more refreshes than hits cost",
      statistics: statistics(
        hits: 2, misses: 1, loads: 5, loadTime: .milliseconds(50)),
      refreshes: 4, calls: -2, milliseconds: -20),
    Case(
      name: "a failed load is a call, and takes its time",
      statistics: statistics(
        hits: 10, misses: 2, loads: 1, failures: 3, loadTime: .milliseconds(40)),
      refreshes: 2, calls: 8, milliseconds: 80),
    Case(
      name: "misses that share a load are not counted as saved",
      statistics: statistics(
        hits: 10, misses: 100, loads: 1, loadTime: .milliseconds(30)),
      refreshes: 0, calls: 10, milliseconds: 300),
    Case(
      name: "a cache that does not load saves calls and no time",
      statistics: statistics(
        hits: 10, misses: 5), refreshes: 0, calls: 10, milliseconds: 0),
    Case(
      name: "stale values behind which one load was made",
      statistics: statistics(
        hits: 10, misses: 6, staleHits: 5, loads: 2, loadTime: .milliseconds(20)),
      refreshes: 1, calls: 14, milliseconds: 140),
    Case(
      name: "an expired value that is loaded before it is served is an ordinary miss",
      statistics: statistics(hits: 10, misses: 6, loads: 6, loadTime: .milliseconds(60)),
      refreshes: 0, calls: 10, milliseconds: 100),
    Case(
      name: "a stale value after a load that failed saves nothing",
      statistics: statistics(
        hits: 10, misses: 2, staleHits: 1, loads: 1, failures: 1, loadTime: .milliseconds(20)),
      refreshes: 1, calls: 10, milliseconds: 100),
    Case(
      name: "a load that is done twice because of a freeze is two calls",
      statistics: statistics(
        hits: 10, misses: 2, loads: 2, discarded: 1, loadTime: .milliseconds(20)),
      refreshes: 1, calls: 9, milliseconds: 90),
    Case(
      name: "a remembered answer that there is none saves a call, one that was asked for does not",
      statistics: statistics(
        misses: 20, notFound: 1, notFoundHits: 19, loadTime: .milliseconds(10)),
      refreshes: 0, calls: 19, milliseconds: 190),
    Case(
      name: "loads that take no time save none",
      statistics: statistics(
        hits: 10, misses: 5, loads: 5), refreshes: 0, calls: 10, milliseconds: 0),
  ]

  @Test(
    "A savings ledger computes calls, time, GB-seconds and dollars, net of refreshes",
    arguments: cases)
  private func formulas(_ example: Case) {
    var ledger = SavingsLedger(prices: Self.prices, memoryMegabytes: 2048)
    let saved = ledger.record(example.statistics, of: "users")
    #expect(
      saved.hits == example.statistics.hits + example.statistics.staleHits
        + example.statistics.notFoundHits)
    #expect(saved.requests == example.statistics.requests)
    #expect(saved.refreshes == example.refreshes)
    #expect(saved.databaseCalls == example.calls)
    #expect(saved.milliseconds == example.milliseconds)
    let gigabyteSeconds = example.milliseconds / 1000 * 2
    #expect(abs(saved.gigabyteSeconds - gigabyteSeconds) < 1e-12)
    #expect(abs(saved.dollars - (gigabyteSeconds * 0.5 + Double(example.calls) * 0.25)) < 1e-12)
  }

  @Test("A savings ledger never counts more calls than a cache that only loads has really saved")
  func neverTooMany() {
    for hits in 0...3 {
      for (misses, staleHits) in [(0, 0), (1, 0), (1, 1), (3, 0), (3, 2), (4, 4)] {
        for loads in 0...6 {
          var ledger = SavingsLedger(prices: Self.prices, memoryMegabytes: 128)
          let read = statistics(hits: hits, misses: misses, staleHits: staleHits, loads: loads)
          let calls = ledger.record(read, of: "a").databaseCalls
          #expect(calls <= hits + misses - loads)
          #expect(calls <= hits + staleHits)
        }
      }
    }
  }

  @Test("A savings ledger counts a load that ends after the reading once")
  func splitLoads() {
    var ledger = SavingsLedger(prices: Self.prices, memoryMegabytes: 128)
    let readings = [
      // A miss whose load ends later, a refresh, and callers that share a load.
      statistics(misses: 1), statistics(hits: 5, misses: 1, loads: 1),
      statistics(hits: 6, misses: 1, loads: 2), statistics(hits: 6, misses: 9, loads: 2),
      statistics(hits: 6, misses: 9, loads: 3),
    ]
    let saved = readings.map { ledger.record($0, of: "a") }
    #expect(saved.map(\.refreshes) == [0, 0, 1, 0, 0])
    #expect(saved.map(\.databaseCalls) == [0, 5, 0, 0, 0])
  }

  @Test("A savings ledger reports what was saved since the last reading of that cache")
  func differences() {
    var ledger = SavingsLedger(prices: Self.prices, memoryMegabytes: 1024)
    let first = statistics(hits: 10, misses: 2, loads: 2, loadTime: .milliseconds(20))
    let second = statistics(hits: 15, misses: 4, loads: 4, loadTime: .milliseconds(80))
    #expect(ledger.record(first, of: "a").milliseconds == 100)
    #expect(ledger.record(first, of: "b").milliseconds == 100)
    // The mean is that of all loads so far: 20 ms.
    let saved = ledger.record(second, of: "a")
    #expect(saved.hits == 5)
    #expect(saved.misses == 2)
    #expect(saved.milliseconds == 100)
    #expect(ledger.record(second, of: "a") == .zero)
  }

  @Test("A savings ledger remembers the time of loads from earlier when there are only hits")
  func onlyHits() {
    var ledger = SavingsLedger(prices: Self.prices, memoryMegabytes: 128)
    _ = ledger.record(statistics(misses: 1, loads: 1, loadTime: .milliseconds(7)), of: "a")
    let later = statistics(hits: 3, misses: 1, loads: 1, loadTime: .milliseconds(7))
    #expect(ledger.record(later, of: "a").milliseconds == 21)
  }

  @Test("A savings ledger takes a stated time of loads where none were measured, and only there")
  func statedTimes() {
    var ledger = SavingsLedger(
      prices: Self.prices, memoryMegabytes: 128,
      loadTimes: ["a": .milliseconds(5), "b": .milliseconds(5)])
    #expect(ledger.record(statistics(hits: 2, misses: 1), of: "a").milliseconds == 10)
    let loaded = statistics(hits: 2, misses: 1, loads: 1, loadTime: .milliseconds(9))
    #expect(ledger.record(loaded, of: "b").milliseconds == 18)
    #expect(ledger.record(statistics(hits: 2, misses: 1), of: "c").milliseconds == 0)
  }

  @Test("A savings ledger takes a reading that is behind the last one for that of a new cache")
  func newCache() {
    var ledger = SavingsLedger(prices: Self.prices, memoryMegabytes: 128)
    _ = ledger.record(statistics(hits: 100, misses: 10, loads: 10), of: "a")
    let saved = ledger.record(statistics(hits: 3, misses: 2, loads: 2), of: "a")
    #expect(saved.hits == 3)
    #expect(saved.misses == 2)
  }

  @Test("A savings ledger saves no GB-seconds and no dollars of them where the memory is unknown")
  func unknownMemory() {
    var ledger = SavingsLedger(prices: Self.prices, memoryMegabytes: 0)
    let saved = ledger.record(
      statistics(hits: 8, misses: 1, loads: 1, loadTime: .seconds(1)), of: "a")
    #expect(saved.milliseconds == 8000)
    #expect(saved.gigabyteSeconds == 0)
    #expect(saved.dollars == 2)
  }

  @Test("A savings ledger reads a cache as it loads, hits and is loaded early")
  func realCache() async throws {
    let cache = Cache<String, String>(byteLimit: 1 << 20)
    for _ in 1...3 {
      for key in ["a", "b"] { _ = try await cache.value(forKey: key) { $0 } }
    }
    var ledger = SavingsLedger(prices: Self.prices, memoryMegabytes: 512)
    let saved = ledger.record(cache.statistics, of: "letters")
    #expect(saved.hits == 4)
    #expect(saved.misses == 2)
    #expect(saved.refreshes == 0)
    #expect(saved.databaseCalls == 4)
    #expect(saved.time == cache.statistics.loadTime / 2 * 4)
  }

  @Test("A savings ledger counts the loads of an early refresh as what they are: calls")
  func earlyRefresh() async throws {
    let clock = ManualClock()
    let cache = Cache<String, String>(byteLimit: 1 << 20, timeToLive: .seconds(60)) {
      $0.clock = clock
      // So early that it is always time.
      $0.loading.earlyRefresh = 1e100
    }
    for _ in 1...5 {
      _ = try await cache.value(forKey: "a") { key in
        // A load that takes no time at all would never be made early.
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .milliseconds(1) {}
        return key
      }
    }
    let read = cache.statistics
    var ledger = SavingsLedger(prices: Self.prices, memoryMegabytes: 512)
    let saved = ledger.record(read, of: "a")
    #expect(saved.refreshes == read.loadSuccesses - 1)
    #expect(saved.databaseCalls == read.requests - read.loadSuccesses)
    #expect(saved.refreshes > 0)
  }

  @Test(
    "A savings ledger counts a load that replaces an expired value as no refresh of a served one")
  func expiredReload() async throws {
    let clock = ManualClock()
    let cache = Cache<String, String>(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      $0.clock = clock
      $0.loading.staleIfError = .seconds(100)
    }
    var ledger = SavingsLedger(prices: Self.prices, memoryMegabytes: 512)
    for _ in 1...2 {
      for _ in 1...3 { _ = try await cache.value(forKey: "a") { $0 } }
      clock.advance(by: .seconds(20))
    }
    let saved = ledger.record(cache.statistics, of: "a")
    #expect(saved.hits == 4)
    #expect(saved.misses == 2)
    #expect(saved.refreshes == 0)
    #expect(saved.databaseCalls == 4)
    // The third load fails, and the expired value stands for it: a call, and an answer.
    let value = try await cache.value(forKey: "a") { _ in throw Outage() }
    #expect(value == "a")
    let stale = ledger.record(cache.statistics, of: "a")
    #expect(stale.hits == 1)
    #expect(stale.refreshes == 1)
    #expect(stale.databaseCalls == 0)
  }

  @Test("A savings ledger counts refreshes although other look-ups get failures, or share a load")
  func refreshesBesideFailures() async throws {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      $0.loading.negativeTimeToLive = .seconds(1_000)
      $0.loading.staleWhileRevalidate = .seconds(100)
      $0.clock = clock
    }
    var ledger = SavingsLedger(prices: Self.prices, memoryMegabytes: 512)
    var refreshes = 0
    cache[1] = 1
    for _ in 0..<20 {
      clock.advance(by: .seconds(11))
      let invocation = Invocation()
      try await invocation.run {
        _ = try await cache.value(forKey: 1) { _ in 2 }
        // Answered without a load, but for the first time.
        for _ in 0..<5 { _ = try await cache.optionalValue(forKey: 7) { _ in nil } }
        // Ten look-ups, one load.
        _ = try await cache.values(forKeys: 100..<110) { keys in
          Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
        }
        cache.removeAll(where: { key, _ in key >= 100 })
      }
      await invocation.finish()
      refreshes += ledger.record(cache.statistics, of: "numbers").refreshes
    }
    #expect(refreshes == 20)
    #expect(cache.statistics.surplusLoads == 20)
  }
}

@Suite("A report of savings")
struct SavingsTests {
  private static func savings(_ factor: Int) -> Savings {
    var savings = Savings()
    savings.hits = 3 * factor
    savings.misses = 5 * factor
    savings.refreshes = 2 * factor
    savings.time = .milliseconds(7 * factor)
    savings.gigabyteSeconds = 0.5 * Double(factor)
    savings.dollars = 0.25 * Double(factor)
    return savings
  }

  @Test("A report of savings adds every figure")
  func arithmetic() {
    #expect(Self.savings(1) + Self.savings(2) == Self.savings(3))
    #expect(Self.savings(1) + .zero == Self.savings(1))
  }

  @Test("A report of savings derives requests, calls and the ratio of hits")
  func derived() {
    #expect(Self.savings(1).requests == 8)
    #expect(Self.savings(1).databaseCalls == 1)
    #expect(Self.savings(1).hitRatio == 0.375)
    #expect(Savings.zero.hitRatio == nil)
  }
}

@Suite("Prices of savings")
struct SavingsPricesTests {
  @Test(
    "Prices of savings refuse rates that are no prices, by name",
    arguments: [-1, -0.000_1, .nan, .infinity, -.infinity] as [Double])
  func refusals(_ dollars: Double) throws {
    let caches = ["a": MeterStub()]
    let first = try #require(throws: SavingsMetricsError.self) {
      try SavingsMetrics(caches: caches, dollarsPerGigabyteSecond: dollars)
    }
    #expect(first.description.contains("dollarsPerGigabyteSecond \"\(dollars)\""))
    let second = try #require(throws: SavingsMetricsError.self) {
      try SavingsMetrics(caches: caches, dollarsPerDatabaseCall: dollars)
    }
    #expect(second.description.contains("dollarsPerDatabaseCall \"\(dollars)\""))
  }

  @Test("Prices of savings are by default those of the architecture, and a database that is free")
  func defaults() throws {
    let rate = SavingsPrices.Architecture.current.defaultRate
    #expect(try SavingsPrices().perGigabyteSecond == rate)
    #expect(try SavingsPrices().perDatabaseCall == 0)
    #expect(try SavingsPrices(perGigabyteSecond: 0).perGigabyteSecond == 0)
  }
}
