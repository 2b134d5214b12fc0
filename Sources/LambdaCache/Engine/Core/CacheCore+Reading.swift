/// Look-ups.
extension CacheCore {
  /// Whether the time of some deadline has come, in a cache that follows the clocks of the system;
  /// while it has not, whatever is found is alive, and its own deadline need not be looked at.
  @inlinable @inline(__always)
  package mutating func isAnythingDue() -> Bool {
    expiry.nextDue != .max && time.systemNow() >= expiry.nextDue
  }

  /// The slot of a key while nothing is due, made the most recently used and counted as a hit; else
  /// 0 and a miss.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - hash: Its hash.
  ///   - bytes: Its bytes; see ``KeyHasher/withHash(of:_:)``.
  @inlinable @inline(__always)
  package mutating func hit(
    _ key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Slot {
    var slot = HashIndex.likelySlot(hash: hash, cells: index.cells, shape: index.shape)
    if _slowPath(slot == 0 || !KeyEquality.areSame(entries[Int(slot)].key, key, bytes: bytes)) {
      slot = unlikelySlot(of: key, hash: hash)
      guard slot != 0 else {
        counts.misses &+= 1
        return 0
      }
    }
    counts.hits &+= 1
    table.moveToFront(slot)
    return slot
  }

  /// The slot of a key that is not where it most likely is, or that `==` has to settle; or 0.
  ///
  /// Apart, and by address, so that a hit loads nothing of what only this needs: the shorter a hit,
  /// the sooner the processor begins the next one while this one waits for memory.
  @inlinable @inline(never)
  mutating func unlikelySlot(of key: Key, hash: UInt32) -> Slot {
    let entries = self.entries
    // A cache that is only read from when its index has just grown would look in two tables for
    // ever.
    if index.oldCells != nil { index.moveSome(records: table.records) }
    return index.probe.slot(hash: hash) { KeyEquality.areEqual(entries[Int($0)].key, key) }
  }

  /// ``hit(_:hash:bytes:)`` where something may be due, which is reclaimed first, up to a bound.
  ///
  /// An expired entry beyond the bound is a miss and stays where it is: one of the next operations
  /// reclaims it.
  @inlinable
  package mutating func reclaimingHit(
    _ key: Key, hash: UInt32, removedEntries: inout RemovedEntries<Key, Value>
  ) -> Slot {
    let now = time.now()
    reclaimExpired(now: now, removedEntries: &removedEntries)
    let slot = slot(of: key, hash: hash)
    guard slot != 0, !isExpired(slot, now: now) else {
      counts.misses &+= 1
      return 0
    }
    counts.hits &+= 1
    noteHit(slot)
    return slot
  }

  /// Makes the entry in a slot the most recently used, as of the present tick.
  @inlinable @inline(__always)
  mutating func noteHit(_ slot: Slot) {
    table.moveToFront(slot)
    if let aging { aging.pointee.noteUse(slot, use: time.writeTime()) }
  }

  /// The slot of a live entry, or 0; changes nothing.
  ///
  /// - Parameter reading: What an injected clock says; `nil` if that has been noted.
  @inlinable @inline(__always)
  package func quietSlot(of key: Key, hash: UInt32, reading: Duration?) -> Slot {
    let slot = slot(of: key, hash: hash)
    guard slot != 0, usesTime else { return slot }
    var time = self.time.quietly(noting: reading)
    let now = time.now()
    return isExpired(slot, now: now, thaws: time.thaws) ? 0 : slot
  }

  /// Whether an entry is not fresh any more, which a look-up must not show.
  @inlinable @inline(__always)
  func isExpired(_ slot: Slot, now: Tick) -> Bool {
    isExpired(slot, now: now, thaws: time.thaws)
  }

  /// Whether an entry is not fresh any more at a time that the engine has not seen.
  @inlinable @inline(__always)
  func isExpired(_ slot: Slot, now: Tick, thaws: ThawLog) -> Bool {
    let deadline = expiry.isActive ? expiry.deadline(of: slot) : 0
    guard let aging else { return deadline != 0 && deadline <= now }
    return aging.pointee.freshEnd(of: slot, deadline: deadline, thaws: thaws) <= now
  }
}
