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
  private var estimate: LoadEstimate?

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
  package mutating func learn(_ duration: Duration) {
    let milliseconds = duration / .milliseconds(1)
    if estimate == nil {
      estimate = LoadEstimate(first: milliseconds)
    } else {
      estimate?.learn(milliseconds)
    }
  }

  /// How long loads have taken lately, in milliseconds; `nil` before the first has succeeded.
  package var recentMilliseconds: Double? { estimate?.mean }

  /// Whether there is too little time for a load, which then is not begun: the estimate is believed half
  /// as much from then on, so that a slow beginning does not keep loads away for ever.
  ///
  /// - Returns: What few loads take longer than, if that is more than there is.
  package mutating func refusal(within remaining: Duration) -> Duration? {
    guard let expected = expectedDuration, remaining < expected else { return nil }
    estimate?.halve()
    return expected
  }

  /// What few loads take longer than; `nil` before the first has succeeded.
  private var expectedDuration: Duration? {
    estimate.map { .milliseconds($0.mean + 2 * $0.deviation) }
  }
}

/// How long loads take, in milliseconds: an average and how far single ones lie from it, as TCP
/// keeps them of round trips (Jacobson, *Congestion Avoidance and Control*, 1988).
private struct LoadEstimate {
  private(set) var mean: Double
  private(set) var deviation: Double

  init(first: Double) {
    mean = first
    deviation = first / 2
  }

  mutating func halve() {
    mean /= 2
    deviation /= 2
  }

  /// Takes one more; it counts a quarter.
  mutating func learn(_ milliseconds: Double) {
    let error = milliseconds - mean
    mean += error / 4
    deviation += (error.magnitude - deviation) / 4
  }
}
