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
    _ byteCount: Int, mayWait: @Sendable () -> Bool
  ) async -> Int {
    while true {
      let (got, isAlone) = budget.collect(byteCount, for: id)
      guard got < byteCount, !isAlone, mayWait(), !Task.isCancelled else {
        // Who waited behind this one may fit beside it.
        budget.wakeNext()
        return got
      }
      await budget.waitForLoads(giving: got, of: id, mayWait: mayWait)
    }
  }

  /// Books bytes for a load as ``reserve(_:mayWait:)`` does, as many as there are now.
  package func reserveNow(_ byteCount: Int) -> Int { budget.collect(byteCount, for: id).got }

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

  /// Books bytes for a load: free ones, then those that members have.
  ///
  /// All loads under way together get half of the budget, so that a burst leaves something of what
  /// is cached; a load alone may have all of it.
  ///
  /// - Returns: How many, none if the other loads leave too little; and whether there was no other.
  fileprivate func collect(_ byteCount: Int, for id: Int) -> (got: Int, isAlone: Bool) {
    let (first, isAlone) = state.withLock { state -> (Int?, Bool) in
      let claimed = state.claimedByteCount
      guard claimed == 0 || claimed + byteCount <= terms.byteLimit / 2 else {
        return (nil, false)
      }
      state.wantedByteCount += byteCount
      return (state.reserve(byteCount, for: id), claimed == 0)
    }
    guard let first else { return (0, false) }
    let got = first + take(byteCount - first, for: id)
    // What could not be had is not wanted any more.
    state.withLock { $0.wantedByteCount -= byteCount - got }
    return (got, isAlone)
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

  /// Gives back what was booked, and waits until a load has ended unless all have.
  fileprivate nonisolated(nonsending) func waitForLoads(
    giving got: Int, of id: Int, mayWait: @Sendable () -> Bool
  ) async {
    let ticket = state.withLock { state in
      state.endReservation(got, of: id)
      return state.queue.ticket()
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waiter = BudgetQueue.Waiter(ticket: ticket, continuation: continuation)
        let ready = state.withLock { state in
          state.claimedByteCount == 0 || !mayWait() ? waiter : state.queue.enqueue(waiter)
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

  /// Has all loads that wait look again whether they still may.
  func wakeAllLoads() {
    let waiters = state.withLock { state in
      var waiters: [BudgetQueue.Waiter] = []
      while let waiter = state.queue.next() { waiters.append(waiter) }
      return waiters
    }
    for waiter in waiters { waiter.resume() }
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
    guard let index = index(of: id) else { return }
    precondition(
      byteCount <= members[index].reserved, "a load gave back more than it had reserved")
    members[index].reserved -= byteCount
  }
}
