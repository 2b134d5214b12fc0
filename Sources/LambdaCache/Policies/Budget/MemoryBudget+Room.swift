/// A member needs more than it has: where the bytes come from.
extension MemoryBudget {
  /// The least that is moved between members where there is a choice: a 128th of the budget, at
  /// most 1 MiB, so that the budget is asked seldom and nobody's lock is held for long.
  var step: Int { min(max(terms.byteLimit / 128, 1), 1 << 20) }

  /// The bytes that a cache inserts between two looks at how warm all of them are; a look takes
  /// each one's lock for a moment.
  var lookInterval: Int { max(step, 4 << 10) }

  /// Books bytes for a member.
  ///
  /// They come from what is free; then from what other members do not use; then from the coldest
  /// entries of other members, while those are clearly colder than its own, or while it has less
  /// than its share and is asked more than that; and what it must have, or lacks of its minimum,
  /// from the coldest entries of the others whatever their age. Nobody's entries are pushed below
  /// its minimum, and nobody's who is asked as much as its share below that, but for what somebody
  /// must have.
  func acquire(for id: Int, wanted: Int, required: Int) -> Int {
    var (got, headroom) = state.withLock { state in
      (state.book(wanted + step, for: id), state.headroom(of: id))
    }
    // Whoever may not grow takes nothing from others.
    let wanted = min(wanted, got + headroom)
    guard got < wanted else { return got }
    let others = state.withLock { state in state.reachable.filter { $0.id != id } }
    guard !others.isEmpty else { return got }
    for other in others where got < wanted {
      got += move(wanted + step - got, from: other, to: id, source: .unused)
    }
    guard got < wanted else { return got }
    var ranking = look()
    let claims = state.withLock { $0.claims(of: id) }
    let required = min(wanted, max(required, got + claims.toFloor))
    let due = max(required, min(wanted, got + claims.toShare))
    // A quarter more, or two caches in equal use would take turns.
    let limit = (ranking.first { $0.id == id }?.coldness ?? 0) * 1.25
    ranking.removeAll { $0.id == id }
    while got < wanted, let place = ranking.coldest {
      let victim = ranking[place]
      guard got < due || victim.coldness > limit else { break }
      let most = got < due ? max(step, required - got) : victim.byteCount(colderThan: limit)
      let moved = move(
        min(most, max(step, required - got)), from: victim.reachable, to: id,
        source: .coldest(.size), keepingShare: got >= required)
      if moved == 0 {
        ranking.remove(at: place)
      } else {
        got += moved
        ranking[place].byteCount -= moved
      }
    }
    return got
  }

  func giveBack(_ byteCount: Int, of id: Int) {
    let waiter = state.withLock { state in
      state.bookOff(byteCount, of: id)
      return state.queue.next()
    }
    waiter?.resume()
  }

  /// Moves booked bytes from one member to another.
  ///
  /// - Parameters:
  ///   - byteCount: The most to move.
  ///   - other: The member that gives.
  ///   - id: The member that is given to.
  ///   - source: Where the bytes may come from.
  ///   - keepsShare: Whether a member that is asked as much as its share keeps that.
  /// - Returns: How many.
  private func move(
    _ byteCount: Int, from other: BudgetState.Reachable, to id: Int, source: BudgetSource,
    keepingShare keepsShare: Bool = true
  ) -> Int {
    let allowed = state.withLock { state in
      let spare =
        if source == .unused {
          Int.max
        } else if keepsShare {
          state.bytesAboveShare(of: other.id)
        } else {
          state.bytesAboveFloor(of: other.id)
        }
      return min(state.headroom(of: id), spare)
    }
    let given = other.member.give(upTo: min(byteCount, allowed), from: source)
    return state.withLock { state in
      state.bookOff(given, of: other.id)
      return state.book(given, for: id)
    }
  }

  /// A member and how cold its entries are: from the coldest to the hottest as if evenly spread.
  struct Ranked {
    let reachable: BudgetState.Reachable
    let coldest: Double
    let hottest: Double
    let fullByteCount: Int
    var byteCount: Int

    var id: Int { reachable.id }

    /// Less as entries go: what is left is younger.
    var coldness: Double {
      guard byteCount > 0 else { return 0 }
      return hottest + (coldest - hottest) * (Double(byteCount) / Double(max(fullByteCount, 1)))
    }

    /// How many bytes lie in entries that are colder than a limit.
    ///
    /// At least 1 KiB, since neither number is exact. Of a member that has little, not all goes at
    /// once.
    func byteCount(colderThan limit: Double) -> Int {
      let coldness = coldness
      guard limit > hottest, coldness > hottest else { return byteCount }
      let part = (coldness - limit) / (coldness - hottest)
      return max(1 << 10, Int(Double(byteCount) * part))
    }
  }

  /// Looks at all members.
  ///
  /// - Complexity: O(*n*) in the number of members; each one's lock is held for a moment.
  func look() -> [Ranked] {
    let samples = state.withLock { $0.reachable }.map { ($0, $0.member.budgetSample) }
    return state.withLock { state in
      var fresh: [(index: Int, touches: Double)] = []
      for (reachable, sample) in samples {
        guard let index = state.index(of: reachable.id) else { continue }
        fresh.append((index, state.members[index].heat.note(sample)))
      }
      let before = state.touches
      let now = before + fresh.reduce(0) { $0 + $1.touches }
      let allRequests = fresh.reduce(0) { $0 + state.members[$1.index].heat.freshRequests }
      for (index, touches) in fresh {
        state.members[index].heat.add(touches, before: before, now: now, allRequests: allRequests)
      }
      state.touches = now
      state.noteRequests()
      return samples.compactMap { reachable, sample in
        guard let index = state.index(of: reachable.id) else { return nil }
        let (heat, weight) = (state.members[index].heat, state.members[index].request.weight)
        return Ranked(
          reachable: reachable, coldest: heat.age(now: now) / weight,
          hottest: heat.idleTime(now: now) / weight,
          fullByteCount: sample.byteCount, byteCount: sample.byteCount)
      }
    }
  }
}

extension [MemoryBudget.Ranked] {
  /// The place of the member that gives first.
  var coldest: Int? { indices.max { self[$0].coldness < self[$1].coldness } }
}
