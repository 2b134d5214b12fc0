/// The guard of a budget together with what it reads, and its statistics.
///
/// One thread at a time takes a look; who comes meanwhile goes on without one.
final class MemoryWatch: Sendable {
  let readings: MemoryReadings
  /// What the allocator may keep more than it had to, near the high mark, before it is trimmed: 1 MiB,
  /// which takes a fraction of a millisecond, or more where a trim has more blocks to visit.
  private let trimUnit: Int
  /// How often in a row a handler must have taken again what was trimmed after it, before that is left
  /// to it.
  private static let habit = 8
  /// Bytes that a cache inserts between two looks in the middle of an invocation.
  let interval: Int
  private let base: Int
  /// How much more than the process its container may use.
  private let groupSurplus: Int
  private let state: Locked<State>

  private struct State {
    var memoryGuard: MemoryGuard
    var statistics = MemoryGuardStatistics()
    var isBusy = false
    /// What the container's other processes and the kernel take of the process's own limit.
    var others = 0
    var looks = 0
    /// When the container's count was read last, and the resident set then.
    var groupLook = 0
    var groupResident = 0
    /// What the allocator kept after it was last asked to give back what it does not use, and what
    /// is left to the handler since.
    var unusedAfterTrim = 0
    /// What the allocator kept at the last boundary, and what a trim gave back there.
    var unusedAtBoundary = 0
    var tidied = 0
    /// The resident set that the last boundary left behind.
    var residentAtBoundary = 0
    /// How often in a row as much was there again at the next boundary.
    var returns = 0
    /// Looks before the allocator is asked again, after it had little to give.
    var trimAt = 0
    var trimPatience = 1

    /// Takes what the allocator keeps at a boundary; returns how much more that is than at the last.
    mutating func noteUnused(_ unused: Int, unit: Int, habit: Int) -> Int {
      let rise = unused - unusedAtBoundary
      if tidied >= unit { returns = rise >= tidied / 2 ? returns + 1 : 0 }
      if returns >= habit, rise >= unit { unusedAfterTrim += rise }
      unusedAfterTrim = max(0, min(unusedAfterTrim, unused))
      (unusedAtBoundary, tidied) = (unused, 0)
      return rise
    }

    /// Whether the allocator should be trimmed at a boundary.
    ///
    /// An invocation that took new memory has waited for its pages already. It is spared the trim, and
    /// a later one that took little has it, unless it left much behind itself, or there is much by now.
    func isTidyingDue(
      _ reading: MemoryGuard.Reading, unused: Int, rise: Int, unit: Int
    ) -> Bool {
      let excess = unused - unusedAfterTrim
      guard reading.use > nearMark, excess >= unit else { return false }
      return reading.resident - residentAtBoundary <= unit / 4
        || rise >= 2 * unit || excess >= min(8 * unit, memoryGuard.margin)
    }

    /// Above this it is worth looking more closely.
    var nearMark: Int { memoryGuard.lowMark - memoryGuard.limit / 16 }
  }

  init(terms: MemoryTerms, readings: MemoryReadings) {
    self.readings = readings
    let limit = min(terms.limit.byteCount, readings.groupLimit ?? .max)
    groupSurplus = (readings.groupLimit ?? limit) - limit
    base = terms.resident.byteCount
    interval = max(limit / 64, 256 << 10)
    trimUnit = max(limit / 1024, 1 << 20)
    state = Locked(
      State(memoryGuard: MemoryGuard(limit: limit, reserve: terms.handlerByteCount)))
  }

  /// The marks as they are now.
  var marks: (high: Int, low: Int, handlerByteCount: Int, isLearned: Bool) {
    state.withLock { state in
      let memoryGuard = state.memoryGuard
      return (
        memoryGuard.highMark, memoryGuard.lowMark, memoryGuard.handlerByteCount,
        memoryGuard.seen > memoryGuard.reserve
      )
    }
  }

  var statistics: MemoryGuardStatistics {
    state.withLock { state in
      var statistics = state.statistics
      statistics.handlerByteCount = state.memoryGuard.handlerByteCount
      return statistics
    }
  }

  /// Lets one thread in.
  ///
  /// - Returns: `false` if another one is inside.
  func enter() -> Bool {
    state.withLock { state in
      if state.isBusy { return false }
      state.isBusy = true
      return true
    }
  }

  /// Lets the thread that ``enter()`` let in out, and counts the time it took.
  func leave(since start: Int64) {
    let time = Duration.nanoseconds(max(0, readings.nanoseconds() - start))
    state.withLock { state in
      state.statistics.time += time
      state.statistics.longestTime = max(state.statistics.longestTime, time)
      state.isBusy = false
    }
  }

