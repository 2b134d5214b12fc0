/// Members come, go and change what they ask for.
extension MemoryBudget {
  /// Registers a request; the member gets its bytes when it is attached to the share.
  ///
  /// - Parameters:
  ///   - name: The name that ``explain()`` shows.
  ///   - request: What the member asks for.
  /// - Returns: The share, which the member keeps for as long as it lives.
  package func register(name: String, request: BudgetRequest) -> BudgetShare {
    let (id, count) = state.withLock { state in
      (state.insert(name: name, request: request), state.members.count)
    }
    watch?.noteMembers(count)
    return BudgetShare(budget: self, id: id)
  }

  func assignedByteCount(of id: Int) -> Int {
    state.withLock { state in
      state.index(of: id).map { state.members[$0].granted } ?? 0
    }
  }

  /// What an attached member would have if nobody used anything.
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
    let (isMine, waiter, count) = state.withLock { state in
      guard let index = state.index(of: id) else {
        return (false, BudgetQueue.Continuation?.none, state.members.count)
      }
      state.members.remove(at: index)
      return (state.noteChange(), state.queue.next(), state.members.count)
    }
    watch?.noteMembers(count)
    waiter?.resume()
    if isMine { settle() }
  }

  /// Changes a member's entry and settles the budget.
  func change(_ id: Int, _ body: (inout BudgetState.Member) -> Void) {
    let isMine = state.withLock { state in
      guard let index = state.index(of: id) else { return false }
      body(&state.members[index])
      return state.noteChange()
    }
    if isMine { settle() }
  }

  /// Moves what nobody uses to where it is a fair share, and keeps maximums.
  ///
  /// Nothing in use is taken for that. One thread settles at a time and holds no lock while it
  /// calls members; who comes in between leaves a note and does not wait. So nothing that a member
  /// does meanwhile can lead to a deadlock.
  private func settle() {
    while let plan = state.withLock({ $0.nextPlan(terms: terms) }) {
      for (id, fairShare) in plan { lower(id, to: fairShare) }
      for (id, fairShare) in plan { raise(id, to: fairShare) }
    }
  }

  // A member is always handed out of the lock, even if there is nothing for it to do: if that were
  // the last reference to it, it would be destroyed, and want the lock, inside.

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

/// What is booked for a member, and the most that may be.
private struct Booking {
  let granted: Int
  let ceiling: Int

  init(_ member: BudgetState.Member) {
    granted = member.granted
    ceiling = member.ceiling
  }
}
