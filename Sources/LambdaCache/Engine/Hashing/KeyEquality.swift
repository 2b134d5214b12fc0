/// Compares keys in place.
@usableFromInline
package enum KeyEquality {
  /// Returns whether keys are compared by an `==` that may be the caller's, and do anything.
  @inlinable @inline(__always)
  package static func callsOut<Key: Hashable>(_: Key.Type) -> Bool {
    Key.self != String.self && Key.self != Int.self && Key.self != UInt64.self
      && Key.self != Int64.self && Key.self != UInt.self && Key.self != UInt32.self
      && Key.self != Int32.self
  }

  /// Returns whether two keys are equal by `==`.
  @inlinable @inline(__always)
  package static func areEqual<Key: Hashable>(_ first: Key, _ second: Key) -> Bool {
    areSame(first, second) || Key.self == String.self && first == second
  }

  /// Returns whether two keys are equal; for two strings, whether they have the same bytes, at
  /// least one.
  ///
  /// That settles nearly every comparison that the fingerprint let through. Only strings of
  /// different bytes go to `==`, which may normalize them, and empty ones.
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

  /// ``areSame(_:_:)`` with the bytes of the second key, as ``KeyHasher/withHash(of:_:)``
  /// passes them.
  ///
  /// - Returns: `false` also where there are no bytes.
  @inlinable @inline(__always)
  package static func areSame<Key: Hashable>(
    _ first: Key, _ second: Key, bytes: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard Key.self == String.self else { return first == second }
    return unsafeBitCast(first, to: String.self).utf8.withContiguousStorageIfAvailable {
      areEqual($0, bytes)
    } ?? false
  }

  /// Returns whether two buffers have the same bytes, at least one: 16 at a time, the last ones
  /// perhaps twice.
  @inlinable @inline(__always)
  static func areEqual(
    _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let count = first.count
    guard count == second.count else { return false }
    guard count >= 8 else { return count > 0 && first.elementsEqual(second) }
    var difference = first.word(at: 0) ^ second.word(at: 0)
    difference |= first.word(at: count &- 8) ^ second.word(at: count &- 8)
    guard count > 16 else { return difference == 0 }
    difference |= first.word(at: 8) ^ second.word(at: 8)
    difference |= first.word(at: count &- 16) ^ second.word(at: count &- 16)
    guard count > 32 else { return difference == 0 }
    var offset = 16
    repeat {
      difference |= first.word(at: offset) ^ second.word(at: offset)
      difference |= first.word(at: offset &+ 8) ^ second.word(at: offset &+ 8)
      offset &+= 16
    } while offset &+ 16 < count
    return difference == 0
  }
}
