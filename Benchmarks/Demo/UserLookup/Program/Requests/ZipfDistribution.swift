import Workload

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ranks that follow Zipf's law: rank *k* is asked for with a probability in proportion to
/// 1 / *k* ^ `exponent`.
struct ZipfDistribution {
  /// The number of ranks.
  let count: Int

  /// How skewed the ranks are: 0 is uniform, 1 is Zipf's original law.
  let exponent: Double

  /// The probability of a rank being at most *k*, for each *k*; the last one is 1.
  private let cumulative: [Double]

  /// Tabulates the distribution.
  ///
  /// - Parameters:
  ///   - count: The number of ranks, at least 1.
  ///   - exponent: The exponent, finite and at least 0.
  /// - Complexity: O(*n*) in `count`, in time and in memory.
  init(count: Int, exponent: Double) {
    precondition(count > 0, "A Zipf distribution needs at least one rank, not \(count)")
    precondition(
      exponent.isFinite && exponent >= 0, "A Zipf exponent is at least 0, not \(exponent)")
    self.count = count
    self.exponent = exponent
    var sum = 0.0
    var sums: [Double] = []
    sums.reserveCapacity(count)
    for rank in 1...count {
      sum += pow(Double(rank), -exponent)
      sums.append(sum)
    }
    cumulative = sums.map { $0 / sum }
  }

  /// Draws a rank, 0 being the most popular one.
  ///
  /// - Complexity: O(log *n*) in the number of ranks.
  func rank(using generator: inout SplitMix64) -> Int {
    let drawn = generator.nextUnit()
    var low = 0
    var high = count - 1
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > drawn {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return low
  }
}
