/// A tick for each slot, six bytes apart, in memory that its owner releases.
///
/// A tick is read as eight bytes of which the upper two belong to the next slot.
@usableFromInline
package struct TickColumn {
  @usableFromInline var base: UnsafeMutableRawPointer

  /// Bytes that one slot takes.
  @inlinable package static var slotByteCount: Int { 6 }

  /// Has the column take address space for so many slots, and two bytes more for the reading of the
  /// last one.
  ///
  /// - Parameters:
  ///   - count: The slots.
  ///   - reserved: The bytes that the column has.
  ///   - touched: The slots that may have ticks, the sentinel's included.
  /// - Returns: `false` if the system does not grant so much.
  mutating func reserve(slots count: Int, reserved: inout Int, touched: Int) -> Bool {
    AddressSpace.extend(
      &base, reserved: &reserved, to: (count + 1) * TickColumn.slotByteCount + 2,
      used: touched * TickColumn.slotByteCount)
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
