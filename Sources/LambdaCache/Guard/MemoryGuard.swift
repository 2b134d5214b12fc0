/// Decides when caches must give memory back, and when they may have it again.
///
/// It is told what was read and says what to do; it reads and does nothing itself.
///
/// Between two invocations the process should use so little that the next one has room for what
/// the handler is seen to need beside the caches: for the largest rise of the resident set during any
/// earlier invocation, or for the reserve if that is more. That is the **high mark**. Above it caches
/// shed, and what they had is held back: at once what is above the mark, and from there a little at
/// each boundary, so that no invocation waits for it, down to the **low mark**, a thirty-second of the
/// memory below. While the process stays below the low mark, it is lent again in steps; each time
/// that was too early, the guard waits twice as long before the next step.
///
/// A rise is seen at readings, and by the high-water mark of the kernel, which also shows what was
/// returned before any reading. That mark never falls, so it hides a rise that starts lower than an
/// earlier one; that is why a need is forgotten only in steps that are smaller than the margin: a step
/// too far lifts the mark and is seen.
package struct MemoryGuard: Sendable {
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

    package init(resident: Int, peak: Int, others: Int = 0, held: Int) {
      self.resident = resident
      self.peak = peak
      self.others = others
      self.held = held
    }

    var use: Int { resident + others }
  }

  /// What to do.
  package enum Action: Sendable, Equatable {
    case nothing
    /// Bring the use down by so many bytes.
    case relieve(Int)
    /// Lend so many bytes more.
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

  private var last: Reading?
  private var highestSince = 0
  private var boundaries = 0
  private var recentRise = 0
  private var recoverAt = 0
  private var patience = Self.leastPatience
  private var lastRecovery = Int.min / 2
  /// Whether caches shed until the low mark is reached.
  private var isRelieving = false

  private static let leastPatience = 16
  private static let mostPatience = 4096
  /// Invocations after which a need that did not come up again is forgotten a little.
  private static let memory = 1024

  package init(limit: Int, reserve: Int) {
    self.limit = limit
    self.reserve = reserve
    margin = min(max(limit / 64, 2 << 20), 32 << 20)
  }

  /// What the handler is expected to need at the most.
  package var handlerByteCount: Int { max(seen, reserve) }

  /// Above this, between two invocations, caches shed.
  package var highMark: Int { limit - handlerByteCount - margin }

  /// Down to this.
  package var lowMark: Int { highMark - limit / 32 }

  /// What is shed at once below the high mark, at the most: half a millisecond's work.
  package var step: Int { min(limit / 32, 4 << 20) }

  /// Takes a reading.
  ///
  /// - Parameters:
  ///   - reading: What was read.
  ///   - point: When.
  ///   - isHoldingBack: Whether caches have less than their budget.
  package mutating func note(
    _ reading: Reading, at point: Point, isHoldingBack: Bool
  ) -> Action {
    highestSince = max(highestSince, reading.resident)
    switch point {
    case .insertion:
      // What the handler has in use now belongs to its need and must not be counted twice.
      let grown = last.map { $0.use + max(0, reading.held - $0.held) } ?? 0
      let ahead = max(reading.use, grown + handlerByteCount)
      let excess = ahead - (limit - margin)
      return excess > 0 ? relieve(by: excess + step) : .nothing
    case .boundary:
      learn(from: reading)
      boundaries += 1
      return note(reading, isHoldingBack: isHoldingBack)
    }
  }

  private mutating func note(_ reading: Reading, isHoldingBack: Bool) -> Action {
    if reading.use > highMark {
      defer { isRelieving = true }
      return relieve(by: reading.use - highMark + step)
    }
    if isRelieving, reading.use > lowMark {
      return relieve(by: min(reading.use - lowMark, step))
    }
    isRelieving = false
    return isHoldingBack ? recover(reading) : .nothing
  }

  /// What was read after caches have shed, so that the next rise is counted from there.
  package mutating func noteRelief(_ reading: Reading, at point: Point) {
    guard point == .boundary else { return }
    last = reading
    highestSince = reading.resident
  }

  private mutating func learn(from reading: Reading) {
    defer {
      last = reading
      highestSince = reading.resident
    }
    guard let last else { return }
    let top = reading.peak > last.peak ? max(reading.peak, highestSince) : highestSince
    let rise = top - last.resident - max(0, reading.held - last.held)
    seen = max(seen, rise)
    recentRise = max(recentRise, rise)
    if boundaries % Self.memory == Self.memory - 1 {
      if recentRise < seen / 4 * 3 { seen -= min(seen / 32, margin / 2) }
      recentRise = 0
    }
  }

  private mutating func relieve(by byteCount: Int) -> Action {
    if !isRelieving, boundaries - lastRecovery < 2 * patience {
      patience = min(patience * 2, Self.mostPatience)
    }
    recoverAt = boundaries + patience
    return .relieve(byteCount)
  }

  private mutating func recover(_ reading: Reading) -> Action {
    let step = min(limit / 64, (lowMark - reading.use) / 2)
    guard step > 0, boundaries >= recoverAt else { return .nothing }
    if boundaries - lastRecovery > 8 * patience { patience = Self.leastPatience }
    lastRecovery = boundaries
    recoverAt = boundaries + patience
    return .recover(step)
  }
}
