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

@Suite("A month with a database behind a network")
struct MonthlyBillTests {
  private let cost = CostModel(memoryMegabytes: 1024, gigabyteSecondPrice: 0.00001)

  @Test("A month has the GB-seconds, the reads and the requests of its rate, each at its price")
  func bill() {
    let model = NetworkModel(readLatency: 1, millionReadsPrice: 0.5, requestsPerSecond: 10)
    // 730 hours of 36,000 requests, of 2.5 ms and a quarter of a read each.
    let month = cost.month(
      requests: 400, billedMilliseconds: 1000, databaseReads: 100, model: model)
    #expect(month.requests == 26_280_000)
    #expect(abs(month.gigabyteSeconds - 65_700) < 1e-6)
    #expect(abs(month.databaseReads - 6_570_000) < 1e-6)
    #expect(abs(month.durationPrice - 0.657) < 1e-9)
    #expect(abs(month.readPrice - 3.285) < 1e-9)
    #expect(abs(month.requestPrice - 5.256) < 1e-9)
    #expect(abs(month.price - 9.198) < 1e-9)
  }

  @Test("A month grows with the rate, and does not depend on how many requests were played")
  func scale() {
    var model = NetworkModel(readLatency: 1)
    let month = cost.month(
      requests: 10, billedMilliseconds: 30, databaseReads: 7, model: model)
    let longer = cost.month(
      requests: 1000, billedMilliseconds: 3000, databaseReads: 700, model: model)
    #expect(abs(month.price - longer.price) < 1e-6)
    model.requestsPerSecond *= 3
    let busier = cost.month(
      requests: 10, billedMilliseconds: 30, databaseReads: 7, model: model)
    #expect(abs(busier.price - 3 * month.price) < 1e-6)
  }

  @Test("A month of requests for which nothing is read has no price of reads")
  func noReads() {
    let month = cost.month(
      requests: 5, billedMilliseconds: 5, databaseReads: 0, model: NetworkModel(readLatency: 1))
    #expect(month.databaseReads == 0 && month.readPrice == 0)
    #expect(month.price == month.durationPrice + month.requestPrice)
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

  @Test("Money in a report has its sign before the dollar, and a price all of its digits")
  func money() {
    #expect(Format.dollars(1234.5, digits: 2) == "$1,234.50")
    #expect(Format.dollars(-0.25, digits: 2) == "-$0.25")
    #expect(Format.price(0.0000133334) == "$0.0000133334")
    #expect(Format.price(0.125) == "$0.125" && Format.price(20) == "$20")
    #expect(Format.shortest(100) == "100" && Format.shortest(0.5) == "0.5")
  }

  @Test("A share of nothing is no percentage")
  func percentages() {
    #expect(Format.percent(1, of: 3) == "33.3 %")
    #expect(Format.percent(0, of: 0) == "–")
  }
}

@Suite("The report")
struct ComparisonReportTests {
  @Test("The report shows what was measured, and the modelled rows only with a model")
  func rows() {
    let plain = lines(of: Samples.report(model: nil))
    #expect(plain.contains("database reads 1,000 250"))
    #expect(plain.contains("hit ratio 0.0 % 75.0 %"))
    #expect(plain.contains("bytes used of the budget – 3.0 MiB of 12.0 MiB"))
    // A second for a thousand requests at an eighth of a GB, and the price of the requests.
    #expect(plain.contains("cost of a million requests $0.2021 $0.2021"))
    #expect(!plain.contains { $0.contains("MODELLED") })
    let modelled = lines(of: Samples.report(model: Samples.model))
    #expect(modelled.prefix(20) == plain.prefix(20))
    #expect(modelled.contains("the same requests, 2.00 ms added to each read"))
    #expect(modelled.contains("billed for a request 3.00 ms 1.50 ms"))
    #expect(modelled.contains("a month at 100 requests a second"))
    #expect(modelled.contains("database reads 262.8 million 65.7 million 197.1 million"))
    #expect(modelled.contains("price of the reads $32.85 $8.21 $24.64"))
    #expect(modelled.contains("GB-seconds 98,550 49,275 49,275"))
  }

  @Test("Each row below a heading that says MODELLED is computed, and no other is")
  func headings() {
    let report = Samples.report(model: Samples.model)
    #expect(report.table.headings.first == "MEASURED")
    #expect(report.modelledTables.count == 2)
    #expect(report.modelledTables.allSatisfy { $0.table.headings.first == "MODELLED" })
    #expect(report.modelledTables.allSatisfy { !$0.table.rows.isEmpty })
  }

  /// The lines of a report with single spaces.
  private func lines(of report: ComparisonReport) -> [String] {
    report.text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.split(separator: " ").joined(separator: " ")
    }
  }
}
