/// Taking cells out, and pointing them elsewhere.
extension HashIndex {
  /// Removes a slot that is in the index.
  ///
  /// - Parameters:
  ///   - slot: The slot to remove.
  ///   - hash: The hash it was inserted with.
  ///   - records: Where the hashes of the following slots are read.
  /// - Complexity: O(1) expected.
  @inlinable @inline(__always)
  package mutating func remove(
    _ slot: Slot, hash: UInt32, records: UnsafeMutablePointer<SlotRecord>
  ) {
    count -= 1
    if let position = HashIndex.position(of: slot, hash: hash, in: cells, mask: mask) {
      HashIndex.closeGap(at: position, in: cells, mask: mask, records: records)
      return
    }
    guard let oldCells,
      let position = HashIndex.position(of: slot, hash: hash, in: oldCells, mask: oldMask)
    else { preconditionFailure("slot \(slot) is not in the cache's index") }
    HashIndex.closeGap(at: position, in: oldCells, mask: oldMask, records: records)
  }

  /// Makes the cell of one slot name another: the entry has moved.
  @inlinable
  package mutating func replace(_ slot: Slot, by other: Slot, hash: UInt32) {
    if let position = HashIndex.position(of: slot, hash: hash, in: cells, mask: mask) {
      cells[Int(position)] = (hash & ~mask) | other
      return
    }
    guard let oldCells,
      let position = HashIndex.position(of: slot, hash: hash, in: oldCells, mask: oldMask)
    else { preconditionFailure("slot \(slot) is not in the cache's index") }
    oldCells[Int(position)] = (hash & ~oldMask) | other
  }

  @inlinable @inline(__always)
  static func position(
    of slot: Slot, hash: UInt32, in cells: UnsafeMutablePointer<UInt32>, mask: UInt32
  ) -> UInt32? {
    // A slot that the mask cannot name would spill into the tag.
    guard slot <= mask else { return nil }
    let wanted = (hash & ~mask) | slot
    var position = hash & mask
    while true {
      let cell = cells[Int(position)]
      if cell == wanted { return position }
      if cell == 0 { return nil }
      position = (position &+ 1) & mask
    }
  }

  /// Empties a cell and shifts back every following cell that the gap would cut off from its home.
  ///
  /// A cell may fill the gap if its home does not lie behind the gap, going from the gap to the cell: its
  /// distance from home is then at least its distance from the gap (Knuth 6.4, algorithm R).
  @inlinable @inline(__always)
  static func closeGap(
    at start: UInt32, in cells: UnsafeMutablePointer<UInt32>, mask: UInt32,
    records: UnsafeMutablePointer<SlotRecord>
  ) {
    var gap = start
    var position = (gap &+ 1) & mask
    while true {
      let cell = cells[Int(position)]
      if cell == 0 { break }
      let home = records[Int(cell & mask)].hash & mask
      if (position &- home) & mask >= (position &- gap) & mask {
        cells[Int(gap)] = cell
        gap = position
      }
      position = (position &+ 1) & mask
    }
    cells[Int(gap)] = 0
  }
}
