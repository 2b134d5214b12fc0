import Workload

/// Deals requests to environments.
///
/// Lambda gives a request to any environment that is idle, and does not say which. Any of them at
/// random is one of the two rules that the planner simulates, and the one for which a shared tier
/// matters: every environment meets every key. By the other, the most recently used one first, a
/// stream whose requests do not overlap would reach one environment alone.
struct Dealer {
  /// The number of environments.
  let count: Int
  private var generator: SplitMix64

  /// - Parameters:
  ///   - count: The number of environments.
  ///   - seed: Another seed deals otherwise.
  init(count: Int, seed: UInt64) {
    precondition(count > 0, "There cannot be \(count) environments")
    self.count = count
    // Not the numbers that the requests themselves are drawn from.
    generator = SplitMix64(seed: ~seed)
  }

  /// Deals some requests.
  ///
  /// - Parameter requests: The users asked for, in order.
  /// - Returns: The users that each environment is asked for, in order.
  mutating func deal(_ requests: [UInt32]) -> [[UInt32]] {
    var hands = [[UInt32]](repeating: [], count: count)
    for user in requests {
      hands[Int(generator.nextUnit() * Double(count))].append(user)
    }
    return hands
  }
}
