import Synchronization

/// Hits of several threads at the same time, while they write only marks.
extension AdaptivePolicy {
  /// Look-ups that find the lock taken before threads read at the same time.
  private static var leastContention: Int { 16 }
  /// Hits between two operations under the lock from which on reading at the same time pays: each
  /// such operation has to look at all places, and fetches the cache lines of those who read.
  private static var leastHits: Int { 32 }
  /// Look-ups under the lock after it did not pay.
  private static var pause: Int { 512 }

  /// Counts a hit in the mark of an entry, beside other threads; of two at the same time one may be
  /// lost.
  @inlinable @inline(__always)
  func countSharedUse(_ slot: Slot) {
    let place = UnsafeMutableRawPointer(marks + Int(slot)).assumingMemoryBound(
      to: Atomic<UInt8>.self)
    let mark = EntryMark(bits: place.pointee.load(ordering: .relaxed))
    let used = mark.used(inEpoch: epoch)
    if used != mark { place.pointee.store(used.bits, ordering: .relaxed) }
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

  /// Whether threads read on at the same time after so many hits without the lock.
  @usableFromInline
  mutating func sharesReads(afterHits hits: Int) -> Bool {
    lockedReads = 0
    return countsUses && hits >= AdaptivePolicy.leastHits
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
  /// - Returns: The hits.
  @usableFromInline
  mutating func takeInSharedReads(in table: SlotColumns) -> Int {
    guard let readerPlaces else { return 0 }
    readerPlaces.waitUntilFree()
    return readerPlaces.collect { noteSharedSample($0, in: table) }
  }

  /// Notes the look-up of an entry of the sample, whose use is counted already.
  private mutating func noteSharedSample(_ slot: Slot, in table: SlotColumns) {
    let record = table.records[Int(slot)]
    // The sample may have become smaller since.
    guard record.hash & sampleMask == 0 else { return }
    noteSampledLookUp(
      record.hash, size: size(ofGranules: record.heapGranules), cost: cost(of: slot))
  }
}
