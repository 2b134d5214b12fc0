import Synchronization

/// A bit for each of 65,536 places that hashes of keys are put in: set where some key may be one
/// that a ``RequestLog`` is of.
///
/// A hit in a logged cache asks one bit instead of computing a keyed hash. Bits are set before an
/// entry is stored, and never cleared, so every entry of the sample has its bit.
///
/// A trivial value that a cache copies: asking it retains nothing.
@usableFromInline
package struct SampledKeys: @unchecked Sendable {
  // The log, which the cache owns, frees it.
  @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt64>>

  private static let wordCount = 1024

  static let byteCount = wordCount * MemoryLayout<UInt64>.stride

  /// - Parameter isFull: Whether every key is in the sample.
  init(isFull: Bool) {
    words = .allocate(capacity: SampledKeys.wordCount)
    for index in 0..<SampledKeys.wordCount {
      (words + index).initialize(to: Atomic(isFull ? .max : 0))
    }
  }

  func deallocate() {
    words.deinitialize(count: SampledKeys.wordCount)
    words.deallocate()
  }

  /// Whether a key with a hash may be in the sample.
  ///
  /// - Parameter hash: The hash that the cache finds the key by.
  @inlinable @inline(__always)
  func mayContain(_ hash: UInt32) -> Bool {
    words[Int(hash >> 22)].load(ordering: .relaxed) &>> UInt64(hash >> 16 & 63) & 1 != 0
  }

  func insert(_ hash: UInt32) {
    guard !mayContain(hash) else { return }
    words[Int(hash >> 22)].bitwiseOr(1 &<< UInt64(hash >> 16 & 63), ordering: .relaxed)
  }
}
