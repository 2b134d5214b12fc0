/// One table of an index, as the operations on its cells see it.
///
/// The six bits of home in a cell's tag tell its distance from home up to multiples of 64. While no
/// cell lies 63 or more away, they tell it exactly. The first cell that does makes the table
/// *crowded*; from then on, until it is replaced, distances are computed from the hashes in the
/// slots' records.
@usableFromInline
struct CellTable {
  @usableFromInline let cells: UnsafeMutablePointer<UInt32>
  @usableFromInline let mask: UInt32
  @usableFromInline let isCrowded: Bool
  @usableFromInline let records: UnsafeMutablePointer<SlotRecord>

  @inlinable @inline(__always)
  init(
    cells: UnsafeMutablePointer<UInt32>, mask: UInt32, isCrowded: Bool,
    records: UnsafeMutablePointer<SlotRecord>
  ) {
    self.cells = cells
    self.mask = mask
    self.isCrowded = isCrowded
    self.records = records
  }

  /// The bits of home that a tag repeats.
  @inlinable static var homeBits: UInt32 { 6 }

  /// The largest distance that a tag can tell.
  @inlinable static var farthest: UInt32 { (1 << homeBits) - 1 }

  /// Where a hash's cell would best lie: the hash turned by six bits, so that its top six come to
  /// the low end.
  @inlinable @inline(__always)
  static func home(of hash: UInt32, mask: UInt32) -> UInt32 {
    ((hash &<< homeBits) | (hash &>> (32 &- homeBits))) & mask
  }

  /// Whether tags of a table of this size have no room for the bits of home.
  @inlinable
  static func isAlwaysCrowded(mask: UInt32) -> Bool { mask >= 1 << (32 - homeBits) }

  /// How far a cell lies from home, up to multiples of 64; exact in a table that is not crowded.
  @inlinable @inline(__always)
  static func toldDistance(of cell: UInt32, at position: UInt32, mask: UInt32) -> UInt32 {
    (position &- (cell &>> (32 &- homeBits))) & mask & farthest
  }

  /// How far a cell lies from home.
  @inlinable @inline(__always)
  func distance(of cell: UInt32, at position: UInt32) -> UInt32 {
    guard isCrowded else {
      return CellTable.toldDistance(of: cell, at: position, mask: mask)
    }
    return (position &- CellTable.home(of: records[Int(cell & mask)].hash, mask: mask)) & mask
  }

  /// Puts a slot behind the cells of the same or an earlier home, and moves what follows up by one,
  /// until an empty cell ends it (Celis's Robin Hood hashing).
  ///
  /// - Returns: Whether the table is crowded now.
  @inlinable @inline(__always)
  func insert(_ slot: Slot, hash: UInt32) -> Bool {
    let home = CellTable.home(of: hash, mask: mask)
    let position = self.position(ofNewcomerWithHome: home)
    let end = push((hash & ~mask) | slot, in: position)
    // What was moved has its home behind this one's, so nothing lies farther than the end from here.
    let reach = (end &- home) & mask
    return isCrowded || (reach >= CellTable.farthest && hasFarCell(from: home, reach: reach))
  }

  /// Where a newcomer's cell belongs: behind the cells of the same or an earlier home.
  @inlinable @inline(__always)
  func position(ofNewcomerWithHome home: UInt32) -> UInt32 {
    var distance = isCrowded ? 0 : CellWindow(cells: cells, mask: mask, start: home).lead
    var position = (home &+ distance) & mask
    guard _slowPath(isCrowded || distance == CellWindow.count) else { return position }
    while true {
      let present = cells[Int(position)]
      if present == 0 || self.distance(of: present, at: position) < distance { return position }
      position = (position &+ 1) & mask
      distance &+= 1
    }
  }

  /// Puts a cell in a position and moves what follows up by one, until an empty cell ends it.
  ///
  /// - Returns: The last position that was written.
  @inlinable @inline(__always)
  func push(_ newcomer: UInt32, in start: UInt32) -> UInt32 {
    var cell = newcomer
    var position = start
    while true {
      let displaced = cells[Int(position)]
      cells[Int(position)] = cell
      if displaced == 0 { return position }
      cell = displaced
      position = (position &+ 1) & mask
    }
  }

  /// Whether the table is crowded after cells have moved up to a position `reach` from another.
  @usableFromInline
  @inline(never)
  func hasFarCell(from start: UInt32, reach: UInt32) -> Bool {
    guard mask > CellTable.farthest else { return false }
    return (0...reach).contains { step in
      let position = (start &+ step) & mask
      let told = CellTable.toldDistance(of: cells[Int(position)], at: position, mask: mask)
      return told == CellTable.farthest
    }
  }

  /// Looks from home on for a slot that matches.
  ///
  /// The probe ends where the key's own cell would be: at an empty cell, or at one that is nearer to
  /// its home than the probe to where it began.
  ///
  /// - Returns: The slot, or 0.
  @inlinable @inline(__always)
  static func probe(
    _ cells: UnsafeMutablePointer<UInt32>, mask: UInt32, isCrowded: Bool, hash: UInt32,
    where isMatch: (Slot) -> Bool
  ) -> Slot {
    let tag = hash & ~mask
    var position = home(of: hash, mask: mask)
    var distance: UInt32 = 0
    while true {
      let cell = cells[Int(position)]
      // Equal tags leave a slot number, 1...mask; an empty cell leaves 0 or a tag.
      let candidate = cell ^ tag
      if candidate &- 1 < mask, isMatch(candidate) { return candidate }
      if cell == 0 { return 0 }
      if !isCrowded, toldDistance(of: cell, at: position, mask: mask) < distance { return 0 }
      position = (position &+ 1) & mask
      distance &+= 1
    }
  }

  /// Where a slot's cell is, or `nil` if it is not in this table.
  @inlinable @inline(__always)
  func position(of slot: Slot, hash: UInt32) -> UInt32? {
    // A slot that the mask cannot name would spill into the tag.
    guard slot <= mask else { return nil }
    let wanted = (hash & ~mask) | slot
    let home = CellTable.home(of: hash, mask: mask)
    let likely = CellWindow(cells: cells, mask: mask, start: home).position(of: wanted)
    if cells[Int(likely)] == wanted { return likely }
    var position = home
    while true {
      let cell = cells[Int(position)]
      if cell == wanted { return position }
      if cell == 0 { return nil }
      position = (position &+ 1) & mask
    }
  }

  /// Empties a position, and moves back by one what follows, until a cell is empty or at home.
  @inlinable @inline(__always)
  func close(_ start: UInt32) {
    var gap = start
    if !isCrowded {
      let window = CellWindow(cells: cells, mask: mask, start: start)
      let movesSecond = window.isAway(window.second, by: 1, atLeast: 1)
      let movesThird = movesSecond & window.isAway(window.third, by: 2, atLeast: 1)
      cells[Int(start)] = CellWindow.either(window.second, or: 0, movesSecond)
      gap = (start &+ 1) & mask
      let left = CellWindow.either(window.third, or: 0, movesThird)
      cells[Int(gap)] = CellWindow.either(left, or: window.second, movesSecond)
      guard _slowPath(movesThird != 0) else { return }
      gap = (gap &+ 1) & mask
    }
    while true {
      let next = (gap &+ 1) & mask
      let cell = cells[Int(next)]
      if cell == 0 || distance(of: cell, at: next) == 0 { break }
      cells[Int(gap)] = cell
      gap = next
    }
    cells[Int(gap)] = 0
  }
}
