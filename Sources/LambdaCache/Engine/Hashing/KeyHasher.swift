/// Hashes keys with secrets drawn for each cache.
///
/// Integers and strings, which are nearly all keys, are hashed by multiply and mix (the 64 by 64 to
/// 128-bit product folded on itself, as in wyhash and MUM); every other type by the standard
/// library's SipHash, seeded. Equal keys have equal hashes in either: see ``hash(ofText:)`` for
/// strings that are equal without having the same bytes.
///
/// Without the secrets, keys that collide cannot be chosen better than by trial, as far as is
/// known; but the mix has no proof of that, unlike SipHash. See the article on locking and hashing.
@usableFromInline
package struct KeyHasher: Sendable {
  @usableFromInline let secret: UInt64
  @usableFromInline let multiplier: UInt64

  package init() {
    var generator = SystemRandomNumberGenerator()
    self.init(secret: generator.next(), multiplier: generator.next())
  }

  /// - Parameters:
  ///   - secret: Any number.
  ///   - multiplier: Any number; made odd.
  package init(secret: UInt64, multiplier: UInt64) {
    self.secret = secret
    self.multiplier = multiplier | 1
  }

  /// The hash of a key: 32 bits, of which the low ones place it and the high ones are its
  /// fingerprint.
  @inlinable @inline(__always)
  package func hash<Key: Hashable>(_ key: Key) -> UInt32 {
    if Key.self == String.self { return hash(ofText: unsafeBitCast(key, to: String.self)) }
    if let word = KeyHasher.word(of: key) {
      return KeyHasher.finished(mix(word ^ secret, multiplier))
    }
    let standard = key._rawHashValue(seed: Int(truncatingIfNeeded: secret))
    return UInt32(truncatingIfNeeded: standard)
  }

  /// The value of an integer key of at most 64 bits.
  @inlinable @inline(__always)
  static func word<Key: Hashable>(of key: Key) -> UInt64? {
    if Key.self == Int.self { return UInt64(truncatingIfNeeded: unsafeBitCast(key, to: Int.self)) }
    if Key.self == UInt64.self { return unsafeBitCast(key, to: UInt64.self) }
    if Key.self == Int64.self {
      return UInt64(bitPattern: unsafeBitCast(key, to: Int64.self))
    }
    if Key.self == UInt.self { return UInt64(unsafeBitCast(key, to: UInt.self)) }
    if Key.self == UInt32.self { return UInt64(unsafeBitCast(key, to: UInt32.self)) }
    if Key.self == Int32.self {
      return UInt64(truncatingIfNeeded: unsafeBitCast(key, to: Int32.self))
    }
    return nil
  }

  /// Both halves of the product, one folded on the other.
  @inlinable @inline(__always)
  func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
    let product = first.multipliedFullWidth(by: second)
    return product.high ^ product.low
  }

  /// The upper half of a product by the golden ratio's fraction.
  ///
  /// A secret multiplier alone is now and then a bad one: of 400 draws, one in a hundred let keys
  /// in arithmetic progression probe 4 to 14 cells instead of 2.6. After this multiplication none
  /// did.
  @inlinable @inline(__always)
  static func finished(_ hash: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 32)
  }
}
