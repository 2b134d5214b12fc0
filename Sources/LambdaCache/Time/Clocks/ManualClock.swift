/// A clock that moves only by calls, for tests of code that uses a cache.
///
/// ```swift
/// let clock = ManualClock()
/// let cache = Cache<String, Int>(byteLimit: 65_536, timeToLive: .seconds(60)) {
///   $0.clock = clock
/// }
/// cache["answer"] = 42
/// clock.advance(by: .seconds(61))
/// assert(cache["answer"] == nil)
/// ```
public final class ManualClock: CacheClock {
  private let time: Locked<Duration>

  /// Creates a clock.
  ///
  /// - Parameter elapsed: The time it starts with.
  public init(elapsed: Duration = .zero) {
    time = Locked(elapsed)
  }

  /// The time the clock was last set or moved to.
  public var elapsed: Duration {
    get { time.withLock { $0 } }
    set { time.withLock { $0 = newValue } }
  }

  /// Moves the clock.
  ///
  /// - Parameter duration: The distance; negative to step it back. It stops at the ends of what a
  ///   `Duration` can express.
  public func advance(by duration: Duration) {
    time.withLock { $0 = $0.addingClamped(duration) }
  }
}
