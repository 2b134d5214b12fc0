/// The gaps between two looks at the clock that were long enough for a freeze.
///
/// Nothing runs in a frozen environment, so a thaw can only be seen afterwards, as time that has
/// passed between two looks. Where the beginnings of invocations are known, a gap inside one is the
/// handler's own waiting and does not count.
@usableFromInline
package struct ThawLog {
  private let gap: Tick
  private let followsInvocations: Bool
  private var isDetached = false
  private var gapCount: UInt32 = 0
  private var invocation = InvocationMark(begun: 0, ended: 0)
  /// Milliseconds of all gaps.
  package private(set) var ticks: Tick = 0
  /// When the last gap had ended; 0 if there was none.
  private var latest: Tick = 0
  /// When the last time had ended in which nothing looked at the clock for a second, be it in an
  /// invocation or not; 0 if there was none.
  private(set) var latestPause: Tick = 0
  /// When those before it had ended, in a cache where that counts.
  private var history: ThawHistory?

  package init(gap: Duration, history: ThawHistory? = nil, followsInvocations: Bool) {
    self.gap = max(1, Tick.milliseconds(roundingUp: gap))
    self.history = history
    self.followsInvocations = followsInvocations
    if followsInvocations { invocation = .present }
  }

  /// Notes nothing any more that others see.
  mutating func detach() { isDetached = true }

  /// How many there were.
  package var count: Int { Int(gapCount) }

  package mutating func note(from earlier: Tick, to later: Tick) {
    note(from: earlier, to: later, in: followsInvocations ? .present : nil)
  }

  /// - Parameter mark: Where invocations are at the later tick; `nil` if that does not count.
  package mutating func note(from earlier: Tick, to later: Tick, in mark: InvocationMark?) {
    var isOneInvocation = false
    if let mark {
      isOneInvocation = mark.begun > 0 && mark == invocation
      invocation = mark
    }
    if later - earlier >= 1_000 { latestPause = later }
    guard later - earlier >= gap, !isOneInvocation else { return }
    gapCount &+= 1
    ticks += later - earlier
    // A column of ticks has no room for the end itself.
    latest = min(later, Tick.end - 1)
    if !isDetached { history?.append(latest) }
  }

  /// When the first gap after a tick had ended, as far as is known; `nil` if there was none.
  ///
  /// Where more gaps came after it than are kept in mind, it is the tick itself.
  package func firstEnd(after tick: Tick) -> Tick? {
    guard tick < latest else { return nil }
    return history?.firstEnd(after: tick) ?? latest
  }
}

/// The ends of the last gaps that a cache has seen: which of them was the first after an entry was
/// written is what tells how long that has been stale.
///
/// It refers to memory that its maker releases.
@usableFromInline
package struct ThawHistory: @unchecked Sendable {
  /// In the order of time, the latest last; 0 for those that have not been.
  private let ends: UnsafeMutablePointer<Tick>

  /// Gaps that are kept in mind.
  package static let capacity = 16

  /// One more is kept, to know which entries are older than all others.
  private static let length = capacity + 1

  package init() {
    ends = .allocate(capacity: ThawHistory.length)
    ends.initialize(repeating: 0, count: ThawHistory.length)
  }

  func release() { ends.deallocate() }

  func append(_ end: Tick) {
    for place in 1..<ThawHistory.length { ends[place - 1] = ends[place] }
    ends[ThawHistory.length - 1] = end
  }

  /// - Returns: `nil` if no gap has ended after the tick.
  func firstEnd(after tick: Tick) -> Tick? {
    guard ends[0] <= tick else { return tick }
    return (1..<ThawHistory.length).lazy.map { ends[$0] }.first { $0 > tick }
  }
}

/// How far a process is in its invocations.
///
/// Two that are equal are of one invocation, or of the time between two.
@usableFromInline
package struct InvocationMark: Sendable, Equatable {
  /// Invocations that have begun; the lower half, of which every cache keeps one.
  let begun: UInt32
  /// How often one has ended and no other one was going on.
  let ended: UInt32

  package init(begun: Int, ended: Int) {
    self.begun = UInt32(truncatingIfNeeded: begun)
    self.ended = UInt32(truncatingIfNeeded: ended)
  }

  static var present: InvocationMark {
    InvocationMark(begun: InvocationCounts.begunCount, ended: InvocationCounts.pauseCount)
  }
}
