/// How much a member's entries have been used of late, as far as that can be told without any work
/// on a hit.
///
/// The coldest bytes of all caches should go first, but nothing in a slot says when it was last
/// used. What there is: counters that a cache keeps anyway, and the entry at the cold end of its
/// ring. An entry travels from the hot end to the cold one while as many *different* entries are
/// touched as the cache holds. So the age of the coldest entry is the time in which that many were
/// touched: entries held, divided by touches in a unit of time. Every write touches another entry.
/// Hits may go to the same few again and again; they count as touches when they are seen to reach the
/// cold end, where another entry lies than at the last look although none was removed, or when there
/// were so many that they may have gone all the way round.
///
/// Time is counted in touches too, of all caches together: what is touched after that is hotter, and
/// a frozen environment makes nothing colder.
struct BudgetHeat {
  private var last = BudgetSample()
  /// Touches, old ones counting less.
  private(set) var touches = 0.0
  /// Look-ups that found a value and values set, old ones counting less: how much it is asked.
  private(set) var requests = 0.0
  private var freshRequests = 0.0
  private(set) var count = 0

  /// The part of hits that counts when entries were removed as well, and the cold end tells nothing:
  /// what lies between the extremes for Zipf's law and for uniform use (Che, Tung and Wang's
  /// approximation of an LRU, 2002).
  private static let uncertainPart = 0.125

  /// Takes a look.
  ///
  /// - Returns: The touches since the last one.
  mutating func note(_ sample: BudgetSample) -> Double {
    let hits = Double(sample.hits - last.hits)
    let isSame = sample.coldest == last.coldest
    let part =
      if sample.hits - last.hits >= sample.count || (!isSame && sample.removals == last.removals) {
        1.0
      } else {
        isSame ? 0 : Self.uncertainPart
      }
    let fresh = Double(sample.writes - last.writes) + hits * part
    freshRequests = Double(sample.writes - last.writes) + hits
    last = sample
    count = sample.count
    return fresh
  }

  /// Lets old touches fade and adds fresh ones.
  ///
  /// - Parameters:
  ///   - fresh: What ``note(_:)`` returned.
  ///   - turnover: How often all caches together were touched since, in entries per entry held.
  mutating func add(_ fresh: Double, turnover: Double) {
    touches = touches / (1 + turnover) + fresh
    requests = requests / (1 + turnover) + freshRequests
  }

  /// How cold the coldest entry is, weighed: the member with the largest number gives first.
  func coldness(weight: Double) -> Double {
    Double(count) / (max(touches, 1e-6) * weight)
  }
}
