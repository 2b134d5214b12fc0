/// The gaps between two readings of the clock that were long enough for a freeze.
///
/// Nothing runs in a frozen environment, so a thaw can only be seen afterwards, as time that has
/// passed between two readings. Where the beginnings of invocations are known, a gap inside one is
/// the handler's own waiting and does not count.
@usableFromInline
package struct ThawLog {
  private let gap: Tick
  private let followsInvocations: Bool
  private var isDetached = false
  private var gapCount: UInt32 = 0
  private var invocation = InvocationMark(begun: 0, ended: 0)
  /// Milliseconds of all gaps.
  package private(set) var ticks: Tick = 0
  /// The end of the last gap; 0 if there was none.
  @usableFromInline private(set) var latest: Tick = 0
  /// The end of the last second or more without a reading, within an invocation or not; 0 if there
  /// was none.
  private(set) var latestPause: Tick = 0
  /// The ends of the gaps before it, in a cache where that counts.
  private var history: ThawHistory?

  package init(gap: Duration, history: ThawHistory? = nil, followsInvocations: Bool) {
    self.gap = max(1, Tick.milliseconds(roundingUp: gap))
    self.history = history
    self.followsInvocations = followsInvocations
    if followsInvocations { invocation = .present }
  }

  /// Detaches the log from the shared history, so that notes change only this copy.
  mutating func detach() { isDetached = true }

  /// The number of gaps.
  package var count: Int { Int(gapCount) }

  package mutating func note(from earlier: Tick, to later: Tick) {
    note(from: earlier, to: later, in: followsInvocations ? .present : nil)
  }

  /// - Parameter mark: The invocation at the later tick; `nil` if that does not count.
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

  /// The end of the first gap after a tick, as far as is known; `nil` if there was none.
  ///
  /// Where more gaps followed than are kept, it is the tick itself.
  package func firstEnd(after tick: Tick) -> Tick? {
    guard tick < latest else { return nil }
    return history?.firstEnd(after: tick) ?? latest
  }
}

/// The ends of the last gaps that a cache has seen: the first one after an entry was written is the
/// time since which it has been stale.
///
/// It refers to memory that its creator releases.
@usableFromInline
package struct ThawHistory: @unchecked Sendable {
  /// In the order of time, the latest last; 0 for gaps that have not been.
  private let ends: UnsafeMutablePointer<Tick>

  /// Gaps that are kept.
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

/// The position of a process in its invocations.
///
/// Two that are equal are of one invocation, or of the time between two.
@usableFromInline
package struct InvocationMark: Sendable, Equatable {
  /// Invocations that have begun; the lower half, of which every cache keeps one.
  let begun: UInt32
  /// The times that one has ended while no other one was going on.
  let ended: UInt32

  package init(begun: Int, ended: Int) {
    self.begun = UInt32(truncatingIfNeeded: begun)
    self.ended = UInt32(truncatingIfNeeded: ended)
  }

  static var present: InvocationMark {
    InvocationMark(begun: InvocationCounts.begunCount, ended: InvocationCounts.pauseCount)
  }
}
