/// Counters that a cache on a memory budget keeps between insertions; guarded by the cache's lock.
@usableFromInline
package struct BudgetUsage: Sendable {
  /// Bytes to insert, with their slots, before the budget is asked again after it had none.
  private var pause = 0
  /// Bytes inserted since the last report to the guard.
  private var sinceReading = 0
  /// Bytes inserted since all members were last sampled.
  private var sinceSample = 0
  /// The sizes of recent entries.
  private(set) var sizes = EntrySizes()

  package init() {}

  /// Notes an entry that is about to be set.
  ///
  /// - Parameters:
  ///   - byteCount: The bytes that it owns on the heap.
  ///   - structureByteCount: The bytes that it takes beside these.
  ///   - portion: The bytes after which they are reported to the guard.
  ///   - samplingInterval: The bytes between two samples of all members.
  /// - Returns: The bytes to report to the guard, 0 for none yet, and whether members are to be
  ///   sampled.
  mutating func note(
    _ byteCount: Int, structureByteCount: Int, portion: Int, samplingInterval: Int
  ) -> (inserted: Int, mustSample: Bool) {
    // Far above any interval, and far from where sums overflow.
    let heapByteCount = min(byteCount, 1 << 50)
    sizes.learn(heapByteCount)
    let byteCount = heapByteCount + structureByteCount
    pause -= min(byteCount, pause)
    sinceReading += byteCount
    sinceSample += byteCount
    let due = (
      inserted: sinceReading >= portion ? sinceReading : 0,
      mustSample: sinceSample >= samplingInterval
    )
    if due.inserted > 0 { sinceReading = 0 }
    if due.mustSample { sinceSample = 0 }
    return due
  }

  /// Whether to ask the budget for bytes that could also come from the cache itself.
  var mayAsk: Bool { pause <= 0 }

  /// Notes that the budget had fewer bytes than were wanted, and will have for a while.
  mutating func pauseAsking(for byteCount: Int) {
    pause = byteCount
  }
}

/// The sizes of recent entries, in two numbers.
package struct EntrySizes: Sendable, Hashable {
  /// An average that follows the last sixteen entries or so, in bytes.
  package private(set) var mean = 0
  /// The size that about one entry in seventeen exceeds, in bytes: it rises by a quarter of the
  /// difference and falls by a sixty-fourth.
  package private(set) var high = 0
  private var isEmpty = true

  package init() {}

  package mutating func learn(_ byteCount: Int) {
    if isEmpty {
      (mean, high, isEmpty) = (byteCount, byteCount, false)
      return
    }
    mean += (byteCount - mean) / 16
    high += byteCount > high ? (byteCount - high + 3) / 4 : (byteCount - high) / 64
  }

  /// The size to expect of the next entry, in bytes; `nil` if there was none yet.
  package var expected: Int? { isEmpty ? nil : max(mean, high) }
}
