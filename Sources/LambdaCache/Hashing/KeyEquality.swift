/// Compares keys in place.
@usableFromInline
package enum KeyEquality {
  /// Whether two keys are equal, as `==` has it.
  @inlinable @inline(__always)
  package static func areEqual<Key: Hashable>(_ first: Key, _ second: Key) -> Bool {
    areSame(first, second) || Key.self == String.self && first == second
  }

  /// Whether two keys are equal; of two strings, whether they have the same bytes.
  ///
  /// That settles nearly every comparison that the hash's tag let through. Only strings of different
  /// bytes go to `==`, which may normalize them.
  @inlinable @inline(__always)
  package static func areSame<Key: Hashable>(_ first: Key, _ second: Key) -> Bool {
    guard Key.self == String.self else { return first == second }
    let first = unsafeBitCast(first, to: String.self)
    let second = unsafeBitCast(second, to: String.self)
    var haveSameBytes = false
    first.utf8.withContiguousStorageIfAvailable { first in
      second.utf8.withContiguousStorageIfAvailable { second in
        haveSameBytes = areEqual(first, second)
      }
    }
    return haveSameBytes
  }

  /// Whether two buffers have the same bytes: 16 at a time, the last ones perhaps twice.
  @inlinable @inline(__always)
  static func areEqual(
    _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let count = first.count
    guard count == second.count else { return false }
    guard count >= 8, let one = UnsafeRawPointer(first.baseAddress),
      let other = UnsafeRawPointer(second.baseAddress)
    else { return first.elementsEqual(second) }
    var difference = difference(one, other, at: 0) | difference(one, other, at: count &- 8)
    guard count > 16 else { return difference == 0 }
    difference |= self.difference(one, other, at: 8) | self.difference(one, other, at: count &- 16)
    var offset = 16
    while offset &+ 16 < count {
      difference |= self.difference(one, other, at: offset)
      difference |= self.difference(one, other, at: offset &+ 8)
      offset &+= 16
    }
    return difference == 0
  }

  /// The bits in which eight bytes differ.
  @inlinable @inline(__always)
  static func difference(
    _ one: UnsafeRawPointer, _ other: UnsafeRawPointer, at offset: Int
  ) -> UInt64 {
    one.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      ^ other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
}
