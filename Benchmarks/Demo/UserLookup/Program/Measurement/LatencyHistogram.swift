/// Counts of durations in fixed memory, from which quantiles are read.
///
/// Each power of two is cut into 128 parts, so a quantile is at most 0.8 % above the true one
/// (the layout of HdrHistogram). The greatest duration and the sum are exact.
struct LatencyHistogram: Codable {
  private static let partBits = 7
  private static let parts = 1 << partBits

  private var counts: [UInt32]

  /// The number of durations.
  private(set) var count = 0

  /// The longest duration, in nanoseconds.
  private(set) var maximum = 0

  /// The sum of all durations, in nanoseconds.
  private(set) var sum = 0

  init() {
    counts = [UInt32](repeating: 0, count: Self.parts * (64 - Self.partBits))
  }

  /// Counts a duration.
  ///
  /// - Parameter nanoseconds: The duration, at least 0.
  /// - Complexity: O(1)
  mutating func record(_ nanoseconds: Int) {
    precondition(nanoseconds >= 0, "A latency cannot be negative: \(nanoseconds) ns")
    counts[Self.index(of: nanoseconds)] += 1
    count += 1
    sum += nanoseconds
    maximum = max(maximum, nanoseconds)
  }

  /// Counts the durations of another histogram.
  mutating func add(_ other: LatencyHistogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    count += other.count
    sum += other.sum
    maximum = max(maximum, other.maximum)
  }

  /// The duration that a share of all durations does not exceed, in nanoseconds.
  ///
  /// - Parameter share: From 0 to 1; 0.5 is the median.
  /// - Returns: 0 when nothing has been counted.
  func quantile(_ share: Double) -> Int {
    precondition((0...1).contains(share), "A quantile is from 0 to 1, not \(share)")
    let wanted = max(1, Int((share * Double(count)).rounded(.up)))
    var seen = 0
    for (index, counted) in counts.enumerated() {
      seen += Int(counted)
      if seen >= wanted {
        return min(Self.upperBound(of: index), maximum)
      }
    }
    return maximum
  }

  private static func index(of nanoseconds: Int) -> Int {
    guard nanoseconds >= parts else { return nanoseconds }
    let shift = Int.bitWidth - nanoseconds.leadingZeroBitCount - 1 - partBits
    return (shift + 1) * parts + (nanoseconds >> shift) - parts
  }

  private static func upperBound(of index: Int) -> Int {
    guard index >= parts else { return index }
    let shift = index / parts - 1
    // The bound after the last part is 2^63, which wraps around to the least number.
    return ((index % parts + parts + 1) << shift) &- 1
  }
}
