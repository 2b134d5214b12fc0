/// Taking cells out, and pointing them elsewhere.
extension HashIndex {
  /// Removes a slot that is in the index.
  ///
  /// - Parameters:
  ///   - slot: The slot to remove.
  ///   - hash: The hash it was inserted with.
  ///   - records: Where the hashes of other slots can be read.
  /// - Complexity: O(1) expected.
  @inlinable @inline(__always)
  package mutating func remove(
    _ slot: Slot, hash: UInt32, records: UnsafeMutablePointer<SlotRecord>
  ) {
    count &-= 1
    let table = CellTable(
      cells: cells, shape: shape, hasSaturatedDistance: hasSaturatedDistance, records: records)
    if let position = table.position(of: slot, hash: hash) {
      table.close(position)
    } else {
      removeOld(slot, hash: hash, records: records)
    }
  }

  /// Puts the cell of a slot where another hash has it, while no cells move between tables.
  ///
  /// - Parameters:
  ///   - slot: A slot that is in the index.
  ///   - old: The hash that it was inserted with.
  ///   - hash: The hash that it has now, in its record as well.
  ///   - records: Where the hashes of other slots can be read.
  /// - Complexity: O(1) expected.
  @inlinable @inline(__always)
  package mutating func move(
    _ slot: Slot, from old: UInt32, to hash: UInt32, records: UnsafeMutablePointer<SlotRecord>
  ) {
    let table = CellTable(
      cells: cells, shape: shape, hasSaturatedDistance: hasSaturatedDistance, records: records)
    guard let position = table.position(of: slot, hash: old) else {
      preconditionFailure("slot \(slot) is not in the cache's index")
    }
    table.close(position)
    if table.insert(slot, hash: hash) { hasSaturatedDistance = true }
  }

  @usableFromInline
  mutating func removeOld(
    _ slot: Slot, hash: UInt32, records: UnsafeMutablePointer<SlotRecord>
  ) {
    guard let old = oldTable(records: records), let position = old.position(of: slot, hash: hash)
    else { preconditionFailure("slot \(slot) is not in the cache's index") }
    old.close(position)
  }

  /// Makes the cell of one slot name another: the entry has moved.
  @usableFromInline
  package mutating func replace(
    _ slot: Slot, by other: Slot, hash: UInt32, records: UnsafeMutablePointer<SlotRecord>
  ) {
    let table = CellTable(
      cells: cells, shape: shape, hasSaturatedDistance: hasSaturatedDistance, records: records)
    if let position = table.position(of: slot, hash: hash) {
      cells[Int(position)] = (hash & ~shape.mask) | other
      return
    }
    guard let old = oldTable(records: records), let position = old.position(of: slot, hash: hash)
    else { preconditionFailure("slot \(slot) is not in the cache's index") }
    old.cells[Int(position)] = (hash & ~oldShape.mask) | other
  }

  /// The table that cells still move out of.
  func oldTable(records: UnsafeMutablePointer<SlotRecord>) -> CellTable? {
    oldCells.map {
      CellTable(
        cells: $0, shape: oldShape, hasSaturatedDistance: hasSaturatedOldDistance, records: records)
    }
  }
}
