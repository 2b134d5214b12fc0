/// Decides when caches must give memory back, and when they may have it again.
///
/// It is a pure decision: readings go in, actions come out.
///
/// At every reading the process should use so little that the handler can have the bytes that it
/// has been seen to need beside the caches: the largest rise of the resident set during any earlier
/// invocation, or the reserve if that is more. Between two invocations that is the **high mark**.
/// Above it caches shed, and the bytes they had are cached back: at once those above the mark, and
/// from there a few at each boundary, so that no invocation waits for it, down to the **low mark**,
/// a thirty-second of the memory below. As soon as a reading is low enough, bytes are restored;
/// where the handler has proven that premature, the guard waits twice as long the next time.
///
/// In the middle of an invocation a part of the need may be in use already. Resident memory beyond
/// that after the last boundary, except for the growth of the caches, is the handler's or lies
/// where entries were evicted and the allocator cannot reuse it. The latter is at most the bytes
/// **evicted since**, and so the rest at least is the handler's (``excess(of:at:)``).
///
/// Memory that the allocator keeps is no reason to shed: above a mark the guard asks for a trim
/// first.
///
/// A rise is seen at readings, and by the high-water mark of the kernel, which also shows memory
/// that was returned before any reading. That mark never falls, so it hides a rise that starts
/// lower than an earlier one; that is why a need is forgotten only in steps that are smaller than
/// the margin: a step too far lifts the mark and is seen.
package struct MemoryPressurePolicy: Sendable {
  /// The moment of a reading.
  package enum Point: Sendable {
    /// Between two invocations.
    case boundary
    /// In the middle of one, after so many inserted bytes.
    case insertion
  }

  /// The memory at one time, in bytes.
  package struct Reading: Sendable {
    /// The resident set of the process.
    package var resident: Int
    /// The largest there has been.
    package var peak: Int
    /// The bytes of the process's own limit that others in the same container take.
    package var others: Int
    /// The bytes that the caches hold.
    package var cached: Int
    /// The bytes that were ever inserted into them.
    package var inserted: Int

    package init(resident: Int, peak: Int, others: Int = 0, cached: Int, inserted: Int = 0) {
      self.resident = resident
      self.peak = peak
      self.others = others
      self.cached = cached
      self.inserted = inserted
    }

    var use: Int { resident + others }

    /// The bytes in use beside the entries.
    fileprivate var overhead: Int { use - cached }
  }

  /// A consequence of a reading.
  package enum Action: Sendable, Equatable {
    case nothing
    /// Give back unused memory of the allocator, if that may bring so many bytes, and decide again;
    /// urgent if entries leave otherwise.
    case trim(Int, isUrgent: Bool)
    /// Trim in any case, and decide again.
    case trimToLearn
    /// Bring the use down by so many bytes.
    case relieve(Int)
    /// Let caches hold so many bytes more than they do.
    case recover(Int)
  }

  /// The bytes that the process may use.
  package let limit: Int
  /// The bytes that are kept for the handler before it is seen to need more.
  package let reserve: Int
  /// The bytes that are left out of every plan: a sixty-fourth of the memory, from 2 to 32 MiB.
  package let margin: Int
  /// The largest rise during an invocation, as far as it is remembered.
  package private(set) var seen = 0

  private let start: Reading
  private let canTrim: Bool
  private var last: Reading?
  private var highestSince = 0
  /// Evicted bytes by which the resident set has fallen since the last boundary.
  private var returnedSince = 0
  private var boundaries = 0
  private var recentRise = 0
  private var recoverAt = 0
  private var backoff = Self.shortestBackoff
  /// The boundary at which bytes were first restored after the handler had needed them.
  private var recoveredAt: Int?
  /// Whether caches shed until the low mark is reached.
  private var isRelieving = false
  /// Whether they do so because of the handler.
  private var isForHandler = false

  private static let shortestBackoff = 16
  private static let longestBackoff = 4096
  /// Invocations after which a need that did not come up again is forgotten a little.
  private static let memory = 1024

  /// - Parameters:
  ///   - limit: The bytes that the process may use.
  ///   - reserve: The bytes that are kept for the handler before it is seen to need more.
  ///   - resident: The bytes that the process used before there was any cache.
  ///   - canTrim: Whether the allocator can be asked to give memory back.
  package init(limit: Int, reserve: Int, resident: Int = 0, canTrim: Bool = true) {
    self.limit = limit
    self.reserve = reserve
    self.canTrim = canTrim
    start = Reading(resident: resident, peak: resident, cached: 0)
    margin = min(max(limit / 64, 2 << 20), 32 << 20)
  }

  /// The bytes that the handler is expected to need at the most.
  package var handlerByteCount: Int { max(seen, reserve) }

  /// The use above which caches shed between two invocations.
  package var highMark: Int { limit - handlerByteCount - margin }

  /// The use down to which they shed.
  package var lowMark: Int { highMark - slack }

  /// The bytes that are shed at once below the high mark, at the most: half a millisecond's work.
  package var step: Int { min(limit / 32, 4 << 20) }

  /// The bytes that are left free below a mark where there is a choice.
  package var slack: Int { limit / 32 }

  /// The bytes by which a reading is above the use that leaves the handler its need (**G1**);
  /// negative below it.
  package func excess(of reading: Reading, at point: Point) -> Int {
    switch point {
    case .boundary: reading.use - highMark
    case .insertion: reading.use + max(0, handlerByteCount - inUse(reading)) - (limit - margin)
    }
  }

  /// The bytes that caches could hold beyond those they do; negative if they hold too many.
  package func headroom(after reading: Reading, at point: Point) -> Int {
    -excess(of: reading, at: point) - slack
  }

  /// The bytes that the handler certainly has in use.
  private func inUse(_ reading: Reading) -> Int {
    max(0, reading.overhead - (last ?? start).overhead - evicted(reading))
  }

  /// The bytes that were evicted since the last boundary and are perhaps still resident.
  private func evicted(_ reading: Reading) -> Int {
    let from = last ?? start
    let inserted = reading.inserted &- from.inserted
    return max(0, inserted - (reading.cached - from.cached) - returnedSince)
  }

  /// Takes a reading.
  ///
  /// - Parameters:
  ///   - reading: The reading.
  ///   - point: The moment of the reading.
  ///   - isHoldingBack: Whether caches have less than their budget.
  ///   - isTrimmed: Whether the allocator has just been trimmed, or cannot give anything back.
  package mutating func note(
    _ reading: Reading, at point: Point, isHoldingBack: Bool, isTrimmed: Bool = true
  ) -> Action {
    highestSince = max(highestSince, reading.resident)
    let mayTrim = canTrim && !isTrimmed
    switch point {
    case .insertion:
      let excess = excess(of: reading, at: point)
      if excess > 0 {
        if mayTrim { return .trim(excess, isUrgent: true) }
        let isHandlers = inUse(reading) > handlerByteCount
        return relieve(by: excess + step, isForHandler: isHandlers)
      }
      return isHoldingBack ? recover(-excess - slack, mayTrim: mayTrim) : .nothing
    case .boundary:
      let rise = rise(to: reading)
      if mayTrim {
        if rise > handlerByteCount, evicted(reading) > 0 { return .trimToLearn }
        let excess = reading.use - (limit - max(rise, handlerByteCount) - margin)
        if excess > 0 { return .trim(excess, isUrgent: true) }
        if isHoldingBack, excess > -slack, boundaries >= recoverAt {
          return .trim(slack, isUrgent: false)
        }
      }
      let isHandlers = learn(from: reading, rise: rise, isTrimmed: isTrimmed)
      return note(reading, isHoldingBack, isForHandler: isHandlers)
    }
  }

  private mutating func note(
    _ reading: Reading, _ isHoldingBack: Bool, isForHandler: Bool
  ) -> Action {
    if reading.use > highMark {
      // Where evicted entries are in the way, evicting more of them frees nothing.
      defer { isRelieving = isRelieving || isForHandler }
      return relieve(by: reading.use - highMark + step, isForHandler: isForHandler)
    }
    if isRelieving, reading.use > lowMark {
      return relieve(by: min(reading.use - lowMark, step), isForHandler: isForHandler)
    }
    isRelieving = false
    return isHoldingBack ? recover(lowMark - reading.use) : .nothing
  }

  /// Notes the bytes that were evicted, and those of them that are not resident any more.
  package mutating func noteShed(_ byteCount: Int, returned: Int) {
    returnedSince += max(0, min(byteCount, returned))
  }

  /// Notes the reading after caches have shed, from which the next rise is counted.
  package mutating func noteRelief(_ reading: Reading, at point: Point) {
    guard point == .boundary else { return }
    begin(from: reading)
  }

  private mutating func begin(from reading: Reading) {
    last = reading
    highestSince = reading.resident
    returnedSince = 0
  }

  /// The rise of the resident set above the last boundary, except for the growth of the caches.
  private func rise(to reading: Reading) -> Int {
    guard let last else { return 0 }
    let top = reading.peak > last.peak ? max(reading.peak, highestSince) : highestSince
    return top - last.resident - max(0, reading.cached - last.cached)
  }

  /// - Returns: Whether the handler needs more than it did, or keeps more.
  private mutating func learn(from reading: Reading, rise: Int, isTrimmed: Bool) -> Bool {
    defer {
      begin(from: reading)
      boundaries += 1
    }
    let kept = reading.overhead - (last ?? start).overhead
    let unexplained = kept - evicted(reading)
    guard last != nil else { return unexplained > margin / 2 }
    // Memory that stays resident after a trim although entries were evicted is no rise of the
    // handler.
    let stuck = canTrim && isTrimmed ? max(0, min(kept, evicted(reading))) : 0
    let rise = rise - stuck
    let before = handlerByteCount
    seen = max(seen, rise)
    recentRise = max(recentRise, rise)
    if boundaries % Self.memory == Self.memory - 1 {
      if recentRise < seen / 4 * 3 { seen -= min(seen / 32, margin / 2) }
      recentRise = 0
    }
    return handlerByteCount > before || unexplained > margin / 2
  }

  private mutating func relieve(by byteCount: Int, isForHandler: Bool) -> Action {
    guard isForHandler || (isRelieving && self.isForHandler) else { return .relieve(byteCount) }
    if !isRelieving, let recoveredAt {
      let since = boundaries - recoveredAt
      if since < 2 * backoff {
        backoff = min(backoff * 2, Self.longestBackoff)
      } else if since > 8 * backoff {
        backoff = Self.shortestBackoff
      }
    }
    self.isForHandler = true
    recoveredAt = nil
    recoverAt = boundaries + backoff
    return .relieve(byteCount)
  }

  private mutating func recover(_ byteCount: Int, mayTrim: Bool = false) -> Action {
    guard boundaries >= recoverAt else { return .nothing }
    guard byteCount > 0 else { return mayTrim ? .trim(slack, isUrgent: false) : .nothing }
    if isForHandler { (isForHandler, recoveredAt) = (false, boundaries) }
    return .recover(byteCount)
  }
}
