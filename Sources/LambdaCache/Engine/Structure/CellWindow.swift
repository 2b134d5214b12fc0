/// Three cells of a table in a row, compared without a branch.
///
/// Nearly every probe ends among the first three of its cells, and nearly every cell that comes or
/// goes moves no more. With which of them it ends depends on the hash, so that a branch for each
/// would be mispredicted every few operations: three and a half times in an evicting insertion, of
/// which it takes up to a quarter of the time. So all three are read, and the choices are made by
/// arithmetic, on numbers that are 0 or 1: of conditions the optimizer makes branches again.
@usableFromInline
struct CellWindow {
  @usableFromInline let first: UInt32
  @usableFromInline let second: UInt32
  @usableFromInline let third: UInt32
  @usableFromInline let start: UInt32

  /// - Parameters:
  ///   - cells: The cells of a table.
  ///   - start: A home, or in a table that is not saturated the position of a cell: the table has
  ///     two more cells behind it.
  @inlinable @inline(__always)
  init(cells: UnsafeMutablePointer<UInt32>, start: UInt32) {
    let place = cells + Int(start)
    first = place[0]
    second = place[1]
    third = place[2]
    self.start = start
  }

  /// The cells there are.
  @inlinable static var count: UInt32 { 3 }

  /// 1 for a cell that is not empty, else 0.
  @inlinable @inline(__always)
  static func isOccupied(_ cell: UInt32) -> UInt32 { (cell | (0 &- cell)) &>> 31 }

  /// The first cell if the condition is 1, the second if it is 0.
  @inlinable @inline(__always)
  static func either(_ first: UInt32, or second: UInt32, _ condition: UInt32) -> UInt32 {
    second ^ ((first ^ second) & (0 &- condition))
  }

  /// 1 if a cell, some steps behind the start, is not empty and lies at least so far from home,
  /// else 0.
  ///
  /// For tables that are not saturated.
  @inlinable @inline(__always)
  func isAway(
    _ cell: UInt32, by steps: UInt32, atLeast least: UInt32, mask: UInt32
  ) -> UInt32 {
    let distance = CellTable.probeDistance(of: cell, at: start &+ steps, mask: mask)
    return (~(distance &- least) & (cell | (0 &- cell))) &>> 31
  }

  /// The number of cells before the position of a newcomer whose home is the start; all if that is
  /// not among them.
  ///
  /// For tables that are not saturated. A cell behind the position has its home there or
  /// later, and so has every cell that follows it: each cell can be decided by itself.
  @inlinable @inline(__always)
  func lead(mask: UInt32) -> UInt32 {
    CellWindow.isOccupied(first)
      &+ isAway(second, by: 1, atLeast: 1, mask: mask)
      &+ isAway(third, by: 2, atLeast: 2, mask: mask)
  }

  /// Returns whether ``lead(mask:)`` is less than the number of cells: the last one lies behind the
  /// position, or is empty.
  @inlinable @inline(__always)
  func isEnd(mask: UInt32) -> Bool {
    isAway(third, by: 2, atLeast: 2, mask: mask) == 0
  }

  /// The first position whose cell is the wanted one, or the third.
  @inlinable @inline(__always)
  func position(of cell: UInt32) -> UInt32 {
    var offset: UInt32 = second == cell ? 1 : 2
    offset = first == cell ? 0 : offset
    return start &+ offset
  }
}
