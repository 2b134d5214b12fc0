/// What a look-up comes to; decided in one step under the lock, carried out after it.
@usableFromInline
package enum LoadDecision {
  /// The value that was found is served.
  case value
  /// The value that was found is served, and the caller's invocation refreshes it after its
  /// response.
  case staleThenRefresh(PendingRefresh)
  /// There is no value that may be served, and no load is begun.
  case fail(any Error)
  /// There is no value that may be served, and no time for a load.
  case notEnoughTime(expected: Duration)
  /// The caller waits for a load that is under way.
  case join(InFlightLoad)
  /// The caller begins a load.
  case begin
}

/// A look-up as the state machine sees it; valid as long as the key's address is.
@usableFromInline
package struct LoadLookUp {
  let key: UnsafeRawPointer
  let hash: UInt32
  /// Whether the key is equal to itself, so that others can find what is noted under it.
  let isFindable: Bool
  /// The value that was found, fresh or not.
  let found: FoundValue?
  let windows: StaleWindows
  let time: CallerTime

  @usableFromInline
  package init(
    key: UnsafeRawPointer, hash: UInt32, isFindable: Bool = true, found: FoundValue? = nil,
    windows: StaleWindows = StaleWindows(), time: CallerTime = CallerTime(remaining: nil)
  ) {
    self.key = key
    self.hash = hash
    self.isFindable = isFindable
    self.found = found
    self.windows = windows
    self.time = time
  }
}

/// A value that a look-up found.
@usableFromInline
package struct FoundValue: Sendable {
  /// How long ago it has expired; `nil` if it is fresh.
  @usableFromInline package let staleFor: Duration?
  /// When it expires, or has expired, as far as is known.
  let freshness: Freshness
  /// Whether it is fresh and to be loaded early, by chance.
  package let isDue: Bool

  /// Whether it is served, and nothing else is to be done.
  @usableFromInline var isSettled: Bool { staleFor == nil && !isDue }

  package init(staleFor: Duration? = nil, freshness: Freshness = .unknown, isDue: Bool = false) {
    self.staleFor = staleFor
    self.freshness = freshness
    self.isDue = isDue
  }
}

/// How long values may be served after they have expired.
@usableFromInline
package struct StaleWindows: Sendable {
  /// The time in which one is served while it is loaded again.
  package let whileRevalidate: Duration
  /// The time in which one is served in the place of an error.
  package let ifError: Duration

  @usableFromInline
  package init(whileRevalidate: Duration = .zero, ifError: Duration = .zero) {
    self.whileRevalidate = whileRevalidate
    self.ifError = ifError
  }

  /// Returns whether a value may be served while it is loaded again; a fresh one always may.
  ///
  /// - Parameter staleFor: How long ago it has expired; `nil` if it is fresh.
  package func mayServeWhileLoading(_ staleFor: Duration?) -> Bool {
    staleFor.map { $0 < whileRevalidate } ?? true
  }

  /// Returns whether a value may be served in the place of an error: a fresh one for any, one that
  /// has expired some time ago for some.
  ///
  /// - Parameter staleFor: How long ago it has expired; `nil` if it is fresh.
  package func mayStandIn(_ staleFor: Duration?) -> Bool {
    staleFor.map { $0 < max(whileRevalidate, ifError) } ?? true
  }
}

/// The time that a caller has, read once for each call, so that all its keys have the same.
@usableFromInline
package struct CallerTime {
  @usableFromInline package let scope: InvocationScope?
  /// The time that is left of the invocation; `nil` if that is not known.
  let remaining: Duration?
  /// Whether the time is over for no other caller: within a load it is that of the load's first
  /// caller, and others may have more.
  let isOwn: Bool

  /// Reads the time of the present task's invocation.
  @usableFromInline
  init() {
    scope = InvocationScope.current
    remaining = scope?.remainingTime
    isOwn = remaining != .zero || LoadGraph.current == nil
  }

  @usableFromInline
  package init(remaining: Duration?, isOwn: Bool = true, scope: InvocationScope? = nil) {
    self.remaining = remaining
    self.isOwn = isOwn
    self.scope = scope
  }

  /// Whether nothing is left of the invocation, so that no load is begun.
  var isOver: Bool { remaining == .zero && isOwn }
}

/// What follows from a change of the state machine, outside of the lock.
@usableFromInline
package struct LoadEffects {
  /// The waiters to resume: their load has ended.
  var resumed = NodeList<LoadWaiter>()
  /// The waiter to resume that was cancelled.
  package var waiter: CheckedContinuation<Void, Never>?
  /// The task to cancel: no caller waits for what it loads.
  var cancelled: LoadTask.Handle?
  /// The bytes to give back to the budget.
  package var releasedByteCount = 0
  private var endWaiter: CheckedContinuation<Void, Never>?
  private var endNote: LoadTask.EndNote?

  init() {}

  /// How many waiters are resumed because their load has ended.
  package var resumedCount: Int { resumed.count }

  /// Ends a task.
  mutating func end(_ task: LoadTask) { (endWaiter, endNote) = task.noteEnd() }

  /// Carries everything out.
  ///
  /// - Parameter share: The share of the budget that bytes are given back to.
  @usableFromInline
  package mutating func perform(for share: BudgetShare?) {
    if let endNote { endNote.scope.removeTask(endNote.id) }
    endWaiter?.resume()
    cancelled?.cancel()
    if releasedByteCount > 0 { share?.release(releasedByteCount) }
    resumed.resumeAll()
    waiter?.resume()
  }
}
