import Synchronization

/// The guard of a budget together with what it reads, and its statistics.
///
/// One thread at a time takes a look; who comes meanwhile goes on without one.
final class MemoryMonitor: Sendable {
  let readings: MemoryReadings
  /// What the allocator may keep more than it had to, near the high mark, before it is trimmed: 1
  /// MiB, which takes a fraction of a millisecond, or more where a trim has more blocks to visit.
  private let trimUnit: Int
  /// How often in a row a handler must have taken again what was trimmed after it, before that is
  /// left to it.
  private static let habit = 8
  /// Looks to wait for at the most after trims that brought little.
  private static let mostPatience = 4
  /// Bytes that all caches together insert between two looks in the middle of an invocation.
  private let interval: Int
  /// Bytes that a cache inserts before it adds them to ``inserted``: an eighth of the interval, for
  /// all caches together.
  private let portion: Atomic<Int>
  /// Bytes that were inserted into the caches, but for a portion each.
  private let inserted = Atomic<Int>(0)
  /// What had been inserted at the last look.
  private let insertedAtLook = Atomic<Int>(0)
  private let base: Int
  /// How much more than the process its container may use.
  private let groupSurplus: Int
  private let state: Locked<State>

  /// What the allocator kept after a trim, and what had been inserted into caches until then.
  private struct AfterTrim {
    var unused = 0
    var inserted = 0
  }

  private struct State {
    var memoryGuard: MemoryPressurePolicy
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
    /// What the last trim left, and the last one between two invocations: what a handler had in use
    /// at a trim within an invocation could not be given back then, but may be after it.
    var trimmed = AfterTrim()
    var trimmedAtBoundary = AfterTrim()
    /// Looks before the allocator is asked again, after it had little to give.
    var trimAt = 0
    var trimPatience = 1

    /// Takes what the allocator keeps at a boundary; returns how much more that is than at the
    /// last.
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
    /// An invocation that took new memory has waited for its pages already. It is spared the trim,
    /// and a later one that took little has it, unless it left much behind itself, or there is much
    /// by now.
    func isTidyingDue(
      _ reading: MemoryPressurePolicy.Reading, unused: Int, rise: Int, unit: Int
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
    portion = Atomic(interval / 8)
    trimUnit = max(limit / 1024, 1 << 20)
    state = Locked(
      State(
        memoryGuard: MemoryPressurePolicy(
          limit: limit, reserve: terms.handlerByteCount, resident: base,
          canTrim: readings.trim != nil)))
  }

  /// Bytes that a cache inserts before it says so.
  var insertionPortion: Int { portion.load(ordering: .relaxed) }

  func noteMembers(_ count: Int) {
    portion.store(max(interval / 8 / max(count, 1), 1 << 10), ordering: .relaxed)
  }

  /// Takes bytes that a cache has inserted.
  ///
  /// - Returns: Whether it is time for a look.
  func noteInserted(_ byteCount: Int) -> Bool {
    let total = inserted.wrappingAdd(byteCount, ordering: .relaxed).newValue
    return total &- insertedAtLook.load(ordering: .relaxed) >= interval
  }

