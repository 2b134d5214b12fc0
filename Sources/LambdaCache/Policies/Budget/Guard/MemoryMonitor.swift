import Synchronization

/// The guard of a budget together with its readings and its statistics.
///
/// One thread at a time takes a reading; another one goes on without.
final class MemoryMonitor: Sendable {
  let readings: MemoryReadings
  /// The bytes that the allocator may keep beyond those it had to, near the high mark, before it is
  /// trimmed: 1 MiB, which takes a fraction of a millisecond, or more where a trim has more blocks
  /// to visit.
  private let trimUnit: Int
  /// The boundaries in a row at which a handler must have taken again the bytes that were trimmed,
  /// before they are left to it.
  private static let regrowthLimit = 8
  /// The most readings to wait for after trims that brought little.
  private static let longestBackoff = 4
  /// Bytes that all caches together insert between two readings within an invocation.
  private let interval: Int
  /// Bytes that a cache inserts before it adds them to ``inserted``: an eighth of the interval, for
  /// all caches together.
  private let portion: Atomic<Int>
  /// Bytes that were inserted into the caches, except for a portion each.
  private let inserted = Atomic<Int>(0)
  /// ``inserted`` at the last reading.
  private let insertedAtReading = Atomic<Int>(0)
  private let base: Int
  /// The bytes that the container may use beyond those of the process.
  private let groupSurplus: Int
  private let state: Locked<State>

  /// The bytes that the allocator kept after a trim, and those inserted into caches until then.
  private struct AfterTrim {
    var unused = 0
    var inserted = 0
  }

  private struct State {
    var memoryGuard: MemoryPressurePolicy
    var statistics = MemoryGuardStatistics()
    var isBusy = false
    /// The bytes of the process's own limit that other processes of the container and the kernel
    /// take.
    var others = 0
    var readingCount = 0
    /// The number of the reading at which the container's count was read last, and the resident set
    /// then.
    var groupReading = 0
    var groupResident = 0
    /// The bytes that the allocator kept after the last trim, and those left to the handler since.
    var unusedAfterTrim = 0
    /// The bytes that the allocator kept at the last boundary, and those that a trim gave back
    /// there.
    var unusedAtBoundary = 0
    var trimmedBytesAtBoundary = 0
    /// The resident set after the last boundary.
    var residentAtBoundary = 0
    /// The boundaries in a row at which as much was kept again.
    var regrowths = 0
    /// The state after the last trim, and after the last one between two invocations: memory that a
    /// handler had in use at a trim within an invocation may be given back after it.
    var trimmed = AfterTrim()
    var trimmedAtBoundary = AfterTrim()
    /// The reading at which the allocator is trimmed again, after it had little to give.
    var trimAt = 0
    var trimBackoff = 1

    /// Notes the bytes that the allocator keeps at a boundary; returns by how much they have grown.
    mutating func noteUnused(_ unused: Int, unit: Int, regrowthLimit: Int) -> Int {
      let rise = unused - unusedAtBoundary
      if trimmedBytesAtBoundary >= unit {
        regrowths = rise >= trimmedBytesAtBoundary / 2 ? regrowths + 1 : 0
      }
      if regrowths >= regrowthLimit, rise >= unit { unusedAfterTrim += rise }
      unusedAfterTrim = max(0, min(unusedAfterTrim, unused))
      (unusedAtBoundary, trimmedBytesAtBoundary) = (unused, 0)
      return rise
    }

    /// Returns whether the allocator should be trimmed at a boundary.
    ///
    /// An invocation that took new memory has waited for its pages already. It is spared the trim,
    /// which a later one does that took little, unless it left much behind or there is much by now.
    func isBoundaryTrimDue(
      _ reading: MemoryPressurePolicy.Reading, unused: Int, rise: Int, unit: Int
    ) -> Bool {
      let excess = unused - unusedAfterTrim
      guard reading.use > nearMark, excess >= unit else { return false }
      return reading.resident - residentAtBoundary <= unit / 4
        || rise >= 2 * unit || excess >= min(8 * unit, memoryGuard.margin)
    }

    /// The use of memory above which readings are taken more closely.
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

  /// Bytes that a cache inserts before it reports them.
  var insertionPortion: Int { portion.load(ordering: .relaxed) }

  func noteMembers(_ count: Int) {
    portion.store(max(interval / 8 / max(count, 1), 1 << 10), ordering: .relaxed)
  }

  /// Notes bytes that a cache has inserted.
  ///
  /// - Returns: Whether a reading is due.
  func noteInserted(_ byteCount: Int) -> Bool {
    let total = inserted.wrappingAdd(byteCount, ordering: .relaxed).newValue
    return total &- insertedAtReading.load(ordering: .relaxed) >= interval
  }

