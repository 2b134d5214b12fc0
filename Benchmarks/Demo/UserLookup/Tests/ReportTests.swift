import Testing

@testable import UserLookup

@Suite("The cost model")
struct CostModelTests {
  @Test(
    "The cost model bills every started millisecond, and at least one",
    arguments: [
      (0, 1), (1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2), (2_500_000, 3),
    ])
  func billing(nanoseconds: Int, milliseconds: Int) {
    #expect(CostModel.billedMilliseconds(forNanoseconds: nanoseconds) == milliseconds)
  }

  @Test("The cost model adds the price of the time to the price of the requests")
  func price() {
    let model = CostModel(
      memoryMegabytes: 512, gigabyteSecondPrice: CostModel.x86GigabyteSecondPrice)
    // 10 ms each: 10,000 s of half a GB at $0.0000166667, and $0.20.
    let cost = model.costOfMillionRequests(billedMilliseconds: 5000, requests: 500)
    #expect(abs(cost - 0.283_333_5) < 1e-9)
  }
}

@Suite("Figures in a report")
struct FormatTests {
  @Test(
    "Figures in a report have their thousands apart",
    arguments: [
      (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"),
      (-12_345, "-12,345"), (Int.min, "-9,223,372,036,854,775,808"),
    ])
  func counts(number: Int, text: String) {
    #expect(Format.count(number) == text)
  }

  @Test(
    "Figures in a report are rounded to the digits asked for",
    arguments: [
      (0.0, 1, "0.0"), (0.04, 1, "0.0"), (-0.04, 1, "0.0"), (0.05, 1, "0.1"), (1.999, 2, "2.00"),
      (1234.5678, 3, "1,234.568"), (-1.5, 1, "-1.5"), (2.5, 0, "3"), (0.007, 3, "0.007"),
    ])
  func decimals(number: Double, digits: Int, text: String) {
    #expect(Format.decimal(number, digits: digits) == text)
  }

  @Test(
    "Figures in a report have the unit of time that suits them",
    arguments: [
      (0, "0 ns"), (999, "999 ns"), (1000, "1.0 µs"), (12_345, "12.3 µs"),
      (4_560_000, "4.56 ms"), (7_890_000_000, "7.89 s"),
    ])
  func durations(nanoseconds: Int, text: String) {
    #expect(Format.duration(nanoseconds: nanoseconds) == text)
  }

  @Test("A share of nothing is no percentage")
  func percentages() {
    #expect(Format.percent(1, of: 3) == "33.3 %")
    #expect(Format.percent(0, of: 0) == "–")
  }
}

@Suite("The report")
struct ComparisonReportTests {
  @Test("The report shows what was measured, and the modelled rows only when they were asked for")
  func rows() {
    let plain = lines(of: report(modelled: false))
    #expect(plain.contains("database reads 1,000 250"))
    #expect(plain.contains("hit ratio 0.0 % 75.0 %"))
    #expect(plain.contains("bytes used of the budget – 3.0 MiB of 12.0 MiB"))
    // A second for a thousand requests at an eighth of a GB, and the price of the requests.
    #expect(plain.contains("cost of a million requests $0.2021 $0.2021"))
    #expect(!plain.contains { $0.hasPrefix("MODELLED") })
    let modelled = lines(of: report(modelled: true))
    #expect(modelled.contains("MODELLED: 2.00 ms added per database read"))
    #expect(modelled.count == plain.count + 6)
  }

  /// The lines of a report with single spaces.
  private func lines(of report: ComparisonReport) -> [String] {
    report.text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.split(separator: " ").joined(separator: " ")
    }
  }

  private func report(modelled: Bool) -> ComparisonReport {
    func phase(_ mode: PhaseMode, reads: Int) -> PhaseResult {
      let figures = LatencyFigures(
        median: 500, percentile99: 9000, maximum: 80_000, total: 700_000,
        billedMilliseconds: 1000)
      return PhaseResult(
        mode: mode, requests: 1000, databaseReads: reads, digest: 1, latency: figures,
        modelledLatency: modelled ? figures : nil, peakResidentByteCount: 20 << 20,
        cache: mode == .cached
          ? ProfileCacheStatistics(
            hits: 1000 - reads, misses: reads, databaseReads: reads, entries: reads,
            byteCount: 3 << 20, byteLimit: 12 << 20)
          : nil,
        budget: mode == .cached ? "limit" : nil)
    }
    return ComparisonReport(
      uncached: phase(.uncached, reads: 1000), cached: phase(.cached, reads: 250),
      cost: CostModel(
        memoryMegabytes: 128, gigabyteSecondPrice: CostModel.x86GigabyteSecondPrice),
      streamDescription: "a stream", memoryOrigin: "a test",
      databaseLatency: modelled ? 2_000_000 : 0)
  }
}
