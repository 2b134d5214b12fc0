/// A tick for each slot, six bytes apart, in memory that its owner reserves and releases.
///
/// A tick is read as eight bytes of which the upper two belong to the next slot.
@usableFromInline
package struct TickColumn {
  @usableFromInline var base: UnsafeMutableRawPointer

  /// Bytes that one slot takes.
  @inlinable package static var slotByteCount: Int { 6 }

  /// Bytes to reserve for slots up to a limit: two more than they take, for the last one's reading.
  static func reservedByteCount(slotLimit: Int) -> Int {
    VirtualMemory.roundedUpToPages((slotLimit + 1) * slotByteCount + 2)
  }

  @inlinable
  package subscript(slot: Slot) -> Tick {
    @inline(__always)
    get {
      let word = base.loadUnaligned(
        fromByteOffset: Int(slot) &* TickColumn.slotByteCount, as: UInt64.self)
      return UInt64(littleEndian: word) & (Tick.end &- 1)
    }
    nonmutating set {
      let offset = Int(slot) &* TickColumn.slotByteCount
      base.storeBytes(
        of: UInt32(truncatingIfNeeded: newValue).littleEndian, toByteOffset: offset,
        as: UInt32.self)
      base.storeBytes(
        of: UInt16(truncatingIfNeeded: newValue >> 32).littleEndian, toByteOffset: offset &+ 4,
        as: UInt16.self)
    }
  }

  /// Gives the memory of a range of slots back.
  func releaseUntouched(from lower: Int, to upper: Int) {
    VirtualMemory.discard(
      in: base, from: lower * TickColumn.slotByteCount, to: upper * TickColumn.slotByteCount)
  }
}
