/// A clock that moves only when it is told to, for tests of code that uses a cache.
///
/// ```swift
/// let clock = ManualClock()
/// let cache = Cache<String, Int>(byteLimit: 65_536, timeToLive: .seconds(60), clock: clock)
/// cache["answer"] = 42
/// clock.advance(by: .seconds(61))
/// assert(cache["answer"] == nil)
/// ```
public final class ManualClock: CacheClock, @unchecked Sendable {
  private let lock = CacheLock()
  /// Guarded by the lock.
  private var time: Duration

  /// Creates a clock.
  ///
  /// - Parameter elapsed: The time it starts with.
  public init(elapsed: Duration = .zero) {
    time = elapsed
  }

  /// The time the clock was last set or moved to.
  public var elapsed: Duration {
    get { withLock { $0 } }
    set { withLock { $0 = newValue } }
  }

  /// Moves the clock.
  ///
  /// - Parameter duration: How far; negative to step it back.
  public func advance(by duration: Duration) {
    withLock { $0 += duration }
  }

  private func withLock<Result>(_ body: (inout Duration) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body(&time)
  }
}
