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
  package var time: Duration = .zero
  /// How long loads have taken lately, in milliseconds; `nil` before the first has succeeded.
  package private(set) var recentMilliseconds: Double?

  package init() {}

  /// Notes a load that succeeded; a new one counts a quarter.
  mutating func noteSuccess(_ duration: Duration) {
    successes += 1
    let milliseconds = duration / .milliseconds(1)
    recentMilliseconds = recentMilliseconds.map { $0 + (milliseconds - $0) / 4 } ?? milliseconds
  }
}
