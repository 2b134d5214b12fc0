/// The guard: what the process really uses decides what caches may keep.
extension MemoryBudget {
  /// Tells the budget that an invocation has ended.
  ///
  /// The resident set of the process is read then: a few microseconds. If it leaves less room than
  /// the handler has been seen to need, memory that the allocator keeps goes back to the system,
  /// and then the coldest entries of all caches are evicted, with the cause
  /// ``RemovalCause/pressure``; what was taken is lent again when the process uses less. The
  /// adapters of `LambdaCacheHandlers` call it; call it at the end of a handler that uses none of
  /// them, where its own memory is free again. An invocation that took much itself is then the one
  /// that gives it back.
  ///
  /// In between, for every 64th of the memory that is inserted, caches look by themselves. A budget
  /// of a fixed size has no guard, and the call does nothing; so does it where the present resident
  /// set cannot be read.
  public func invocationDidEnd() {
    checkMemory(at: .boundary)
  }

  /// What the guard has done.
  public var guardStatistics: MemoryGuardStatistics {
    watch?.statistics ?? MemoryGuardStatistics()
  }

  /// Bytes that a cache inserts before it calls ``noteInserted(_:)``.
  var insertionPortion: Int { watch?.insertionPortion ?? 1 << 60 }

  /// Takes bytes that were inserted, and looks at the resident set every so many of them.
  ///
  /// - Parameters:
  ///   - byteCount: What a cache has inserted since it last said so, and is about to insert.
  ///   - mayShed: Whether entries may leave at once if they must.
  func noteInserted(_ byteCount: Int, mayShed: Bool = true) {
    guard let watch, watch.noteInserted(byteCount) else { return }
    checkMemory(at: .insertion, mayShed: mayShed)
  }

  /// Reads what the process uses, and does something about it.
  ///
  /// - Parameters:
  ///   - point: When.
  ///   - mayShed: Whether entries may leave at once; if not, the next insertion elsewhere looks
  ///     again.
  package func checkMemory(at point: MemoryPressurePolicy.Point, mayShed: Bool = true) {
    guard let watch, watch.enter() else { return }
    let start = watch.readings.nanoseconds()
    defer { watch.leave(since: start) }
    guard var reading = watch.read(held: heldByteCount) else { return }
    let isHoldingBack = state.withLock { $0.ceiling } < terms.byteLimit
    var action = watch.note(reading, at: point, isHoldingBack: isHoldingBack, isTrimmed: false)
    var isTrimmed = false
    switch action {
    case .trim(let byteCount, let isUrgent):
      if let after = watch.trim(reading, wanted: byteCount, isUrgent: isUrgent, at: point) {
        (reading, isTrimmed) = (after, true)
      }
    case .trimToLearn: (reading, isTrimmed) = (watch.trim(reading, at: point), true)
    default: break
    }
    switch action {
    case .trim, .trimToLearn:
      action = watch.note(reading, at: point, isHoldingBack: isHoldingBack, isTrimmed: true)
    default: break
    }
    switch action {
    case .nothing, .trim, .trimToLearn:
      if point == .boundary, !isTrimmed, let after = watch.tidy(reading) {
        watch.noteRelief(after, at: point)
      }
    case .recover(let byteCount):
      let room = isTrimmed ? byteCount : widen(byteCount, reading, at: point, watch)
      if lend(upTo: reading.held + room) { watch.noteRecovery() }
    case .relieve(let byteCount):
      if mayShed { relieve(reading, by: byteCount, at: point, watch) } else { watch.wantLook() }
    }
  }

  /// Has the allocator trimmed if there is less room than is held back.
  ///
  /// What a handler has freed keeps caches small otherwise, as long as it stays below the mark.
  ///
  /// - Returns: How much more caches may hold.
  private func widen(
    _ room: Int, _ reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point,
    _ watch: MemoryMonitor
  ) -> Int {
    guard reading.held + room < terms.byteLimit,
      let after = watch.trim(reading, wanted: watch.slack, isUrgent: false, at: point)
    else { return room }
    watch.noteRelief(after, at: point)
    return max(room, watch.room(after: after, at: point))
  }

  /// Lends what was held back again, until so many bytes are lent.
  ///
  /// - Returns: Whether that is more than before.
  @discardableResult
  package func lend(upTo byteCount: Int) -> Bool {
    state.withLock { state in
      let ceiling = min(byteCount, terms.byteLimit)
      guard ceiling > state.ceiling else { return false }
      state.ceiling = ceiling
      return true
    }
  }

  /// What all caches hold.
  package var heldByteCount: Int {
    state.withLock { $0.reachable }.reduce(0) { $0 + $1.member.budgetSample.byteCount }
  }

  /// Brings the use of the process down.
  ///
  /// Entries go as often as the resident set does not follow: one may lie on pages that others
  /// still need, and those of a page may be far apart in age. Then twice as many go the next time.
  private func relieve(
    _ first: MemoryPressurePolicy.Reading, by byteCount: Int, at point: MemoryPressurePolicy.Point,
    _ watch: MemoryMonitor
  ) {
    var reading = first
    var wanted = byteCount
    while true {
      let shed = shed(wanted)
      guard shed > 0, var after = watch.read(held: heldByteCount) else { break }
      // Large blocks go back by themselves, small ones do not.
      if watch.excess(of: after, at: point) > -watch.step { after = watch.trim(after, at: point) }
      let returned = max(0, reading.resident - after.resident)
      watch.noteShed(shed, returned: returned)
      reading = after
      let excess = watch.excess(of: reading, at: point)
      guard excess > 0 else { break }
      wanted = excess + watch.step
      if returned < shed / 2 { wanted = max(wanted, min(2 * shed, reading.held / 4)) }
    }
    watch.noteRelief(reading, at: point)
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
    // Bytes that come from several caches come in parts, so that the coldest of all of them go.
    let part = ranking.count == 1 ? byteCount : max(step, byteCount / 8)
    var shed = 0
    // Minimums hold as long as there is anything else.
    for keepsMinimums in [true, false] {
      var ranking = ranking
      while shed < byteCount, let place = ranking.coldest {
        let victim = ranking[place]
        let allowed = keepsMinimums ? state.withLock { $0.bytesAboveFloor(of: victim.id) } : .max
        let given = victim.reachable.member.give(
          upTo: min(byteCount - shed, part, allowed),
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
