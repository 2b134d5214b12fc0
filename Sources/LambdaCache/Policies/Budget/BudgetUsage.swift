/// What a cache on a memory budget keeps in mind between insertions; guarded by the cache's lock.
@usableFromInline
package struct BudgetUsage: Sendable {
  /// Bytes to insert, with their slots, before the budget is asked again, after it had nothing to
  /// give.
  private var pause = 0
  /// Bytes inserted since the guard was told.
  private var sinceReading = 0
  /// Bytes inserted since the budget last looked at how warm its members are.
  private var sinceLook = 0
  /// The sizes of recent entries.
  private(set) var sizes = EntrySizes()

  package init() {}

  /// Notes an entry that is about to be set.
  ///
  /// - Parameters:
  ///   - byteCount: What it owns on the heap.
  ///   - structureByteCount: What it takes beside that.
  ///   - portion: The bytes after which the guard is told.
  ///   - lookInterval: The bytes between two looks at the members.
  /// - Returns: What to tell the guard, 0 for nothing yet, and whether a look is due.
  mutating func note(
    _ byteCount: Int, structureByteCount: Int, portion: Int, lookInterval: Int
  ) -> (inserted: Int, look: Bool) {
    // Far above any interval, and far from where sums overflow.
    let heapByteCount = min(byteCount, 1 << 50)
    sizes.learn(heapByteCount)
    let byteCount = heapByteCount + structureByteCount
    pause -= min(byteCount, pause)
    sinceReading += byteCount
    sinceLook += byteCount
    let due = (
      inserted: sinceReading >= portion ? sinceReading : 0, look: sinceLook >= lookInterval
    )
    if due.inserted > 0 { sinceReading = 0 }
    if due.look { sinceLook = 0 }
    return due
  }

  /// Whether the budget is worth asking for bytes that could also come from the cache itself.
  var mayAsk: Bool { pause <= 0 }

  /// The budget had less than was wanted: the same question has the same answer for a while.
  mutating func pauseAsking(for byteCount: Int) {
    pause = byteCount
  }
}

/// The sizes of recent entries, in two numbers.
package struct EntrySizes: Sendable, Hashable {
  /// An average that follows the last sixteen entries or so, in bytes.
  package private(set) var mean = 0
  /// What about one entry in seventeen is larger than, in bytes: it rises by a quarter of the
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

  /// What to expect of the next entry, `nil` if there was none.
  package var expected: Int? { isEmpty ? nil : max(mean, high) }
}
