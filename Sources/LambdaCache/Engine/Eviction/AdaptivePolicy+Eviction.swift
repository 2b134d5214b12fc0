/// The choice of the entry that leaves, and the lists of those that stay.
///
/// What only reads is `mutating` all the same where it is called with each insertion: otherwise the
/// compiler copies the whole policy for the call, which took 500 instructions an insertion.
extension AdaptivePolicy {
  /// Steps that the search for one entry to leave takes at the most.
  static var walkLimit: Int { 32 }
  /// Entries that one insertion moves from the small queue to the main one.
  static var balanceLimit: Int { 8 }

  /// The entry that leaves next.
  ///
  /// The queue that has more than its share gives the entry that is worth least in it. One that was
  /// used is put back into the main queue instead, with a use less, and the search goes on. The key
  /// of one that leaves the small queue is remembered.
  ///
  /// - Returns: The slot; 0 if there are no entries, or if the one that room is made for is worth
  ///   less than any.
  @usableFromInline
  mutating func nextVictim(in table: SlotColumns) -> Slot {
    let (slot, list) = chooseVictim(for: newcomer, in: table)
    if list >= EvictionLists.number(.small, 0) { ghost.insert(table.records[Int(slot)].hash) }
    return slot
  }

  /// ``nextVictim(in:)`` and the list that it is in; nothing is remembered yet.
  ///
  /// - Parameters:
  ///   - newcomer: The entry that room is made for.
  ///   - table: The slots.
  @inline(never)
  mutating func chooseVictim(
    for newcomer: Newcomer?, in table: SlotColumns
  ) -> (slot: Slot, list: Int) {
    var steps = 0
    while small.count &+ main.count > 0 {
      let queue = givingQueue(for: newcomer)
      let (slot, list, worth) = last(of: queue)
      if let newcomer, newcomer.queue == queue {
        let ofNewcomer = self.worth(of: newcomer)
        if ofNewcomer < worth {
          advanceClock(of: queue, to: ofNewcomer)
          refuseNewcomer()
          return (0, 0)
        }
      }
      advanceClock(of: queue, to: worth)
      // Not put back: a large one would be the next again, many times.
      if slot == keptSlot, small.count &+ main.count > 1 {
        return (neighbor(of: slot, in: table), 0)
      }
      let mark = marks[Int(slot)]
      guard mark.isUsed, steps < AdaptivePolicy.walkLimit else { return (slot, list) }
      steps &+= 1
      putBack(slot, mark, in: table)
    }
    return (0, 0)
  }

  /// Gives an entry that was used another round in the main queue, with a use less.
  private mutating func putBack(_ slot: Slot, _ mark: EntryMark, in table: SlotColumns) {
    let bytes = byteCount(ofGranules: table.records[Int(slot)].heapGranules)
    takeOut(slot, mark.queue, byteCount: bytes, in: table)
    put(slot, into: .main, uses: mark.isMain && countsUses ? mark.uses - 1 : 0, in: table)
  }

  /// A slot beside another one in the ring; 0 if it is alone.
  private func neighbor(of slot: Slot, in table: SlotColumns) -> Slot {
    let links = table.links[Int(slot)]
    return links.previous != 0 ? links.previous : links.next
  }

  /// The queue whose entry leaves: the small one while it has more than a fifth of the bytes.
  @inline(__always)
  private mutating func givingQueue(for newcomer: Newcomer?) -> EvictionQueue {
    if small.count == 0 { return .main }
    if main.count == 0 || !countsUses { return .small }
    guard let newcomer else { return small.byteCount &* 5 >= byteCount ? .small : .main }
    let coming = newcomer.queue == .small ? newcomer.byteCount : 0
    return (small.byteCount &+ coming) &* 5 > byteCount ? .small : .main
  }

