@testable import UserLookup

/// Results of phases that are easy to compute with.
enum Samples {
  static let model = NetworkModel(readLatency: 2_000_000)

  /// A thousand requests, of which a quarter reads the database with the cache.
  static func report(model: NetworkModel?, requests: Int = 1000) -> ComparisonReport {
    ComparisonReport(
      uncached: phase(.uncached, requests: requests, reads: requests, model),
      cached: phase(.cached, requests: requests, reads: requests / 4, model),
      cost: CostModel(
        memoryMegabytes: 128, gigabyteSecondPrice: CostModel.x86GigabyteSecondPrice),
      streamDescription: "a <stream>", memoryOrigin: "a test", model: model)
  }

  private static func phase(
    _ mode: PhaseMode, requests: Int, reads: Int, _ model: NetworkModel?
  ) -> PhaseResult {
    PhaseResult(
      mode: mode, requests: requests, databaseReads: reads, digest: 1,
      latency: figures(billedMilliseconds: requests),
      modelledLatency: model.map { _ in figures(billedMilliseconds: requests + 2 * reads) },
      peakResidentByteCount: 20 << 20,
      samples: (1...10).map {
        PhaseSample(
          requests: requests * $0 / 10, hits: (requests - reads) * $0 / 10,
          residentByteCount: (10 + $0) << 20)
      },
      cache: mode == .cached
        ? ProfileCacheStatistics(
          hits: requests - reads, misses: reads, databaseReads: reads, entries: reads,
          byteCount: 3 << 20, byteLimit: 12 << 20)
        : nil,
      budget: mode == .cached ? "limit" : nil)
  }

  private static func figures(billedMilliseconds: Int) -> LatencyFigures {
    LatencyFigures(
      median: 500, percentile99: 9000, maximum: 80_000, total: 700_000,
      billedMilliseconds: billedMilliseconds,
      quantiles: LatencyFigures.shares.map { Int($0 * 80_000) })
  }
}
