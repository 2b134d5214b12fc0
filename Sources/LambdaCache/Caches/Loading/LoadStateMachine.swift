/// Read-through as a state machine: what a cache has under way, and what becomes of look-ups, loads
/// and waiters.
///
/// It mentions no cache and is not generic: a key is a hash and an address, a result stays in the
/// load that has it. It is changed under the cache's lock and calls nothing of the user's but `==`
/// of keys. What has to happen outside of the lock is returned, as a ``LoadDecision`` or as
/// ``LoadEffects``. No key is destroyed here: that of a load is held by the load as well, and
/// dropped refreshes are kept for the next look-up that has to do with loads.
@usableFromInline
package struct LoadStateMachine {
  /// Loads that have not ended and that nothing has superseded.
  @usableFromInline package private(set) var loads = NodeTable<InFlightLoad>()
  /// Refreshes of values that were served stale.
  @usableFromInline package private(set) var refreshes = NodeTable<PendingRefresh>()
  package var counts = LoadCounts()
  package var loadTimes = LoadTimes()
  /// Refreshes that were dropped: not more than there may be refreshes, for each call that adds one
  /// takes them.
  private var droppedRefreshes: [PendingRefresh] = []
  /// Tags whose entries were removed while something was loading, and how many loads had begun.
  private var removedTags: [TagName: Int] = [:]
  /// How many loads had begun when the tags were so many that each counts as removed.
  private var allTagsRemoved = 0
  /// How many loads had begun when entries were last removed by a condition.
  private var outdatedCount = 0
  /// How many loads had begun when it was last forgotten which keys have no value.
  private var absenceForgottenAt = 0
  private var beginCount = 0

  /// The removed tags that are remembered: a load that never ends must not make them ever more.
  private static var removedTagLimit: Int { 1024 }

  /// The refreshes that may be pending; a program that does not run them must not pay with its
  /// memory.
  static var refreshLimit: Int { 1024 }

  package init() {}

  /// Whether a write or a removal has nothing to supersede.
  @inlinable @inline(__always)
  var isIdle: Bool { loads.isEmpty && refreshes.isEmpty }

  // MARK: Look-ups

  /// Decides what a look-up comes to, and counts it.
  ///
  /// - Parameters:
  ///   - lookUp: The key and what was found.
  ///   - failure: The remembered failure that keeps the key from being loaded; `nil` if there is
  ///     none.
  ///   - makeRefresh: Makes the refresh of the key, for the invocation that is to run it.
  @usableFromInline
  package mutating func decide(
    _ lookUp: LoadLookUp, failure: LoadFailure?,
    makeRefresh: (InvocationScope.Liveness?) -> PendingRefresh
  ) -> LoadDecision {
    let (found, windows) = (lookUp.found, lookUp.windows)
    if found?.isSettled == true { return .value }
    if let load = currentLoad(of: lookUp) {
      if let found, windows.mayServeWhileLoading(found.staleFor) { return serve(found) }
      load.join()
      return .join(load)
    }
    if let failure {
      counts.failureHits += 1
      if let found, windows.mayStandIn(found.staleFor),
        found.staleFor == nil || failure.kind.mayServeStale
      {
        return serve(found)
      }
      if failure.kind == .notFound { counts.notFoundHits += 1 }
      return .fail(failure.error)
    }
    if let found, found.staleFor != nil, windows.mayServeWhileLoading(found.staleFor) {
      switch addRefresh(lookUp, makeRefresh) {
      case .pending: return serve(found)
      case .added(let refresh):
        counts.staleHits += 1
        return .staleThenRefresh(refresh)
      case .refused: break
      }
    }
    guard let remaining = lookUp.time.remaining else { return .begin }
    if let found, windows.mayStandIn(found.staleFor),
      loadTimes.isTooLittle(
        remaining - InvocationScope.margin, ofHashes: CollectionOfOne(lookUp.hash))
    {
      return serve(found)
    }
    // By guess nothing is refused: a load that would have ended in time must be tried.
    if remaining == .zero, lookUp.time.isOwn {
      return .notEnoughTime(expected: loadTimes.last(ofHash: lookUp.hash) ?? .zero)
    }
    return .begin
  }

  private mutating func serve(_ found: FoundValue) -> LoadDecision {
    if found.staleFor != nil { counts.staleHits += 1 }
    return .value
  }

  /// The load of a key that may be joined; one that began before values of unknown keys were
  /// removed is superseded, for it may have read what was removed.
  package mutating func currentLoad(of lookUp: LoadLookUp) -> InFlightLoad? {
    guard let load = loads.find(lookUp.key, hash: lookUp.hash) else { return nil }
    if load.number > absenceForgottenAt { return load }
    supersede(lookUp.key, hash: lookUp.hash)
    return nil
  }

  /// Begins a load, which the caller starts after the lock is released; a refresh of the key that
  /// was pending is not needed any more.
  ///
  /// The load of a key that is not equal to itself is not noted: no other caller can join it, and
  /// its value could not be found.
  ///
  /// - Parameters:
  ///   - load: The load.
  ///   - lookUp: The key and what was found.
  ///   - isAnswered: Whether the look-up that it begins for has an answer already.
  @usableFromInline
  package mutating func begin(_ load: InFlightLoad, _ lookUp: LoadLookUp, isAnswered: Bool) {
    beginCount += 1
    load.number = beginCount
    if lookUp.isFindable { loads.insert(load) }
    dropRefresh(of: lookUp.key, hash: lookUp.hash)
    if load.hasOwnTask {
      if isAnswered { counts.noteSurplus(load) }
    } else {
      load.task.addLoad()
    }
    if lookUp.found != nil { counts.refreshes += 1 }
    load.join()
  }

  // MARK: Ends of loads

  /// Ends a load that has brought a value.
  ///
  /// - Parameters:
  ///   - load: The load.
  ///   - duration: How long it took; `nil` for one of several keys, whose call counts as one load.
  ///   - tags: The tags of the value.
  /// - Returns: Whether the value is to be stored: the load is still that of its key, and nothing
  ///   that it may bring was removed since it began.
  @usableFromInline
  package mutating func finish(
    _ load: InFlightLoad, after duration: Duration?, tags: TagList?
  ) -> Bool {
    if let duration {
      counts.noteSuccess(duration)
      loadTimes.learn(duration, ofHash: load.hash)
    }
    guard remove(load, tags: tags) else { return false }
    if let duration { counts.learn(duration) }
    return true
  }

  /// Ends a load that has failed.
  ///
  /// - Parameters:
  ///   - load: The load.
  ///   - duration: How long it took; `nil` for one of several keys, whose call counts as one load.
  ///   - kind: The class of the error.
  /// - Returns: Whether the error is about the key as it is now, and whether it may be remembered.
  package mutating func finish(
    _ load: InFlightLoad, after duration: Duration?, failingWith kind: LoadErrorClass
  ) -> (isCurrent: Bool, mayRemember: Bool) {
    if let duration {
      counts.noteFailure(duration, isNotFound: kind == .notFound)
      noteLowerBound(load, duration)
    }
    load.mayServeStale = kind.mayServeStale
    guard remove(load) else { return (false, false) }
    let isOutdated = kind.saysOfKey && load.number <= absenceForgottenAt
    return (true, !isOutdated)
  }

  /// Counts the call that several loads share; `kind` is the class of its error, if it has failed.
  package mutating func noteCall(
    of loads: [InFlightLoad], _ duration: Duration, failingWith kind: LoadErrorClass?
  ) {
    if let kind {
      counts.noteFailure(duration, isNotFound: kind == .notFound)
    } else {
      counts.noteSuccess(duration)
    }
    for load in loads {
      if kind == nil {
        loadTimes.learn(duration, ofHash: load.hash)
      } else {
        noteLowerBound(load, duration)
      }
    }
  }

  /// Learns from a load that was abandoned and has failed how long it would have taken at the
  /// least.
  private mutating func noteLowerBound(_ load: InFlightLoad, _ duration: Duration) {
    if load.interestedCount == 0 { loadTimes.learn(atLeast: duration, ofHash: load.hash) }
  }

  /// Removes a load whose key was changed meanwhile: its value would not be found.
  package mutating func drop(_ load: InFlightLoad) { _ = remove(load) }

  /// Removes a load that has ended or that no caller waits for.
  ///
  /// - Returns: Whether it was still the load of its key, and nothing that it may bring was removed
  ///   since it began.
  private mutating func remove(_ load: InFlightLoad, tags: TagList? = nil) -> Bool {
    guard load.isInTable else { return false }
    loads.remove(load)
    let isOvertaken =
      tags.map { tags in
        tags.names.contains {
          let tag = TagName(text: $0, isExact: tags.isExact)
          return max(removedTags[tag] ?? 0, allTagsRemoved) >= load.number
        }
      } ?? false
    if loads.isEmpty, !removedTags.isEmpty { removedTags = [:] }
    return !isOvertaken && load.number > outdatedCount
  }

  // MARK: Waiters

  /// Cancels the waiting of a caller, or that of one that has not begun to wait.
  ///
  /// - Parameters:
  ///   - load: The load.
  ///   - waiter: The waiter; `nil` for a caller that does not wait at all.
  ///   - reason: The error that the caller throws.
  ///   - finishesAbandoned: Whether the load goes on if no other caller waits for it.
  package mutating func cancelWaiting(
    for load: InFlightLoad, _ waiter: LoadWaiter?, reason: any Error, finishesAbandoned: Bool
  ) -> LoadEffects {
    var effects = LoadEffects()
    let isCancelled: Bool
    if let waiter {
      (effects.waiter, isCancelled) = load.cancelWaiting(waiter, reason: reason)
    } else {
      isCancelled = load.cancelInterest()
    }
    // A key whose load is abandoned is free to be loaded again.
    if isCancelled, !finishesAbandoned, load.interestedCount == 0 {
      _ = remove(load)
      (effects.cancelled, effects.releasedByteCount) = load.task.abandonLoad()
    }
    return effects
  }

  /// Returns whether a value that the cache had may be served in the place of what a load brings.
  ///
  /// - Parameters:
  ///   - staleFor: How long ago it has expired; `nil` if it is fresh.
  ///   - load: The load, which has failed or whose time is over.
  ///   - windows: How long stale values may be served.
  ///   - isCounted: Whether it is going to be served.
  package mutating func mayServe(
    valueStaleFor staleFor: Duration?, inPlaceOf load: InFlightLoad, _ windows: StaleWindows,
    isCounted: Bool
  ) -> Bool {
    // A value that was removed meanwhile must not come back.
    guard !load.isSuperseded, windows.mayStandIn(staleFor) else { return false }
    guard staleFor != nil else { return true }
    // A waiter leaves a load that goes on only because its time limit has passed.
    guard !load.hasResult || load.mayServeStale else { return false }
    if isCounted {
      counts.staleHits += 1
      counts.noteSurplus(load.task)
    }
    return true
  }
}