  /// The worth that an entry would have which room is made for, if it would be the last of its
  /// list: behind others of its octave it would not be looked at.
  @inline(__always)
  private mutating func worth(of newcomer: Newcomer) -> UInt64 {
    let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: newcomer.octave)
    if !mode.separatesSizes || lists.octaves(of: newcomer.queue) & bit != 0 { return .max }
    return worth(ofFirst: newcomer.queue, octave: newcomer.octave)
  }

  @inline(never)
  private mutating func worth(ofFirst queue: EvictionQueue, octave: Int) -> UInt64 {
    let clock = queue == .main ? main.clock : small.clock
    // In the steps in which all worths are kept.
    let kept = clock.mark(queue, uses: 1, octave: octave)
    let mark: EntryMark =
      queue == .main
      ? .main(uses: 0, worth: kept) : .small(isUsed: false, worth: kept, birth: 0)
    return clock.worth(mark, octave: octave)
  }

  /// Moves what the small queue has too much to the main one, while that has less than its share.
  ///
  /// - Parameters:
  ///   - coming: Bytes that are about to come into the small queue.
  ///   - table: The slots.
  @inline(__always)
  mutating func balance(coming: Int, in table: SlotColumns) {
    // No entry is smaller than a slot.
    if (main.byteCount &+ slotByteCount) &* 5 <= byteCount &* 4 {
      fillMain(coming: coming, in: table)
    }
  }

  private mutating func fillMain(coming: Int, in table: SlotColumns) {
    var steps = 0
    while small.count > 0, (small.byteCount + coming) * 5 > byteCount,
      steps < AdaptivePolicy.balanceLimit
    {
      let (slot, _, worth) = last(of: .small)
      small.clock.advance(to: worth)
      let bytes = byteCount(ofGranules: table.records[Int(slot)].heapGranules)
      guard (main.byteCount + bytes) * 5 <= byteCount * 4 else { return }
      takeOut(slot, .small, byteCount: bytes, in: table)
      put(slot, into: .main, uses: 0, in: table)
      steps += 1
    }
  }

  @inline(__always)
  private mutating func advanceClock(of queue: EvictionQueue, to worth: UInt64) {
    if queue == .main { main.clock.advance(to: worth) } else { small.clock.advance(to: worth) }
  }

  /// The entry of a queue that is worth least.
  ///
  /// Where sizes count, those that came before they did leave first. Where sizes have ceased to
  /// count, those that came while they did leave first. The worth of both is 0: to advance a clock
  /// to theirs would have it overtake the others.
  @inline(__always)
  private mutating func last(
    of queue: EvictionQueue
  ) -> (slot: Slot, list: Int, worth: UInt64) {
    let octaves = lists.octaves(of: queue)
    let base = EvictionLists.number(queue, 0)
    let sized = octaves & ~1
    if sized == 0 || (mode.separatesSizes && octaves != sized) {
      return (lists[base].last, base, 0)
    }
    let clock = queue == .main ? main.clock : small.clock
    var rest = sized
    var best: (slot: Slot, list: Int) = (0, 0)
    var least = UInt64.max
    repeat {
      let octave = rest.trailingZeroBitCount
      let slot = lists[base &+ octave].last
      let worth = clock.worth(marks[Int(slot)], octave: octave)
      if worth < least { (best, least) = ((slot, base &+ octave), worth) }
      rest &= rest &- 1
    } while rest != 0
    return (best.slot, best.list, mode.separatesSizes ? least : 0)
  }

  /// Puts a slot that is in no list first into its list, as new there.
  mutating func put(
    _ slot: Slot, into queue: EvictionQueue, uses: Int, in table: SlotColumns
  ) {
    place(slot, in: queue, uses: uses, birth: epoch, in: table)
  }

  /// ``put(_:into:uses:in:)`` of an entry that came in another epoch.
  mutating func place(
    _ slot: Slot, in queue: EvictionQueue, uses: Int, birth: UInt8,
    in table: SlotColumns
  ) {
    let bytes = byteCount(ofGranules: table.records[Int(slot)].heapGranules)
    place(
      slot, byteCount: bytes, octave: octave(of: slot, byteCount: bytes), in: queue, uses: uses,
      birth: birth, in: table)
  }

  @inline(__always)
  mutating func place(
    _ slot: Slot, byteCount bytes: Int, octave sized: Int, in queue: EvictionQueue, uses: Int,
    birth: UInt8, in table: SlotColumns
  ) {
    let octave = mode.separatesSizes ? sized : 0
    switch queue {
    case .main:
      let worth =
        octave == 0 ? 0 : main.clock.mark(.main, uses: min(uses, 2) + 1, octave: octave)
      marks[Int(slot)] = .main(uses: uses, worth: worth)
      main.add(bytes)
    case .small:
      let worth = octave == 0 ? 0 : small.clock.mark(.small, uses: 1, octave: octave)
      marks[Int(slot)] = .small(isUsed: uses > 0, worth: worth, birth: birth)
      small.add(bytes)
    }
    lists.insert(slot, first: EvictionLists.number(queue, octave), in: table)
  }

  /// Takes a slot out of its list and of the ring.
  mutating func takeOut(
    _ slot: Slot, _ queue: EvictionQueue, byteCount: Int, in table: SlotColumns
  ) {
    forget(slot, queue, byteCount: byteCount, in: table)
    table.unlinkFromRing(slot)
  }

  /// Takes a slot out of its list.
  @inline(__always)
  mutating func forget(
    _ slot: Slot, _ queue: EvictionQueue, byteCount: Int, in table: SlotColumns
  ) {
    lists.forget(
      slot, queue: queue, octave: octave(of: slot, byteCount: byteCount), in: table)
    if queue == .main { main.take(byteCount) } else { small.take(byteCount) }
  }
}
