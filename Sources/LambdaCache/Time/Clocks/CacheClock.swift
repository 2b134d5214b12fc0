/// The source of a cache's time.
///
/// Conform to it to drive expiry from a test or from a clock of your own. Without one, a cache
/// reads the system's clocks, which is cheaper and survives a frozen environment.
public protocol CacheClock: Sendable {
  /// The time since some fixed instant.
  ///
  /// It may stand still; where it runs backward, the cache goes on from the latest time it has
  /// seen.
  var elapsed: Duration { get }
}

/// A clock that a program has given to a cache, behind a reference.
package final class InjectedClock: Sendable {
  package let clock: any CacheClock

  package init(_ clock: any CacheClock) {
    self.clock = clock
  }
}
