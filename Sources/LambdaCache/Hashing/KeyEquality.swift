/// Compares keys in place.
@usableFromInline
package enum KeyEquality {
  /// Whether two keys are equal, as `==` has it.
  ///
  /// Strings that have the same bytes are equal; that settles nearly every comparison that the
  /// hash's tag let through. Only strings of different bytes go to `==`, which may normalize them.
  @inlinable @inline(__always)
  package static func areEqual<Key: Hashable>(_ first: Key, _ second: Key) -> Bool {
    guard Key.self == String.self else { return first == second }
    let first = unsafeBitCast(first, to: String.self)
    let second = unsafeBitCast(second, to: String.self)
    let haveSameBytes = first.utf8.withContiguousStorageIfAvailable { first in
      second.utf8.withContiguousStorageIfAvailable { areEqual(first, $0) }
    }
    return haveSameBytes == true || first == second
  }

  /// Whether two buffers have the same bytes: eight at a time, the last ones perhaps twice.
  @inlinable @inline(__always)
  static func areEqual(
    _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let count = first.count
    guard count == second.count else { return false }
    guard count >= 8, let one = UnsafeRawPointer(first.baseAddress),
      let other = UnsafeRawPointer(second.baseAddress)
    else { return first.elementsEqual(second) }
    var offset = 0
    while offset &+ 8 < count {
      if word(one, offset) != word(other, offset) { return false }
      offset &+= 8
    }
    return word(one, count &- 8) == word(other, count &- 8)
  }

  @inlinable @inline(__always)
  static func word(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt64 {
    bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
}
