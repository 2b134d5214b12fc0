/// The outcomes of loads; kept apart, because only a cache that loads has any.
package struct LoadCounts {
  package var successes = 0
  package var failures = 0
  /// Loads that found that there is no value.
  package var notFound = 0
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
  /// Those of them whose answer was that there is no value.
  package var notFoundHits = 0
  package var time: Duration = .zero
  /// The recent duration of loads, in milliseconds, each counting a quarter of all before it; `nil`
  /// before the first has succeeded.
  package private(set) var recentMilliseconds: Double?

  package init() {}

  /// Counts a load that has brought a value.
  mutating func noteSuccess(_ duration: Duration) {
    time += duration
    successes += 1
  }

  /// Counts a load that has thrown.
  mutating func noteFailure(_ duration: Duration, isNotFound: Bool) {
    time += duration
    if isNotFound { notFound += 1 } else { failures += 1 }
  }

  /// Learns how long a load of a single key took.
  mutating func learn(_ duration: Duration) {
    let milliseconds = duration / .milliseconds(1)
    recentMilliseconds = recentMilliseconds.map { $0 + (milliseconds - $0) / 4 } ?? milliseconds
  }
}
