/// A table in which a fingerprint does not give the distance of its cell from home: distances are
/// computed from the hashes in the slots' records, and clusters may go around the table's end.
///
/// That takes many keys of nearly equal hashes, or a table of 2²⁶ slots.
extension CellTable {
  /// Puts a cell behind those of the same or an earlier home, and moves the following ones up by
  /// one.
  @usableFromInline
  @inline(never)
  func pushSaturated(_ newcomer: UInt32, home: UInt32) {
    let last = shape.lastPosition
    var position = home
    var distance: UInt32 = 0
    while cells[Int(position)] != 0, self.distance(at: position) >= distance {
      position = position == last ? 0 : position + 1
      distance += 1
    }
    var cell = newcomer
    while cell != 0 {
      swap(&cell, &cells[Int(position)])
      position = position == last ? 0 : position + 1
    }
  }

  /// Empties a position, and moves the following cells back by one, up to one that is empty or at
  /// home.
  @usableFromInline
  @inline(never)
  func closeSaturated(_ start: UInt32) {
    let last = shape.lastPosition
    var gap = start
    while true {
      let next = gap == last ? 0 : gap + 1
      if cells[Int(next)] == 0 || distance(at: next) == 0 { break }
      cells[Int(gap)] = cells[Int(next)]
      gap = next
    }
    cells[Int(gap)] = 0
  }

  /// The distance of the cell in a position from home, going around.
  private func distance(at position: UInt32) -> UInt32 {
    let home = shape.home(of: records[Int(cells[Int(position)] & shape.mask)].hash)
    return position >= home ? position - home : position + (shape.lastPosition - home) + 1
  }
}
