/// Bytes that are booked for loads before they start.
extension BudgetShare {
  /// Books bytes for a load, taking them from the coldest entries of all members if it must.
  ///
  /// If other loads leave too little, the load waits until one of them has ended: a burst of misses
  /// takes longer, and does not take more memory. The only load under way never waits; it gets the
  /// bytes there are. Nor does any wait for ever: loads that hold the bytes may themselves wait,
  /// unseen, for one that has none. If the load that has waited longest is the same one for
  /// ``MemoryBudget/loadWaitLimit``, it goes on with the bytes it could have, perhaps none, and
  /// then twice as many each time.
  ///
  /// - Parameters:
  ///   - byteCount: The bytes that the load is expected to bring.
  ///   - waiter: The load; it does not wait if it must not (``BudgetWaiter/mustGoOn``).
  /// - Returns: The bytes booked. They must be passed to ``redeem(_:)`` or ``release(_:)``.
  package nonisolated(nonsending) func reserve(
    _ byteCount: Int, for waiter: BudgetWaiter
  ) async -> Int {
    while true {
      let collection = budget.collect(byteCount, for: id)
      guard collection.got < byteCount, !collection.isAlone, !waiter.mustGoOn, !Task.isCancelled
      else {
        budget.endCollecting(collection)
        return collection.got
      }
      await budget.waitForLoads(giving: collection, of: id, waiter)
    }
  }

  /// Books bytes for a load as ``reserve(_:for:)`` does, as many as there are now.
  package func reserveNow(_ byteCount: Int) -> Int {
    let collection = budget.collect(byteCount, for: id)
    budget.endCollecting(collection)
    return collection.got
  }

  /// Turns the bytes of a load that has ended into the member's own.
  ///
  /// - Returns: The bytes booked, for the caller to add to the member's limit: fewer if the member
  ///   is at its maximum.
  package func redeem(_ byteCount: Int) -> Int {
    budget.endLoad(byteCount, of: id, keeping: true)
  }

  /// Gives the bytes of a load back.
  package func release(_ byteCount: Int) {
    _ = budget.endLoad(byteCount, of: id, keeping: false)
  }
}

extension MemoryBudget {
  /// The bytes booked for loads under way.
  package var reservedByteCount: Int { state.withLock { $0.reservedByteCount } }

  /// The loads that wait for others to end.
  package var waitingLoadCount: Int { state.withLock { $0.queue.count } }

  /// The bytes that a load could have of those it asked for.
  fileprivate struct Collection {
    var got = 0
    /// Whether there was no other load.
    var isAlone = false
    /// Whether it was allowed to collect anything.
    var isAllowed = false
    /// The number of times that loads had given something back, except for this one; -1 if others
    /// have since it began.
    var releaseCount = 0

    /// Gives something back for the load that collects.
    mutating func release(_ state: inout BudgetState, _ body: (inout BudgetState) -> Void) {
      let isUnchanged = state.releaseCount == releaseCount
      body(&state)
      releaseCount = isUnchanged ? state.releaseCount : -1
    }
  }

  /// Books bytes for a load: free ones, then those that members have.
  ///
  /// All loads under way together get half of the budget, so that a burst leaves a part of the
  /// cached entries; a load alone may have all of it.
  ///
  /// - Returns: The bytes booked, none if the other loads leave too little.
  fileprivate func collect(_ byteCount: Int, for id: Int) -> Collection {
    var collection = Collection()
    state.withLock { state in
      let claimed = state.claimedByteCount
      collection.isAlone = claimed == 0
      collection.releaseCount = state.releaseCount
      guard claimed == 0 || claimed + byteCount <= terms.byteLimit / 2 else { return }
      collection.isAllowed = true
      state.queue.beginCollecting()
      state.wantedByteCount += byteCount
      collection.got = state.reserve(byteCount, for: id)
    }
    guard collection.isAllowed else { return collection }
    if collection.got < byteCount { collection.got += take(byteCount - collection.got, for: id) }
    let lacking = byteCount - collection.got
    if lacking > 0 {
      // Bytes that could not be had are not wanted any more.
      state.withLock { state in collection.release(&state) { $0.noteUnwanted(lacking) } }
    }
    return collection
  }