// MARK: - Writes and removals

extension LoadStateMachine {
  /// Forgets the load of a key: a write or a removal has overtaken it, so its result must not be
  /// stored, and later look-ups must not join it.
  @usableFromInline
  package mutating func supersede(_ key: UnsafeRawPointer, hash: UInt32) {
    if let load = loads.find(key, hash: hash) {
      loads.remove(load)
      load.isSuperseded = true
    }
    dropRefresh(of: key, hash: hash)
  }

  /// Forgets every load and every refresh.
  ///
  /// - Returns: What was there, to be destroyed outside of the lock.
  package mutating func supersedeAll() -> [any KeyedNode] {
    let loads = self.loads.removeAll()
    for load in loads { load.isSuperseded = true }
    removedTags = [:]
    var nodes: [any KeyedNode] = loads
    nodes += refreshes.removeAll() as [any KeyedNode]
    nodes += takeDroppedRefreshes() as [any KeyedNode]
    return nodes
  }

  /// Notes that the entries with a tag are removed: loads that have begun must not bring any back.
  mutating func supersedeAll(tagged tag: TagName) {
    guard !loads.isEmpty else { return }
    if removedTags.count >= Self.removedTagLimit {
      removedTags = [:]
      allTagsRemoved = beginCount
    }
    removedTags[tag] = beginCount
  }

