/// The map from hash to slot: open addressing with linear probing over 32-bit cells.
///
/// A cell holds a slot number in its low bits and the top bits of the hash in the rest; 0 is empty.
/// The table always has more cells than the highest slot number, so one mask divides a cell into
/// slot and tag and wraps the probe. A probe that passes another key's cell is told so by the tag,
/// nearly always without touching that entry's memory.
///
/// The low six bits of a cell's home position are the top six of its hash, and so of its tag: how
/// far a cell lies from home can be read off the cell. Removal shifts the following cells back by
/// that, and leaves no tombstone.
///
/// Growth moves a bounded number of cells with each operation from the old table to the new one;
/// meanwhile a miss in the new table asks the old.
@usableFromInline
package struct HashIndex: ~Copyable {
  @usableFromInline package var cells: UnsafeMutablePointer<UInt32>
  /// The number of cells, a power of two, less one.
  @usableFromInline package var mask: UInt32 = 0
  /// Whether a cell may lie so far from home that its distance must be asked of the entry; see
  /// ``CellTable``.
  @usableFromInline package var isCrowded = false
  @usableFromInline package var isOldCrowded = false
  @usableFromInline package var oldMask: UInt32 = 0
  /// The old table while cells move, else `nil`.
  @usableFromInline package var oldCells: UnsafeMutablePointer<UInt32>?
  /// The next old cell to move, and how many are still to be looked at.
  @usableFromInline var moveCursor: UInt32 = 0
  @usableFromInline var moveRemaining = 0
  /// Cells in use, in both tables.
  @usableFromInline package var count = 0
  /// Bytes of the tables, as the allocator counts them; 0 before the first entry.
  @usableFromInline package var byteCount = 0

  package init() {
    cells = NoCells.cell
  }

  deinit {
    if byteCount > 0 { CellMemory.deallocate(cells, count: Int(mask) + 1) }
    if let oldCells { CellMemory.deallocate(oldCells, count: Int(oldMask) + 1) }
  }

  /// The least table.
  @inlinable package static var minimumCellCount: Int { 16 }

  /// The slot that a hash most likely belongs to, by the first three cells of its probe.
  ///
  /// - Parameter hash: The hash of a key.
  /// - Returns: The slot, or 0. Its entry has to be asked for its key, and if it is another's, or there
  ///   is none, ``HashProbe/slot(hash:where:)`` tells.
  /// - Complexity: O(1).
  @inlinable @inline(__always)
  package func likelySlot(hash: UInt32) -> Slot {
    HashIndex.likelySlot(hash: hash, cells: cells, mask: mask)
  }

  /// ``likelySlot(hash:)`` of a table, for who has not got the index in registers.
  @inlinable @inline(__always)
  package static func likelySlot(
    hash: UInt32, cells: UnsafeMutablePointer<UInt32>, mask: UInt32
  ) -> Slot {
    let tag = hash & ~mask
    // Equal tags leave a slot number, 1...mask; an empty cell leaves 0 or a tag.
    let window = CellWindow(
      cells: cells, mask: mask, start: CellTable.home(of: hash, mask: mask))
    var likely = window.second ^ tag
    likely = likely &- 1 < mask ? likely : window.third ^ tag
    let first = window.first ^ tag
    likely = first &- 1 < mask ? first : likely
    return likely &- 1 < mask ? likely : 0
  }

  /// Whether no slot belongs to a hash that has none among the first three cells of its probe, because
  /// it ends there.
  ///
  /// - Returns: `false` also where that takes more than those cells to tell.
  /// - Complexity: O(1).
  @inlinable @inline(__always)
  package mutating func lacks(hash: UInt32) -> Bool {
    let window = CellWindow(
      cells: cells, mask: mask, start: CellTable.home(of: hash, mask: mask))
    return window.lead < CellWindow.count && !isCrowded && oldCells == nil
  }

  /// What a look-up needs that goes cell by cell.
  @inlinable @inline(__always)
  package var probe: HashProbe {
    HashProbe(
      cells: cells, oldCells: oldCells, mask: mask, oldMask: oldMask, isCrowded: isCrowded,
      isOldCrowded: isOldCrowded)
  }

  /// Adds a slot that is not in the index.
  ///
  /// The caller has made room with ``makeRoom(byteAllowance:records:)``.
  @inlinable @inline(__always)
  package mutating func insert(
    _ slot: Slot, hash: UInt32, records: UnsafeMutablePointer<SlotRecord>
  ) {
    if CellTable(cells: cells, mask: mask, isCrowded: isCrowded, records: records)
      .insert(slot, hash: hash)
    {
      isCrowded = true
    }
    count &+= 1
  }
}

/// The tables of an index as a look-up sees them that goes cell by cell.
///
/// It is passed to a function of its own, in place of the index: a structure that cannot be copied is
/// moved to the stack for such a call, all of it, before each look-up.
@usableFromInline
package struct HashProbe {
  @usableFromInline let cells: UnsafeMutablePointer<UInt32>
  @usableFromInline let oldCells: UnsafeMutablePointer<UInt32>?
  @usableFromInline let mask: UInt32
  @usableFromInline let oldMask: UInt32
  @usableFromInline let isCrowded: Bool
  @usableFromInline let isOldCrowded: Bool

  @inlinable @inline(__always)
  init(
    cells: UnsafeMutablePointer<UInt32>, oldCells: UnsafeMutablePointer<UInt32>?, mask: UInt32,
    oldMask: UInt32, isCrowded: Bool, isOldCrowded: Bool
  ) {
    self.cells = cells
    self.oldCells = oldCells
    self.mask = mask
    self.oldMask = oldMask
    self.isCrowded = isCrowded
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
      cells, mask: mask, isCrowded: isCrowded, hash: hash, where: isMatch)
    guard found == 0, let oldCells else { return found }
    return CellTable.probe(
      oldCells, mask: oldMask, isCrowded: isOldCrowded, hash: hash, where: isMatch)
  }
}

/// One empty cell, shared by every index that has no table yet.
private enum NoCells {
  nonisolated(unsafe) static let cell: UnsafeMutablePointer<UInt32> = {
    let cell = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    cell.initialize(to: 0)
    return cell
  }()
}
