/// The guard: what the process really uses decides what caches may keep.
extension MemoryBudget {
  /// Tells the budget that an invocation has ended.
  ///
  /// The resident set of the process is read then: a few microseconds. If it leaves less room than the
  /// handler has been seen to need, the coldest entries of all caches are evicted, with the cause
  /// ``RemovalCause/pressure``, and freed memory goes back to the system; what was taken is lent again
  /// in steps when the process uses less. The adapters of `LambdaCacheHandlers` call it; call it at
  /// the end of a handler that uses none of them, where its own memory is free again. An invocation
  /// that took much itself is then the one that gives it back.
  ///
  /// In between, every so many inserted bytes, caches look by themselves. A budget of a fixed size has
  /// no guard, and the call does nothing; so does it where the present resident set cannot be read.
  public func invocationBoundary() {
    checkMemory(at: .boundary)
  }

  /// What the guard has done.
  public var guardStatistics: MemoryGuardStatistics {
    watch?.statistics ?? MemoryGuardStatistics()
  }

  /// Bytes that a cache inserts between two looks at the resident set.
  var readingInterval: Int { watch?.interval ?? 1 << 60 }

  /// Reads what the process uses, and does something about it.
  package func checkMemory(at point: MemoryGuard.Point) {
    guard let watch, watch.enter() else { return }
    let start = watch.readings.nanoseconds()
    defer { watch.leave(since: start) }
    guard let reading = watch.read(held: heldByteCount) else { return }
    let isHoldingBack = state.withLock { $0.ceiling } < terms.byteLimit
    switch watch.note(reading, at: point, isHoldingBack: isHoldingBack) {
    case .nothing:
      if point == .boundary, let after = watch.tidy(reading) {
        watch.noteRelief(after, at: point)
      }
    case .recover(let byteCount):
      lend(byteCount)
      watch.noteRecovery()
    case .relieve(let byteCount):
      relieve(reading, by: byteCount, watch)
      if let after = watch.read(held: heldByteCount) { watch.noteRelief(after, at: point) }
    }
  }

  /// Lends some of what was held back again.
  package func lend(_ byteCount: Int) {
    state.withLock { $0.ceiling += min(byteCount, terms.byteLimit - $0.ceiling) }
  }

  /// What all caches hold.
  package var heldByteCount: Int {
    state.withLock { $0.reachable }.reduce(0) { $0 + $1.member.budgetSample.byteCount }
  }

  /// Brings the use of the process down.
  ///
  /// First goes what nobody uses, and then entries, as often as the resident set does not follow: an
  /// evicted entry may lie on pages that others still need.
  private func relieve(_ first: MemoryGuard.Reading, by byteCount: Int, _ watch: MemoryWatch) {
    let target = first.use - byteCount
    var reading = watch.trim(first, wanted: byteCount) ?? first
    for _ in 0..<4 where reading.use > target {
      let shed = shed(reading.use - target)
      guard shed > 0, let after = watch.read(held: heldByteCount) else { return }
      watch.noteShed(shed)
      reading = after
      // Large blocks go back by themselves, small ones do not.
      if reading.use > target,
        let trimmed = watch.trim(reading, wanted: reading.use - target, freed: shed)
      {
        reading = trimmed
      }
    }
  }

  /// Evicts the coldest entries of all caches, and holds their bytes back.
  ///
  /// - Returns: The bytes that caches hold less; fewer than wanted if they had no more.
  package func shed(_ byteCount: Int) -> Int {
    for reachable in state.withLock({ $0.reachable }) {
      let given = reachable.member.give(upTo: .max, from: .unused)
      state.withLock { $0.bookOff(given, of: reachable.id) }
    }
    state.withLock { $0.holdBack() }
    let ranking = look()
    var shed = 0
    // Minimums hold as long as there is anything else.
    for keepsMinimums in [true, false] {
      var ranking = ranking
      while shed < byteCount, let place = ranking.coldest {
        let victim = ranking[place]
        let allowed = keepsMinimums ? state.withLock { $0.bytesAboveFloor(of: victim.id) } : .max
        let given = victim.reachable.member.give(
          upTo: min(byteCount - shed, max(step, byteCount / 8), allowed),
          from: .coldest(.pressure))
        state.withLock { state in
          state.bookOff(given, of: victim.id)
          state.holdBack()
        }
        if given == 0 { ranking.remove(at: place) } else { ranking[place].byteCount -= given }
        shed += given
      }
    }
    return shed
  }
}

extension BudgetState {
  /// Keeps what is free from being lent.
  fileprivate mutating func holdBack() {
    ceiling = min(ceiling, assignedByteCount)
  }
}
