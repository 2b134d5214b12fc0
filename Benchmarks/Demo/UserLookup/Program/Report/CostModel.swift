/// The price of a handler's time on Lambda.
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
    precondition(requests > 0, "There is no average of \(requests) requests")
    let seconds = Double(billedMilliseconds) / 1000 * (1_000_000 / Double(requests))
    let gigabytes = Double(memoryMegabytes) / 1024
    return seconds * gigabytes * gigabyteSecondPrice + millionRequestsPrice
  }
}