  /// Notes that entries were removed by a condition, which results of loads that have begun may
  /// fulfil.
  package mutating func supersedeResults() { outdatedCount = beginCount }

  /// Notes that it is forgotten which keys have no value: loads that have begun say nothing of it.
  package mutating func forgetAbsence() { absenceForgottenAt = beginCount }
}

// MARK: - Refreshes of values that were served stale

extension LoadStateMachine {
  /// What becomes of the refresh that a stale value needs.
  private enum Addition {
    /// Another invocation runs it.
    case pending
    /// The caller's invocation has to run it.
    case added(PendingRefresh)
    /// The look-up loads the value itself.
    case refused
  }

  private mutating func addRefresh(
    _ lookUp: LoadLookUp, _ make: (InvocationScope.Liveness?) -> PendingRefresh
  ) -> Addition {
    if let refresh = refreshes.find(lookUp.key, hash: lookUp.hash) {
      return refresh.runner?.isOpen == true ? .pending : .refused
    }
    if refreshes.count >= Self.refreshLimit {
      // Those that no invocation runs are as good as none.
      for refresh in refreshes.nodes where refresh.runner?.isOpen != true { drop(refresh) }
      guard refreshes.count < Self.refreshLimit else { return .refused }
    }
    guard lookUp.isFindable else { return .refused }
    let scope = lookUp.time.scope
    let runner = scope?.takesRefreshes == true ? scope?.liveness : nil
    let refresh = make(runner)
    refreshes.insert(refresh)
    return runner == nil ? .pending : .added(refresh)
  }

