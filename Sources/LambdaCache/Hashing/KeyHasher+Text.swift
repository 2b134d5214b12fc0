/// Hashing of strings: sixteen bytes at a time, and in agreement with canonical equivalence.
extension KeyHasher {
  /// The hash of a string.
  ///
  /// Two strings are equal if they are canonically equivalent, whatever their bytes. Of ASCII
  /// strings only identical ones are, so their bytes can be hashed. Three characters outside ASCII
  /// are equivalent to one in it: U+037E is `;`, U+1FEF is `` ` `` and U+212A, the Kelvin sign, is
  /// `K` (Unicode's canonical singletons; a test asks every scalar). A string with no other
  /// character outside ASCII is hashed as the ASCII string it equals; any other string equals no
  /// ASCII string and goes to the standard library, which normalizes it.
  @inlinable @inline(__always)
  func hash(ofText text: String) -> UInt32 {
    let hash: UInt32?? = text.utf8.withContiguousStorageIfAvailable { self.hash(ofASCII: $0) }
    return (hash ?? nil) ?? self.hash(ofUncommonText: text)
  }

  @usableFromInline
  @inline(never)
  func hash(ofUncommonText text: String) -> UInt32 {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0..<0x80: bytes.append(UInt8(scalar.value))
      case 0x037E: bytes.append(UInt8(ascii: ";"))
      case 0x1FEF: bytes.append(UInt8(ascii: "`"))
      case 0x212A: bytes.append(UInt8(ascii: "K"))
      default:
        let standard = text._rawHashValue(seed: Int(truncatingIfNeeded: secret))
        return UInt32(truncatingIfNeeded: standard)
      }
    }
    guard let hash = bytes.withUnsafeBufferPointer({ hash(ofASCII: $0) }) else {
      preconditionFailure("bytes below 0x80 were not taken for ASCII")
    }
    return hash
  }

  /// The hash of ASCII bytes.
  ///
  /// - Returns: `nil` if a byte is not ASCII.
  @inlinable @inline(__always)
  func hash(ofASCII bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    let count = bytes.count
    guard count > 0, let base = UnsafeRawPointer(bytes.baseAddress) else {
      return KeyHasher.finished(mix(secret, multiplier))
    }
    var state = secret ^ UInt64(truncatingIfNeeded: count)
    var seen: UInt64 = 0
    var low: UInt64
    var high: UInt64
    if count >= 16 {
      var offset = 0
      while offset &+ 16 < count {
        low = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        high = base.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
        seen |= low | high
        state = mix(low ^ multiplier, high ^ state)
        offset &+= 16
      }
      // The last sixteen, some of them perhaps for the second time.
      low = base.loadUnaligned(fromByteOffset: count &- 16, as: UInt64.self)
      high = base.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 8 {
      low = base.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
      high = base.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
      low = UInt64(base.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
      high = UInt64(base.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
    } else {
      low = UInt64(bytes[0]) | UInt64(bytes[count >> 1]) << 8
      high = UInt64(bytes[count &- 1])
    }
    seen |= low | high
    guard seen & 0x8080_8080_8080_8080 == 0 else { return nil }
    state = mix(low ^ multiplier, high ^ state)
    return KeyHasher.finished(state)
  }
}
