/// The times of entries beside deadlines: when an entry was used and when it was written, six bytes
/// a slot each, and only where ``Expiration`` needs them.
@usableFromInline
package struct AgingTable: ~Copyable {
  /// Ticks that an entry stays fresh without being used; 0 for ever.
  @usableFromInline let idleTicks: Tick
  /// Ticks that an expired entry stays.
  @usableFromInline let staleTicks: Tick
  /// The state of an old entry after a thaw.
  let afterThaw: ThawEffect
  /// Whether an old entry is not fresh after a thaw.
  @usableFromInline let endsAfterThaw: Bool
  /// No entry's idle time ends before this tick; uses and writes only put the first end off.
  @usableFromInline private(set) var nextIdleEnd: Tick
  /// Ticks that are added to the present one for a use, in a cache that follows the system's
  /// clocks; see ``Timekeeper/writeTime()``.
  @usableFromInline let useLead = Timekeeper.coarseStep
  /// The thaws after which entries are old; `nil` if none makes them so.
  let thawHistory: ThawHistory?
  private let recordsWrites: Bool
  private var jitter: LifetimeJitter
  @usableFromInline private(set) var uses: TickColumn
  @usableFromInline private(set) var writes: TickColumn
  private var useByteCount = 0
  private var writeByteCount = 0

  enum ThawEffect {
    case none
    case stale
    case expired
  }

  /// - Returns: `nil` if nothing of the settings needs it.
  package init?(_ expiration: Expiration, seed: UInt64) {
    guard AgingTable.isNeeded(for: expiration) else { return nil }
    idleTicks = AgingTable.named(expiration.idleTimeToLive)
    staleTicks = min(
      Tick.milliseconds(roundingUp: expiration.staleWindow), AgingTable.longestStaleTicks)
    jitter = LifetimeJitter(expiration.jitter, seed: seed)
    let afterThaw: ThawEffect =
      switch expiration.afterThaw {
      case .keep: .none
      case .revalidate: .stale
      case .drop: .expired
      }
    self.afterThaw = afterThaw
    endsAfterThaw = afterThaw != .none
    nextIdleEnd = idleTicks > 0 ? 0 : .max
    thawHistory = afterThaw == .none ? nil : ThawHistory()
    recordsWrites = expiration.recordsAge || afterThaw != .none
    // Never read or written before `reserve`.
    uses = TickColumn(base: UnsafeMutableRawPointer(bitPattern: 1)!)
    writes = uses
  }

  private static func isNeeded(for expiration: Expiration) -> Bool {
    named(expiration.idleTimeToLive) > 0 || expiration.staleWindow > .zero
      || expiration.recordsAge || expiration.afterThaw != .keep
      || !LifetimeJitter(expiration.jitter, seed: 0).isNone
  }

  deinit {
    releaseColumns()
    thawHistory?.release()
  }

  /// A century: deadlines are kept as the ends of stale windows, which must have names for the
  /// freshness before them to end.
  private static var longestStaleTicks: Tick { 36_525 * 86_400_000 }

  /// A time to live that can pass; 0 for none.
  private static func named(_ lifetime: Duration?) -> Tick {
    let ticks = lifetime.map(Tick.milliseconds(roundingUp:)) ?? 0
    return ticks >= Tick.end ? 0 : ticks
  }

  private var columnCount: Int { (idleTicks > 0 ? 1 : 0) + (recordsWrites ? 1 : 0) }

  /// Bytes one slot takes.
  var slotByteCount: Int { columnCount * TickColumn.slotByteCount }

  /// The lifetime of one entry.
  @usableFromInline
  mutating func shortened(_ lifetime: Tick) -> Tick { jitter.shortened(lifetime) }

  /// Has the columns that are needed take address space for so many slots.
  ///
  /// - Parameters:
  ///   - count: The slots.
  ///   - touched: The slots that may have times, the sentinel's included.
  /// - Returns: `false` if the system does not grant so much.
  mutating func reserve(slots count: Int, touched: Int) -> Bool {
    if idleTicks > 0, !uses.reserve(slots: count, reserved: &useByteCount, touched: touched) {
      return false
    }
    return !recordsWrites
      || writes.reserve(slots: count, reserved: &writeByteCount, touched: touched)
  }

  /// Notes that an entry was written.
  @usableFromInline
  mutating func noteWrite(_ slot: Slot, now: Tick, use: Tick) {
    if recordsWrites { writes[slot] = min(now, Tick.end - 1) }
    noteUse(slot, use: use)
  }

  /// Notes that an entry was used.
  @usableFromInline
  func noteUse(_ slot: Slot, use: Tick) {
    if idleTicks > 0 { uses[slot] = min(use, Tick.end - 1) }
  }

  /// Follows an entry that has moved from one slot to another.
  @usableFromInline
  func move(from source: Slot, to target: Slot) {
    if idleTicks > 0 { uses[target] = uses[source] }
    if recordsWrites { writes[target] = writes[source] }
  }

  /// The first tick at which an entry is not fresh.
  ///
  /// - Parameters:
  ///   - slot: The entry's slot.
  ///   - deadline: The end of its time to live, stale window included; 0 for never.
  ///   - thaws: The gaps that were seen.
  /// - Returns: `.max` if it is fresh for ever.
  @usableFromInline
  func freshEnd(of slot: Slot, deadline: Tick, thaws: ThawLog) -> Tick {
    var end = deadline == 0 ? Tick.max : deadline - staleTicks
    if idleTicks > 0 { end = min(end, idleEnd(of: slot)) }
    if afterThaw != .none, let thaw = thaws.firstEnd(after: writes[slot]) { end = min(end, thaw) }
    return end
  }

  /// The first tick at which an entry may not be served at all.
  ///
  /// - Returns: `.max` if it stays for ever.
  @usableFromInline
  func end(of slot: Slot, deadline: Tick, thaws: ThawLog) -> Tick {
    var end = deadline == 0 ? Tick.max : deadline
    let idleEnd = idleEnd(of: slot)
    if idleEnd != .max { end = min(end, idleEnd + staleTicks) }
    if afterThaw == .expired, let thaw = thaws.firstEnd(after: writes[slot]) {
      end = min(end, thaw)
    }
    return end
  }

  private func idleEnd(of slot: Slot) -> Tick {
    guard idleTicks > 0 else { return .max }
    let end = uses[slot].deadline(after: idleTicks)
    return end == 0 ? .max : end
  }

  /// Takes note of the first idle time to end, that of the coldest entry.
  ///
  /// - Parameters:
  ///   - coldest: Its slot; 0 if there is no entry.
  ///   - now: The present tick.
  mutating func noteColdest(_ coldest: Slot, now: Tick) {
    guard idleTicks > 0 else { return }
    nextIdleEnd = coldest == 0 ? now.deadline(after: idleTicks) : idleEnd(of: coldest)
    if nextIdleEnd == 0 { nextIdleEnd = .max }
  }

  /// The last use of an entry, for checks; 0 if that is not kept.
  func lastUse(of slot: Slot) -> Tick { idleTicks > 0 ? uses[slot] : 0 }

  /// When an entry was written; `nil` if that is not kept.
  func lastWrite(of slot: Slot) -> Tick? { recordsWrites ? writes[slot] : nil }

  /// Gives the memory of a range of slots back.
  func releaseUntouched(from lower: Int, to upper: Int) {
    if useByteCount > 0 { uses.releaseUntouched(from: lower, to: upper) }
    if writeByteCount > 0 { writes.releaseUntouched(from: lower, to: upper) }
  }

  /// Gives all memory back; no slot holds an entry.
  mutating func releaseAll() {
    releaseColumns()
    (useByteCount, writeByteCount) = (0, 0)
  }

  private func releaseColumns() {
    if useByteCount > 0 { VirtualMemory.release(uses.base, byteCount: useByteCount) }
    if writeByteCount > 0 { VirtualMemory.release(writes.base, byteCount: writeByteCount) }
  }
}

/// Shortens lifetimes at random (SplitMix64: Steele, Lea and Flood, 2014).
private struct LifetimeJitter {
  private let jitter: Expiration.Jitter
  private var state: UInt64

  init(_ jitter: Expiration.Jitter, seed: UInt64) {
    self.jitter = jitter
    state = seed
  }

  var isNone: Bool { jitter == .none || jitter == .fraction(0) || jitter == .duration(.zero) }

  /// A lifetime shortened by up to the jitter, to one tick at the least.
  mutating func shortened(_ lifetime: Tick) -> Tick {
    // An entry that lives for ever stays so.
    guard lifetime > 1, lifetime < Tick.end, !isNone else { return lifetime }
    let most: Tick =
      switch jitter {
      case .none: 0
      case .fraction(let fraction): Tick(Double(lifetime) * fraction)
      case .duration(let duration): Tick.milliseconds(roundingUp: duration)
      }
    return lifetime - below(min(most, lifetime - 1) + 1)
  }

  /// A number from 0 to a bound, which it does not reach.
  private mutating func below(_ bound: UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return (word ^ (word >> 31)).multipliedFullWidth(by: bound).high
  }
}