  /// Books bytes of members for a load: unused ones, then those of the coldest entries.
  ///
  /// - Returns: The bytes booked.
  private func take(_ byteCount: Int, for id: Int) -> Int {
    var got = 0
    var giver = -1
    // One after the other, since the first usually has enough.
    while got < byteCount, let reachable = state.withLock({ $0.reachable(behind: giver) }) {
      giver = reachable.id
      let given = reachable.member.give(upTo: byteCount - got, from: .unused)
      got += state.withLock { state in
        state.bookOff(given, of: reachable.id)
        return state.reserve(given, for: id)
      }
    }
    guard got < byteCount else { return got }
    var ranking = sampleMembers()
    while got < byteCount, let place = ranking.coldest {
      let victim = ranking[place]
      let allowed = state.withLock { $0.bytesAboveFloor(of: victim.id) }
      let given = victim.reachable.member.give(
        upTo: min(byteCount - got, step, allowed), from: .coldest(.size))
      if given == 0 { ranking.remove(at: place) } else { ranking[place].byteCount -= given }
      got += state.withLock { state in
        state.bookOff(given, of: victim.id)
        return state.reserve(given, for: id)
      }
    }
    return got
  }

  /// Ends the collecting of a load that goes on; a load that waited behind it may fit beside it.
  fileprivate func endCollecting(_ collection: Collection) {
    let waiter = state.withLock { state in
      if collection.isAllowed { _ = state.queue.endCollecting(hasGivenUp: false) }
      return state.queue.next()
    }
    waiter?.resume()
  }

  /// Gives back the booked bytes, and waits until a load has ended, unless one has meanwhile or all
  /// have.
  fileprivate nonisolated(nonsending) func waitForLoads(
    giving collection: Collection, of id: Int, _ waiter: BudgetWaiter
  ) async {
    let got = collection.got
    var released = collection
    let refused = state.withLock { state in
      released.release(&state) { $0.endReservation(got, of: id) }
      return collection.isAllowed ? state.queue.endCollecting(hasGivenUp: true) : []
    }
    let releaseCount = released.releaseCount
    for other in refused { other.resume() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (waits, isUnexamined) = state.withLock { state in
          guard state.claimedByteCount > 0, state.releaseCount == releaseCount, !waiter.mustGoOn,
            state.queue.enqueue(waiter, continuation)
          else { return (false, false) }
          return (true, state.queue.beginExamining())
        }
        if !waits { continuation.resume() }
        if isUnexamined { examineLater() }
      }
    } onCancel: {
      state.withLock { $0.queue.withdraw(waiter) }?.resume()
    }
  }

  fileprivate func endLoad(_ byteCount: Int, of id: Int, keeping: Bool) -> Int {
    let kept = state.withLock { state in
      state.endReservation(byteCount, of: id)
      return keeping ? state.book(byteCount, for: id) : 0
    }
    wakeNext()
    return kept
  }

  /// Has a load go on for which another one waits.
  package func hurry(_ waiter: BudgetWaiter) {
    waiter.hurry()
    state.withLock { $0.queue.take(waiter) }?.resume()
  }

  fileprivate func wakeNext() {
    state.withLock { $0.queue.next() }?.resume()
  }
}

/// The guarantee that no load waits for ever.
extension MemoryBudget {
  /// The number of waiting loads that were visited, all in all.
  package var waitingLoadVisits: Int { state.withLock { $0.queue.visitCount } }

  /// Examines the waiting loads, and has some go on if none has since the last time.
  ///
  /// Their values have no bytes booked ahead then. They are stored in the place of other entries
  /// all the same, so no limit is exceeded; only the memory of values on their way is not bounded
  /// any more.
  package func admitStalledLoads() {
    let stalled = state.withLock { $0.queue.takeStalled() }
    for waiter in stalled { waiter.resume() }
  }

  fileprivate func examineLater() {
    _ = DeadlineTimer.schedule(at: .now + loadWaitLimit) { [weak self] in self?.examineQueue() }
  }

  private func examineQueue() {
    admitStalledLoads()
    let isOver = state.withLock { $0.queue.endExaminingIfEmpty() }
    if !isOver { examineLater() }
  }
}

extension BudgetState {
  /// Books free bytes for a member's load.
  ///
  /// - Returns: The bytes booked.
  fileprivate mutating func reserve(_ byteCount: Int, for id: Int) -> Int {
    guard let index = index(of: id) else { return 0 }
    let booked = max(0, min(byteCount, freeByteCount))
    members[index].reserved += booked
    wantedByteCount -= booked
    return booked
  }

  fileprivate mutating func endReservation(_ byteCount: Int, of id: Int) {
    guard byteCount > 0, let index = index(of: id) else { return }
    precondition(
      byteCount <= members[index].reserved, "a load gave back more than it had reserved")
    members[index].reserved -= byteCount
    releaseCount += 1
  }

  /// Notes that a load has stopped collecting the bytes it lacks.
  fileprivate mutating func noteUnwanted(_ byteCount: Int) {
    guard byteCount > 0 else { return }
    wantedByteCount -= byteCount
    releaseCount += 1
  }
}
