/// The header of a Swift object: its class, then its reference counts.
///
/// Three facts are read from the counts (`RefCount.h`): whether the object is a constant of the
/// program's, whether there is more than one reference to it, and whether the counts are in a table
/// beside it.
@usableFromInline
struct ObjectHeader {
  @usableFromInline
  let counts: UInt

  @inlinable
  init(at object: UnsafeRawPointer) {
    counts = object.load(fromByteOffset: MemoryLayout<UInt>.size, as: UInt.self)
  }

  /// Whether the object lies in the program's constants: its counts are those of the storage that
  /// all empty arrays share.
  @inlinable
  var isImmortal: Bool {
    counts == ObjectHeader(at: unsafeBitCast([UInt8](), to: UnsafeRawPointer.self)).counts
  }

  /// The side table that holds the object's counts, `nil` if they are in its header.
  ///
  /// The runtime allocates one when the first weak reference to the object is formed, or when it
  /// has more references than the header can count, and frees it after the object: the two top bits
  /// say so, and the others are an eighth of its address.
  var sideTable: UnsafeRawPointer? {
    #if _pointerBitWidth(_64)
      counts >> 62 == 0b11 ? UnsafeRawPointer(bitPattern: counts << 3) : nil
    #else
      nil
    #endif
  }

  /// The bytes of a side table: the object's address and two words of counts, aligned to two words
  /// (`HeapObjectSideTableEntry`).
  static let sideTableByteCount = Allocator.allocationByteCount(
    forRequest: 4 * MemoryLayout<UInt>.size)

  /// Whether there may be more than one strong reference.
  var isShared: Bool {
    #if _pointerBitWidth(_64)
      // The number of further references is in the bits from 33 on; the top bit says that it is
      // somewhere else.
      counts >> 33 != 0
    #else
      true
    #endif
  }
}
