/// Follows the clocks of the system, or one that was injected, and never runs backward.
///
/// An environment may be frozen with any of its clocks standing still, and the wall clock may be
/// corrected at any time. So two clocks are followed from an anchor each, and the larger elapsed
/// time counts. When they part by more than ``tolerance``, one of them stood still or was set: the
/// one behind is anchored anew at the time of the other.
///
/// An injected clock is the user's code and never asked from here: its owner reads it before taking
/// any lock and hands the reading to ``note(_:)``.
@usableFromInline
package struct Timekeeper {
  @usableFromInline let followsSystem: Bool
  @usableFromInline var latestCoarse: Int64 = 0
  @usableFromInline var latestTick: Tick = 1
  /// ``latestTick``, but rounded up to the next whole tick.
  private var latestWriteTick: Tick = 1
  private var elapsed: Int64 = 0
  private var monotonicAnchor: Int64
  private var wallAnchor: Int64
  private let injectedOrigin: Duration

  /// Clocks that part by less than this, in nanoseconds, count as agreeing: 50 milliseconds.
  private static var tolerance: Int64 { 50_000_000 }

  /// - Parameter injectedOrigin: What an injected clock says now; `nil` to follow the system's.
  package init(injectedOrigin: Duration? = nil) {
    followsSystem = injectedOrigin == nil
    self.injectedOrigin = injectedOrigin ?? .zero
    monotonicAnchor = SystemClocks.monotonic
    wallAnchor = SystemClocks.wall
  }

  /// A timekeeper that is told what the clocks of the system say; see ``follow(monotonic:wall:)``.
  package init(monotonic: Int64, wall: Int64) {
    followsSystem = false
    injectedOrigin = .zero
    monotonicAnchor = monotonic
    wallAnchor = wall
  }

  /// The tick that has certainly been reached, for looking at deadlines.
  ///
  /// The system's coarse clocks all move at the same instants, every 1 to 10 milliseconds; while
  /// one of them has not moved, none has, and the latest tick is still right.
  @inlinable @inline(__always)
  package mutating func now() -> Tick {
    guard followsSystem else { return latestTick }
    let coarse = SystemClocks.coarseMonotonic
    guard coarse != latestCoarse else { return latestTick }
    latestCoarse = coarse
    return follow(coarse)
  }

  /// The tick to count a new deadline from: exact, and rounded up, so that nothing expires early.
  @usableFromInline
  package mutating func writeTime() -> Tick {
    if followsSystem { _ = follow(SystemClocks.monotonic) }
    return latestWriteTick
  }

  /// Takes the reading of an injected clock.
  @usableFromInline
  package mutating func note(_ reading: Duration) {
    let elapsed = reading.sinceReading(injectedOrigin)
    let ceiling = 1 + Tick.milliseconds(roundingUp: elapsed)
    let isWhole = elapsed.components.attoseconds % Tick.attosecondsPerMillisecond == 0
    advance(floor: isWhole ? ceiling : ceiling - 1, ceiling: ceiling)
  }

  /// Follows both clocks of the system, one of which has just been read.
  @usableFromInline
  mutating func follow(_ monotonic: Int64) -> Tick {
    follow(monotonic: monotonic, wall: SystemClocks.coarseWall)
  }

  /// Follows two clocks, whose readings are in nanoseconds.
  package mutating func follow(monotonic: Int64, wall: Int64) -> Tick {
    elapsed = max(elapsed, monotonic &- monotonicAnchor, wall &- wallAnchor)
    if elapsed - (monotonic &- monotonicAnchor) > Timekeeper.tolerance {
      monotonicAnchor = monotonic &- elapsed
    }
    if elapsed - (wall &- wallAnchor) > Timekeeper.tolerance { wallAnchor = wall &- elapsed }
    let (whole, rest) = elapsed.quotientAndRemainder(dividingBy: 1_000_000)
    advance(floor: 1 + Tick(whole), ceiling: 1 + Tick(whole) + (rest == 0 ? 0 : 1))
    return latestTick
  }

  private mutating func advance(floor: Tick, ceiling: Tick) {
    latestTick = max(latestTick, min(floor, Tick.end))
    latestWriteTick = max(latestWriteTick, min(ceiling, Tick.end))
  }
}
