/// How the index changes its size: in steps, never all at once.
extension HashIndex {
  /// Sixteenths of the homes that may be in use before the table grows.
  ///
  /// Two thirds of that are left just after growth: 9.6 bytes of cells an entry at the worst (M4 in
  /// DESIGN.md). A fuller table moves more cells with each insertion and removal, a number that no
  /// processor predicts.
  @inlinable package static var fill: Int { 10 }

  /// Sixteenths that may be in use when the byte limit does not admit a larger table.
  @inlinable static var utmostFill: Int { 14 }

  /// Old cells looked at with each removal, and each look-up that needs both tables, while a table
  /// moves.
  ///
  /// A table that has shrunk could fill up again after a twelfth of its old cells' number of
  /// insertions; sixteen at a time has moved it by then.
  @inlinable static var cellsPerStep: Int { 16 }

  /// Old cells looked at with each insertion while a table moves.
  ///
  /// The memory of both is in use meanwhile: half a microsecond for each of few insertions is
  /// better than little for each of many.
  @inlinable static var cellsPerInsertion: Int { 128 }

  /// Whether one more entry has no place even in a tight table.
  @inlinable package var isFull: Bool { count >= shape.homeCount / 16 * HashIndex.utmostFill }

  /// Bytes that the next insertion cannot do without.
  @inlinable package var requiredByteCount: Int {
    // A static function: to call a method that is not inlined, the whole structure would be copied.
    isFull ? HashIndex.byteCount(forHomes: HashIndex.nextHomeCount(after: shape.homeCount)) : 0
  }

  @usableFromInline
  static func nextHomeCount(after count: Int) -> Int { CellShape.homeCount(atLeast: count + 1) }

  /// Bytes of a table with so many homes.
  @usableFromInline
  package static func byteCount(forHomes count: Int) -> Int {
    CellMemory.byteCount(forCells: CellShape.cellCount(forHomes: count))
  }

  /// Bytes of the least table.
  @usableFromInline package static var leastTableByteCount: Int {
    byteCount(forHomes: CellShape.minimumHomeCount)
  }

  /// Whether ``makeRoom(byteAllowance:records:)`` has anything to do before the next insertion.
  @inlinable package var wantsRoom: Bool {
    oldCells != nil || count >= shape.homeCount / 16 * HashIndex.fill
  }

  /// Makes room for one more cell, growing if that is wanted and fits.
  ///
  /// - Parameters:
  ///   - allowance: Bytes by which the index may grow; at least ``requiredByteCount``.
  ///   - records: Where hashes are read.
  /// - Returns: `false` if there is none, because the system grants no memory for a larger table.
  /// - Complexity: O(1) expected: a bounded number of cells moves.
  @usableFromInline
  package mutating func makeRoom(
    byteAllowance allowance: Int, records: UnsafeMutablePointer<SlotRecord>
  ) -> Bool {
    if oldCells != nil { moveSome(records: records, atLeast: HashIndex.cellsPerInsertion) }
    guard count >= shape.homeCount / 16 * HashIndex.fill else { return true }
    let target = HashIndex.nextHomeCount(after: shape.homeCount)
    guard isFull || HashIndex.byteCount(forHomes: target) <= allowance else { return true }
    precondition(target <= 1 << 31, "a cache cannot have more than 2^31 index cells")
    return resize(toHomes: target, records: records) || !isFull
  }

  /// Starts to shrink if so few cells are in use that the table could be a third.
  ///
  /// - Parameters:
  ///   - highWater: The highest slot in use; a table has more homes than that.
  ///   - allowance: Bytes by which the index may grow while both tables exist.
  ///   - records: Where hashes are read.
  @usableFromInline
  package mutating func shrinkIfSparse(
    highWater: Slot, byteAllowance: Int, records: UnsafeMutablePointer<SlotRecord>
  ) {
    let homes = shape.homeCount
    guard oldCells == nil, homes > CellShape.minimumHomeCount else { return }
    guard Int(highWater) < homes / 8, count < homes / 8 else { return }
    let target = CellShape.homeCount(atLeast: homes / 3)
    guard HashIndex.byteCount(forHomes: target) <= byteAllowance else { return }
    // The present table stays if there is no memory for a smaller one.
    _ = resize(toHomes: target, records: records)
  }

  /// Opens a table of another size; the cells follow step by step.
  ///
  /// - Returns: `false` if the system grants no memory for it; the present table stays.
  private mutating func resize(
    toHomes target: Int, records: UnsafeMutablePointer<SlotRecord>
  ) -> Bool {
    while oldCells != nil { moveSome(records: records) }
    let newShape = CellShape(homeCount: target)
    guard let newCells = CellMemory.allocate(cells: newShape.cellCount) else { return false }
    if byteCount > 0 {
      oldCells = cells
      oldShape = shape
      hasSaturatedOldDistance = hasSaturatedDistance
      moveRemaining = shape.cellCount
      moveCursor = 0
    }
    shape = newShape
    cells = newCells
    hasSaturatedDistance = CellTable.isAlwaysSaturated(shape)
    byteCount += HashIndex.byteCount(forHomes: target)
    return true
  }

  /// Moves whole clusters, so that the cells that stay in the old table can still be found there.
  @usableFromInline
  package mutating func moveSome(
    records: UnsafeMutablePointer<SlotRecord>, atLeast least: Int = HashIndex.cellsPerStep
  ) {
    guard let oldCells else { return }
    let start = Int(moveCursor)
    var looked = 0
    while moveRemaining > 0 {
      let cell = oldCells[Int(moveCursor)]
      if cell == 0 {
        if looked >= least {
          CellMemory.discard(
            oldCells, count: oldShape.cellCount, emptyBefore: start, now: Int(moveCursor))
          return
        }
      } else {
        let slot = cell & oldShape.mask
        oldCells[Int(moveCursor)] = 0
        let table = CellTable(
          cells: cells, shape: shape, hasSaturatedDistance: hasSaturatedDistance, records: records)
        if table.insert(slot, hash: records[Int(slot)].hash) { hasSaturatedDistance = true }
      }
      moveCursor = moveCursor == oldShape.lastPosition ? 0 : moveCursor &+ 1
      moveRemaining -= 1
      looked += 1
    }
    let oldCount = oldShape.cellCount
    CellMemory.deallocate(oldCells, count: oldCount)
    byteCount -= CellMemory.byteCount(forCells: oldCount)
    self.oldCells = nil
  }

  /// Bytes of the smallest table that holds the present cells comfortably.
  @usableFromInline package var leastByteCount: Int {
    count == 0 ? 0 : HashIndex.byteCount(forHomes: leastHomeCount)
  }

  private var leastHomeCount: Int {
    var homes = CellShape.minimumHomeCount
    while homes / 16 * HashIndex.fill < count { homes = HashIndex.nextHomeCount(after: homes) }
    return homes
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
    let target = leastHomeCount
    self = HashIndex()
    // A larger table has just been given back.
    guard resize(toHomes: target, records: records) else {
      fatalError("no memory for the index of a cache that has given back a larger one")
    }
    for slot in 1...highWater { insert(slot, hash: records[Int(slot)].hash, records: records) }
  }

  /// Forgets every cell and gives the tables back.
  package mutating func releaseAll() {
    self = HashIndex()
  }
}