  /// Has the next insertion take a look.
  func wantLook() {
    insertedAtLook.store(
      inserted.load(ordering: .relaxed) &- interval, ordering: .relaxed)
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
  func read(held: Int) -> MemoryPressurePolicy.Reading? {
    let inserted = inserted.load(ordering: .relaxed)
    insertedAtLook.store(inserted, ordering: .relaxed)
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
    return MemoryPressurePolicy.Reading(
      resident: resident, peak: peak, others: state.withLock { $0.others }, held: held,
      inserted: inserted)
  }

  func note(
    _ reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point,
    isHoldingBack: Bool,
    isTrimmed: Bool
  ) -> MemoryPressurePolicy.Action {
    state.withLock { state in
      state.memoryGuard.note(
        reading, at: point, isHoldingBack: isHoldingBack, isTrimmed: isTrimmed)
    }
  }

  /// By how much a reading is above its mark.
  func excess(of reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point) -> Int
  {
    state.withLock { $0.memoryGuard.excess(of: reading, at: point) }
  }

  /// How much more caches could hold after a reading.
  func room(after reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point)
    -> Int
  {
    state.withLock { $0.memoryGuard.room(after: reading, at: point) }
  }

  /// What a trim should bring at least that no entries depend on.
  var slack: Int { state.withLock { $0.memoryGuard.slack } }

  /// What is evicted beyond an excess, so that the next look finds none.
  var step: Int { state.withLock { $0.memoryGuard.step } }

  func noteRelief(_ reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point) {
    state.withLock { $0.memoryGuard.noteRelief(reading, at: point) }
  }

  func noteShed(_ byteCount: Int, returned: Int) {
    state.withLock { state in
      state.memoryGuard.noteShed(byteCount, returned: returned)
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
  ///   - isUrgent: Whether entries go if nothing is given back.
  ///   - point: When.
  /// - Returns: What is read after it, or `nil` if it was not worth trying.
  func trim(
    _ reading: MemoryPressurePolicy.Reading, wanted: Int, isUrgent: Bool,
    at point: MemoryPressurePolicy.Point
  ) -> MemoryPressurePolicy.Reading? {
    guard readings.trim != nil else { return nil }
    let unused = reading.resident - base - reading.held
    let isWorthIt = state.withLock { state in
      // What was there after the last trim could not be given back then, but may be by now where
      // entries were evicted for others.
      let last = point == .boundary ? state.trimmedAtBoundary : state.trimmed
      let excess = unused - last.unused
      let inserted = reading.inserted &- last.inserted
      if isUrgent { return unused >= trimUnit && (excess >= trimUnit || inserted >= interval) }
      return unused >= wanted && max(excess, inserted) >= wanted && state.looks >= state.trimAt
    }
    guard isWorthIt else { return nil }
    let after = trim(reading, at: point)
    state.withLock { state in
      // What the allocator cannot give back is the handler's, or lies between blocks. After entries
      // have gone there may be more.
      let isFutile = !isUrgent && reading.resident - after.resident < unused / 8
      state.trimPatience = isFutile ? min(state.trimPatience * 2, Self.mostPatience) : 1
      state.trimAt = state.looks + state.trimPatience
    }
    return after
  }

  /// Gives back what the allocator does not use.
  ///
  /// - Returns: What is read after it.
  func trim(_ reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point)
    -> MemoryPressurePolicy.Reading
  {
    guard let trim = readings.trim else { return reading }
    return self.trim(reading, at: point, by: trim).after
  }

  /// Gives back what the allocator does not use, a little at a time, before the high mark is
  /// reached: it takes time for each page.
  ///
  /// Much that a handler has freed is given back by the invocation that took it. If each one takes
  /// as much again, that would be a page fault for nothing: then it stays until it is in the way.
  ///
  /// - Returns: What is read after it, or `nil` if it was not worth it.
  func tidy(_ reading: MemoryPressurePolicy.Reading) -> MemoryPressurePolicy.Reading? {
    guard let trim = readings.trim else { return nil }
    let unused = reading.resident - base - reading.held
    let isWorthIt = state.withLock { state in
      let rise = state.noteUnused(unused, unit: trimUnit, habit: Self.habit)
      defer { state.residentAtBoundary = reading.resident }
      return state.isTidyingDue(reading, unused: unused, rise: rise, unit: trimUnit)
    }
    guard isWorthIt else { return nil }
    let (after, trimmed) = self.trim(reading, at: .boundary, by: trim)
    state.withLock { $0.tidied = trimmed }
    return after
  }

  private func trim(
    _ reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point,
    by trim: @Sendable () -> Void
  ) -> (after: MemoryPressurePolicy.Reading, byteCount: Int) {
    let start = readings.nanoseconds()
    trim()
    let time = Duration.nanoseconds(max(0, readings.nanoseconds() - start))
    let after = read(held: reading.held) ?? reading
    let trimmed = max(0, reading.resident - after.resident)
    state.withLock { state in
      state.statistics.trims += 1
      state.statistics.trimmedByteCount += trimmed
      state.statistics.trimTime += time
      let unused = max(0, after.resident - base - after.held)
      state.trimmed = AfterTrim(unused: unused, inserted: after.inserted)
      if point == .boundary {
        state.trimmedAtBoundary = state.trimmed
      } else {
        state.trimmedAtBoundary.unused = min(state.trimmedAtBoundary.unused, unused)
      }
      state.unusedAfterTrim = unused
      state.unusedAtBoundary = unused
      state.residentAtBoundary = after.resident
    }
    return (after, trimmed)
  }
}
