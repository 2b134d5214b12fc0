/// A digest of all answers in their order, to tell whether two phases gave the same ones.
struct AnswerDigest {
  /// The digest of what has been added so far.
  private(set) var value: UInt64 = 0x2545_F491_4F6C_DD1D

  /// Adds an answer.
  ///
  /// - Complexity: O(*n*) in the size of the answer, at eight bytes a step.
  mutating func add(_ answer: [UInt8]) {
    mix(UInt64(answer.count))
    answer.withUnsafeBytes { bytes in
      var offset = 0
      while offset + 8 <= bytes.count {
        mix(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset += 8
      }
      var tail: UInt64 = 0
      while offset < bytes.count {
        tail = tail << 8 | UInt64(bytes[offset])
        offset += 1
      }
      mix(tail)
    }
  }

  private mutating func mix(_ word: UInt64) {
    let product = (value ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    value = product.high ^ product.low ^ (word &+ 0x1656_67B1_9E37_79F9)
  }
}
