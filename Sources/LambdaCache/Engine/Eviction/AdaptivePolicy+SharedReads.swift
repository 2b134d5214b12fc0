import Synchronization

/// Hits of several threads at the same time, while they write only marks.
extension AdaptivePolicy {
  /// Look-ups that find the lock taken before threads read at the same time.
  private static var leastContention: Int { 16 }
  /// Hits between two other operations from which on reading at the same time pays: each of these
  /// has to look at all places, and so fetches the cache lines of the readers.
  private static var leastHits: Int { 32 }
  /// Look-ups under the lock after it did not pay.
  private static var pause: Int { 512 }

  /// Counts a hit in the mark of an entry, beside other threads; of two at the same time one may be
  /// lost.
  @inlinable @inline(__always)
  func countSharedUse(_ slot: Slot) {
    let place = UnsafeMutableRawPointer(marks + Int(slot)).assumingMemoryBound(
      to: Atomic<UInt8>.self)
    let bits = place.pointee.load(ordering: .relaxed)
    let used = usedMarks[Int(bits)].bits
    if used != bits { place.pointee.store(used, ordering: .relaxed) }
  }

  /// Notes that a look-up has found the lock taken.
  ///
  /// - Returns: Whether this was so often that threads should read at the same time.
  @usableFromInline
  mutating func isContended() -> Bool {
    lockedReads += 1
    return lockedReads >= AdaptivePolicy.leastContention
  }

  /// Makes places for readers.
  ///
  /// - Returns: Whether threads may read at the same time.
  @usableFromInline
  package mutating func openReaderPlaces() -> Bool {
    if readerPlaces == nil { readerPlaces = ReaderPlaces() }
    lockedReads = 0
    return countsUses
  }

  /// Whether threads read on at the same time after another operation than a look-up.
  @usableFromInline
  mutating func sharesReadsOn() -> Bool {
    defer { (lockedReads, sharedHits) = (0, 0) }
    return countsUses && sharedHits >= AdaptivePolicy.leastHits
  }

  /// Notes a look-up under the lock while threads do not read at the same time.
  ///
  /// - Returns: Whether they do from now on.
  @usableFromInline
  mutating func sharesReadsAgain() -> Bool {
    lockedReads += 1
    return countsUses && lockedReads >= AdaptivePolicy.pause
  }

  /// Waits until no thread reads, and takes note of what was read.
  ///
  /// - Parameters:
  ///   - hits: The hits of the cache before.
  ///   - table: The slots.
  /// - Returns: The hits since.
  @usableFromInline
  mutating func takeInSharedReads(hits: Int, in table: SlotColumns) -> Int {
    guard let readerPlaces else { return 0 }
    readerPlaces.waitUntilFree()
    let count = readerPlaces.collect { slot in
      let record = table.records[Int(slot)]
      // The sample may have become smaller since.
      if record.hash & sampleMask == 0 { noteSampledHit(slot, record, hits: hits) }
    }
    sharedHits += count
    return count
  }
}
