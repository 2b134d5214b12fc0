/// Members that come, go and change their requests.
extension MemoryBudget {
  /// Registers a request; the member gets its bytes when it is attached to the share.
  ///
  /// - Parameters:
  ///   - name: The name that ``explain()`` shows.
  ///   - request: The request of the member.
  /// - Returns: The share, which the member keeps for as long as it lives.
  package func register(name: String, request: BudgetRequest) -> BudgetShare {
    let (id, count) = state.withLock { state in
      (state.insert(name: name, request: request), state.members.count)
    }
    monitor?.noteMembers(count)
    return BudgetShare(budget: self, id: id)
  }

  func assignedByteCount(of id: Int) -> Int {
    state.withLock { state in
      state.index(of: id).map { state.members[$0].granted } ?? 0
    }
  }

  /// The bytes that an attached member would have if no member used any.
  func fairShare(of id: Int) -> Int {
    state.withLock { state in
      state.fairShares(terms: terms).first { $0.id == id }?.fairShare ?? 0
    }
  }

  func attach(_ member: any BudgetMember, to id: Int) {
    change(id) { entry in
      entry.member = member
      entry.isAttached = true
    }
  }

  func withdraw(_ id: Int) {
    let (mustRebalance, waiter, count) = state.withLock { state in
      guard let index = state.index(of: id) else {
        return (false, BudgetQueue.Continuation?.none, state.members.count)
      }
      state.members.remove(at: index)
      return (state.noteChange(), state.queue.next(), state.members.count)
    }
    monitor?.noteMembers(count)
    waiter?.resume()
    if mustRebalance { rebalance() }
  }

  /// Changes a member's entry and rebalances the budget.
  func change(_ id: Int, _ body: (inout BudgetState.Member) -> Void) {
    let mustRebalance = state.withLock { state in
      guard let index = state.index(of: id) else { return false }
      body(&state.members[index])
      return state.noteChange()
    }
    if mustRebalance { rebalance() }
  }

  /// Moves unused bytes to the members whose fair shares they are, and enforces maximums.
  ///
  /// No bytes in use are taken. One thread rebalances at a time, and holds no lock while it calls
  /// members; another one that comes in between only notes the change. So nothing that a member
  /// does meanwhile can lead to a deadlock.
  private func rebalance() {
    while let plan = state.withLock({ $0.nextPlan(terms: terms) }) {
      for (id, fairShare) in plan { lower(id, to: fairShare) }
      for (id, fairShare) in plan { raise(id, to: fairShare) }
    }
  }

  // A member is always handed out of the lock, even if nothing is to be done with it: if that were
  // the last reference to it, it would be destroyed inside, and its `deinit` takes the lock.

  private func lower(_ id: Int, to fairShare: Int) {
    let found = state.withLock { state -> (member: any BudgetMember, entry: Booking)? in
      guard let index = state.index(of: id), let member = state.members[index].member else {
        return nil
      }
      return (member, Booking(state.members[index]))
    }
    guard let (member, entry) = found else { return }
    let excess = entry.granted - min(fairShare, entry.ceiling)
    guard excess > 0 else { return }
    let given = member.give(upTo: excess, from: .unused)
    state.withLock { $0.bookOff(given, of: id) }
    let above = entry.granted - given - entry.ceiling
    guard above > 0 else { return }
    let evicted = member.give(upTo: above, from: .coldest(.size))
    state.withLock { $0.bookOff(evicted, of: id) }
  }

  private func raise(_ id: Int, to fairShare: Int) {
    let found = state.withLock { state -> (member: any BudgetMember, booked: Int)? in
      guard let index = state.index(of: id), let member = state.members[index].member else {
        return nil
      }
      return (member, state.book(fairShare - state.members[index].granted, for: id))
    }
    if let (member, booked) = found, booked > 0 { member.grow(by: booked) }
  }
}

/// The bytes booked for a member, and the most that may be.
private struct Booking {
  let granted: Int
  let ceiling: Int

  init(_ member: BudgetState.Member) {
    granted = member.granted
    ceiling = member.ceiling
  }
}
