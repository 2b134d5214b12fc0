/// One table of an index, as the operations on its cells see it.
///
/// While no cell of a table lies 63 or more positions from its home, the six bits of home in its
/// tag tell its distance exactly. The first cell that does makes the table *crowded*; from then on,
/// until it is replaced, distances are computed from the hashes in the slots' records. With hashes
/// of any quality that does not happen; it is what makes a thousand keys of one hash slow instead
/// of wrong.
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

  /// How far the cell at a position lies from its home.
  @inlinable @inline(__always)
  func distance(of cell: UInt32, at position: UInt32) -> UInt32 {
    if isCrowded {
      return (position &- CellTable.home(of: records[Int(cell & mask)].hash, mask: mask)) & mask
    }
    return (position &- (cell &>> (32 &- CellTable.homeBits))) & mask & CellTable.farthest
  }

  /// Puts a slot in; cells nearer to their homes make room and move on.
  ///
  /// - Returns: Whether the table is crowded now.
  @inlinable @inline(__always)
  func insert(_ slot: Slot, hash: UInt32) -> Bool {
    var carried = (hash & ~mask) | slot
    var position = CellTable.home(of: hash, mask: mask)
    var distance: UInt32 = 0
    var farthest: UInt32 = 0
    while true {
      let cell = cells[Int(position)]
      if cell == 0 { break }
      let other = self.distance(of: cell, at: position)
      if other < distance {
        cells[Int(position)] = carried
        farthest = max(farthest, distance)
        carried = cell
        distance = other
      }
      position = (position &+ 1) & mask
      distance &+= 1
    }
    cells[Int(position)] = carried
    return max(farthest, distance) >= CellTable.farthest && mask > CellTable.farthest
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

  /// Empties a position and shifts the following cells back, up to an empty one or one that is at
  /// home.
  @inlinable @inline(__always)
  func close(_ position: UInt32) {
    var gap = position
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
