import LambdaCache
import Testing

@testable import LambdaCacheHandlers

@Suite("Figures at their limits")
struct MetricLimitTests {
  @Test("Figures are written up to the largest that CloudWatch takes, and not beyond")
  func largestNumber() {
    #expect(EmbeddedMetricLine.isRepresentable(0x1p360))
    #expect(EmbeddedMetricLine.isRepresentable(-0x1p360))
    #expect(!EmbeddedMetricLine.isRepresentable((0x1p360 as Double).nextUp))
    #expect(!EmbeddedMetricLine.isRepresentable(-(0x1p360 as Double).nextUp))
    #expect(!EmbeddedMetricLine.isRepresentable(.infinity))
    #expect(!EmbeddedMetricLine.isRepresentable(.nan))
  }

  @Test("Figures of stale hits are no sign that a cache was made again: they save once")
  func staleHits() throws {
    var ledger = SavingsLedger(prices: try SavingsPrices(), memoryMegabytes: 128)
    var statistics = CacheStatistics()
    statistics.hits = 10
    statistics.misses = 10
    statistics.staleHits = 8
    #expect(ledger.record(statistics, of: "users").hits == 18)
    #expect(ledger.record(statistics, of: "users") == .zero)
    statistics.hits = 11
    #expect(ledger.record(statistics, of: "users").hits == 1)
    // A new cache has fewer requests than the former one.
    statistics = CacheStatistics()
    statistics.hits = 3
    #expect(ledger.record(statistics, of: "users").hits == 3)
  }

  @Test("Figures have each dimension once, in however many sets it is")
  func repeatedDimension() throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let text = Locked("")
    let metrics = try SavingsMetrics(
      caches: ["users": cache],
      dimensionSets: [
        ["FunctionName"], ["FunctionName", "CacheName"], ["Stage"], ["Stage", "CacheName"],
      ], dimensions: ["Stage": "test"], environment: ["AWS_LAMBDA_FUNCTION_NAME": "shop"],
      sink: { bytes in text.withLock { $0 += String(decoding: bytes, as: UTF8.self) } })
    cache[1] = 1
    _ = cache[1]
    metrics.endInvocation()
    let line = text.withLock { $0 }
    for member in ["\"FunctionName\":", "\"CacheName\":", "\"Stage\":"] {
      #expect(line.split(separator: member, omittingEmptySubsequences: false).count == 2, "\(line)")
    }
  }

  @Test("The price of a second is that of the architecture")
  func rates() throws {
    for (architecture, rate) in [
      (SavingsPrices.Architecture.arm64, 0.0000133334), (.x86, 0.0000166667),
    ] {
      let prices = try SavingsPrices(perDatabaseCall: 0.5, architecture: architecture)
      #expect(prices.perGigabyteSecond == rate)
      #expect(prices.perDatabaseCall == 0.5)
    }
  }

  @Test("The figures of a warm-up count a key once that is named twice")
  func repeatedKeys() async {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let report = await cache.warmUp([1, 1, 2, 5, 5, 5]) { keys in
      Dictionary(uniqueKeysWithValues: keys.filter { $0 != 5 }.map { ($0, $0) })
    }
    #expect(report.loaded == 2)
    #expect(report.notFound == 1)
  }
}
