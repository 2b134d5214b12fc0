#if canImport(Glibc)
  public import Glibc
#elseif canImport(Musl)
  public import Musl
#elseif canImport(Darwin)
  public import Darwin
#endif

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
    let haveSameBytes =
      first.utf8.withContiguousStorageIfAvailable { first in
        second.utf8.withContiguousStorageIfAvailable { second in
          first.count == second.count
            && memcmp(first.baseAddress!, second.baseAddress!, first.count) == 0
        } ?? false
      } ?? false
    return haveSameBytes || first == second
  }
}
