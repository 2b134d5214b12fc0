/// The map from hash to slot: open addressing with linear probing over 32-bit cells.
///
/// A cell holds a slot number in its low bits and the top bits of the hash in the rest; 0 is empty.
/// One mask divides a cell into slot and fingerprint. A probe recognizes another key's cell by the
/// fingerprint, nearly always without touching that entry's memory.
///
/// The low six bits of a cell's home position (``CellShape``) are the top six of its hash, and so
/// of its fingerprint: the distance of a cell from home can be read off the cell. Removal shifts
/// the following cells back accordingly, and leaves no tombstone.
///
/// Growth moves a bounded number of cells with each operation from the old table to the new one;
/// meanwhile a miss in the new table is followed by a probe of the old.
@usableFromInline
package struct HashIndex: ~Copyable {
  @usableFromInline package var cells: UnsafeMutablePointer<UInt32>
  @usableFromInline package var shape = CellShape()
  /// The old table while cells move, else `nil`.
  @usableFromInline package var oldCells: UnsafeMutablePointer<UInt32>?
  @usableFromInline package var oldShape = CellShape()
  /// Whether a cell may lie so far from home that its fingerprint does not give the distance; see
  /// ``CellTable``.
  @usableFromInline package var hasSaturatedDistance = false
  /// ``hasSaturatedDistance`` of the old table.
  @usableFromInline package var hasSaturatedOldDistance = false
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
  /// - Parameters:
  ///   - hash: The hash of a key.
  ///   - cells: The cells of the index, and with `shape` all that is loaded of it: a method would
  ///     have the whole structure moved to the stack by callers that reach it by address.
  ///   - shape: Their shape.
  /// - Returns: The slot, or 0. Its key has yet to be compared; if it is another one, or there is
  ///   no slot, ``HashProbe/find(hash:where:)`` has to be asked.
  /// - Complexity: O(1).
  @inlinable @inline(__always)
  package static func candidate(
    hash: UInt32, cells: UnsafeMutablePointer<UInt32>, shape: CellShape
  ) -> Slot {
    let mask = shape.mask
    let fingerprint = hash & ~mask
    // Equal fingerprints leave a slot number, 1...mask; an empty cell leaves 0 or a fingerprint.
    let window = CellWindow(cells: cells, start: shape.home(of: hash))
    var candidate = window.second ^ fingerprint
    candidate = candidate &- 1 < mask ? candidate : window.third ^ fingerprint
    let first = window.first ^ fingerprint
    candidate = first &- 1 < mask ? first : candidate
    return candidate &- 1 < mask ? candidate : 0
  }

  /// Returns whether no slot belongs to a hash that has no candidate, because its probe ends among
  /// the first three cells.
  ///
  /// - Returns: `false` also where those cells do not decide it.
  /// - Complexity: O(1).
  @inlinable @inline(__always)
  package mutating func lacks(hash: UInt32) -> Bool {
    let window = CellWindow(cells: cells, start: shape.home(of: hash))
    return window.isEnd(mask: shape.mask) && !hasSaturatedDistance && oldCells == nil
  }

  /// The part of the index that a look-up cell by cell needs.
  @inlinable @inline(__always)
  package var probe: HashProbe {
    HashProbe(
      cells: cells, oldCells: oldCells, shape: shape, oldShape: oldShape,
      hasSaturatedDistance: hasSaturatedDistance,
      hasSaturatedOldDistance: hasSaturatedOldDistance)
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

/// The tables of an index as a look-up cell by cell sees them.
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
  @usableFromInline let hasSaturatedOldDistance: Bool

  @inlinable @inline(__always)
  init(
    cells: UnsafeMutablePointer<UInt32>, oldCells: UnsafeMutablePointer<UInt32>?,
    shape: CellShape, oldShape: CellShape, hasSaturatedDistance: Bool, hasSaturatedOldDistance: Bool
  ) {
    self.cells = cells
    self.oldCells = oldCells
    self.shape = shape
    self.oldShape = oldShape
    self.hasSaturatedDistance = hasSaturatedDistance
    self.hasSaturatedOldDistance = hasSaturatedOldDistance
  }

  /// Looks a key up, while cells move also in the old table.
  ///
  /// - Parameters:
  ///   - hash: The key's hash.
  ///   - isMatch: Returns whether the slot holds the key; called for few other slots.
  /// - Returns: The slot, or 0.
  /// - Complexity: O(1) expected.
  @inlinable @inline(__always)
  package func find(hash: UInt32, where isMatch: (Slot) -> Bool) -> Slot {
    let found = CellTable.probe(
      cells, shape: shape, hasSaturatedDistance: hasSaturatedDistance, hash: hash, where: isMatch)
    guard found == 0, let oldCells else { return found }
    return CellTable.probe(
      oldCells, shape: oldShape, hasSaturatedDistance: hasSaturatedOldDistance, hash: hash,
      where: isMatch)
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
