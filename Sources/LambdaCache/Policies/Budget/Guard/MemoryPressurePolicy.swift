/// Decides when caches must give memory back, and when they may have it again.
///
/// It is told what was read and says what to do; it reads and does nothing itself.
///
/// At every reading the process should use so little that the handler has room for what it is seen
/// to need beside the caches: for the largest rise of the resident set during any earlier
/// invocation, or for the reserve if that is more. Between two invocations that is the **high
/// mark**. Above it caches shed, and what they had is held back: at once what is above the mark,
/// and from there a little at each boundary, so that no invocation waits for it, down to the **low
/// mark**, a thirty-second of the memory below. As soon as a reading leaves room, so much is lent
/// again; where the handler has proven that premature, the guard waits twice as long the next time.
///
/// In the middle of an invocation a part of the need may be in use already. All that is resident
/// more than after the last boundary, but for the growth of the caches, is the handler's or lies
/// where entries were evicted and the allocator cannot reuse it. The latter is at most what was
/// **evicted since**, and so the rest at least is the handler's (``excess(of:at:)``).
///
/// What the allocator keeps is no reason to shed: above a mark the guard asks for a trim first.
///
/// A rise is seen at readings, and by the high-water mark of the kernel, which also shows what was
/// returned before any reading. That mark never falls, so it hides a rise that starts lower than an
/// earlier one; that is why a need is forgotten only in steps that are smaller than the margin: a
/// step too far lifts the mark and is seen.
package struct MemoryPressurePolicy: Sendable {
  /// When memory is read.
  package enum Point: Sendable {
    /// Between two invocations.
    case boundary
    /// In the middle of one, after so many inserted bytes.
    case insertion
  }

  /// What was read at one time, in bytes.
  package struct Reading: Sendable {
    /// The resident set of the process.
    package var resident: Int
    /// The largest there has been.
    package var peak: Int
    /// What others in the same container leave less than the process's own limit.
    package var others: Int
    /// What the caches hold.
    package var held: Int
    /// What was ever inserted into them.
    package var inserted: Int

    package init(resident: Int, peak: Int, others: Int = 0, held: Int, inserted: Int = 0) {
      self.resident = resident
      self.peak = peak
      self.others = others
      self.held = held
      self.inserted = inserted
    }

    var use: Int { resident + others }

    /// What is in use beside the entries.
    fileprivate var overhead: Int { use - held }
  }

  /// What to do.
  package enum Action: Sendable, Equatable {
    case nothing
    /// Give back what the allocator does not use, if that may bring so many bytes, and ask again;
    /// urgent if entries go otherwise.
    case trim(Int, isUrgent: Bool)
    /// Trim in any case, and ask again.
    case trimToLearn
    /// Bring the use down by so many bytes.
    case relieve(Int)
    /// Let caches hold so many bytes more than they do.
    case recover(Int)
  }

  /// What the process may use.
  package let limit: Int
  /// What is kept for the handler before it is seen to need more.
  package let reserve: Int
  /// What nobody plans with: a sixty-fourth of the memory, from 2 to 32 MiB.
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
  private var patience = Self.leastPatience
  /// The boundary at which bytes were first lent again after the handler had needed them.
  private var recoveredAt: Int?
  /// Whether caches shed until the low mark is reached.
  private var isRelieving = false
  /// Whether they do because of the handler.
  private var isForHandler = false

  private static let leastPatience = 16
  private static let mostPatience = 4096
  /// Invocations after which a need that did not come up again is forgotten a little.
  private static let memory = 1024

  /// - Parameters:
  ///   - limit: What the process may use.
  ///   - reserve: What is kept for the handler before it is seen to need more.
  ///   - resident: What the process used before there was any cache.
  ///   - canTrim: Whether the allocator can be asked to give memory back.
  package init(limit: Int, reserve: Int, resident: Int = 0, canTrim: Bool = true) {
    self.limit = limit
    self.reserve = reserve
    self.canTrim = canTrim
    start = Reading(resident: resident, peak: resident, held: 0)
    margin = min(max(limit / 64, 2 << 20), 32 << 20)
  }

  /// What the handler is expected to need at the most.
  package var handlerByteCount: Int { max(seen, reserve) }

  /// Above this, between two invocations, caches shed.
  package var highMark: Int { limit - handlerByteCount - margin }

  /// Down to this.
  package var lowMark: Int { highMark - slack }

  /// What is shed at once below the high mark, at the most: half a millisecond's work.
  package var step: Int { min(limit / 32, 4 << 20) }

  /// What is left free below a mark where there is a choice.
  package var slack: Int { limit / 32 }

  /// By how much a reading is above what leaves the handler its need (**B3**); negative below it.
  package func excess(of reading: Reading, at point: Point) -> Int {
    switch point {
    case .boundary: reading.use - highMark
    case .insertion: reading.use + max(0, handlerByteCount - inUse(reading)) - (limit - margin)
    }
  }

  /// How much more caches could hold; negative if they hold too much.
  package func room(after reading: Reading, at point: Point) -> Int {
    -excess(of: reading, at: point) - slack
  }

  /// What the handler has in use for certain.
  private func inUse(_ reading: Reading) -> Int {
    max(0, reading.overhead - (last ?? start).overhead - evicted(reading))
  }

  /// What was evicted since the last boundary and is perhaps still resident.
  private func evicted(_ reading: Reading) -> Int {
    let from = last ?? start
    let inserted = reading.inserted &- from.inserted
    return max(0, inserted - (reading.held - from.held) - returnedSince)
  }

  /// Takes a reading.
  ///
  /// - Parameters:
  ///   - reading: What was read.
  ///   - point: When.
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
      // Where evicted entries are in the way, fewer of them do not make more room.
      defer { isRelieving = isRelieving || isForHandler }
      return relieve(by: reading.use - highMark + step, isForHandler: isForHandler)
    }
    if isRelieving, reading.use > lowMark {
      return relieve(by: min(reading.use - lowMark, step), isForHandler: isForHandler)
    }
    isRelieving = false
    return isHoldingBack ? recover(lowMark - reading.use) : .nothing
  }

  /// Takes what came of evictions: the bytes evicted, and those that are not resident any more.
  package mutating func noteShed(_ byteCount: Int, returned: Int) {
    returnedSince += max(0, min(byteCount, returned))
  }

  /// What was read after caches have shed, so that the next rise is counted from there.
  package mutating func noteRelief(_ reading: Reading, at point: Point) {
    guard point == .boundary else { return }
    begin(from: reading)
  }

  private mutating func begin(from reading: Reading) {
    last = reading
    highestSince = reading.resident
    returnedSince = 0
  }

  /// How far the resident set was above where it began, but for the growth of the caches.
  private func rise(to reading: Reading) -> Int {
    guard let last else { return 0 }
    let top = reading.peak > last.peak ? max(reading.peak, highestSince) : highestSince
    return top - last.resident - max(0, reading.held - last.held)
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
    // What stays resident after a trim though entries were evicted is not what the handler rose by.
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
      if since < 2 * patience {
        patience = min(patience * 2, Self.mostPatience)
      } else if since > 8 * patience {
        patience = Self.leastPatience
      }
    }
    self.isForHandler = true
    recoveredAt = nil
    recoverAt = boundaries + patience
    return .relieve(byteCount)
  }

  private mutating func recover(_ room: Int, mayTrim: Bool = false) -> Action {
    guard boundaries >= recoverAt else { return .nothing }
    guard room > 0 else { return mayTrim ? .trim(slack, isUrgent: false) : .nothing }
    if isForHandler { (isForHandler, recoveredAt) = (false, boundaries) }
    return .recover(room)
  }
}
