/// The recency ring: an intrusive doubly linked list of slot numbers, closed through the sentinel.
///
/// The sentinel makes every unlink and every link the same two or four stores, whatever the
/// neighbours are.
extension SlotTable {
  /// The most recently used slot, or 0.
  @inlinable package var hottest: Slot { links[0].next }

  /// The least recently used slot, or 0.
  @inlinable package var coldest: Slot { links[0].previous }

  /// Links a slot in as the most recently used.
  @inlinable @inline(__always)
  package mutating func linkFirst(_ slot: Slot) {
    let links = self.links
    let first = links[0].next
    links[Int(slot)].previous = 0
    links[Int(slot)].next = first
    links[Int(first)].previous = slot
    links[0].next = slot
  }

  /// Takes a slot out of the ring; its own links go stale.
  @inlinable @inline(__always)
  package mutating func unlink(_ slot: Slot) {
    let links = self.links
    let previous = links[Int(slot)].previous
    let next = links[Int(slot)].next
    links[Int(previous)].next = next
    links[Int(next)].previous = previous
  }

  /// Makes a linked slot the most recently used.
  @inlinable @inline(__always)
  package mutating func moveToFront(_ slot: Slot) {
    // A slot that is first already has the sentinel before it: nothing to write.
    guard links[Int(slot)].previous != 0 else { return }
    unlink(slot)
    linkFirst(slot)
  }
}

/// The links and records of a table, which take two registers where the table would be copied.
@usableFromInline
package struct SlotColumns {
  @usableFromInline package let links: UnsafeMutablePointer<SlotLinks>
  @usableFromInline package let records: UnsafeMutablePointer<SlotRecord>

  @inlinable
  init(links: UnsafeMutablePointer<SlotLinks>, records: UnsafeMutablePointer<SlotRecord>) {
    self.links = links
    self.records = records
  }

  /// The first slot of the ring; 0 if there is none.
  package var hottest: Slot { links[0].next }

  /// Links a slot in before another one, or for 0 as the last of the ring.
  package func linkIntoRing(_ slot: Slot, before follower: Slot) {
    let previous = links[Int(follower)].previous
    links[Int(slot)] = SlotLinks(previous: previous, next: follower)
    links[Int(previous)].next = slot
    links[Int(follower)].previous = slot
  }

  /// Makes a linked slot the first of the ring.
  package func moveToFront(_ slot: Slot) {
    guard links[Int(slot)].previous != 0 else { return }
    unlinkFromRing(slot)
    linkIntoRing(slot, before: links[0].next)
  }

  /// Takes a slot out of the ring.
  package func unlinkFromRing(_ slot: Slot) {
    let (previous, next) = (links[Int(slot)].previous, links[Int(slot)].next)
    links[Int(previous)].next = next
    links[Int(next)].previous = previous
  }
}

extension SlotTable {
  @inlinable @inline(__always)
  package var columns: SlotColumns { SlotColumns(links: links, records: records) }
}
