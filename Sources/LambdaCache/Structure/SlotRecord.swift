/// The number of a slot.
///
/// Slot 0 is the sentinel of the recency ring and never holds an entry, so 0 also stands for
/// "no slot" in the index, in the free list and in the results of look-ups.
@usableFromInline
package typealias Slot = UInt32

/// What the structure knows of one slot: 16 bytes, trivial, the same for every key and value type.
///
/// While the slot holds an entry, `previous` and `next` link the recency ring (`next` of the
/// sentinel is the most recently used entry). While it is free, they link the free list.
@usableFromInline
package struct SlotRecord {
  @usableFromInline package var previous: Slot
  @usableFromInline package var next: Slot
  /// The key's hash: compared before keys are, and read instead of the key when cells move.
  @usableFromInline package var hash: UInt32
  /// What the entry's key and value own on the heap, in units of ``ByteLedger/granule`` bytes;
  /// ``freeMark`` in a free slot.
  @usableFromInline package var heapGranules: UInt32

  /// A heap size that no entry can have.
  @inlinable package static var freeMark: UInt32 { .max }

  @inlinable
  package init(previous: Slot, next: Slot, hash: UInt32, heapGranules: UInt32) {
    self.previous = previous
    self.next = next
    self.hash = hash
    self.heapGranules = heapGranules
  }
}
