/// What the engine counts while it works: the counters of ``CacheStatistics`` that cost an addition
/// each.
@usableFromInline
package struct CoreCounts {
  @usableFromInline package var hits = 0
  @usableFromInline package var misses = 0
  @usableFromInline package var staleHits = 0
  @usableFromInline package var insertions = 0
  @usableFromInline package var replacements = 0
  @usableFromInline package var rejections = 0
  @usableFromInline package var peakByteCount = 0
  @usableFromInline package var removals = RemovalCounts()
  @usableFromInline package var removedBytes = RemovalCounts()

  @usableFromInline
  package init() {}
}

/// What loads have come to; kept apart, because only a cache that loads has any.
package struct LoadCounts {
  package var successes = 0
  package var failures = 0
  /// Look-ups that read-through answered with an expired value.
  package var staleHits = 0
  /// Loads of keys that had a value, fresh or stale.
  package var refreshes = 0
  /// Loads that no look-up without an answer was in need of.
  package var surplus = 0
  /// Values that a load found to be right still.
  package var renewals = 0
  /// Loads whose result was not used because the environment may have been frozen meanwhile.
  package var discarded = 0
  /// Look-ups that were answered with a failure that is remembered.
  package var failureHits = 0
  package var time: Duration = .zero
  /// How long loads have taken lately, in milliseconds, each counting a quarter of all before it;
  /// `nil` before the first has succeeded.
  package private(set) var recentMilliseconds: Double?

  package init() {}

  /// Counts a load.
  mutating func note(_ duration: Duration, isSuccess: Bool) {
    time += duration
    if isSuccess { successes += 1 } else { failures += 1 }
  }

  /// Counts a load that no look-up without an answer is in need of, once.
  mutating func noteSurplus(_ task: LoadTask) {
    if !task.isSurplus { surplus += 1 }
    task.isSurplus = true
  }

  /// Learns how long a load of a single key took.
  mutating func learn(_ duration: Duration) {
    let milliseconds = duration / .milliseconds(1)
    recentMilliseconds = recentMilliseconds.map { $0 + (milliseconds - $0) / 4 } ?? milliseconds
  }
}
