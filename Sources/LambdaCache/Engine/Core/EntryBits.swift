/// The bytes of an entry's value as they lay in its slot at one time.
///
/// While the value of that time is kept alive, equal bytes mean the same value: a reference cannot
/// have come to name another object. So a decision that was made about a value outside the lock can
/// be carried out if the bytes are still the same, and must be made again if they are not. Bytes of
/// padding may differ without a change; then it is made once more than needed.
@usableFromInline
package struct EntryBits<Value>: Equatable {
  @usableFromInline let bytes: [UInt8]

  @inlinable
  init(_ value: UnsafeMutablePointer<Value>) {
    bytes = Array(UnsafeRawBufferPointer(start: value, count: MemoryLayout<Value>.size))
  }

  /// Returns whether a value in memory has the same bits as another.
  @inlinable @inline(__always)
  static func areSame(_ stored: UnsafeMutablePointer<Value>, _ other: Value) -> Bool {
    let stored = UnsafeRawPointer(stored)
    let size = MemoryLayout<Value>.size
    return withUnsafeBytes(of: other) { other in
      var offset = 0
      while offset &+ 8 <= size {
        let word = other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        guard stored.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == word else {
          return false
        }
        offset &+= 8
      }
      while offset < size {
        guard stored.load(fromByteOffset: offset, as: UInt8.self) == other[offset] else {
          return false
        }
        offset &+= 1
      }
      return true
    }
  }
}

extension CacheCore {
  /// The bits of the value in a slot.
  @inlinable
  package func bits(in slot: Slot) -> EntryBits<Value> {
    withUnsafeMutablePointer(to: &entries[Int(slot)].value) { EntryBits($0) }
  }
}
