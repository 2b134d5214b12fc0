/// How the index changes its size: in steps, never all at once.
extension HashIndex {
  /// Sixteenths of the cells that may be in use before the table grows.
  ///
  /// Half of that is left just after growth: 9.85 bytes of cells an entry at the worst (M4 in
  /// DESIGN.md). A table kept emptier ends probes sooner, but loses more by not fitting the
  /// processor's caches: with 12 sixteenths, hits among 100,000 integers took a quarter longer.
  @inlinable package static var fill: Int { 13 }

  /// Sixteenths that may be in use when the byte limit does not admit a larger table.
  @inlinable static var utmostFill: Int { 14 }

  /// Old cells looked at with each operation while a table moves.
  ///
  /// A table that shrinks by four could fill up again after a tenth of its old cells' number of
  /// insertions; sixteen at a time has moved it by then.
  @inlinable static var cellsPerStep: Int { 16 }

  /// Whether one more entry has no place even in a tight table.
  @inlinable package var isFull: Bool { count >= cellCount / 16 * HashIndex.utmostFill }

  /// Cells in the table, 0 before the first entry.
  @inlinable package var cellCount: Int { byteCount == 0 ? 0 : Int(mask) + 1 }

  /// Bytes that the next insertion cannot do without.
  @inlinable package var requiredByteCount: Int {
    // A static function: to call a method that is not inlined, the whole structure would be copied.
    isFull ? HashIndex.nextByteCount(after: cellCount) : 0
  }

  static func nextCellCount(after count: Int) -> Int { max(minimumCellCount, count * 2) }

  @usableFromInline
  static func nextByteCount(after count: Int) -> Int {
    CellMemory.byteCount(forCells: nextCellCount(after: count))
  }

  /// Whether ``makeRoom(byteAllowance:records:)`` has anything to do before the next insertion.
  @inlinable package var wantsRoom: Bool {
    oldCells != nil || count >= cellCount / 16 * HashIndex.fill
  }

  /// Makes room for one more cell, growing if that is wanted and fits.
  ///
  /// - Parameters:
  ///   - allowance: Bytes by which the index may grow; at least ``requiredByteCount``.
  ///   - records: Where hashes are read.
  /// - Complexity: O(1) expected: a bounded number of cells moves.
  @usableFromInline
  package mutating func makeRoom(
    byteAllowance allowance: Int, records: UnsafeMutablePointer<SlotRecord>
  ) {
    if oldCells != nil { moveSome(records: records) }
    guard count >= cellCount / 16 * HashIndex.fill else { return }
    let target = HashIndex.nextCellCount(after: cellCount)
    guard isFull || CellMemory.byteCount(forCells: target) <= allowance else { return }
    precondition(target <= 1 << 31, "a cache cannot have more than 2^31 index cells")
    resize(toCells: target, records: records)
  }

  /// Starts to shrink if so few cells are in use that the table could be a quarter.
  ///
  /// - Parameters:
  ///   - highWater: The highest slot in use; a table has more cells than that.
  ///   - allowance: Bytes by which the index may grow while both tables exist.
  ///   - records: Where hashes are read.
  @usableFromInline
  package mutating func shrinkIfSparse(
    highWater: Slot, byteAllowance: Int, records: UnsafeMutablePointer<SlotRecord>
  ) {
    guard oldCells == nil, cellCount > HashIndex.minimumCellCount else { return }
    guard Int(highWater) < cellCount / 8, count < cellCount / 8 else { return }
    let target = max(HashIndex.minimumCellCount, cellCount / 4)
    guard CellMemory.byteCount(forCells: target) <= byteAllowance else { return }
    resize(toCells: target, records: records)
  }

  /// Opens a table of another size; the cells follow step by step.
  private mutating func resize(toCells target: Int, records: UnsafeMutablePointer<SlotRecord>) {
    while oldCells != nil { moveSome(records: records) }
    let fresh = CellMemory.allocate(cells: target)
    if byteCount > 0 {
      oldCells = cells
      oldMask = mask
      isOldCrowded = isCrowded
      moveRemaining = Int(mask) + 1
      moveCursor = 0
    }
    cells = fresh
    mask = UInt32(target - 1)
    isCrowded = CellTable.isAlwaysCrowded(mask: mask)
    byteCount += CellMemory.byteCount(forCells: target)
  }

  /// Moves whole clusters, so that what stays in the old table can still be found there.
  @usableFromInline
  package mutating func moveSome(records: UnsafeMutablePointer<SlotRecord>) {
    guard let oldCells else { return }
    var looked = 0
    while moveRemaining > 0 {
      let cell = oldCells[Int(moveCursor)]
      if cell == 0 {
        if looked >= HashIndex.cellsPerStep { return }
      } else {
        let slot = cell & oldMask
        oldCells[Int(moveCursor)] = 0
        let table = CellTable(cells: cells, mask: mask, isCrowded: isCrowded, records: records)
        if table.insert(slot, hash: records[Int(slot)].hash) { isCrowded = true }
      }
      moveCursor = (moveCursor &+ 1) & oldMask
      moveRemaining -= 1
      looked += 1
    }
    let oldCount = Int(oldMask) + 1
    CellMemory.deallocate(oldCells, count: oldCount)
    byteCount -= CellMemory.byteCount(forCells: oldCount)
    self.oldCells = nil
  }

  /// Bytes of the smallest table that holds the present cells comfortably.
  @usableFromInline package var leastByteCount: Int {
    count == 0 ? 0 : CellMemory.byteCount(forCells: leastCellCount)
  }

  private var leastCellCount: Int {
    var cells = HashIndex.minimumCellCount
    while cells / 16 * HashIndex.fill < count { cells *= 2 }
    return cells
  }

  /// Builds the smallest table that holds the present slots, after giving the old one back.
  ///
  /// - Parameters:
  ///   - highWater: The highest slot; all up to it are in use.
  ///   - records: Where hashes are read.
  /// - Complexity: O(*n*).
  @usableFromInline
  package mutating func rebuild(highWater: Slot, records: UnsafeMutablePointer<SlotRecord>) {
    guard leastByteCount < byteCount, highWater > 0 else { return }
    let target = leastCellCount
    self = HashIndex()
    resize(toCells: target, records: records)
    for slot in 1...highWater { insert(slot, hash: records[Int(slot)].hash, records: records) }
  }

  /// Forgets every cell and gives the tables back.
  package mutating func releaseAll() {
    self = HashIndex()
  }
}
