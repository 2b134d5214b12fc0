/// Address space for slots: as much as the limits can use, or as the system grants.
extension CacheCore {
  /// The most slots that the limits admit, and that a 31-bit number names.
  var wantedSlotCount: Int {
    max(1, min(limits.byteLimit / table.slotByteCount, limits.entryLimit, 1 << 30))
  }

  /// Has all columns take address space for more slots.
  ///
  /// - Returns: Whether there are more.
  @usableFromInline
  @inline(never)
  mutating func reserveSlots() -> Bool {
    if reservationPause > 0 {
      reservationPause -= 1
      return false
    }
    for count in reservationSteps where reserve(slots: count) { return true }
    // The cache works with the slots it has, and does not ask with each insertion.
    if table.slotLimit > 0 { reservationPause = CacheCore.refusedInsertionCount }
    return false
  }

  /// Insertions after which the system is asked again for address space that it has refused.
  private static var refusedInsertionCount: Int { 1 << 10 }

  /// The numbers of slots to try, the most first.
  ///
  /// All that the limits can use, so that the columns need not move; or twice as many as there are
  /// where the process may take only so much address space, which others need as well. Where limits
  /// rise in steps, columns do not move with each of them.
  private var reservationSteps: [Int] {
    let present = table.slotLimit
    let most = min(max(wantedSlotCount, 2 * present), 1 << 30)
    var steps: [Int] = []
    func add(_ count: Int) {
      let count = min(count, most)
      if count > present, count < steps.last ?? .max { steps.append(count) }
    }
    if !AddressSpace.isLimited {
      add(max(2 * present, AddressSpace.largestStep / table.slotByteCount))
    }
    add(2 * present)
    add(present + present / 4)
    // One page of links or records.
    add(512)
    add(64)
    add(1)
    return steps
  }

  private mutating func reserve(slots count: Int) -> Bool {
    guard table.reserve(slots: count) else { return false }
    let touched = table.touchedCount
    if expiry.isActive, !expiry.reserve(slots: count, touched: touched) { return false }
    if let aging, !aging.pointee.reserve(slots: count, touched: touched) { return false }
    if let policy = openPolicy(), !policy.pointee.reserve(slots: count, touched: touched) {
      return false
    }
    table.slotLimit = count
    return true
  }

  /// Has the cache keep deadlines.
  ///
  /// - Returns: `false` if the system does not grant the address space for those of the present
  ///   slots.
  @usableFromInline
  mutating func activateExpiry() -> Bool {
    guard !expiry.isActive else { return true }
    let least = max(0, table.touchedCount - 1)
    var count = table.slotLimit
    while count > 0, !expiry.reserve(slots: count, touched: 0) {
      guard count > least else { return false }
      count = max(least, count / 2)
    }
    table.slotLimit = count
    expiry.activate()
    return true
  }

  /// The slot for an entry for which all memory has been given back.
  @usableFromInline
  mutating func takeSlotMadeFree(hasDeadline: Bool) -> Slot {
    // The table of deadlines may have been dropped with the last entry.
    if hasDeadline, !activateExpiry() { return 0 }
    guard table.hasRoom || reserveSlots() else { return 0 }
    return table.takeSlot()
  }

  /// Another slot in the place of one for whose cell the index has no place and gets no memory:
  /// some of the coldest entries leave for it.
  @usableFromInline
  @inline(never)
  mutating func exchangeForFullIndex(
    _ slot: Slot, now: Tick, removedEntries: inout RemovedEntries<Key, Value>
  ) -> Slot {
    table.freeSlot(slot)
    repeat {
      guard count > 0 else { return 0 }
      evictOne(now: now, cause: .size, removedEntries: &removedEntries)
    } while index.isFull
    return table.hasRoom ? table.takeSlot() : 0
  }
}
