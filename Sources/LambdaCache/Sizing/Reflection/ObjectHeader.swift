/// What the header of an object of Swift's says: its class, then its reference counts.
///
/// Only two facts are read from the counts (`RefCount.h`), and a wrong answer would count memory
/// too often, never too seldom: whether the object is a constant of the program's, and whether
/// there is more than one reference to it.
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