  /// Reads what the process uses.
  ///
  /// The container's count costs a hundred microseconds and moves slowly: it is read at every 64th
  /// look, near the low mark when the resident set has moved by the margin, and before anything is
  /// shed.
  ///
  /// - Parameter held: What the caches hold.
  /// - Returns: `nil` where the resident set cannot be read.
  func read(held: Int) -> MemoryGuard.Reading? {
    guard let resident = readings.resident() else { return nil }
    let peak = max(readings.peakResident() ?? 0, resident)
    let isGroupDue = state.withLock { state in
      state.looks += 1
      state.statistics.readings += 1
      state.statistics.residentByteCount = resident
      state.statistics.highWaterByteCount = max(state.statistics.highWaterByteCount, peak)
      guard readings.groupLimit != nil else { return false }
      let use = resident + state.others
      let hasMoved = abs(resident - state.groupResident) > state.memoryGuard.margin
      let isDue =
        state.looks % 64 == 1 || use > state.memoryGuard.highMark
        || (hasMoved && use > state.nearMark && state.looks - state.groupLook >= 8)
      if isDue { (state.groupLook, state.groupResident) = (state.looks, resident) }
      return isDue
    }
    if isGroupDue, let group = readings.group() {
      let others = max(0, group - groupSurplus - resident)
      state.withLock { $0.others = others }
    }
    return MemoryGuard.Reading(
      resident: resident, peak: peak, others: state.withLock { $0.others }, held: held)
  }

  func note(
    _ reading: MemoryGuard.Reading, at point: MemoryGuard.Point, isHoldingBack: Bool
  ) -> MemoryGuard.Action {
    state.withLock { $0.memoryGuard.note(reading, at: point, isHoldingBack: isHoldingBack) }
  }

  func noteRelief(_ reading: MemoryGuard.Reading, at point: MemoryGuard.Point) {
    state.withLock { $0.memoryGuard.noteRelief(reading, at: point) }
  }

  func noteShed(_ byteCount: Int) {
    state.withLock { state in
      state.statistics.sheds += 1
      state.statistics.shedByteCount += byteCount
    }
  }

  func noteRecovery() {
    state.withLock { $0.statistics.recoveries += 1 }
  }

  /// Gives back what the allocator does not use, if there seems to be enough of it.
  ///
  /// - Parameters:
  ///   - reading: What was read before.
  ///   - wanted: The bytes that are wanted.
  ///   - freed: The bytes that have just been freed: those are worth a try in any case.
  /// - Returns: What is read after it, or `nil` if it was not worth trying.
  func trim(
    _ reading: MemoryGuard.Reading, wanted: Int, freed: Int = 0
  ) -> MemoryGuard.Reading? {
    guard let trim = readings.trim else { return nil }
    let unused = reading.resident - base - reading.held
    let isWorthIt = state.withLock { state in
      freed > 0 || (unused >= max(wanted / 2, 1 << 20) && state.looks >= state.trimAt)
    }
    guard isWorthIt else { return nil }
    let (after, trimmed) = self.trim(reading, by: trim)
    state.withLock { state in
      // What the allocator cannot give back is the handler's, or lies between blocks.
      let isFutile = trimmed < unused / 8
      state.trimPatience = isFutile ? min(state.trimPatience * 2, 1024) : 1
      state.trimAt = state.looks + state.trimPatience
    }
    return after
  }

  /// Gives back what the allocator does not use, a little at a time, before the high mark is reached:
  /// it takes time for each page.
  ///
  /// Much that a handler has freed is given back by the invocation that took it. If each one takes as
  /// much again, that would be a page fault for nothing: then it stays until it is in the way.
  ///
  /// - Returns: What is read after it, or `nil` if it was not worth it.
  func tidy(_ reading: MemoryGuard.Reading) -> MemoryGuard.Reading? {
    guard let trim = readings.trim else { return nil }
    let unused = reading.resident - base - reading.held
    let isWorthIt = state.withLock { state in
      let rise = state.noteUnused(unused, unit: trimUnit, habit: Self.habit)
      defer { state.residentAtBoundary = reading.resident }
      return state.isTidyingDue(reading, unused: unused, rise: rise, unit: trimUnit)
    }
    guard isWorthIt else { return nil }
    let (after, trimmed) = self.trim(reading, by: trim)
    state.withLock { $0.tidied = trimmed }
    return after
  }

  private func trim(
    _ reading: MemoryGuard.Reading, by trim: @Sendable () -> Void
  ) -> (after: MemoryGuard.Reading, byteCount: Int) {
    trim()
    let after = read(held: reading.held) ?? reading
    let trimmed = max(0, reading.resident - after.resident)
    state.withLock { state in
      state.statistics.trims += 1
      state.statistics.trimmedByteCount += trimmed
      state.unusedAfterTrim = max(0, after.resident - base - after.held)
      state.unusedAtBoundary = state.unusedAfterTrim
      state.residentAtBoundary = after.resident
    }
    return (after, trimmed)
  }
}
