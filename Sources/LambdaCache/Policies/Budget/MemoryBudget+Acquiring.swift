/// Bytes for a member that needs more than it has, and where they come from.
extension MemoryBudget {
  /// The least number of bytes that is moved between members where there is a choice: a 128th of
  /// the budget, at most 1 MiB, so that the budget is asked seldom and no member's lock is held for
  /// long.
  var step: Int { min(max(terms.byteLimit / 128, 1), 1 << 20) }

  /// The bytes that a cache inserts between two samples of all members; a sample takes the lock of
  /// each for a moment.
  var samplingInterval: Int { max(step, 4 << 10) }

  /// Books bytes for a member.
  ///
  /// They come from free bytes; then from bytes that other members do not use; then from the
  /// coldest entries of other members, while those are clearly colder than its own, or while it has
  /// less than its share of the budget and at least that part of all requests. Bytes that it must
  /// have, or lacks of its minimum, come from the coldest entries of the others whatever their age.
  /// No entries are pushed below their member's minimum. A member with at least its share of all
  /// requests keeps its share, except for bytes that another one must have.
  func acquire(for id: Int, wanted: Int, required: Int) -> Int {
    var (got, headroom) = state.withLock { state in
      (state.book(wanted + step, for: id), state.headroom(of: id))
    }
    // A member that may not grow takes nothing from others.
    let wanted = min(wanted, got + headroom)
    guard got < wanted else { return got }
    let others = state.withLock { state in state.reachable.filter { $0.id != id } }
    guard !others.isEmpty else { return got }
    for other in others where got < wanted {
      got += move(wanted + step - got, from: other, to: id, source: .unused)
    }
    guard got < wanted else { return got }
    var ranking = sampleMembers()
    let claims = state.withLock { $0.claims(of: id) }
    let required = min(wanted, max(required, got + claims.toFloor))
    let due = max(required, min(wanted, got + claims.toShare))
    // A quarter more, or two caches in equal use would take turns.
    let limit = (ranking.first { $0.id == id }?.age ?? 0) * 1.25
    ranking.removeAll { $0.id == id }
    while got < wanted, let place = ranking.coldest {
      let victim = ranking[place]
      guard got < due || victim.age > limit else { break }
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
  ///   - keepsShare: Whether a member with at least its share of all requests keeps its share.
  /// - Returns: The bytes moved.
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

  /// A member and the ages of its entries, which are taken to be evenly spread from the coldest to
  /// the hottest.
  struct Ranked {
    let reachable: BudgetState.Reachable
    let coldest: Double
    let hottest: Double
    let fullByteCount: Int
    var byteCount: Int

    var id: Int { reachable.id }

    /// The age of the coldest entry; it falls as entries leave.
    var age: Double {
      guard byteCount > 0 else { return 0 }
      return hottest + (coldest - hottest) * (Double(byteCount) / Double(max(fullByteCount, 1)))
    }

    /// The bytes of entries that are older than a limit.
    ///
    /// At least 1 KiB, since neither number is exact, and not everything at once if the member has
    /// little.
    func byteCount(colderThan limit: Double) -> Int {
      let age = age
      guard limit > hottest, age > hottest else { return byteCount }
      let part = (age - limit) / (age - hottest)
      return max(1 << 10, Int(Double(byteCount) * part))
    }
  }

  /// Samples all members, and ranks them by the age of their entries.
  ///
  /// - Complexity: O(*n*) in the number of members; each one's lock is held for a moment.
  func sampleMembers() -> [Ranked] {
    let samples = state.withLock { $0.reachable }.map { ($0, $0.member.budgetSample) }
    return state.withLock { state in
      var fresh: [(index: Int, touches: Double)] = []
      for (reachable, sample) in samples {
        guard let index = state.index(of: reachable.id) else { continue }
        fresh.append((index, state.members[index].recency.note(sample)))
      }
      let before = state.touches
      let now = before + fresh.reduce(0) { $0 + $1.touches }
      let allRequests = fresh.reduce(0) { $0 + state.members[$1.index].recency.freshRequests }
      for (index, touches) in fresh {
        state.members[index].recency.add(
          touches, before: before, now: now, allRequests: allRequests)
      }
      state.touches = now
      state.noteRequests()
      return samples.compactMap { reachable, sample in
        guard let index = state.index(of: reachable.id) else { return nil }
        let (recency, weight) = (state.members[index].recency, state.members[index].request.weight)
        return Ranked(
          reachable: reachable, coldest: recency.age(now: now) / weight,
          hottest: recency.idleTime(now: now) / weight,
          fullByteCount: sample.byteCount, byteCount: sample.byteCount)
      }
    }
  }
}

extension [MemoryBudget.Ranked] {
  /// The index of the member that gives first.
  var coldest: Int? { indices.max { self[$0].age < self[$1].age } }
}
