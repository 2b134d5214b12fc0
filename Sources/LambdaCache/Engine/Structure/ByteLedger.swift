/// Bytes that entries own on the heap, counted in the allocator's granule.
@usableFromInline
package enum ByteLedger {
  /// Every block that malloc hands out is a multiple of 16 bytes on the 64-bit systems this runs
  /// on.
  @inlinable package static var granule: Int { 16 }

  /// The largest heap size one entry may have: 64 GiB less two granules.
  @inlinable package static var largestEntry: Int { Int(UInt32.max - 1) * granule }

  /// The granules that hold `byteCount` bytes, which is not negative.
  @inlinable @inline(__always)
  package static func granules(forByteCount byteCount: Int) -> Int {
    Int(bitPattern: (UInt(bitPattern: byteCount) &+ UInt(granule &- 1)) / UInt(granule))
  }
}