  /// Has the next insertion take a reading.
  func requestReading() {
    insertedAtReading.store(
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

  /// Reads the memory of the process.
  ///
  /// The container's count costs a hundred microseconds and moves slowly: it is read at every 64th
  /// reading, near the low mark when the resident set has moved by the margin, and before anything
  /// is shed.
  ///
  /// - Parameter cached: The bytes that the caches hold.
  /// - Returns: `nil` where the resident set cannot be read.
  func read(cached: Int) -> MemoryPressurePolicy.Reading? {
    let inserted = inserted.load(ordering: .relaxed)
    insertedAtReading.store(inserted, ordering: .relaxed)
    guard let resident = readings.resident() else { return nil }
    let peak = max(readings.peakResident() ?? 0, resident)
    let isGroupDue = state.withLock { state in
      state.readingCount += 1
      state.statistics.readings += 1
      state.statistics.residentByteCount = resident
      state.statistics.highWaterByteCount = max(state.statistics.highWaterByteCount, peak)
      guard readings.groupLimit != nil else { return false }
      let use = resident + state.others
      let hasMoved = abs(resident - state.groupResident) > state.memoryGuard.margin
      let isDue =
        state.readingCount % 64 == 1 || use > state.memoryGuard.highMark
        || (hasMoved && use > state.nearMark && state.readingCount - state.groupReading >= 8)
      if isDue { (state.groupReading, state.groupResident) = (state.readingCount, resident) }
      return isDue
    }
    if isGroupDue, let group = readings.group() {
      let others = max(0, group - groupSurplus - resident)
      state.withLock { $0.others = others }
    }
    return MemoryPressurePolicy.Reading(
      resident: resident, peak: peak, others: state.withLock { $0.others }, cached: cached,
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

  /// The bytes by which a reading is above its mark.
  func excess(of reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point) -> Int
  {
    state.withLock { $0.memoryGuard.excess(of: reading, at: point) }
  }

  /// The bytes that caches could hold beyond those they do, after a reading.
  func headroom(after reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point)
    -> Int
  {
    state.withLock { $0.memoryGuard.headroom(after: reading, at: point) }
  }

  /// The bytes that a trim should bring at least on which no entries depend.
  var slack: Int { state.withLock { $0.memoryGuard.slack } }

  /// The bytes that are evicted beyond an excess, so that the next reading finds none.
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

  /// Gives back unused memory of the allocator, if there seems to be enough of it.
  ///
  /// - Parameters:
  ///   - reading: The reading before.
  ///   - wanted: The bytes that are wanted.
  ///   - isUrgent: Whether entries leave if nothing is given back.
  ///   - point: The moment of the reading.
  /// - Returns: The reading after it, or `nil` if it was not worth trying.
  func trim(
    _ reading: MemoryPressurePolicy.Reading, wanted: Int, isUrgent: Bool,
    at point: MemoryPressurePolicy.Point
  ) -> MemoryPressurePolicy.Reading? {
    guard readings.trim != nil else { return nil }
    let unused = reading.resident - base - reading.cached
    let isWorthIt = state.withLock { state in
      // Memory that was kept after the last trim could not be given back then, but may be by now
      // where entries were evicted for others.
      let last = point == .boundary ? state.trimmedAtBoundary : state.trimmed
      let excess = unused - last.unused
      let inserted = reading.inserted &- last.inserted
      if isUrgent { return unused >= trimUnit && (excess >= trimUnit || inserted >= interval) }
      return unused >= wanted && max(excess, inserted) >= wanted
        && state.readingCount >= state.trimAt
    }
    guard isWorthIt else { return nil }
    let after = trim(reading, at: point)
    state.withLock { state in
      // Memory that the allocator cannot give back is the handler's, or lies between blocks. After
      // evictions there may be more.
      let isFutile = !isUrgent && reading.resident - after.resident < unused / 8
      state.trimBackoff = isFutile ? min(state.trimBackoff * 2, Self.longestBackoff) : 1
      state.trimAt = state.readingCount + state.trimBackoff
    }
    return after
  }

  /// Gives back unused memory of the allocator.
  ///
  /// - Returns: The reading after it.
  func trim(_ reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point)
    -> MemoryPressurePolicy.Reading
  {
    guard let trim = readings.trim else { return reading }
    return self.trim(reading, at: point, by: trim).after
  }

  /// Gives back unused memory of the allocator, a little at a time, before the high mark is
  /// reached: it takes time for each page.
  ///
  /// Much memory that a handler has freed is given back after the invocation that took it. If each
  /// invocation takes as much again, that would be a page fault for nothing: then it stays until it
  /// is in the way.
  ///
  /// - Returns: The reading after it, or `nil` if it was not worth it.
  func trimAtBoundary(_ reading: MemoryPressurePolicy.Reading) -> MemoryPressurePolicy.Reading? {
    guard let trim = readings.trim else { return nil }
    let unused = reading.resident - base - reading.cached
    let isWorthIt = state.withLock { state in
      let rise = state.noteUnused(unused, unit: trimUnit, regrowthLimit: Self.regrowthLimit)
      defer { state.residentAtBoundary = reading.resident }
      return state.isBoundaryTrimDue(reading, unused: unused, rise: rise, unit: trimUnit)
    }
    guard isWorthIt else { return nil }
    let (after, trimmed) = self.trim(reading, at: .boundary, by: trim)
    state.withLock { $0.trimmedBytesAtBoundary = trimmed }
    return after
  }

  private func trim(
    _ reading: MemoryPressurePolicy.Reading, at point: MemoryPressurePolicy.Point,
    by trim: @Sendable () -> Void
  ) -> (after: MemoryPressurePolicy.Reading, byteCount: Int) {
    let start = readings.nanoseconds()
    trim()
    let time = Duration.nanoseconds(max(0, readings.nanoseconds() - start))
    let after = read(cached: reading.cached) ?? reading
    let trimmed = max(0, reading.resident - after.resident)
    state.withLock { state in
      state.statistics.trims += 1
      state.statistics.trimmedByteCount += trimmed
      state.statistics.trimTime += time
      let unused = max(0, after.resident - base - after.cached)
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
