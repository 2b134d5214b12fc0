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
    exchangeEntry(
      in: slot, granules: granules, hash: hash, cause: .size, removedEntries: &removedEntries)
    return slot
  }

  /// ``exchangeSlot(forGranules:hash:removedEntries:)`` in a cache that uses time.
  ///
  /// - Parameters:
  ///   - granules: What the new entry owns on the heap; it was admitted.
  ///   - hash: The hash of its key, which the cache does not have.
  ///   - now: The present tick.
  ///   - removedEntries: Takes the entry that leaves.
  /// - Returns: The slot, without a deadline; 0 also while there are entries that have expired,
  ///   which leave first.
  @inlinable @inline(__always)
  mutating func exchangeTimedSlot(
    forGranules granules: Int, hash: UInt32, now: Tick,
    removedEntries: inout RemovedEntries<Key, Value>
  ) -> Slot {
    guard index.oldCells == nil, isFull(forGranules: granules) else { return 0 }
    var moves = CacheCore.movesPerOperation
    guard !expiry.isActive || expiry.firstExpired(now: now, moves: &moves) == 0 else { return 0 }
    let slot = chooseExchanged(granules: granules, hash: hash)
    guard slot != 0 else { return 0 }
    let cause = removalCause(of: slot, now: now, else: .size)
    if expiry.isActive { expiry.cancel(slot) }
    exchangeEntry(
      in: slot, granules: granules, hash: hash, cause: cause, removedEntries: &removedEntries)
    if aging != nil { noteWrite(slot, now: now) }
    return slot
  }

  /// Takes the entry of a slot out of index and ledger, and another one into them.
  @inlinable @inline(__always)
  mutating func exchangeEntry(
    in slot: Slot, granules: Int, hash: UInt32, cause: RemovalCause,
    removedEntries: inout RemovedEntries<Key, Value>
  ) {
    let records = table.records
    let old = records[Int(slot)]
    let oldGranules = Int(old.heapGranules)
    removedEntries.collect(entries + Int(slot), cause: cause, isObserved: isObserved)
    if let auxiliary, !auxiliary.isEmpty {
      noteRemovedEntryWithAuxiliary(slot, hash: old.hash, cause: cause)
    }
    records[Int(slot)] = SlotRecord(
      hash: hash, heapGranules: UInt32(truncatingIfNeeded: granules))
    index.move(slot, from: old.hash, to: hash, records: records)
    heapGranules &+= granules &- oldGranules
    count(cause, granules: oldGranules)
    counts.insertions &+= 1
    if granules > oldGranules { notePeak() }
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
      // Without bytes on the heap it is not larger than any other.
      let allowance = granules == 0 ? 0 : limits.byteLimit &- ledgerByteCount()
      return policy.pointee.exchange(
        hash: hash, granules: UInt32(truncatingIfNeeded: granules), allowance: allowance,
        byteLimit: limits.byteLimit, in: table.columns)
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
