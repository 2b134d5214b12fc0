/// The rest of look-ups while nothing comes into the cache.
///
/// As long as every look-up hits, and each mode has had the time to take the same entries in, they
/// say nothing about which mode is best, and are not noted.
@usableFromInline
struct LookUpRest {
  /// Look-ups of the sample, all of which hit, after which they are not noted any more: each entry
  /// of a full shadow was looked up twice on average.
  static let length = 2 * ShadowCache.largestCapacity

  /// Those since an entry came, or since one was missed.
  @usableFromInline var lookUps = 0
  /// The hits of the cache when the rest began; `nil` while there is none.
  @usableFromInline var start: Int?

  @inlinable init() {}
}

/// What an adaptive policy notes of look-ups.
extension AdaptivePolicy {
  /// Notes a hit that is not simply counted: one of the sample, or in the mode of the least
  /// recently used entry.
  ///
  /// - Parameters:
  ///   - slot: The slot of the entry.
  ///   - hits: The hits of the cache so far.
  ///   - table: The slots.
  @usableFromInline
  mutating func noteSpecialUse(_ slot: Slot, hits: Int, in table: SlotColumns) {
    let record = table.records[Int(slot)]
    if record.hash & sampleMask == 0 { noteSampledHit(slot, record, hits: hits) }
    if countsUses {
      marks[Int(slot)] = usedMarks[Int(marks[Int(slot)].bits)]
    } else {
      touch(slot, in: table)
    }
  }

  /// Notes the look-up of a key without an entry that is in the sample.
  @usableFromInline
  mutating func noteSampledMiss(_ hash: UInt32) {
    rest.lookUps = 0
    noteSampledLookUp(hash, size: nil, cost: .none)
  }

  /// Notes the look-up of an entry of the sample.
  mutating func noteSampledHit(_ slot: Slot, _ record: SlotRecord, hits: Int) {
    noteSampledLookUp(
      record.hash, size: size(ofGranules: record.heapGranules), cost: cost(of: slot))
    rest.lookUps += 1
    if rest.start == nil, rest.lookUps >= LookUpRest.length {
      rest.start = hits
      sampleMask = .max
    }
  }

  /// Has look-ups of the sample be noted again, because an entry has come or is about to.
  ///
  /// - Parameter hits: The hits of the cache so far.
  @usableFromInline
  mutating func endRest(hits: Int) {
    counts = counts(atHits: hits)
    rest = LookUpRest()
    if isFull { sampleMask = writtenSampleMask }
  }

  /// The counters at present: look-ups that were not noted would have hit in each mode.
  ///
  /// - Parameter hits: The hits of the cache so far.
  func counts(atHits hits: Int) -> EvictionCounts {
    guard let start = rest.start, let duel else { return counts }
    var counts = counts
    counts.addHits((hits - start) >> duel.sampleBits)
    return counts
  }

  private mutating func noteSampledLookUp(_ hash: UInt32, size: UInt32?, cost: LoadCost) {
    let (limit, mayChange) = (samples.byteCount, isFull)
    duel?.noteLookUp(
      hash, size: size, cost: cost, limit: limit, counts: &counts, mayChange: mayChange)
    setSample()
    guard let duel, !isWatching, duel.mode != mode else { return }
    mode = duel.mode
    countsUses = mode.countsUses
  }

  /// Makes an entry the most recently used.
  private mutating func touch(_ slot: Slot, in table: SlotColumns) {
    if lists.isOneList {
      lists.noteMoveToFront(slot, table.links)
      marks[Int(slot)] = .unused
      table.moveToFront(slot)
      return
    }
    guard table.hottest != slot || marks[Int(slot)].uses > 0 else { return }
    let bytes = byteCount(ofGranules: table.records[Int(slot)].heapGranules)
    takeOut(slot, marks[Int(slot)].queue, byteCount: bytes, in: table)
    put(slot, into: .main, uses: 0, in: table)
  }
}
