/// One table of an index, as the operations on its cells see it.
///
/// The six bits of home in a cell's tag tell its distance from home up to multiples of 64. While no
/// cell lies 63 or more away, they tell it exactly. The first cell that does makes the table
/// *crowded*; from then on, until it is replaced, distances are computed from the hashes in the
/// slots' records.
@usableFromInline
struct CellTable {
  @usableFromInline let cells: UnsafeMutablePointer<UInt32>
  @usableFromInline let shape: CellShape
  @usableFromInline let hasSaturatedDistance: Bool
  @usableFromInline let records: UnsafeMutablePointer<SlotRecord>

  @inlinable @inline(__always)
  init(
    cells: UnsafeMutablePointer<UInt32>, shape: CellShape, hasSaturatedDistance: Bool,
    records: UnsafeMutablePointer<SlotRecord>
  ) {
    self.cells = cells
    self.shape = shape
    self.hasSaturatedDistance = hasSaturatedDistance
    self.records = records
  }

  /// Where the bits of home are in a hash, and in its tag: the top six.
  @inlinable static var homeBitsShift: UInt32 { 26 }

  /// The largest distance that six bits can tell.
  @inlinable static var farthest: UInt32 { 63 }

  /// Whether tags of a table of this size have no room for the bits of home.
  static func isAlwaysCrowded(_ shape: CellShape) -> Bool { shape.mask >= 1 << homeBitsShift }

  /// How far a cell lies from home, up to multiples of 64; exact in a table that is not crowded.
  @inlinable @inline(__always)
  static func probeDistance(of cell: UInt32, at position: UInt32, mask: UInt32) -> UInt32 {
    (position &- (cell &>> homeBitsShift)) & mask & farthest
  }

  /// Puts a slot behind the cells of the same or an earlier home, and moves what follows up by one,
  /// until an empty cell ends it (Celis's Robin Hood hashing).
  ///
  /// - Returns: Whether the table is crowded now.
  @inlinable @inline(__always)
  func insert(_ slot: Slot, hash: UInt32) -> Bool {
    let home = shape.home(of: hash)
    let newcomer = (hash & ~shape.mask) | slot
    if _slowPath(hasSaturatedDistance) {
      pushCrowded(newcomer, home: home)
      return true
    }
    var position = position(ofNewcomerWithHome: home)
    var cell = newcomer
    while true {
      let displaced = cells[Int(position)]
      cells[Int(position)] = cell
      if displaced == 0 { break }
      cell = displaced
      position &+= 1
    }
    // What was moved has its home behind this one's, so nothing lies farther than the end from
    // here.
    let reach = position &- home
    return reach >= CellTable.farthest && hasFarCell(from: home, reach: reach)
  }

  /// Where a newcomer's cell belongs in a table that is not crowded: behind the cells of the same
  /// or an earlier home.
  @inlinable @inline(__always)
  func position(ofNewcomerWithHome home: UInt32) -> UInt32 {
    var distance = CellWindow(cells: cells, start: home).lead(mask: shape.mask)
    var position = home &+ distance
    guard _slowPath(distance == CellWindow.count) else { return position }
    while true {
      let present = cells[Int(position)]
      if present == 0 { return position }
      let told = CellTable.probeDistance(of: present, at: position, mask: shape.mask)
      if told < distance { return position }
      position &+= 1
      distance &+= 1
    }
  }

  /// Whether the table is crowded after cells have moved up to a position `reach` from another.
  @usableFromInline
  @inline(never)
  func hasFarCell(from start: UInt32, reach: UInt32) -> Bool {
    (0...reach).contains { step in
      let position = start &+ step
      let told = CellTable.probeDistance(of: cells[Int(position)], at: position, mask: shape.mask)
      return told == CellTable.farthest
    }
  }

  /// Looks from home on for a slot that matches.
  ///
  /// The probe ends where the key's own cell would be: at an empty cell, or at one that is nearer
  /// to its home than the probe to where it began.
  ///
  /// - Returns: The slot, or 0.
  @inlinable @inline(__always)
  static func probe(
    _ cells: UnsafeMutablePointer<UInt32>, shape: CellShape, hasSaturatedDistance: Bool,
    hash: UInt32,
    where isMatch: (Slot) -> Bool
  ) -> Slot {
    let mask = shape.mask
    let last = shape.lastPosition
    let tag = hash & ~mask
    var position = shape.home(of: hash)
    var distance: UInt32 = 0
    while true {
      let cell = cells[Int(position)]
      // Equal tags leave a slot number, 1...mask; an empty cell leaves 0 or a tag.
      let candidate = cell ^ tag
      if candidate &- 1 < mask, isMatch(candidate) { return candidate }
      if cell == 0 { return 0 }
      if !hasSaturatedDistance, probeDistance(of: cell, at: position, mask: mask) < distance {
        return 0
      }
      position = position == last ? 0 : position &+ 1
      distance &+= 1
    }
  }

  /// Where a slot's cell is, or `nil` if it is not in this table.
  @inlinable @inline(__always)
  func position(of slot: Slot, hash: UInt32) -> UInt32? {
    // A slot that the mask cannot name would spill into the tag.
    guard slot <= shape.mask else { return nil }
    let wanted = (hash & ~shape.mask) | slot
    let home = shape.home(of: hash)
    let likely = CellWindow(cells: cells, start: home).position(of: wanted)
    if cells[Int(likely)] == wanted { return likely }
    return unlikelyPosition(of: wanted, home: home)
  }

  /// Where a cell is that is not among the first three of its probe.
  @usableFromInline
  @inline(never)
  func unlikelyPosition(of wanted: UInt32, home: UInt32) -> UInt32? {
    let last = shape.lastPosition
    var position = home
    while true {
      let cell = cells[Int(position)]
      if cell == wanted { return position }
      if cell == 0 { return nil }
      position = position == last ? 0 : position &+ 1
    }
  }

  /// Empties a position, and moves back by one what follows, until a cell is empty or at home.
  @inlinable @inline(__always)
  func close(_ start: UInt32) {
    if _slowPath(hasSaturatedDistance) { return closeCrowded(start) }
    let window = CellWindow(cells: cells, start: start)
    let movesSecond = window.isAway(window.second, by: 1, atLeast: 1, mask: shape.mask)
    let movesThird =
      movesSecond & window.isAway(window.third, by: 2, atLeast: 1, mask: shape.mask)
    cells[Int(start)] = CellWindow.either(window.second, or: 0, movesSecond)
    var gap = start &+ 1
    let left = CellWindow.either(window.third, or: 0, movesThird)
    cells[Int(gap)] = CellWindow.either(left, or: window.second, movesSecond)
    guard _slowPath(movesThird != 0) else { return }
    gap &+= 1
    while true {
      let next = gap &+ 1
      let cell = cells[Int(next)]
      if cell == 0 || CellTable.probeDistance(of: cell, at: next, mask: shape.mask) == 0 { break }
      cells[Int(gap)] = cell
      gap = next
    }
    cells[Int(gap)] = 0
  }
}
