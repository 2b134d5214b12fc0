/// Stable 64-bit hashes of keys: a log keeps these and no key in clear text.
package enum KeyHash {
  private static let first: UInt64 = 0xA076_1D64_78BD_642F
  private static let second: UInt64 = 0xE703_7ED1_A0B4_28DB

  /// The 128-bit product of two words, one half folded on the other.
  @inline(__always)
  package static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  /// The hash of a number.
  @inline(__always)
  package static func hash(_ number: UInt64) -> UInt64 {
    mix(number ^ first, second ^ (number &* 0x9E37_79B9_7F4A_7C15))
  }

  /// The hash of bytes.
  ///
  /// - Parameters:
  ///   - bytes: The bytes of a key, or of one of its parts.
  ///   - seed: The hash of the parts before; 0 for the first.
  package static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    var state = seed ^ first ^ UInt64(bytes.count) &* second
    var offset = 0
    while offset + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      state = mix(state ^ UInt64(littleEndian: word), second)
      offset += 8
    }
    var tail: UInt64 = 0
    while offset < bytes.count {
      tail = tail << 8 | UInt64(bytes[offset])
      offset += 1
    }
    return mix(mix(state ^ tail, second), first ^ state)
  }

  /// Whether a key is in a sample: spatially hashed sampling, in which a key is either always in
  /// or never (Waldspurger, Park, Garthwaite and Ahmad, *Efficient MRC Construction with SHARDS*,
  /// USENIX FAST 2015).
  ///
  /// - Parameters:
  ///   - key: The hash of the key.
  ///   - threshold: ``sampleSpace`` for every key, half of it for half of the keys.
  @inline(__always)
  package static func isSampled(_ key: UInt64, threshold: UInt64) -> Bool {
    mix(key ^ second, first) >> 40 < threshold
  }

  /// The number of places that sampling hashes keys to.
  package static let sampleSpace: UInt64 = 1 << 24
}
