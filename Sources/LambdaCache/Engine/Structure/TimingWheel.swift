/// A hierarchical timing wheel over slot numbers (Varghese and Lauck, 1987): eight levels of 64
/// buckets.
///
/// A deadline is eight digits of six bits. A slot waits at the level of the highest digit in which
/// its deadline differs from the wheel's time, in the bucket of that digit. When the time reaches
/// the bucket, its slots move to lower levels; in the lowest they are due. Only occupied buckets
/// are ever looked at, so a leap of years costs no more than one of milliseconds.
struct TimingWheel: ~Copyable {
  /// The first slot of each bucket, 64 for each level; `nil` until the wheel is first used.
  private var firsts: UnsafeMutablePointer<Slot>?
  /// A bit for each bucket of a level that is not empty.
  private var occupied = InlineArray<8, UInt64>(repeating: 0)
  /// Everything before this tick has left the wheel.
  private(set) var time: Tick = 0

  static var levelCount: Int { 8 }
  private static var bucketCount: Int { levelCount * 64 }

  deinit {
    firsts?.deallocate()
  }

  /// Bytes of the buckets as the allocator counts them.
  var byteCount: Int { firsts == nil ? 0 : TimingWheel.activeByteCount }

  /// Bytes of the buckets once the wheel is used.
  static var activeByteCount: Int {
    Allocator.allocationByteCount(forRequest: bucketCount * MemoryLayout<Slot>.stride)
  }

  mutating func activate(now: Tick) {
    guard firsts == nil else { return }
    let buckets = UnsafeMutablePointer<Slot>.allocate(capacity: TimingWheel.bucketCount)
    buckets.initialize(repeating: 0, count: TimingWheel.bucketCount)
    firsts = buckets
    time = now
  }

  /// Puts a slot that is in no list into its bucket.
  mutating func place(_ slot: Slot, deadline: Tick, links: UnsafeMutablePointer<ExpiryLink>) {
    guard let firsts else { preconditionFailure("the timing wheel is not active") }
    // Overdue entries wait in the bucket that is visited next.
    let target = max(deadline, time)
    let level = target == time ? 0 : (63 - (target ^ time).leadingZeroBitCount) / 6
    let digit = Int(truncatingIfNeeded: target >> UInt64(6 * level)) & 63
    let bucket = level * 64 + digit
    let first = firsts[bucket]
    links[Int(slot)] = ExpiryLink(previous: ExpiryLink.firstMark | Slot(bucket + 1), next: first)
    if first != 0 { links[Int(first)].previous = slot }
    firsts[bucket] = slot
    occupied[level] |= 1 << UInt64(digit)
  }

  /// Makes a slot the first of a bucket; 0 empties it.
  ///
  /// - Parameter list: The bucket's number plus one, as links name it; 0 is the queue.
  mutating func setFirst(_ slot: Slot, ofList list: Slot) {
    guard let firsts else { preconditionFailure("the timing wheel is not active") }
    let bucket = Int(list) - 1
    firsts[bucket] = slot
    if slot == 0 { occupied[bucket / 64] &= ~(1 << UInt64(bucket % 64)) }
  }

  /// A slot whose deadline is not after `now`; see ``ExpiryTable/firstExpired(now:moves:)``.
  mutating func firstExpired(
    now: Tick, table links: UnsafeMutablePointer<ExpiryLink>, deadlines: TickColumn,
    moves: inout Int
  ) -> Slot {
    guard let firsts else { return 0 }
    while true {
      switch cascade(now: now, links: links, deadlines: deadlines, moves: &moves) {
      case .due(let slot): return slot
      case .unfinished: return 0
      case .done: break
      }
      let due = firsts[digit(ofLevel: 0)]
      if due != 0 { return due }
      let next = nextOccupied
      guard next <= now else {
        time = max(time, min(now, Tick.end - 1))
        return 0
      }
      time = next
    }
  }

  private enum Cascade {
    /// All have moved.
    case done
    /// The moves are used up.
    case unfinished
    /// A slot that need not move: its deadline is not after the present.
    case due(Slot)
  }

  /// Moves the slots of every bucket the time has reached to lower levels, until one is found whose
  /// deadline has come.
  private mutating func cascade(
    now: Tick, links: UnsafeMutablePointer<ExpiryLink>, deadlines: TickColumn,
    moves: inout Int
  ) -> Cascade {
    guard let firsts else { return .done }
    for level in stride(from: TimingWheel.levelCount - 1, to: 0, by: -1) {
      let bucket = level * 64 + digit(ofLevel: level)
      while firsts[bucket] != 0 {
        let slot = firsts[bucket]
        guard deadlines[slot] > now else { return .due(slot) }
        guard moves > 0 else { return .unfinished }
        moves -= 1
        let next = links[Int(slot)].next
        if next != 0 { links[Int(next)].previous = links[Int(slot)].previous }
        setFirst(next, ofList: Slot(bucket + 1))
        place(slot, deadline: deadlines[slot], links: links)
      }
    }
    return .done
  }

  private func digit(ofLevel level: Int) -> Int {
    Int(truncatingIfNeeded: time >> UInt64(6 * level)) & 63
  }

  /// The start of the next bucket that is not empty, after the present one; `.max` if there is
  /// none.
  var nextOccupied: Tick {
    for level in 0..<TimingWheel.levelCount {
      let position = UInt64(digit(ofLevel: level))
      let later = occupied[level] & ~(((UInt64(1) << position) << 1) &- 1)
      guard later != 0 else { continue }
      let shift = UInt64(6 * level)
      let prefix = (time >> shift) & ~63
      return (prefix | UInt64(later.trailingZeroBitCount)) << shift
    }
    return .max
  }
}