  private mutating func dropRefresh(of key: UnsafeRawPointer, hash: UInt32) {
    if let refresh = refreshes.find(key, hash: hash) { drop(refresh) }
  }

  /// Removes a refresh: it is done, or not wanted any more.
  package mutating func drop(_ refresh: PendingRefresh) {
    guard refresh.isInTable else { return }
    refreshes.remove(refresh)
    droppedRefreshes.append(refresh)
  }

  /// Takes the refreshes that were dropped, to be destroyed outside of the lock.
  @usableFromInline
  package mutating func takeDroppedRefreshes() -> [PendingRefresh] {
    if droppedRefreshes.isEmpty { return [] }
    defer { droppedRefreshes = [] }
    return droppedRefreshes
  }

  /// Chooses the refreshes that an invocation begins now, all of them or none.
  ///
  /// Whether there is time is decided once for the call that loads them. Those that are not chosen
  /// are left to the next look-ups.
  ///
  /// - Parameters:
  ///   - refreshes: The refreshes that were left to the invocation.
  ///   - timeLeft: The time that there is; `nil` if that is not known.
  ///   - isFailing: Whether a remembered failure keeps a key from being loaded.
  package mutating func claim(
    _ refreshes: [PendingRefresh], timeLeft: Duration?, isFailing: (PendingRefresh) -> Bool
  ) -> [PendingRefresh] {
    let wanted = refreshes.filter { $0.isInTable && !isFailing($0) }
    for refresh in refreshes { refresh.runner = nil }
    if let timeLeft, loadTimes.isTooLittle(timeLeft, ofHashes: wanted.lazy.map(\.hash)) {
      return []
    }
    for refresh in wanted { drop(refresh) }
    return wanted
  }
}
