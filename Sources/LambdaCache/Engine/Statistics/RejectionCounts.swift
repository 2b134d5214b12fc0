/// Why a value was not stored.
@usableFromInline
package enum RejectionReason: Sendable, Hashable {
  /// It is larger than one entry may be.
  case entrySize
  /// It is larger than the cache may be.
  case cacheSize
  /// Its time to live is not positive.
  case timeToLive
  /// The system lends no memory for it.
  case memory
  /// There is no room for its tags.
  case tags
  /// Some part of it cannot be measured.
  case unknownSize
}

/// How many values were not stored for which reason, and the first of them.
@usableFromInline
package struct RejectionCounts: Sendable, Hashable {
  /// Values that are larger than an entry or the cache may be.
  package var size = 0
  /// Values whose time to live is not positive.
  package var timeToLive = 0
  /// Values that the system lends no memory for, or whose tags have no room.
  package var memory = 0
  /// Values of which some part cannot be measured.
  package var unknownSize = 0
  /// The first value that was not stored, for the log.
  package private(set) var first: Rejection?

  /// A value that was not stored.
  package struct Rejection: Sendable, Hashable {
    package let reason: RejectionReason
    /// The bytes that key and value own on the heap.
    package let heapByteCount: Int
  }

  package init() {}

  /// Counts a value.
  mutating func note(_ reason: RejectionReason, heapByteCount: Int) {
    switch reason {
    case .entrySize, .cacheSize: size += 1
    case .timeToLive: timeToLive += 1
    case .memory, .tags: memory += 1
    case .unknownSize:
      // The log has a line of its own for them.
      unknownSize += 1
      return
    }
    if first == nil { first = Rejection(reason: reason, heapByteCount: heapByteCount) }
  }

  mutating func subtract(_ earlier: RejectionCounts) {
    size -= earlier.size
    timeToLive -= earlier.timeToLive
    memory -= earlier.memory
    unknownSize -= earlier.unknownSize
  }
}
