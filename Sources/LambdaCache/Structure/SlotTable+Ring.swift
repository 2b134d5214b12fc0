/// The recency ring: an intrusive doubly linked list of slot numbers, closed through the sentinel.
///
/// The sentinel makes every unlink and every link the same two or four stores, whatever the
/// neighbours are.
extension SlotTable {
  /// The most recently used slot, or 0.
  @inlinable package var hottest: Slot { records[0].next }

  /// The least recently used slot, or 0.
  @inlinable package var coldest: Slot { records[0].previous }

  /// Links a slot in as the most recently used.
  @inlinable @inline(__always)
  package mutating func linkFirst(_ slot: Slot) {
    let records = self.records
    let first = records[0].next
    records[Int(slot)].previous = 0
    records[Int(slot)].next = first
    records[Int(first)].previous = slot
    records[0].next = slot
  }

  /// Takes a slot out of the ring; its own links go stale.
  @inlinable @inline(__always)
  package mutating func unlink(_ slot: Slot) {
    let records = self.records
    let previous = records[Int(slot)].previous
    let next = records[Int(slot)].next
    records[Int(previous)].next = next
    records[Int(next)].previous = previous
  }

  /// Makes a linked slot the most recently used.
  @inlinable @inline(__always)
  package mutating func moveToFront(_ slot: Slot) {
    // A slot that is first already has the sentinel before it: nothing to write.
    guard records[Int(slot)].previous != 0 else { return }
    unlink(slot)
    linkFirst(slot)
  }
}
