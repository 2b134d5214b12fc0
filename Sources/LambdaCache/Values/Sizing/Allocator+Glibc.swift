/// The block sizes of glibc's `malloc` on 64-bit platforms (`malloc/malloc.c`).
extension Allocator {
  /// From this chunk size on a block is a mapping of its own (`M_MMAP_THRESHOLD`, 128 KiB).
  ///
  /// glibc raises the threshold to the size of every mapping that is freed, up to 32 MiB. Larger
  /// blocks then come from the heap and take up to a page less than is counted here, which is
  /// the safe side; `mallopt(M_MMAP_THRESHOLD, …)` pins it.
  @inlinable
  static var glibcMappingThreshold: Int { 131_072 }

  /// The bytes that glibc takes for a request.
  @inlinable
  package static func glibcByteCount(forRequest byteCount: Int) -> Int {
    let chunk = glibcByteCount(forCapacity: byteCount)
    guard chunk >= glibcMappingThreshold else { return chunk }
    // A mapping has one more word of header than a chunk on the heap, and whole pages.
    return (chunk &+ 8 &+ 4095) & ~4095
  }

  /// The bytes of a chunk that has this many usable ones.
  ///
  /// Right for a block on the heap (8 bytes of header) and for a mapping (16 bytes), because a
  /// heap block's usable size is 8 more than a multiple of 16 and a mapping's is a multiple.
  @inlinable
  package static func glibcByteCount(forCapacity byteCount: Int) -> Int {
    max(32, (byteCount &+ 8 &+ 15) & ~15)
  }
}
