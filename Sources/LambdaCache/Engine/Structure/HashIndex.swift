/// The map from hash to slot: open addressing with linear probing over 32-bit cells.
///
/// A cell holds a slot number in its low bits and the top bits of the hash in the rest; 0 is empty.
/// One mask divides a cell into slot and tag. A probe that passes another key's cell is told so by
/// the tag, nearly always without touching that entry's memory.
///
/// The low six bits of a cell's home position (``CellShape``) are the top six of its hash, and so
/// of its tag: how far a cell lies from home can be read off the cell. Removal shifts the following
/// cells back by that, and leaves no tombstone.
///
/// Growth moves a bounded number of cells with each operation from the old table to the new one;
/// meanwhile a miss in the new table asks the old.
@usableFromInline
package struct HashIndex: ~Copyable {
  @usableFromInline package var cells: UnsafeMutablePointer<UInt32>
  @usableFromInline package var shape = CellShape()
  /// The old table while cells move, else `nil`.
  @usableFromInline package var oldCells: UnsafeMutablePointer<UInt32>?
  @usableFromInline package var oldShape = CellShape()
  /// Whether a cell may lie so far from home that its distance must be asked of the entry; see
  /// ``CellTable``.
  @usableFromInline package var hasSaturatedDistance = false
  @usableFromInline package var isOldCrowded = false
  /// The next old cell to move, and how many are still to be looked at.
  @usableFromInline var moveCursor: UInt32 = 0
  @usableFromInline var moveRemaining = 0
  /// Cells in use, in both tables.
  @usableFromInline package var count = 0
  /// Bytes of the tables, as the allocator counts them; 0 before the first entry.
  @usableFromInline package var byteCount = 0

  package init() {
    cells = NoCells.cells
  }

  deinit {
    if byteCount > 0 { CellMemory.deallocate(cells, count: shape.cellCount) }
    if let oldCells { CellMemory.deallocate(oldCells, count: oldShape.cellCount) }
  }

  /// The slot that a hash most likely belongs to, by the first three cells of its probe.
  ///
  /// - Parameter hash: The hash of a key.
  /// - Returns: The slot, or 0. Its entry has to be asked for its key, and if it is another's, or
  ///   there is none, ``HashProbe/slot(hash:where:)`` tells.
  /// - Complexity: O(1).
  @inlinable @inline(__always)
  package func likelySlot(hash: UInt32) -> Slot {
    HashIndex.likelySlot(hash: hash, cells: cells, shape: shape)
  }

  /// ``likelySlot(hash:)`` of a table, for who has not got the index in registers.
  @inlinable @inline(__always)
  package static func likelySlot(
    hash: UInt32, cells: UnsafeMutablePointer<UInt32>, shape: CellShape
  ) -> Slot {
    let mask = shape.mask
    let tag = hash & ~mask
    // Equal tags leave a slot number, 1...mask; an empty cell leaves 0 or a tag.
    let window = CellWindow(cells: cells, start: shape.home(of: hash))
    var likely = window.second ^ tag
    likely = likely &- 1 < mask ? likely : window.third ^ tag
    let first = window.first ^ tag
    likely = first &- 1 < mask ? first : likely
    return likely &- 1 < mask ? likely : 0
  }

  /// Whether no slot belongs to a hash that has none among the first three cells of its probe,
  /// because it ends there.
  ///
  /// - Returns: `false` also where that takes more than those cells to tell.
  /// - Complexity: O(1).
  @inlinable @inline(__always)
  package mutating func lacks(hash: UInt32) -> Bool {
    let window = CellWindow(cells: cells, start: shape.home(of: hash))
    return window.isEnd(mask: shape.mask) && !hasSaturatedDistance && oldCells == nil
  }

  /// What a look-up needs that goes cell by cell.
  @inlinable @inline(__always)
  package var probe: HashProbe {
    HashProbe(
      cells: cells, oldCells: oldCells, shape: shape, oldShape: oldShape,
      hasSaturatedDistance: hasSaturatedDistance,
      isOldCrowded: isOldCrowded)
  }

  /// Adds a slot that is not in the index.
  ///
  /// The caller has made room with ``makeRoom(byteAllowance:records:)``.
  @inlinable @inline(__always)
  package mutating func insert(
    _ slot: Slot, hash: UInt32, records: UnsafeMutablePointer<SlotRecord>
  ) {
    if CellTable(
      cells: cells, shape: shape, hasSaturatedDistance: hasSaturatedDistance, records: records
    )
    .insert(slot, hash: hash) {
      hasSaturatedDistance = true
    }
    count &+= 1
  }
}

/// The tables of an index as a look-up sees them that goes cell by cell.
///
/// It is passed to a function of its own, in place of the index: a structure that cannot be copied
/// is moved to the stack for such a call, all of it, before each look-up.
@usableFromInline
package struct HashProbe {
  @usableFromInline let cells: UnsafeMutablePointer<UInt32>
  @usableFromInline let oldCells: UnsafeMutablePointer<UInt32>?
  @usableFromInline let shape: CellShape
  @usableFromInline let oldShape: CellShape
  @usableFromInline let hasSaturatedDistance: Bool
  @usableFromInline let isOldCrowded: Bool

  @inlinable @inline(__always)
  init(
    cells: UnsafeMutablePointer<UInt32>, oldCells: UnsafeMutablePointer<UInt32>?,
    shape: CellShape, oldShape: CellShape, hasSaturatedDistance: Bool, isOldCrowded: Bool
  ) {
    self.cells = cells
    self.oldCells = oldCells
    self.shape = shape
    self.oldShape = oldShape
    self.hasSaturatedDistance = hasSaturatedDistance
    self.isOldCrowded = isOldCrowded
  }

  /// Looks a key up, while cells move also in the old table.
  ///
  /// - Parameters:
  ///   - hash: The key's hash.
  ///   - isMatch: Whether the slot holds the key; asked for few other slots than the right one.
  /// - Returns: The slot, or 0.
  /// - Complexity: O(1) expected.
  @inlinable @inline(__always)
  package func slot(hash: UInt32, where isMatch: (Slot) -> Bool) -> Slot {
    let found = CellTable.probe(
      cells, shape: shape, hasSaturatedDistance: hasSaturatedDistance, hash: hash, where: isMatch)
    guard found == 0, let oldCells else { return found }
    return CellTable.probe(
      oldCells, shape: oldShape, hasSaturatedDistance: isOldCrowded, hash: hash, where: isMatch)
  }
}

/// Empty cells, shared by every index that has no table yet.
private enum NoCells {
  nonisolated(unsafe) static let cells: UnsafeMutablePointer<UInt32> = {
    let cells = UnsafeMutablePointer<UInt32>.allocate(capacity: Int(CellWindow.count))
    cells.initialize(repeating: 0, count: Int(CellWindow.count))
    return cells
  }()
}
