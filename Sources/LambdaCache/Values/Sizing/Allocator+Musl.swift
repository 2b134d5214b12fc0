/// The block sizes of the two allocators that a program linked with musl may have.
extension Allocator {
  /// The bytes that mimalloc 2 takes for a request: the size of the bin it falls into.
  ///
  /// Up to 64 bytes the bins are 16 bytes apart (the smallest is 8), from there on four bins
  /// share each doubling (`mi_bin` in mimalloc's `page-queue.c`), and blocks above 128 KiB are
  /// multiples of 64 KiB.
  @inlinable
  package static func mimallocByteCount(forRequest byteCount: Int) -> Int {
    let words = max(1, (byteCount &+ 7) >> 3)
    if words <= 8 { return words == 1 ? 8 : ((words &+ 1) & ~1) << 3 }
    let exponent = Int.bitWidth &- 1 &- (words &- 1).leadingZeroBitCount
    let step = 1 << (exponent &- 2)
    let bin = ((words &+ step &- 1) & ~(step &- 1)) << 3
    return bin <= 131_072 ? bin : (bin &+ 65_535) & ~65_535
  }

  /// The bytes that musl's own `malloc` (mallocng) takes for a request: the size of its slot.
  ///
  /// A slot is its class's number of 16-byte units, four bytes of which are the header. Requests
  /// above 131,052 bytes are mappings (`MMAP_THRESHOLD` in musl's `mallocng/meta.h`).
  @usableFromInline
  package static func muslByteCount(forRequest byteCount: Int) -> Int {
    guard byteCount < 131_052 else { return (byteCount &+ 20 &+ 4095) & ~4095 }
    let units = (byteCount &+ 4 &+ 15) >> 4
    for slotUnits in muslSlotUnits where slotUnits >= units { return slotUnits << 4 }
    preconditionFailure("every request below the mapping threshold has a slot")
  }

  /// Sizes of musl's slots in units of 16 bytes, ascending (`size_classes` in `mallocng/malloc.c`).
  private static let muslSlotUnits = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 20, 25, 31, 36, 42, 50, 63, 72, 84, 102, 127, 146,
    170, 204, 255, 292, 340, 409, 511, 584, 682, 818, 1023, 1169, 1364, 1637, 2047, 2340, 2730,
    3276, 4095, 4680, 5460, 6552, 8191,
  ]
}
