import Synchronization

/// Follows the clocks of the system, or one that was injected, and never runs backward.
///
/// An environment may be frozen with any of its clocks standing still, and the wall clock may be
/// corrected at any time. So two clocks are followed from an anchor each, and the larger elapsed
/// time counts. When they part by more than ``tolerance``, one of them stood still or was set: the
/// one behind is anchored again at the time of the other. The skew that ``InvocationClock`` has
/// found in both is added.
///
/// An injected clock is the user's code and never read from here: its owner reads it before taking
/// any lock and passes the reading to ``note(_:)``.
@usableFromInline
package struct Timekeeper {
  @usableFromInline let coarseClock = CoarseClock()
  @usableFromInline let invocationCount = InvocationCounts.begun
  @usableFromInline var latestCoarse: Int64 = 0
  @usableFromInline var latestInvocation = 0
  @usableFromInline var latestTick: Tick = 1
  /// ``latestTick``, but rounded up to the next whole tick.
  private var latestWriteTick: Tick = 1
  /// Nanoseconds since the timekeeper was made.
  private(set) var elapsed: Int64 = 0
  private var anchor: Anchor
  // Behind the anchor it takes no memory.
  @usableFromInline let followsSystem: Bool
  /// The gaps that were seen in which the environment may have been frozen.
  @usableFromInline package private(set) var thaws: ThawLog

  /// The readings of the clocks at the beginning of the time that is counted.
  private enum Anchor {
    case system(boot: Int64, wall: Int64)
    case injected(Duration)
  }

  /// Clocks that part by less than this, in nanoseconds, count as agreeing: 50 milliseconds.
  private static var tolerance: Int64 { 50_000_000 }

  /// - Parameters:
  ///   - injectedOrigin: The reading of an injected clock now; `nil` to follow the system's.
  ///   - thawGap: The least time between two readings that counts as a gap.
  ///   - thawHistory: The memory for the ends of gaps; `nil` if the last one is enough.
  package init(
    injectedOrigin: Duration? = nil, thawGap: Duration = .seconds(1),
    thawHistory: ThawHistory? = nil
  ) {
    followsSystem = injectedOrigin == nil
    anchor =
      injectedOrigin.map(Anchor.injected)
      ?? .system(
        boot: SystemClocks.boot &+ InvocationCounts.skew,
        wall: SystemClocks.wall &+ InvocationCounts.skew)
    thaws = ThawLog(
      gap: thawGap, history: thawHistory, followsInvocations: injectedOrigin == nil)
  }

  /// A timekeeper to which the readings of the system's clocks are passed; see
  /// ``follow(boot:wall:)``.
  package init(boot: Int64, wall: Int64, thawGap: Duration = .seconds(1)) {
    followsSystem = false
    anchor = .system(boot: boot, wall: wall)
    thaws = ThawLog(gap: thawGap, followsInvocations: false)
  }

  /// A copy for a look-up that changes nothing.
  ///
  /// - Parameter reading: The time of an injected clock; `nil` if that has been noted.
  @usableFromInline
  func peeked(noting reading: Duration?) -> Timekeeper {
    var time = self
    time.thaws.detach()
    if let reading { time.note(reading) }
    return time
  }

  /// The tick that has certainly been reached, to compare deadlines with.
  ///
  /// The system's coarse clocks all move at the same instants, every 1 to 10 milliseconds; while
  /// one of them has not moved, none has, and the latest tick is still right: except for the first
  /// reading of an invocation, before which the machine may have stood still with all of them.
  @inlinable @inline(__always)
  package mutating func now() -> Tick {
    followsSystem ? systemNow() : latestTick
  }

  /// ``now()`` of a timekeeper that follows the clocks of the system.
  @inlinable @inline(__always)
  package mutating func systemNow() -> Tick {
    let coarse = coarseClock.nanoseconds
    let invocation = invocationCount.pointee.load(ordering: .relaxed)
    guard coarse != latestCoarse || invocation != latestInvocation else { return latestTick }
    latestCoarse = coarse
    latestInvocation = invocation
    return follow()
  }

  /// Whether ``systemNow()`` would find that the clock has not moved since the last time.
  @inlinable @inline(__always)
  package var isFollowed: Bool {
    coarseClock.nanoseconds == latestCoarse
      && invocationCount.pointee.load(ordering: .relaxed) == latestInvocation
  }

  /// The tick to count lifetimes from: not before the present, so that nothing expires early, and
  /// after it by no more than the step of the coarse clock and one tick.
  ///
  /// After ``now()`` in the same operation it costs no clock.
  @usableFromInline
  package func writeTime() -> Tick {
    followsSystem ? min(latestTick + Timekeeper.coarseStep, Tick.end) : latestWriteTick
  }

  /// Ticks between two steps of the coarse clock, rounded up, and one more for the present one.
  static let coarseStep: Tick = Tick((SystemClocks.coarseStep + 999_999) / 1_000_000) + 1

  /// Notes the reading of an injected clock.
  @usableFromInline
  package mutating func note(_ reading: Duration) {
    guard case .injected(let origin) = anchor else {
      preconditionFailure("a clock was injected into a cache that follows the system's")
    }
    let elapsed = reading.sinceReading(origin)
    let ceiling = 1 + Tick.milliseconds(roundingUp: elapsed)
    let isWhole = elapsed.components.attoseconds % Tick.attosecondsPerMillisecond == 0
    advance(floor: isWhole ? ceiling : ceiling - 1, ceiling: ceiling)
  }

  /// Follows both clocks of the system as they are now, whether or not the coarse one has moved.
  @usableFromInline
  mutating func follow() -> Tick {
    // A reader of the new count of invocations must see the skew of the last one's deadline.
    atomicMemoryFence(ordering: .acquiring)
    return follow(
      boot: SystemClocks.boot, wall: SystemClocks.coarseWall, missed: InvocationCounts.skew)
  }

  /// Follows two clocks.
  ///
  /// - Parameters:
  ///   - boot: The reading of one, in nanoseconds.
  ///   - wall: The reading of the other one.
  ///   - missed: The nanoseconds by which the clock that was ahead is late, altogether; see
  ///     ``InvocationClock``.
  package mutating func follow(boot: Int64, wall: Int64, missed: Int64 = 0) -> Tick {
    let (boot, wall) = (boot &+ missed, wall &+ missed)
    guard case .system(var bootAnchor, var wallAnchor) = anchor else {
      preconditionFailure("a cache with a clock of its own was to follow the system's")
    }
    elapsed = max(elapsed, boot &- bootAnchor, wall &- wallAnchor)
    if elapsed - (boot &- bootAnchor) > Timekeeper.tolerance { bootAnchor = boot &- elapsed }
    if elapsed - (wall &- wallAnchor) > Timekeeper.tolerance { wallAnchor = wall &- elapsed }
    anchor = .system(boot: bootAnchor, wall: wallAnchor)
    let (whole, rest) = elapsed.quotientAndRemainder(dividingBy: 1_000_000)
    advance(floor: 1 + Tick(whole), ceiling: 1 + Tick(whole) + (rest == 0 ? 0 : 1))
    return latestTick
  }

  private mutating func advance(floor: Tick, ceiling: Tick) {
    let floor = min(floor, Tick.end)
    if floor > latestTick {
      thaws.note(from: latestTick, to: floor)
      latestTick = floor
    }
    latestWriteTick = max(latestWriteTick, min(ceiling, Tick.end))
  }
}
