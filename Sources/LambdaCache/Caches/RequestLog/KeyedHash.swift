/// SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
///
/// It is a pseudorandom function: nothing about a key can be learned from its hash without the
/// secret, not even by hashing guesses. The standard library's hasher has another secret in each
/// process, so environments would not agree on the hash of a key.
@usableFromInline
package struct KeyedHash: Sendable {
  private let first: UInt64
  private let second: UInt64

  package init(_ first: UInt64, _ second: UInt64) {
    self.first = first
    self.second = second
  }

  /// A hash with a secret that nothing else has.
  package static var random: KeyedHash {
    var generator = SystemRandomNumberGenerator()
    return KeyedHash(generator.next(), generator.next())
  }

  /// A hash whose secret is made of a text, the same in every process that has the text.
  package init(secret: String) {
    var text = secret
    (first, second) = text.withUTF8 { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      return (KeyedHash(0, 0).hash(bytes), KeyedHash(1, 0).hash(bytes))
    }
  }

  /// - Complexity: O(*n*) in the number of bytes.
  package func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var state = SipState(first, second)
    var offset = 0
    while offset &+ 8 <= bytes.count {
      state.take(
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset &+= 8
    }
    state.take(UInt64(truncatingIfNeeded: bytes.count) << 56 | tail(of: bytes))
    return state.finish()
  }

  /// The bytes behind the last whole word.
  @inline(__always)
  private func tail(of bytes: UnsafeRawBufferPointer) -> UInt64 {
    let count = bytes.count & 7
    if count == 0 { return 0 }
    if bytes.count > 8 {
      // The last eight, of which the first were taken already.
      let word = bytes.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self)
      return UInt64(littleEndian: word) &>> UInt64(64 &- 8 &* count)
    }
    var word: UInt64 = 0
    for offset in 0..<count { word |= UInt64(bytes[offset]) &<< UInt64(8 &* offset) }
    return word
  }

  /// The hash of a number, as of its eight bytes.
  @usableFromInline
  package func hash(_ word: UInt64) -> UInt64 {
    var state = SipState(first, second)
    state.take(word)
    state.take(8 << 56)
    return state.finish()
  }
}

private struct SipState {
  private var v0: UInt64
  private var v1: UInt64
  private var v2: UInt64
  private var v3: UInt64

  init(_ first: UInt64, _ second: UInt64) {
    v0 = first ^ 0x736F_6D65_7073_6575
    v1 = second ^ 0x646F_7261_6E64_6F6D
    v2 = first ^ 0x6C79_6765_6E65_7261
    v3 = second ^ 0x7465_6462_7974_6573
  }

  @inline(__always)
  private mutating func round() {
    v0 &+= v1
    v1 = rotated(v1, 13) ^ v0
    v0 = rotated(v0, 32)
    v2 &+= v3
    v3 = rotated(v3, 16) ^ v2
    v0 &+= v3
    v3 = rotated(v3, 21) ^ v0
    v2 &+= v1
    v1 = rotated(v1, 17) ^ v2
    v2 = rotated(v2, 32)
  }

  @inline(__always)
  private func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 {
    word &<< count | word &>> (64 &- count)
  }

  @inline(__always)
  mutating func take(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  @inline(__always)
  mutating func finish() -> UInt64 {
    v2 ^= 0xFF
    round()
    round()
    round()
    round()
    return v0 ^ v1 ^ v2 ^ v3
  }
}

/// Hashes of keys that do not depend on the process.
extension KeyedHash {
  /// The hash of a key.
  ///
  /// Texts are hashed by their UTF-8: two spellings of one text, equal as `String` has it, have two
  /// hashes. Integers are hashed by their value, and every other key by its description for
  /// debugging, since the bytes that a key gives to the standard library's hasher are not visible.
  @inlinable
  package func hash<Key: Hashable>(ofKey key: Key) -> UInt64 {
    if Key.self == String.self { return hash(ofText: unsafeBitCast(key, to: String.self)) }
    if let word = KeyHasher.word(of: key) { return hash(word) }
    return hash(ofDescriptionOf: key)
  }

  @usableFromInline
  func hash(ofText text: String) -> UInt64 {
    var text = text
    return text.withUTF8 { bytes -> UInt64 in hash(UnsafeRawBufferPointer(bytes)) }
  }

  @usableFromInline
  func hash<Key>(ofDescriptionOf key: Key) -> UInt64 { hash(ofText: String(reflecting: key)) }
}
