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

  /// Hashes a key and passes its bytes on, so that a comparison need not find them again.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - body: Called once with the hash, and with the bytes of a string; with none for keys of any
  ///     other type, and for a string whose bytes do not lie together.
  /// - Returns: The result of `body`.
  @inlinable @inline(__always)
  package func withHash<Key: Hashable, Result>(
    of key: Key, _ body: (UInt32, UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let noBytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    guard Key.self == String.self else { return body(hash(key), noBytes) }
    let text = unsafeBitCast(key, to: String.self)
    let result = text.utf8.withContiguousStorageIfAvailable { bytes in
      body(hash(ofASCII: bytes) ?? hash(ofUncommonText: text), bytes)
    }
    return result ?? body(hash(ofUncommonText: text), noBytes)
  }

  /// The hash of ASCII bytes.
  ///
  /// Texts of several lengths have the same words, because the last ones are read for the second
  /// time: "ab" and "abb", any number of equal bytes. The length tells them apart, and it comes in
  /// behind all products: there no byte of a key reaches it without a secret in between, so no
  /// choice of bytes undoes it. Two lengths of the same words never have the same hash.
  ///
  /// - Returns: `nil` if a byte is not ASCII.
  @inlinable @inline(__always)
  func hash(ofASCII bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    let count = bytes.count
    var state = secret
    var seen: UInt64 = 0
    var low: UInt64
    var high: UInt64
    if count >= 16 {
      low = bytes.word(at: 0)
      high = bytes.word(at: 8)
      seen = low | high
      state = mix(low ^ multiplier, high ^ state)
      var offset = 16
      while _slowPath(offset &+ 16 < count) {
        low = bytes.word(at: offset)
        high = bytes.word(at: offset &+ 8)
        seen |= low | high
        state = mix(low ^ multiplier, high ^ state)
        offset &+= 16
      }
      // The last sixteen, some or all of them for the second time.
      low = bytes.word(at: count &- 16)
      high = bytes.word(at: count &- 8)
    } else if count >= 8 {
      low = bytes.word(at: 0)
      high = bytes.word(at: count &- 8)
    } else if count >= 4 {
      low = UInt64(bytes.halfWord(at: 0))
      high = UInt64(bytes.halfWord(at: count &- 4))
    } else if count > 0 {
      low = UInt64(bytes[0]) | UInt64(bytes[count >> 1]) << 8
      high = UInt64(bytes[count &- 1])
    } else {
      return KeyHasher.finished(mix(secret, multiplier))
    }
    seen |= low | high
    guard seen & 0x8080_8080_8080_8080 == 0 else { return nil }
    state = mix(low ^ multiplier, high ^ state)
    return KeyHasher.finished(state ^ UInt64(truncatingIfNeeded: count))
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Eight of the bytes, which must be there.
  @inlinable @inline(__always)
  func word(at offset: Int) -> UInt64 { load(at: offset) }

  /// Four of the bytes, which must be there.
  @inlinable @inline(__always)
  func halfWord(at offset: Int) -> UInt32 { load(at: offset) }

  @inlinable @inline(__always)
  func load<Word: BitwiseCopyable>(at offset: Int) -> Word {
    // Only what is empty has no address.
    UnsafeRawPointer(baseAddress.unsafelyUnwrapped)
      .loadUnaligned(fromByteOffset: offset, as: Word.self)
  }
}
