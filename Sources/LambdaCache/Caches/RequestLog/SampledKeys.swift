import Synchronization

/// A bit for each of 65,536 places, two of which belong to a hash of a key: both are set if the key
/// may be one that a ``RequestLog`` is of.
///
/// A hit in a logged cache asks one bit, or two, instead of computing a keyed hash: with a thousand
/// keys in the sample, three of a hundred others have one bit set, and one of a thousand has two.
/// Bits are set before an entry is stored, and never cleared, so every entry of the sample has its
/// bits.
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
    isSet(hash >> 16) && isSet(hash & 0xFFFF)
  }

  /// - Parameter place: Below 65,536.
  @inlinable @inline(__always)
  func isSet(_ place: UInt32) -> Bool {
    words[Int(place >> 6)].load(ordering: .relaxed) &>> UInt64(place & 63) & 1 != 0
  }

  func insert(_ hash: UInt32) {
    set(hash >> 16)
    set(hash & 0xFFFF)
  }

  private func set(_ place: UInt32) {
    guard !isSet(place) else { return }
    words[Int(place >> 6)].bitwiseOr(1 &<< UInt64(place & 63), ordering: .relaxed)
  }
}
