/// One table of an index, as the operations on its cells see it.
///
/// The six bits of home in a cell's fingerprint give its distance from home modulo 64. While no
/// cell lies 63 or more away, that is the distance. The first cell that does makes the table
/// *saturated*; from then on, until it is replaced, distances are computed from the hashes in the
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

  /// The position of the bits of home in a hash, and in its fingerprint: the top six.
  @inlinable static var homeBitsShift: UInt32 { 26 }

  /// The largest distance that six bits hold.
  @inlinable static var farthest: UInt32 { 63 }

  /// Returns whether fingerprints in a table of this size have no room for the bits of home.
  static func isAlwaysSaturated(_ shape: CellShape) -> Bool { shape.mask >= 1 << homeBitsShift }

  /// The distance of a cell from home modulo 64; exact in a table that is not saturated.
  @inlinable @inline(__always)
  static func probeDistance(of cell: UInt32, at position: UInt32, mask: UInt32) -> UInt32 {
    (position &- (cell &>> homeBitsShift)) & mask & farthest
  }

  /// Puts a slot behind the cells of the same or an earlier home, and moves the cells behind it up
  /// by one, as far as the next empty cell (Celis's Robin Hood hashing).
  ///
  /// - Returns: Whether the table is saturated now.
  @inlinable @inline(__always)
  func insert(_ slot: Slot, hash: UInt32) -> Bool {
    let home = shape.home(of: hash)
    let newcomer = (hash & ~shape.mask) | slot
    if _slowPath(hasSaturatedDistance) {
      pushSaturated(newcomer, home: home)
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
    // Moved cells have their homes behind this one, so none lies farther from home than the last
    // position lies from here.
    let reach = position &- home
    return reach >= CellTable.farthest && hasFarCell(from: home, reach: reach)
  }

  /// The position of a newcomer's cell in a table that is not saturated: behind the cells of the
  /// same or an earlier home.
  @inlinable @inline(__always)
  func position(ofNewcomerWithHome home: UInt32) -> UInt32 {
    var distance = CellWindow(cells: cells, start: home).lead(mask: shape.mask)
    var position = home &+ distance
    guard _slowPath(distance == CellWindow.count) else { return position }
    while true {
      let present = cells[Int(position)]
      if present == 0 { return position }
      let other = CellTable.probeDistance(of: present, at: position, mask: shape.mask)
      if other < distance { return position }
      position &+= 1
      distance &+= 1
    }
  }

  /// Returns whether the table is saturated after cells have moved as far as `reach` behind a
  /// position.
  @usableFromInline
  @inline(never)
  func hasFarCell(from start: UInt32, reach: UInt32) -> Bool {
    // Neither `contains` nor a range, which allocate where nothing is optimized.
    var position = start
    while position <= start &+ reach {
      let distance = CellTable.probeDistance(
        of: cells[Int(position)], at: position, mask: shape.mask)
      if distance == CellTable.farthest { return true }
      position &+= 1
    }
    return false
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
    let fingerprint = hash & ~mask
    var position = shape.home(of: hash)
    var distance: UInt32 = 0
    while true {
      let cell = cells[Int(position)]
      // Equal fingerprints leave a slot number, 1...mask; an empty cell leaves 0 or a fingerprint.
      let candidate = cell ^ fingerprint
      if candidate &- 1 < mask, isMatch(candidate) { return candidate }
      if cell == 0 { return 0 }
      if !hasSaturatedDistance, probeDistance(of: cell, at: position, mask: mask) < distance {
        return 0
      }
      position = position == last ? 0 : position &+ 1
      distance &+= 1
    }
  }

  /// The position of a slot's cell, or `nil` if it is not in this table.
  @inlinable @inline(__always)
  func position(of slot: Slot, hash: UInt32) -> UInt32? {
    // A slot that the mask cannot name would spill into the fingerprint.
    guard slot <= shape.mask else { return nil }
    let wanted = (hash & ~shape.mask) | slot
    let home = shape.home(of: hash)
    let candidate = CellWindow(cells: cells, start: home).position(of: wanted)
    if cells[Int(candidate)] == wanted { return candidate }
    return positionBeyondWindow(of: wanted, home: home)
  }

  /// The position of a cell that is not among the first three of its probe.
  @usableFromInline
  @inline(never)
  func positionBeyondWindow(of wanted: UInt32, home: UInt32) -> UInt32? {
    let last = shape.lastPosition
    var position = home
    while true {
      let cell = cells[Int(position)]
      if cell == wanted { return position }
      if cell == 0 { return nil }
      position = position == last ? 0 : position &+ 1
    }
  }

  /// Empties a position, and moves the following cells back by one, up to one that is empty or at
  /// home.
  @inlinable @inline(__always)
  func close(_ start: UInt32) {
    if _slowPath(hasSaturatedDistance) { return closeSaturated(start) }
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
