import LambdaCache
import Workload

/// The memory of the structure at a million entries, Int to Int.
struct StructureProbe {
  enum Figure {
    static let resident = "resident"
    static let formula = "formula"
    static let worst = "worst"
    static let worstWhileMoving = "worstWhileMoving"
  }

  var timeToLive: Duration? = nil
  var policy: EvictionPolicy? = nil

  private var count: Int { 1_000_000 }
  private var payload: Int { MemoryLayout<(Int, Int)>.stride }
  /// From here on a size is worth looking at: below, pages and rounding count for more than
  /// entries.
  private var leastCount: Int { 65_536 }

  /// Bytes an entry beside its payload.
  func figures() throws -> [String: Double] {
    // One pass over everything that is used later, so that code and runtime are resident.
    _ = try fill(1_000)
    _ = try ResidentSet.byteCount()
    let before = try ResidentSet.byteCount()
    let (cache, worst, worstWhileMoving) = try fill(count)
    let ofGhost = fillGhost(of: cache)
    let growth = try ResidentSet.byteCount() - before
    return [
      Figure.resident: overhead(growth, of: count),
      Figure.formula: overhead(cache.byteCount, of: count),
      Figure.worst: worst + ofGhost,
      Figure.worstWhileMoving: worstWhileMoving + ofGhost,
    ]
  }

  /// Has a cache with a policy evict, for which it remembers the keys that leave.
  ///
  /// - Returns: The bytes that it takes for that, for each entry.
  private func fillGhost(of cache: Cache<Int, Int>) -> Double {
    guard policy != nil else { return 0 }
    let before = cache.byteCount
    cache.entryLimit = count
    for index in count..<2 * count { cache.setValue(index, forKey: TestKeys.integer(index)) }
    precondition(cache.count == count, "the cache was not full")
    return Double(cache.byteCount - before) / Double(count)
  }

  private func overhead(_ bytes: Int, of count: Int) -> Double {
    Double(bytes - count * payload) / Double(count)
  }

  /// Fills a cache and watches its `byteCount`, which rises by more than a slot when the index
  /// begins to grow and falls when the old table is given up.
  ///
  /// - Returns: The cache; the most bytes an entry with the new table alone, at the count where it
  ///   began to grow; and the most with both tables.
  private func fill(
    _ count: Int
  ) throws -> (cache: Cache<Int, Int>, worst: Double, worstWhileMoving: Double) {
    let cache = Cache<Int, Int>(byteLimit: 1 << 30, timeToLive: timeToLive, policy: policy)
    var worst = 0.0
    var worstWhileMoving = 0.0
    var last = 0
    var slot = 0
    var growthStart = 0
    for index in 0..<count {
      cache.setValue(index, forKey: TestKeys.integer(index))
      let bytes = cache.byteCount
      let entries = index + 1
      let step = bytes - last
      last = bytes
      if index == 2 { slot = step }
      guard entries >= leastCount else { continue }
      worstWhileMoving = max(worstWhileMoving, overhead(bytes, of: entries))
      if step > slot { growthStart = entries }
      if step < slot, growthStart > 0 {
        let atStart = bytes - slot * (entries - growthStart)
        worst = max(worst, overhead(atStart, of: growthStart))
      }
    }
    return (cache, worst, worstWhileMoving)
  }
}
