/// Which entries leave when a cache is full.
///
/// <!-- with: User -->
/// ```swift
/// let users = Cache<String, User>(byteLimit: 32 << 20, policy: .adaptive)
/// ```
///
/// Limits, expiry, tags and everything else are the same with each policy: only the choice of the
/// entries that leave for others is not.
public struct EvictionPolicy: Sendable, Hashable {
  /// Whether the cache adapts.
  let isAdaptive: Bool
  /// Whether a cache that does not adapt watches what one that does would hit.
  let isWatching: Bool
  /// What a cache that adapts keeps entries for.
  let preference: Preference

  private init(isAdaptive: Bool, isWatching: Bool, preference: Preference = .hits) {
    self.isAdaptive = isAdaptive
    self.isWatching = isWatching
    self.preference = preference
  }

  /// The least recently used entry leaves, exactly: the default.
  public static let leastRecentlyUsed = EvictionPolicy(isAdaptive: false, isWatching: false)

  /// The least recently used entry leaves, and the cache may watch what an adaptive one would hit.
  ///
  /// - Parameter watching: Whether to watch, which takes about 8 KiB, a byte for each entry, and a
  ///   few nanoseconds a hit.
  /// - Returns: The policy.
  public static func leastRecentlyUsed(watching: Bool) -> EvictionPolicy {
    EvictionPolicy(isAdaptive: false, isWatching: watching)
  }

  /// The cache learns which entries are worth keeping: by how often they are used, by their sizes,
  /// or by the last use alone, whichever hits most.
  ///
  /// A value that is worth less than those that would have to leave for it, usually because it is
  /// much larger, leaves at once itself: it counts as inserted and as evicted for its size.
  ///
  /// It takes about 8 KiB and two and a half bytes for each entry. A cache with an idle time to
  /// live keeps to the least recently used entry all the same, because its entries end in that
  /// order.
  public static let adaptive = EvictionPolicy(isAdaptive: true, isWatching: false)

  /// ``adaptive``, with something else than hits as what counts.
  ///
  /// - Parameter preference: What the cache is to have as much of as it can.
  /// - Returns: The policy.
  public static func adaptive(preferring preference: Preference) -> EvictionPolicy {
    EvictionPolicy(isAdaptive: true, isWatching: false, preference: preference)
  }

  /// What an adaptive cache keeps entries for.
  public enum Preference: Sendable, Hashable {
    /// As many hits as possible: the default.
    case hits
    /// As many bytes of values as possible that need not be fetched again: sizes do not count
    /// against an entry.
    case bytes
    /// As much time as possible that need not be spent on loads: an entry is worth the time that
    /// its load took, so that one of 40 milliseconds outlives one of three.
    ///
    /// The cache measures the time of loads that are of one key alone. For others there is
    /// ``Cache/setValue(_:forKey:loadTime:timeToLive:heapByteCount:)``; a value that is written
    /// without a load time keeps the one of the value that it replaces, and else counts as an
    /// average load. This takes another byte for each entry.
    case time
  }
}

extension EvictionPolicy {
  /// The value of the environment variable that stands for it.
  var name: String {
    guard isAdaptive else { return isWatching ? "watch" : "lru" }
    return switch preference {
    case .hits: "adaptive"
    case .bytes: "adaptive-bytes"
    case .time: "adaptive-time"
    }
  }

  /// Whether an entry is worth the time that its load took.
  var keepsLoadTimes: Bool { isAdaptive && preference == .time }

  /// Bytes of an entry that a cache with a policy keeps for it.
  var slotByteCount: Int {
    MemoryLayout<EntryMark>.stride + (keepsLoadTimes ? MemoryLayout<LoadCost>.stride : 0)
  }
}
