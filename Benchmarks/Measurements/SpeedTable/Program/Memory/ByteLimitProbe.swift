import LambdaCache
import Workload

/// Whether a growing cache keeps its byte limit at every insertion, old and new index together, and
/// whether the resident set agrees.
struct ByteLimitProbe {
  enum Figure {
    static let greatestShare = "greatestShare"
    static let residentShare = "residentShare"
    static let insertions = "insertions"
  }

  private var residentLimit: Int { 32 << 20 }
  /// Limits at which the index has just grown, is about to, or cannot.
  private var limits: [Int] { (1...16).map { $0 * 700_000 } }

  /// The greatest `byteCount` as a share of its limit, and the greatest resident set beyond that of
  /// the empty process as a share of one limit.
  func figures() throws -> [String: Double] {
    _ = greatestByteCount(limit: 1 << 20, insertions: 60_000)
    _ = try ResidentSet.byteCount()
    let before = try ResidentSet.byteCount()
    var insertions = 3 * residentLimit / 40
    var greatestShare =
      Double(greatestByteCount(limit: residentLimit, insertions: insertions))
      / Double(residentLimit)
    let residentShare = Double(try ResidentSet.peakByteCount() - before) / Double(residentLimit)
    for limit in limits {
      let count = 2 * limit / 40
      let greatest = greatestByteCount(limit: limit, insertions: count)
      greatestShare = max(greatestShare, Double(greatest) / Double(limit))
      insertions += count
    }
    return [
      Figure.greatestShare: greatestShare, Figure.residentShare: residentShare,
      Figure.insertions: Double(insertions),
    ]
  }

  private func greatestByteCount(limit: Int, insertions: Int) -> Int {
    let cache = Cache<Int, Int>(byteLimit: limit)
    var greatest = 0
    for index in 0..<insertions {
      cache.setValue(index, forKey: TestKeys.integer(index))
      greatest = max(greatest, cache.byteCount)
    }
    precondition(cache.statistics.removals(.size) > 0, "no insertion met the limit of \(limit)")
    return max(greatest, cache.statistics.peakByteCount)
  }
}
