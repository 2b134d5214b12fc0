/// One table of an index, as the operations on its cells see it.
///
/// The six bits of home in a cell's tag tell its distance from home up to multiples of 64. While no
/// cell lies 63 or more away, they tell it exactly. The first cell that does makes the table
/// *crowded*; from then on, until it is replaced, a distance that could be 64 more is computed from
/// the hash in the slot's record.
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

  /// Whether the cell at a position lies at least `minimum` positions from its home.
  @inlinable @inline(__always)
  func isDistant(_ cell: UInt32, at position: UInt32, by minimum: UInt32) -> Bool {
    let least =
      (position &- (cell &>> (32 &- CellTable.homeBits))) & mask & CellTable.farthest
    if least >= minimum { return true }
    guard isCrowded else { return false }
    let home = CellTable.home(of: records[Int(cell & mask)].hash, mask: mask)
    return (position &- home) & mask >= minimum
  }

  /// Puts a slot into the first empty cell from its home on.
  ///
  /// - Returns: Whether that was so far away that the table is crowded now.
  @inlinable @inline(__always)
  func insert(_ slot: Slot, hash: UInt32) -> Bool {
    let home = CellTable.home(of: hash, mask: mask)
    var position = home
    while cells[Int(position)] != 0 { position = (position &+ 1) & mask }
    cells[Int(position)] = (hash & ~mask) | slot
    return (position &- home) & mask >= CellTable.farthest && mask > CellTable.farthest
  }

  /// Where a slot's cell is, or `nil` if it is not in this table.
  @inlinable @inline(__always)
  func position(of slot: Slot, hash: UInt32) -> UInt32? {
    // A slot that the mask cannot name would spill into the tag.
    guard slot <= mask else { return nil }
    let wanted = (hash & ~mask) | slot
    var position = CellTable.home(of: hash, mask: mask)
    while true {
      let cell = cells[Int(position)]
      if cell == wanted { return position }
      if cell == 0 { return nil }
      position = (position &+ 1) & mask
    }
  }

  /// Empties a position, and moves back every following cell that the gap would cut off from its
  /// home: each whose home does not lie behind the gap (Knuth 6.4, algorithm R).
  @inlinable @inline(__always)
  func close(_ start: UInt32) {
    var gap = start
    var position = (start &+ 1) & mask
    while true {
      let cell = cells[Int(position)]
      if cell == 0 { break }
      if isDistant(cell, at: position, by: (position &- gap) & mask) {
        cells[Int(gap)] = cell
        gap = position
      }
      position = (position &+ 1) & mask
    }
    cells[Int(gap)] = 0
  }
}
