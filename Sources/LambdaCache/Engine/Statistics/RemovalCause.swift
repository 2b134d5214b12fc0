/// Why an entry left a cache.
public enum RemovalCause: Int, Sendable, Hashable, CaseIterable {
  /// The caller removed it.
  case explicit
  /// The caller set another value for its key.
  case replaced
  /// Its time to live had passed.
  case expired
  /// It was evicted to stay within the byte limit or the entry limit, or was larger than an entry
  /// may be.
  case size
  /// It was evicted because the process came near the memory it may use.
  case pressure

  /// Whether the cache removed the entry by itself, rather than its caller.
  @inlinable package var wasEvicted: Bool {
    switch self {
    case .explicit, .replaced: false
    case .expired, .size, .pressure: true
    }
  }
}
