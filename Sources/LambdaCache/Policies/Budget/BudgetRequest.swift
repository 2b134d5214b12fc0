/// The request of a cache to a memory budget.
package struct BudgetRequest: Hashable, Sendable {
  /// The size that is wanted.
  package var size: MemorySize

  /// The bytes granted before anything else; zero by default.
  package var minimumByteCount: Int

  /// The bytes that are never exceeded, or `nil` for no such limit.
  package var maximumByteCount: Int?

  /// The worth of a byte of the member beside one of another member; 1 by default.
  package var weight: Double

  /// Creates a request.
  ///
  /// - Parameters:
  ///   - size: The size that is wanted.
  ///   - minimumByteCount: The bytes granted before anything else; not negative.
  ///   - maximumByteCount: The bytes that are never exceeded; not below the minimum.
  ///   - weight: The worth of a byte beside one of another member; from 0.01 to 100.
  package init(
    size: MemorySize = .automatic, minimumByteCount: Int = 0, maximumByteCount: Int? = nil,
    weight: Double = 1
  ) {
    requireArgument(minimumByteCount >= 0, "minimumByteCount must not be negative")
    requireArgument(
      maximumByteCount ?? .max >= minimumByteCount,
      "maximumByteCount must not be below minimumByteCount")
    switch size {
    case .automatic: break
    case .bytes(let byteCount): requireArgument(byteCount >= 0, "size must not be negative")
    case .percent(let percent):
      requireArgument((0...100).contains(percent), "size must be from 0 to 100 percent")
    }
    requireArgument(CacheSettings.weights.contains(weight), "weight must be from 0.01 to 100")
    self.size = size
    self.weight = weight
    self.minimumByteCount = minimumByteCount
    self.maximumByteCount = maximumByteCount
  }

  /// The most bytes that the member may have: its maximum or the size it asks for, whichever is
  /// less, but not less than its minimum.
  ///
  /// - Parameter memory: The amount that percentages are of.
  func ceiling(ofMemory memory: Int) -> Int {
    max(minimumByteCount, min(maximumByteCount ?? .max, size.byteCount(ofMemory: memory) ?? .max))
  }
}

extension MemorySize {
  /// The size in bytes.
  ///
  /// - Parameter memory: The amount that percentages are of.
  /// - Returns: `nil` for ``automatic``.
  func byteCount(ofMemory memory: Int) -> Int? {
    switch self {
    case .automatic: nil
    case .bytes(let byteCount): byteCount
    case .percent(let percent): MemoryTerms.part(percent, of: memory)
    }
  }
}

/// The division of one amount of memory among requests.
///
/// 1. Every request gets its minimum.
/// 2. Requests for a size get the rest of that size.
/// 3. Automatic requests share the remaining bytes so that all of them end at the same level times
///   their weight, or at their own minimum or maximum where that lies above or below it.
///
/// Where a step asks for more than there is, every request gets the same part of it. The result
/// does not depend on the order of the requests: caches are often globals, which are made in
/// whatever order the program first touches them.
package enum BudgetPlan {
  /// Divides an amount.
  ///
  /// - Parameters:
  ///   - byteLimit: The amount to divide.
  ///   - memory: The amount that percentages are of.
  ///   - requests: The requests.
  /// - Returns: The bytes of each request, in their order; the sum is never above the amount.
  /// - Complexity: O(*n*).
  package static func limits(
    byteLimit: Int, memory: Int, requests: [BudgetRequest]
  ) -> [Int] {
    let minimums = requests.map { min($0.minimumByteCount, byteLimit) }
    let maximums = requests.map { min($0.maximumByteCount ?? byteLimit, byteLimit) }
    var limits = proportionally(minimums, of: byteLimit)
    var left = byteLimit - limits.reduce(0, +)

    let further = requests.indices.map { index -> Int in
      let wanted = requests[index].size.byteCount(ofMemory: memory) ?? 0
      return max(0, min(wanted, maximums[index]) - minimums[index])
    }
    let granted = proportionally(further, of: left)
    for index in limits.indices { limits[index] += granted[index] }
    left -= granted.reduce(0, +)

    let automatic = requests.indices.filter { requests[$0].size == .automatic }
    let shared = left + automatic.reduce(0) { $0 + limits[$1] }
    // Levels are those of the lightest request, so that no product is below one.
    let lightest = automatic.map { requests[$0].weight }.min() ?? 1
    func level(_ level: Int, at index: Int) -> Int {
      let weighted = Double(level) * (requests[index].weight / lightest)
      let part = weighted < Double(maximums[index]) ? Int(weighted) : maximums[index]
      return max(limits[index], part)
    }
    // The highest level that fits; the sum grows with the level, and the lowest level fits.
    var low = 0
    var high = shared
    while low < high {
      let middle = low + (high - low + 1) / 2
      let sum = automatic.reduce(0) { $0 + level(middle, at: $1) }
      if sum <= shared { low = middle } else { high = middle - 1 }
    }
    for index in automatic { limits[index] = level(low, at: index) }
    return limits
  }

  /// The amounts themselves if they fit, otherwise the same part of each, rounded down.
  static func proportionally(_ amounts: [Int], of total: Int) -> [Int] {
    let sum = amounts.reduce(0, +)
    guard sum > total else { return amounts }
    return amounts.map { amount in
      let product = UInt(amount).multipliedFullWidth(by: UInt(total))
      return Int(UInt(sum).dividingFullWidth(product).quotient)
    }
  }
}
