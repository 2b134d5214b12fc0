/// A way of choosing the entries that leave.
@usableFromInline
package enum EvictionMode: Int, CaseIterable, CustomStringConvertible, Sendable {
  /// The least recently used entry leaves.
  case leastRecentlyUsed
  /// S3-FIFO: new entries leave soon unless they are used (Yang and others, SOSP 2023).
  case useCounts
  /// The same, and of two entries that are used alike the larger one leaves sooner; where load
  /// times count, the one that is larger for its load time.
  case useCountsAndSizes

  /// The mode in which a cache begins.
  init(atStartOf policy: EvictionPolicy) {
    self =
      !policy.isAdaptive
      ? .leastRecentlyUsed
      : policy.preference == .bytes ? .useCounts : .useCountsAndSizes
  }

  /// Whether a hit is counted instead of moving its entry.
  @inlinable var countsUses: Bool { self != .leastRecentlyUsed }

  /// The mode in a word or three.
  @usableFromInline package var description: String {
    switch self {
    case .leastRecentlyUsed: "lru"
    case .useCounts: "uses"
    case .useCountsAndSizes: "uses and sizes"
    }
  }

  /// Whether each octave of sizes has a list of its own.
  var separatesSizes: Bool { self == .useCountsAndSizes }
}

/// A queue of entries in one of the modes that count uses.
@usableFromInline
enum EvictionQueue: Int {
  /// New entries, a fifth of the bytes.
  case small
  /// Those that were used while they were new.
  case main
}

/// The octaves of sizes that have lists of their own.
enum SizeOctave {
  /// The lists of a queue; the first one is for entries of any size.
  static let count = 24

  /// The octave of an entry, from 1: that of at least 32 bytes, of at least 64, and so on.
  @inline(__always)
  static func octave(ofByteCount byteCount: Int) -> Int {
    min(max(Int.bitWidth - 5 - byteCount.leadingZeroBitCount, 1), count - 1)
  }
}
