/// The guard: the memory that the process really uses limits the caches.
extension MemoryBudget {
  /// Notes that an invocation has ended.
  ///
  /// The resident set of the process is read then: a few microseconds. If it leaves the handler
  /// fewer bytes than it has been seen to need, memory that the allocator keeps goes back to the
  /// system, and then the coldest entries of all caches are evicted, with the cause
  /// ``RemovalCause/pressure``; the bytes are restored when the process uses less. The adapters of
  /// `LambdaCacheHandlers` call it; call it at the end of a handler that uses none of them, where
  /// its own memory is free again. An invocation that took much itself is then the one that gives
  /// it back.
  ///
  /// In between, for every 64th of the memory that is inserted, caches take a reading by
  /// themselves. A budget of a fixed size has no guard, and the call does nothing; so does it where
  /// the present resident set cannot be read.
  public func invocationDidEnd() {
    checkMemory(at: .boundary)
  }

  /// The counters of the guard since the budget was made, by name; empty for a budget without one.
  ///
  /// `readings` of the resident set; `sheds` and `shedBytes` that caches gave back from their
  /// coldest entries, and `recoveries`, when they were assigned more again; `trims` and
  /// `trimmedBytes`, by which the resident set fell because the allocator gave back memory that it
  /// did not use, in `trimMicroseconds`; the `microseconds` that all of this took, and
  /// `longestMicroseconds` at once; `residentBytes` at the last reading, `peakBytes`, and the
  /// `handlerBytes` that are kept free.
  public var guardFigures: [String: Int] { monitor.map { $0.statistics.figures } ?? [:] }

  /// ``guardFigures``, as a value.
  package var guardStatistics: MemoryGuardStatistics {
    monitor?.statistics ?? MemoryGuardStatistics()
  }

  /// Bytes that a cache inserts before it calls ``noteInserted(_:)``.
  var insertionPortion: Int { monitor?.insertionPortion ?? 1 << 60 }

  /// Notes inserted bytes, and reads the resident set every so many of them.
  ///
  /// - Parameters:
  ///   - byteCount: The bytes that a cache has inserted since its last report, and is about to
  ///     insert.
  ///   - mayShed: Whether entries may leave at once if they must.
  func noteInserted(_ byteCount: Int, mayShed: Bool = true) {
    guard let monitor, monitor.noteInserted(byteCount) else { return }
    checkMemory(at: .insertion, mayShed: mayShed)
  }

  /// Reads the memory of the process, and acts on it.
  ///
  /// - Parameters:
  ///   - point: The moment of the reading.
  ///   - mayShed: Whether entries may leave at once; if not, the next insertion elsewhere takes
  ///     another reading.
  package func checkMemory(at point: MemoryPressurePolicy.Point, mayShed: Bool = true) {
    guard let monitor, monitor.enter() else { return }
    let start = monitor.readings.nanoseconds()
    defer { monitor.leave(since: start) }
    guard var reading = monitor.read(cached: cachedByteCount) else { return }
    let isHoldingBack = state.withLock { $0.ceiling } < terms.byteLimit
    var action = monitor.note(reading, at: point, isHoldingBack: isHoldingBack, isTrimmed: false)
    var isTrimmed = false
    switch action {
    case .trim(let byteCount, let isUrgent):
      if let after = monitor.trim(reading, wanted: byteCount, isUrgent: isUrgent, at: point) {
        (reading, isTrimmed) = (after, true)
      }
    case .trimToLearn: (reading, isTrimmed) = (monitor.trim(reading, at: point), true)
    default: break
    }
    switch action {
    case .trim, .trimToLearn:
      action = monitor.note(reading, at: point, isHoldingBack: isHoldingBack, isTrimmed: true)
    default: break
    }
    switch action {
    case .nothing, .trim, .trimToLearn:
      if point == .boundary, !isTrimmed, let after = monitor.trimAtBoundary(reading) {
        monitor.noteRelief(after, at: point)
      }
    case .recover(let byteCount):
      let recoverable =
        isTrimmed ? byteCount : trimToRestore(byteCount, reading, at: point, monitor)
      if restore(upTo: reading.cached + recoverable) { monitor.noteRecovery() }
    case .relieve(let byteCount):
      if mayShed {
        relieve(reading, by: byteCount, at: point, monitor)
      } else {
        monitor.requestReading()
      }
    }
  }

  /// Has the allocator trimmed if fewer bytes are free than are cached back.
  ///
  /// Memory that a handler has freed would keep caches small otherwise, as long as it stays below
  /// the mark.
  ///
  /// - Returns: The bytes that caches may hold beyond those they do.
  private func trimToRestore(
    _ byteCount: Int, _ reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point,
    _ monitor: MemoryMonitor
  ) -> Int {
    guard reading.cached + byteCount < terms.byteLimit,
      let after = monitor.trim(reading, wanted: monitor.slack, isUrgent: false, at: point)
    else { return byteCount }
    monitor.noteRelief(after, at: point)
    return max(byteCount, monitor.headroom(after: after, at: point))
  }

  /// Restores bytes that were cached back, until so many may be assigned.
  ///
  /// - Returns: Whether these are more than before.
  @discardableResult
  package func restore(upTo byteCount: Int) -> Bool {
    state.withLock { state in
      let ceiling = min(byteCount, terms.byteLimit)
      guard ceiling > state.ceiling else { return false }
      state.ceiling = ceiling
      return true
    }
  }

  /// The bytes that all caches hold.
  package var cachedByteCount: Int {
    state.withLock { $0.reachable }.reduce(0) { $0 + $1.member.budgetSample.byteCount }
  }

  /// Reduces the memory of the process.
  ///
  /// Entries leave until the resident set follows: one may lie on pages that others still need, and
  /// those of a page may be far apart in age. So twice as many leave the next time.
  private func relieve(
    _ first: MemoryPressurePolicy.Reading, by byteCount: Int, at point: MemoryPressurePolicy.Point,
    _ monitor: MemoryMonitor
  ) {
    var reading = first
    var wanted = byteCount
    while true {
      let shed = shed(wanted)
      guard shed > 0, var after = monitor.read(cached: cachedByteCount) else { break }
      // Large blocks go back to the system by themselves, small ones do not.
      if monitor.excess(of: after, at: point) > -monitor.step {
        after = monitor.trim(after, at: point)
      }
      let returned = max(0, reading.resident - after.resident)
      monitor.noteShed(shed, returned: returned)
      reading = after
      let excess = monitor.excess(of: reading, at: point)
      guard excess > 0 else { break }
      wanted = excess + monitor.step
      if returned < shed / 2 { wanted = max(wanted, min(2 * shed, reading.cached / 4)) }
    }
    monitor.noteRelief(reading, at: point)
  }

  /// Evicts the coldest entries of all caches, and holds their bytes back.
  ///
  /// - Returns: The bytes that caches gave up; fewer than wanted if they had no more.
  package func shed(_ byteCount: Int) -> Int {
    for reachable in state.withLock({ $0.reachable }) {
      let given = reachable.member.give(upTo: .max, from: .unused)
      state.withLock { $0.bookOff(given, of: reachable.id) }
    }
    state.withLock { $0.holdBack() }
    let ranking = sampleMembers()
    // Bytes from several caches come in parts, so that the coldest entries of all of them leave.
    let part = ranking.count == 1 ? byteCount : max(step, byteCount / 8)
    var shed = 0
    // Minimums hold as long as there are other bytes.
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
  /// Keeps free bytes from being assigned.
  fileprivate mutating func holdBack() {
    ceiling = min(ceiling, assignedByteCount)
  }
}
