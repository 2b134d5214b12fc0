/// Loads under way have their bytes booked before they start.
extension BudgetShare {
  /// Books bytes for a load, taking them from the coldest entries of all members if it must.
  ///
  /// If other loads leave too little, the load waits until one of them has ended: a burst of misses
  /// takes longer, and does not take more memory. The only load under way never waits; it gets what
  /// there is.
  ///
  /// - Parameters:
  ///   - byteCount: What the load is expected to bring.
  ///   - mayWait: Whether the load may wait at the moment: not one that another load waits for. Asked
  ///     under the lock of the budget.
  /// - Returns: The bytes booked. They must be handed to ``redeem(_:)`` or ``release(_:)``.
  package nonisolated(nonsending) func reserve(
    _ byteCount: Int, mayWait: @escaping @Sendable () -> Bool
  ) async -> Int {
    while true {
      let collection = budget.collect(byteCount, for: id)
      guard collection.got < byteCount, !collection.isAlone, mayWait(), !Task.isCancelled else {
        // Who waited behind this one may fit beside it.
        budget.wakeNext()
        return collection.got
      }
      await budget.waitForLoads(giving: collection, of: id, mayWait: mayWait)
    }
  }

  /// Books bytes for a load as ``reserve(_:mayWait:)`` does, as many as there are now.
  package func reserveNow(_ byteCount: Int) -> Int {
    defer { budget.wakeNext() }
    return budget.collect(byteCount, for: id).got
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

  /// How many loads wait for others to end.
  package var waitingLoadCount: Int { state.withLock { $0.queue.count } }

  /// What a load could have of what it asked for.
  fileprivate struct Collection {
    var got = 0
    /// Whether there was no other load.
    var isAlone = false
    /// How often loads had given something back, but for this one; -1 if others have since it began.
    var releaseCount = 0
    /// The last ticket of the queue when it began.
    var lastTicket = 0

    /// Gives something back in the name of the one who collects.
    mutating func release(_ state: inout BudgetState, _ body: (inout BudgetState) -> Void) {
      let isUnchanged = state.releaseCount == releaseCount
      body(&state)
      releaseCount = isUnchanged ? state.releaseCount : -1
    }
  }

  /// Books bytes for a load: free ones, then those that members have.
  ///
  /// All loads under way together get half of the budget, so that a burst leaves something of what
  /// is cached; a load alone may have all of it.
  ///
  /// - Returns: How many, none if the other loads leave too little.
  fileprivate func collect(_ byteCount: Int, for id: Int) -> Collection {
    var collection = Collection()
    let isAllowed = state.withLock { state in
      let claimed = state.claimedByteCount
      collection.isAlone = claimed == 0
      collection.releaseCount = state.releaseCount
      collection.lastTicket = state.queue.lastTicket
      guard claimed == 0 || claimed + byteCount <= terms.byteLimit / 2 else { return false }
      state.wantedByteCount += byteCount
      collection.got = state.reserve(byteCount, for: id)
      return true
    }
    guard isAllowed else { return collection }
    collection.got += take(byteCount - collection.got, for: id)
    // What could not be had is not wanted any more.
    state.withLock { state in
      let lacking = byteCount - collection.got
      collection.release(&state) { $0.noteUnwanted(lacking) }
    }
    return collection
  }

  /// Books bytes for a load that members have: unused ones, then those of the coldest entries.
  ///
  /// - Returns: How many.
  private func take(_ byteCount: Int, for id: Int) -> Int {
    var got = 0
    for reachable in state.withLock({ $0.reachable }) where got < byteCount {
      let given = reachable.member.give(upTo: byteCount - got, from: .unused)
      got += state.withLock { state in
        state.bookOff(given, of: reachable.id)
        return state.reserve(given, for: id)
      }
    }
    guard got < byteCount else { return got }
    var ranking = look()
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

  /// Gives back what was booked, and waits until a load has ended, unless one has meanwhile or all
  /// have.
  fileprivate nonisolated(nonsending) func waitForLoads(
    giving collection: Collection, of id: Int, mayWait: @escaping @Sendable () -> Bool
  ) async {
    let got = collection.got
    var released = collection
    let (ticket, refused) = state.withLock { state in
      released.release(&state) { $0.endReservation(got, of: id) }
      // Who began to wait while this one was collecting may have been refused because of that.
      let refused = state.queue.takeAll { $0.ticket > collection.lastTicket }
      return (state.queue.ticket(), refused)
    }
    let releaseCount = released.releaseCount
    for waiter in refused { waiter.resume() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waiter = BudgetQueue.Waiter(
          ticket: ticket, mayWait: mayWait, continuation: continuation)
        let ready = state.withLock { state in
          state.claimedByteCount == 0 || state.releaseCount != releaseCount || !mayWait()
            ? waiter : state.queue.enqueue(waiter)
        }
        ready?.resume()
      }
    } onCancel: {
      state.withLock { $0.queue.withdraw(ticket) }?.resume()
    }
    state.withLock { $0.queue.forget(ticket) }
  }

  fileprivate func endLoad(_ byteCount: Int, of id: Int, keeping: Bool) -> Int {
    let kept = state.withLock { state in
      state.endReservation(byteCount, of: id)
      return keeping ? state.book(byteCount, for: id) : 0
    }
    wakeNext()
    return kept
  }

  /// Has loads go on that waited and may not any more.
  func wakeWanted() {
    let wanted = state.withLock { $0.queue.takeAll { !$0.mayWait() } }
    for waiter in wanted { waiter.resume() }
  }

  fileprivate func wakeNext() {
    state.withLock { $0.queue.next() }?.resume()
  }
}

extension BudgetState {
  /// Books free bytes for a member's load.
  ///
  /// - Returns: How many.
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

  /// Notes that a load has stopped to collect what it lacks.
  fileprivate mutating func noteUnwanted(_ byteCount: Int) {
    guard byteCount > 0 else { return }
    wantedByteCount -= byteCount
    releaseCount += 1
  }
}
