/// The price of a handler's time on Lambda, and of the database that it reads.
///
/// Source: AWS Lambda pricing, on-demand, first tier, US East (N. Virginia): a price per
/// GB-second, by the processor, of which each invocation is billed in whole milliseconds, and a
/// price per million requests. A GB is 1024 MB.
struct CostModel: Equatable {
  /// The function's memory, in units of 1,048,576 bytes.
  var memoryMegabytes: Int

  /// The price of a GB-second, in dollars.
  var gigabyteSecondPrice: Double

  /// The price of a million requests, in dollars, whatever they do.
  var millionRequestsPrice = 0.20

  /// The price of a GB-second on x86-64, in dollars.
  static let x86GigabyteSecondPrice = 0.000_016_666_7

  /// The price of a GB-second on arm64, in dollars.
  static let armGigabyteSecondPrice = 0.000_013_333_4

  /// The time billed for an invocation whose handler took so long, in milliseconds.
  static func billedMilliseconds(forNanoseconds nanoseconds: Int) -> Int {
    max(1, (nanoseconds + 999_999) / 1_000_000)
  }

  /// The cost of a million requests that take as long as these on average.
  ///
  /// - Parameters:
  ///   - billedMilliseconds: The time billed for all of them.
  ///   - requests: How many there were, at least 1.
  /// - Returns: Dollars.
  func costOfMillionRequests(billedMilliseconds: Int, requests: Int) -> Double {
    gigabyteSeconds(billedMilliseconds: billedMilliseconds, requests: requests) * 1_000_000
      * gigabyteSecondPrice + millionRequestsPrice
  }

  /// The GB-seconds of a request that takes as long as these on average.
  private func gigabyteSeconds(billedMilliseconds: Int, requests: Int) -> Double {
    precondition(requests > 0, "There is no average of \(requests) requests")
    let gigabytes = Double(memoryMegabytes) / 1024
    return Double(billedMilliseconds) / 1000 / Double(requests) * gigabytes
  }

  /// A month of requests like these, with a database behind a network.
  ///
  /// - Parameters:
  ///   - requests: How many there were, at least 1.
  ///   - billedMilliseconds: The time billed for all of them, reads over the network included.
  ///   - databaseReads: The reads of the database for all of them.
  ///   - model: The database and the rate.
  func month(
    requests: Int, billedMilliseconds: Int, databaseReads: Int, model: NetworkModel
  ) -> MonthlyBill {
    let monthly = model.requestsPerMonth
    let gigabyteSeconds =
      gigabyteSeconds(billedMilliseconds: billedMilliseconds, requests: requests) * monthly
    let reads = Double(databaseReads) / Double(requests) * monthly
    return MonthlyBill(
      requests: monthly, gigabyteSeconds: gigabyteSeconds, databaseReads: reads,
      durationPrice: gigabyteSeconds * gigabyteSecondPrice,
      readPrice: reads / 1_000_000 * model.millionReadsPrice,
      requestPrice: monthly / 1_000_000 * millionRequestsPrice)
  }
}

/// A database behind a network, and how often it is asked.
///
/// Nothing of it is measured.
struct NetworkModel: Equatable {
  /// The time that a read takes beside what it takes from a local file, in nanoseconds.
  var readLatency: Int

  /// The price of a million reads, in dollars.
  ///
  /// By default that of Amazon DynamoDB, on-demand capacity, US East (N. Virginia): one read
  /// request unit for each, a strongly consistent read of up to 4 KB.
  var millionReadsPrice = 0.125

  /// How many requests the function gets in a second, on average over the month.
  var requestsPerSecond = 100.0

  /// The hours of a month, as AWS's calculator counts them.
  private static let hoursPerMonth = 730.0

  var requestsPerMonth: Double { requestsPerSecond * 3600 * Self.hoursPerMonth }
}

/// What a function and its database cost in a month.
struct MonthlyBill: Equatable {
  var requests: Double
  var gigabyteSeconds: Double
  var databaseReads: Double
  /// The price of the GB-seconds, in dollars.
  var durationPrice: Double
  /// The price of the database's reads, in dollars.
  var readPrice: Double
  /// The price of the requests, in dollars.
  var requestPrice: Double

  /// All of it, in dollars.
  var price: Double { durationPrice + readPrice + requestPrice }
}
