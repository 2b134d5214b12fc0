/// The size of a table of cells, and the home of each hash in it.
///
/// A table has *homes*, and behind them as many cells again, at most 64, for cells that do not fit
/// at the last homes: until a table is saturated (``CellTable``) no cell reaches its end, so that
/// only the slow ways consider going around.
///
/// The number of homes is a power of two or three quarters of one; from 64 on, it is a number of
/// blocks of 64. Which block a hash belongs to is a multiplication's upper half (Lemire, "Fast
/// Random Integer Generation in an Interval", 2019), of bits that are not in the fingerprint; the
/// home within the block is its top six bits, which are in the fingerprint.
@usableFromInline
package struct CellShape {
  /// The bits of a cell that are a slot's number, and not the fingerprint.
  ///
  /// One less than the least power of two that is not below the number of homes; 0 without a table.
  @usableFromInline package let mask: UInt32
  /// The factor of a hash's lower bits: homes, for each 2³¹ of `mask + 1`.
  @usableFromInline let scale: UInt32

  /// No table at all.
  @inlinable
  init() {
    (mask, scale) = (0, 0)
  }

  /// - Parameter homeCount: One of the numbers that ``homeCount(atLeast:)`` gives.
  package init(homeCount: Int) {
    let bits = UInt32(Int.bitWidth - (homeCount - 1).leadingZeroBitCount)
    mask = UInt32((1 << Int(bits)) - 1)
    scale = UInt32(homeCount << (31 - Int(bits)))
  }

  /// The fewest homes of a table.
  @inlinable package static var minimumHomeCount: Int { 16 }

  /// The least number of homes that a table may have and that is not below another.
  package static func homeCount(atLeast count: Int) -> Int {
    guard count > minimumHomeCount else { return minimumHomeCount }
    let power = 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    return count <= power / 4 * 3 && power > 128 ? power / 4 * 3 : power
  }

  /// Cells of a table with so many homes.
  @inlinable
  package static func cellCount(forHomes count: Int) -> Int { count &+ min(count, 64) }

  /// The homes, 0 without a table.
  @inlinable package var homeCount: Int {
    Int(truncatingIfNeeded: ((UInt64(mask) &+ 1) &* UInt64(scale)) &>> 31)
  }

  /// The cells, 0 without a table.
  @inlinable package var cellCount: Int { CellShape.cellCount(forHomes: homeCount) }

  /// The home of a hash: the position where a probe for it begins.
  @inlinable @inline(__always)
  package func home(of hash: UInt32) -> UInt32 {
    let block = (UInt64(hash & mask) &* UInt64(scale)) &>> 31
    return (UInt32(truncatingIfNeeded: block) & ~CellTable.farthest)
      | ((hash &>> CellTable.homeBitsShift) & mask)
  }

  /// The last position; the first one follows it.
  @inlinable var lastPosition: UInt32 { UInt32(truncatingIfNeeded: cellCount &- 1) }
}
