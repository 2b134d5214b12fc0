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
    var steps = 0
    while small.count + main.count > 0 {
      let queue = givingQueue()
      let (slot, worth) = last(of: queue)
      if let newcomer, newcomer.queue == queue {
        let ofNewcomer = self.worth(of: newcomer)
        if ofNewcomer < worth {
          advanceClock(of: queue, to: ofNewcomer)
          refuseNewcomer()
          return 0
        }
      }
      advanceClock(of: queue, to: worth)
      let uses = marks[Int(slot)].uses
      // Not put back: a large one would be the next again, many times.
      if slot == keptSlot && small.count + main.count > 1 { return neighbor(of: slot, in: table) }
      guard uses > 0, steps < AdaptivePolicy.walkLimit else {
        if queue == .small { ghost.insert(table.records[Int(slot)].hash) }
        return slot
      }
      steps += 1
      let bytes = byteCount(ofGranules: table.records[Int(slot)].heapGranules)
      takeOut(slot, queue, byteCount: bytes, in: table)
      put(slot, into: .main, uses: queue == .main && countsUses ? max(0, uses - 1) : 0, in: table)
    }
    return 0
  }

  /// A slot beside another one in the ring; 0 if it is alone.
  private func neighbor(of slot: Slot, in table: SlotColumns) -> Slot {
    let links = table.links[Int(slot)]
    return links.previous != 0 ? links.previous : links.next
  }

  /// The queue whose entry leaves: the small one while it has more than a fifth of the bytes.
  private mutating func givingQueue() -> EvictionQueue {
    if small.count == 0 { return .main }
    if main.count == 0 || !countsUses { return .small }
    guard let newcomer else { return small.byteCount * 5 >= byteCount ? .small : .main }
    let coming = newcomer.queue == .small ? newcomer.byteCount : 0
    return (small.byteCount + coming) * 5 > byteCount ? .small : .main
  }

  /// The worth that an entry would have which room is made for, if it would be the last of its
  /// list: behind others of its octave it would not be looked at.
  private mutating func worth(of newcomer: Newcomer) -> UInt64 {
    let octave = SizeOctave.octave(ofByteCount: newcomer.byteCount)
    guard mode.separatesSizes, lists.octaves(of: newcomer.queue) & 1 << octave == 0 else {
      return .max
    }
    let clock = newcomer.queue == .main ? main.clock : small.clock
    // In the steps in which all worths are kept.
    let kept = clock.mark(newcomer.queue, uses: 1, octave: octave)
    let mark: EntryMark =
      newcomer.queue == .main
      ? .main(uses: 0, worth: kept) : .small(isUsed: false, worth: kept, birth: 0)
    return clock.worth(mark, octave: octave)
  }

  /// Moves what the small queue has too much to the main one, while that has less than its share.
  ///
  /// - Parameters:
  ///   - coming: Bytes that are about to come into the small queue.
  ///   - table: The slots.
  mutating func balance(coming: Int, in table: SlotColumns) {
    var steps = 0
    while small.count > 0, (small.byteCount + coming) * 5 > byteCount,
      steps < AdaptivePolicy.balanceLimit
    {
      let (slot, worth) = last(of: .small)
      small.clock.advance(to: worth)
      let bytes = byteCount(ofGranules: table.records[Int(slot)].heapGranules)
      guard (main.byteCount + bytes) * 5 <= byteCount * 4 else { return }
      takeOut(slot, .small, byteCount: bytes, in: table)
      put(slot, into: .main, uses: 0, in: table)
      steps += 1
    }
  }

  private mutating func advanceClock(of queue: EvictionQueue, to worth: UInt64) {
    if queue == .main { main.clock.advance(to: worth) } else { small.clock.advance(to: worth) }
  }

  /// The entry of a queue that is worth least.
  private mutating func last(of queue: EvictionQueue) -> (slot: Slot, worth: UInt64) {
    var octaves = lists.octaves(of: queue)
    let base = EvictionLists.number(queue, 0)
    if mode.separatesSizes {
      // Those that came before the sizes counted.
      if octaves & 1 != 0 { return (lists[base].last, 0) }
    }
    // Those that came while the sizes counted leave before those that were used or came since.
    // Their worths are kept modulo a range that the clock of entries of any size leaps over: to
    // advance it to them would have it overtake the others.
    let isOutdated = !mode.separatesSizes && octaves & ~1 != 0
    if isOutdated { octaves &= ~1 }
    let clock = queue == .main ? main.clock : small.clock
    var best: Slot = 0
    var least = UInt64.max
    while octaves != 0 {
      let octave = octaves.trailingZeroBitCount
      let slot = lists[base + octave].last
      let worth = clock.worth(marks[Int(slot)], octave: octave)
      if worth < least { (best, least) = (slot, worth) }
      octaves &= octaves - 1
    }
    return (best, isOutdated ? 0 : least)
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
    let octave = mode.separatesSizes ? SizeOctave.octave(ofByteCount: bytes) : 0
    switch queue {
    case .main:
      let worth = main.clock.mark(.main, uses: min(uses, 2) + 1, octave: octave)
      marks[Int(slot)] = .main(uses: uses, worth: worth)
      main.count += 1
      main.byteCount += bytes
    case .small:
      let worth = small.clock.mark(.small, uses: 1, octave: octave)
      marks[Int(slot)] = .small(isUsed: uses > 0, worth: worth, birth: birth)
      small.count += 1
      small.byteCount += bytes
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
  mutating func forget(
    _ slot: Slot, _ queue: EvictionQueue, byteCount: Int, in table: SlotColumns
  ) {
    lists.forget(
      slot, queue: queue, octave: SizeOctave.octave(ofByteCount: byteCount), in: table)
    if queue == .main {
      main.count -= 1
      main.byteCount -= byteCount
    } else {
      small.count -= 1
      small.byteCount -= byteCount
    }
  }
}
