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
}
