/// The number of a slot.
///
/// Slot 0 is the sentinel of the recency ring and never holds an entry, so 0 also stands for
/// "no slot" in the index, in the free list and in the results of look-ups.
@usableFromInline
package typealias Slot = UInt32

/// The neighbours of one slot: 8 bytes, all that a hit reads and writes of the structure beside the
/// index.
///
/// While the slot holds an entry, they are its neighbours in the recency ring (`next` of the
/// sentinel is the most recently used entry). While it is free, they link the free list.
@usableFromInline
package struct SlotLinks {
  @usableFromInline package var previous: Slot
  @usableFromInline package var next: Slot

  @inlinable
  package init(previous: Slot, next: Slot) {
    self.previous = previous
    self.next = next
  }
}

/// The rest of the structure's data of one slot: 8 bytes, read when entries come, go or move.
@usableFromInline
package struct SlotRecord {
  /// The key's hash, read instead of the key when cells move or go.
  @usableFromInline package var hash: UInt32
  /// The bytes that the entry's key and value own on the heap, in units of ``ByteLedger/granule``
  /// bytes; ``freeMark`` in a free slot.
  @usableFromInline package var heapGranules: UInt32

  /// A heap size that no entry can have.
  @inlinable package static var freeMark: UInt32 { .max }

  @inlinable
  package init(hash: UInt32, heapGranules: UInt32) {
    self.hash = hash
    self.heapGranules = heapGranules
  }
}
