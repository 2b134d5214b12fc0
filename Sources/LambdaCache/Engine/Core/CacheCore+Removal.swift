/// Taking entries out, and keeping the slots dense.
extension CacheCore {
  /// Removes the entry in a slot.
  ///
  /// Other entries may change their slots by that.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(__always)
  package mutating func remove(
    _ slot: Slot, cause: RemovalCause, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    removeWithoutThinning(slot, cause: cause, removedEntries: &removedEntries)
    if table.isSparse { thin() }
  }

  /// Removes the entry in a slot; every other entry stays where it is.
  @inlinable @inline(__always)
  mutating func removeWithoutThinning(
    _ slot: Slot, cause: RemovalCause, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    detach(slot, cause: cause)
    removedEntries.collect(entries + Int(slot), cause: cause, isObserved: isObserved)
    table.freeSlot(slot)
  }

  /// Takes an entry out of index, ring, deadlines and ledger; key and value stay in its slot.
  @inlinable @inline(__always)
  mutating func detach(_ slot: Slot, cause: RemovalCause) {
    let record = table.records[Int(slot)]
    index.remove(slot, hash: record.hash, records: table.records)
    if expiry.isActive { expiry.cancel(slot) }
    table.unlink(slot)
    heapGranules &-= Int(record.heapGranules)
    count(cause, granules: Int(record.heapGranules))
    if auxiliary != nil { noteRemovedEntry(slot, hash: record.hash, cause: cause) }
  }

  /// Removes a key.
  ///
  /// - Returns: Its value, or `nil` if it had no live one.
  @inlinable
  package mutating func removeValue(
    forKey key: Key, hash: UInt32, removedEntries: inout RemovedEntries<Key, Value>
  ) -> Value? {
    let now = presentTick()
    reclaimIfDue(now: now, removedEntries: &removedEntries)
    let slot = find(key, hash: hash)
    guard slot != 0 else { return nil }
    let cause = removalCause(of: slot, now: now, else: .explicit)
    let value = cause == .expired ? nil : entries[Int(slot)].value
    remove(slot, cause: cause, removedEntries: &removedEntries)
    return value
  }

  /// Removes everything, coldest first.
  ///
  /// - Parameters:
  ///   - keepingCapacity: Whether the memory of slots and index is kept for later entries.
  ///   - removedEntries: Takes the entries.
  @inlinable
  package mutating func removeAll(
    keepingCapacity: Bool, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    let now = presentTick()
    if keepingCapacity {
      while table.coldest != 0 {
        let cause = removalCause(of: table.coldest, now: now, else: .explicit)
        removeWithoutThinning(table.coldest, cause: cause, removedEntries: &removedEntries)
      }
      return
    }
    var slot = table.coldest
    while slot != 0 {
      let record = table.records[Int(slot)]
      let cause = removalCause(of: slot, now: now, else: .explicit)
      count(cause, granules: Int(record.heapGranules))
      if auxiliary != nil { noteRemovedEntry(slot, hash: record.hash, cause: cause) }
      removedEntries.collect(entries + Int(slot), cause: cause, isObserved: isObserved)
      slot = table.links[Int(slot)].previous
    }
    releaseAll()
    heapGranules = 0
  }

  @inlinable @inline(__always)
  mutating func count(_ cause: RemovalCause, granules: Int) {
    counts.removals[cause] &+= 1
    counts.removedBytes[cause] &+= slotByteCount &+ granules &* ByteLedger.granule
  }

  /// Makes a sparse table a little denser: two slots for each that was freed, so that it gets
  /// there.
  @inlinable @inline(never)
  mutating func thin() {
    for _ in 0..<2 where table.freeCount > 0 { dropHighestSlot() }
    releaseUntouched(beyondOneIn: 8)
    index.shrinkIfSparse(
      highWater: table.highWater, byteAllowance: limits.byteLimit - byteCount,
      records: table.records)
    index.moveSome(records: table.records)
  }

  /// Makes the table dense if the memory of its free slots is all that is missing.
  @inlinable @inline(never)
  mutating func compact(toFree needed: Int) {
    let freeBytes = table.freeCount * slotByteCount
    guard byteCount - freeBytes + needed <= limits.byteLimit else { return }
    compactFully()
  }

  @inlinable @inline(never)
  mutating func compactFully() {
    while table.freeCount > 0 { dropHighestSlot() }
    releaseUntouched(beyondOneIn: Int.max)
  }

  /// Gives back all memory that the present entries do not need, of slots and of the index.
  ///
  /// - Complexity: O(*n*).
  @inlinable @inline(never)
  mutating func shrinkToFit() {
    compactFully()
    index.rebuild(highWater: table.highWater, records: table.records)
  }

  /// ``byteCount`` as it would be after ``shrinkToFit()``.
  @inlinable
  mutating func compactedByteCount() -> Int {
    CacheCore.sum(
      slots: count &+ 1, of: slotByteCount, index: index.leastByteCount,
      wheel: expiry.wheelByteCount, granules: heapGranules)
  }

  @inlinable @inline(never)
  mutating func dropHighestSlot() {
    let source = table.highWater
    let target = table.dropHighestSlot()
    guard target != 0 else { return }
    (entries + Int(target)).moveInitialize(from: entries + Int(source), count: 1)
    index.replace(
      source, by: target, hash: table.records[Int(target)].hash, records: table.records)
    if expiry.isActive { expiry.move(from: source, to: target) }
    aging?.pointee.move(from: source, to: target)
    if auxiliary != nil { noteMove(from: source, to: target) }
  }

  @usableFromInline
  mutating func releaseUntouched(beyondOneIn share: Int) {
    let touched = table.touchedCount
    table.releaseUntouched(beyondOneIn: share)
    if table.touchedCount < touched {
      expiry.releaseUntouched(from: table.touchedCount, to: touched)
      aging?.pointee.releaseUntouched(from: table.touchedCount, to: touched)
      policy?.pointee.releaseUntouched(from: table.touchedCount, to: touched)
    }
  }

  /// Gives all memory back; no slot is initialized.
  @usableFromInline
  mutating func releaseAll() {
    table.releaseAll()
    index.releaseAll()
    expiry.releaseAll()
    aging?.pointee.releaseAll()
    if policy != nil { releasePolicy() }
    // The memory just given back may be granted again at once.
    reservationPause = 0
  }
}
