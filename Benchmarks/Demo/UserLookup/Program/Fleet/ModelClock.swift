import LambdaCache
import Synchronization

/// A clock by which database reads take longer than they do here.
///
/// A tier is waited for no longer than loads take. The database is a local file, which answers
/// faster than any server; by this clock its reads take their time.
final class ModelClock: CacheClock {
  private let stopwatch = Stopwatch()
  private let added = Atomic<Int>(0)

  /// The time since the clock was made.
  var elapsed: Duration {
    .nanoseconds(stopwatch.elapsedNanoseconds + added.load(ordering: .relaxed))
  }

  /// Lets some time pass without waiting.
  func pass(_ time: Duration) {
    added.add(Int(time / .nanoseconds(1)), ordering: .relaxed)
  }
}
