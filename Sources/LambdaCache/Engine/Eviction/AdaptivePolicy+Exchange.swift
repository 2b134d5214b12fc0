/// An entry that comes in the place of one that leaves: `CacheCore+Exchange.swift`.
extension AdaptivePolicy {
  /// Has an entry leave and another one take its slot, in one step: nearly all entries come so into
  /// a full cache.
  ///
  /// - Parameters:
  ///   - hash: The hash of the new entry's key.
  ///   - granules: What it owns on the heap.
  ///   - allowance: The bytes that it may be larger than the one that leaves.
  ///   - byteLimit: The most bytes of the cache.
  ///   - table: The slots; the record is still that of the entry that leaves.
  /// - Returns: The slot, which is linked where the new entry belongs; 0 if it takes more than
  ///   that, or if the new entry is itself to leave (``isNewcomerRefused``), and nothing has left.
  @usableFromInline
  mutating func exchange(
    hash: UInt32, granules: UInt32, allowance: Int, byteLimit: Int, in table: SlotColumns
  ) -> Slot {
    guard isFull, keptSlot == 0, isAdjusted(byteLimit: byteLimit) else { return 0 }
    let bytes = byteCount(ofGranules: granules)
    let isRemembered = countsUses && ghost.contains(hash)
    let queue: EvictionQueue = isRemembered || !countsUses ? .main : .small
    if countsUses { balance(coming: queue == .small ? bytes : 0, in: table) }
    let octave = octave(ofNewcomer: bytes)
    var slot: Slot = 0
    // The usual exchange: the last entry of the small queue leaves unused, and one of the same list
    // takes its slot. Here, because a call for it takes 34 instructions of 250.
    let list = EvictionLists.number(.small, mode.separatesSizes ? octave : 0)
    if queue == .small, loadCosts == nil, main.count > 0, lists.isWholeSmallQueue(list),
      (small.byteCount &+ bytes) &* 5 > byteCount
    {
      let last = lists[list].last
      let (old, mark) = (table.records[Int(last)], marks[Int(last)])
      let added = bytes &- byteCount(ofGranules: old.heapGranules)
      if !mark.isUsed, added <= allowance {
        slot = last
        marks[Int(slot)] =
          mode.separatesSizes
          ? small.clock.turnSmall(mark, octave: octave, birth: epoch)
          : .small(isUsed: false, worth: 0, birth: epoch)
        lists.turn(list, in: table)
        small.byteCount &+= added
        samples.add(added &- bytes, hash: old.hash)
        samples.add(bytes, hash: hash)
        ghost.insert(old.hash)
      }
    }
    if slot == 0 {
      let newcomer = Newcomer(byteCount: bytes, octave: octave, queue: queue)
      slot = exchange(for: newcomer, hash: hash, allowance: allowance, in: table)
      guard slot != 0 else { return 0 }
      if isRemembered { _ = ghost.remove(hash) }
    }
    if queue == .small { advanceEpoch(by: bytes) }
    writtenSlot = slot
    if hash & writtenSampleMask == 0 {
      noteSampledWrite(
        SlotRecord(hash: hash, heapGranules: granules), cost: cost(of: slot), isUse: false)
    }
    return slot
  }

  /// Any other exchange.
  ///
  /// - Returns: The slot; 0 if it takes more than that, and nothing has left.
  @inline(never)
  private mutating func exchange(
    for newcomer: Newcomer, hash: UInt32, allowance: Int, in table: SlotColumns
  ) -> Slot {
    let (slot, list) = chooseVictim(for: newcomer, in: table)
    guard slot != 0 else { return 0 }
    let (bytes, old) = (newcomer.byteCount, table.records[Int(slot)])
    let oldBytes = byteCount(ofGranules: old.heapGranules)
    guard bytes &- oldBytes <= allowance else { return 0 }
    lists.forget(slot, list: list, in: table)
    table.unlinkFromRing(slot)
    if list < EvictionLists.number(.small, 0) {
      main.take(oldBytes)
    } else {
      small.take(oldBytes)
      ghost.insert(old.hash)
    }
    samples.add(-oldBytes, hash: old.hash)
    samples.add(bytes, hash: hash)
    var octave = newcomer.octave
    if loadCosts != nil {
      noteCost(of: slot, hash: hash, replacing: nil)
      octave = self.octave(of: slot, byteCount: bytes)
    }
    place(
      slot, byteCount: bytes, octave: octave, in: newcomer.queue, uses: 0, birth: epoch,
      in: table)
    return slot
  }
}
