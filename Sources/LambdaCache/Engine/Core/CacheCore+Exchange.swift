/// An insertion into a full cache in one step: the new entry takes the slot of the one that leaves
/// for it.
///
/// Nearly all entries come so, once a cache is full. The number of slots, cells and entries stays
/// what it is, so that none of what bounds them is looked at. What needs more than that goes step
/// by step: see `CacheCore+Insertion.swift`.
extension CacheCore {
  /// Has an entry leave, and books another one in its slot; only key and value are not there yet.
  ///
  /// For caches that use no time.
  ///
  /// - Parameters:
  ///   - granules: What the new entry owns on the heap; it was admitted.
  ///   - hash: The hash of its key, which the cache does not have.
  ///   - removedEntries: Takes the entry that leaves.
  /// - Returns: The slot; 0 if it takes more than that, and nothing has changed.
  @inlinable @inline(__always)
  mutating func exchangeSlot(
    forGranules granules: Int, hash: UInt32, removedEntries: inout RemovedEntries<Key, Value>
  ) -> Slot {
    guard index.oldCells == nil, isFull(forGranules: granules) else { return 0 }
    let slot = chooseExchanged(granules: granules, hash: hash)
    guard slot != 0 else { return 0 }
    let records = table.records
    let old = records[Int(slot)]
    let oldGranules = Int(old.heapGranules)
    removedEntries.collect(entries + Int(slot), cause: .size, isObserved: isObserved)
    if let auxiliary, !auxiliary.isEmpty {
      noteRemovedEntryWithAuxiliary(slot, hash: old.hash, cause: .size)
    }
    records[Int(slot)] = SlotRecord(
      hash: hash, heapGranules: UInt32(truncatingIfNeeded: granules))
    index.move(slot, from: old.hash, to: hash, records: records)
    heapGranules &+= granules &- oldGranules
    count(.size, granules: oldGranules)
    counts.insertions &+= 1
    if granules > oldGranules { notePeak() }
    return slot
  }

  /// Whether an entry that was admitted has no room although more slots could be had.
  @inlinable @inline(__always)
  mutating func isFull(forGranules granules: Int) -> Bool {
    if count >= limits.entryLimit { return count == limits.entryLimit }
    return table.hasRoom
      && ledgerByteCount() &+ bytesNeeded(forGranules: granules) > limits.byteLimit
  }

  /// The slot whose entry leaves for another one, linked where that one belongs.
  ///
  /// - Returns: 0 if more than this entry has to leave, or another one.
  @inlinable @inline(__always)
  mutating func chooseExchanged(granules: Int, hash: UInt32) -> Slot {
    if let policy {
      endRest(of: policy)
      return policy.pointee.exchange(
        hash: hash, granules: UInt32(truncatingIfNeeded: granules),
        allowance: limits.byteLimit &- ledgerByteCount(), byteLimit: limits.byteLimit,
        in: table.columns)
    }
    let slot = table.coldest
    guard slot != 0, canReplace(slot, granules: granules) else { return 0 }
    table.moveToFront(slot)
    return slot
  }

  /// Whether an entry has room where another is, with a slot and a cell as they are.
  @inlinable @inline(__always)
  mutating func canReplace(_ victim: Slot, granules: Int) -> Bool {
    let added = granules &- Int(table.records[Int(victim)].heapGranules)
    return added <= 0 || ledgerByteCount() &+ added &* ByteLedger.granule <= limits.byteLimit
  }
}
