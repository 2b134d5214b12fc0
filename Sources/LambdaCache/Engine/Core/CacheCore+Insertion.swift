/// Setting values: find, admit, make room, place, account, always in this order; the last three in
/// one step where an entry leaves for the one that comes (`CacheCore+Exchange.swift`).
extension CacheCore {
  /// Sets the value of a key.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The key; it takes the place of an equal one, whose size may be another.
  ///   - hash: The key's hash.
  ///   - heapByteCount: The bytes that key and value own on the heap.
  ///   - timeToLive: How long the entry lives; `nil` for the cache's own.
  ///   - removedEntries: Takes the entries that leave.
  @inlinable
  package mutating func setValue(
    _ value: consuming Value, forKey key: Key, hash: UInt32, heapByteCount: Int,
    timeToLive: Duration?, removedEntries: inout RemovedEntries<Key, Value>
  ) -> InsertionOutcome {
    if timeToLive != nil || lifetime != nil || usesTime {
      return setTimedValue(
        value, forKey: key, hash: hash, heapByteCount: heapByteCount, timeToLive: timeToLive,
        removedEntries: &removedEntries)
    }
    let found = findForWriting(key, hash: hash)
    guard let granules = admittedGranules(forByteCount: heapByteCount) else {
      return reject(
        found, hash: hash, heapByteCount: heapByteCount, isAlive: true, now: 0,
        removedEntries: &removedEntries)
    }
    if found == 0 {
      let slot = exchangeSlot(
        forGranules: granules, hash: hash, removedEntries: &removedEntries)
      if slot != 0 {
        (entries + Int(slot)).initialize(to: CacheEntry(key: key, value: value))
        return .inserted
      }
      return insert(
        value, forKey: key, hash: hash, granules: granules, heapByteCount: heapByteCount,
        deadline: 0, now: 0, removedEntries: &removedEntries)
    }
    replaceValue(
      in: found, byKey: key, value: value, granules: granules, deadline: 0, now: 0,
      removedEntries: &removedEntries)
    return .replaced
  }

  /// ``setValue(_:forKey:hash:heapByteCount:timeToLive:removedEntries:)`` where the entry or others
  /// may expire.
  @inlinable @inline(never)
  mutating func setTimedValue(
    _ value: consuming Value, forKey key: Key, hash: UInt32, heapByteCount: Int,
    timeToLive: Duration?, removedEntries: inout RemovedEntries<Key, Value>
  ) -> InsertionOutcome {
    let (now, deadline, isAlive) = startTimer(timeToLive)
    reclaimIfDue(now: now, removedEntries: &removedEntries)
    let found = findForWriting(key, hash: hash)
    guard isAlive, let granules = admittedGranules(forByteCount: heapByteCount),
      deadline == 0 || expiry.isActive || activateExpiry()
    else {
      return reject(
        found, hash: hash, heapByteCount: heapByteCount, isAlive: isAlive, now: now,
        removedEntries: &removedEntries)
    }
    if found != 0, !usesTime || !isExpired(found, now: now) {
      replaceValue(
        in: found, byKey: key, value: value, granules: granules, deadline: deadline, now: now,
        removedEntries: &removedEntries)
      return .replaced
    }
    if found != 0 { remove(found, cause: .expired, removedEntries: &removedEntries) }
    let slot = exchangeTimedSlot(
      forGranules: granules, hash: hash, now: now, removedEntries: &removedEntries)
    if slot != 0 {
      (entries + Int(slot)).initialize(to: CacheEntry(key: key, value: value))
      if deadline != 0 {
        scheduleHottest(slot, deadline: deadline, now: now, removedEntries: &removedEntries)
        notePeak()
      }
      return .inserted
    }
    return insert(
      value, forKey: key, hash: hash, granules: granules, heapByteCount: heapByteCount,
      deadline: deadline, now: now, removedEntries: &removedEntries)
  }

  /// Sets the value of a key that the cache does not have, and that was admitted.
  @inlinable @inline(never)
  package mutating func insert(
    _ value: consuming Value, forKey key: Key, hash: UInt32, granules: Int, heapByteCount: Int,
    deadline: Tick, now: Tick, removedEntries: inout RemovedEntries<Key, Value>
  ) -> InsertionOutcome {
    var slot = takeSlot(
      forGranules: granules, hash: hash, deadline: deadline, now: now,
      removedEntries: &removedEntries)
    if slot != 0, index.wantsRoom, !makeIndexRoom(forGranules: granules) {
      slot = exchangeForFullIndex(slot, now: now, removedEntries: &removedEntries)
    }
    guard slot != 0 else {
      if policy != nil, leavesAtOnce(hash: hash, granules: granules) {
        if isObserved { removedEntries.add(.init(key: key, value: value, cause: .size)) }
        return .inserted
      }
      // The system grants no memory for even one entry.
      noteRejection(.memory, heapByteCount: heapByteCount)
      reject(0, hash: hash, now: now, removedEntries: &removedEntries)
      return .rejected
    }
    place(CacheEntry(key: key, value: value), in: slot, hash: hash, granules: granules)
    counts.insertions &+= 1
    if tracksUses { noteInsertion(slot, now: now) }
    if deadline != 0 {
      scheduleHottest(slot, deadline: deadline, now: now, removedEntries: &removedEntries)
    }
    notePeak()
    return .inserted
  }

  /// The size of an entry that may come in, in granules.
  ///
  /// - Returns: `nil` for one that has no room even alone, or more than an entry may have.
  @inlinable @inline(__always)
  mutating func admittedGranules(forByteCount byteCount: Int) -> Int? {
    if byteCount < 0 { trapNegativeSize(byteCount) }
    // Compared before it is rounded: what is admitted is far from where rounding overflows.
    guard byteCount <= min(admittedHeapByteCount, limits.entryByteLimit) else { return nil }
    let granules = ByteLedger.granules(forByteCount: byteCount)
    return granules &* ByteLedger.granule <= admittedHeapByteCount ? granules : nil
  }

  /// A slot for an entry that was admitted, and space for its cell and its bytes.
  ///
  /// - Returns: 0 if the system grants no address space for any, or if the policy keeps the entries
  ///   that would have to leave.
  @inlinable @inline(__always)
  mutating func takeSlot(
    forGranules granules: Int, hash: UInt32, deadline: Tick, now: Tick,
    removedEntries: inout RemovedEntries<Key, Value>
  ) -> Slot {
    if hasRoom(forGranules: granules) { return table.takeSlot() }
    if count < limits.entryLimit, !table.hasRoom, reserveSlots(), hasRoom(forGranules: granules) {
      return table.takeSlot()
    }
    if policy != nil {
      return takeSlotByPolicy(
        forGranules: granules, hash: hash, deadline: deadline, now: now,
        removedEntries: &removedEntries)
    }
    makeRoom(forGranules: granules, now: now, removedEntries: &removedEntries)
    if table.hasRoom, deadline == 0 || expiry.isActive { return table.takeSlot() }
    return takeSlotMadeFree(hasDeadline: deadline != 0)
  }

  /// - Returns: The present tick, the deadline (0 for never), and whether the entry lives at all.
  @usableFromInline
  mutating func startTimer(_ timeToLive: Duration?) -> (Tick, Tick, Bool) {
    let now = time.now()
    guard let span = timeToLive.map(Tick.milliseconds(roundingUp:)) ?? lifetime else {
      return (now, 0, true)
    }
    guard span > 0 else { return (now, 0, false) }
    return (now, deadline(after: aging?.pointee.shortened(span) ?? span), true)
  }

  /// The deadline of an entry that is fresh for `span` from now on; 0 for never.
  @usableFromInline
  mutating func deadline(after span: Tick) -> Tick {
    let end = time.writeTime().deadline(after: span)
    guard let aging, end != 0 else { return end }
    return end.deadline(after: aging.pointee.staleTicks)
  }

  /// Notes in a cache that keeps times that an entry was written and so used.
  @usableFromInline
  mutating func noteWrite(_ slot: Slot, now: Tick) {
    aging?.pointee.noteWrite(slot, now: now, use: time.writeTime())
  }

  /// Refuses a value of a key; see ``reject(_:hash:now:removedEntries:)``.
  mutating func refuse(_ key: Key, hash: UInt32, removedEntries: inout RemovedEntries<Key, Value>) {
    let now = presentTick()
    reclaimIfDue(now: now, removedEntries: &removedEntries)
    reject(find(key, hash: hash), hash: hash, now: now, removedEntries: &removedEntries)
  }

  /// Refuses a value that was not admitted, and notes why.
  @usableFromInline
  @inline(never)
  mutating func reject(
    _ found: Slot, hash: UInt32, heapByteCount: Int, isAlive: Bool, now: Tick,
    removedEntries: inout RemovedEntries<Key, Value>
  ) -> InsertionOutcome {
    noteRejection(isAlive: isAlive, heapByteCount: heapByteCount)
    reject(found, hash: hash, now: now, removedEntries: &removedEntries)
    return .rejected
  }

  /// Refuses a value; an old value of the key must not be readable after that.
  @usableFromInline
  mutating func reject(
    _ found: Slot, hash: UInt32, now: Tick, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    counts.rejections &+= 1
    if found != 0 {
      let cause = removalCause(of: found, now: now, else: .explicit)
      remove(found, cause: cause, removedEntries: &removedEntries)
    }
    if auxiliary != nil { noteRejection(hash: hash) }
  }

  @inlinable
  mutating func replaceValue(
    in slot: Slot, byKey key: Key, value: consuming Value, granules: Int, deadline: Tick,
    now: Tick, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    if auxiliary != nil { noteReplacement(slot) }
    removedEntries.replace(
      entries + Int(slot), byKey: key, value: value, isObserved: isObserved)
    accountReplacement(
      in: slot, granules: granules, deadline: deadline, now: now, removedEntries: &removedEntries)
  }

  /// Books another value in a slot, and makes its entry the most recently used.
  @inlinable @inline(__always)
  mutating func accountReplacement(
    in slot: Slot, granules: Int, deadline: Tick, now: Tick,
    removedEntries: inout RemovedEntries<Key, Value>
  ) {
    let old = Int(table.records[Int(slot)].heapGranules)
    count(.replaced, granules: old)
    table.records[Int(slot)].heapGranules = UInt32(truncatingIfNeeded: granules)
    heapGranules += granules - old
    if expiry.isActive { expiry.cancel(slot) }
    if deadline != 0 { schedule(slot, deadline: deadline, now: now) }
    counts.replacements &+= 1
    if tracksUses {
      noteReplacement(slot, of: old, now: now)
    } else {
      table.moveToFront(slot)
    }
    // Evictions may move entries between slots; the one just written stays the hottest.
    if ledgerByteCount() > limits.byteLimit {
      makeRoomForHottest(now: now, removedEntries: &removedEntries)
    }
    notePeak()
  }

  @inlinable @inline(__always)
  mutating func place(
    _ entry: consuming CacheEntry<Key, Value>, in slot: Slot, hash: UInt32, granules: Int
  ) {
    (entries + Int(slot)).initialize(to: entry)
    table.records[Int(slot)] = SlotRecord(
      hash: hash, heapGranules: UInt32(truncatingIfNeeded: granules))
    // A policy links it where it belongs.
    if policy == nil { table.linkFirst(slot) }
    index.insert(slot, hash: hash, records: table.records)
    heapGranules &+= granules
  }

  /// - Returns: `false` if the index has no place for one more cell, and the system no memory.
  @inlinable @inline(never)
  mutating func makeIndexRoom(forGranules granules: Int) -> Bool {
    index.makeRoom(
      byteAllowance: limits.byteLimit - byteCount - granules * ByteLedger.granule,
      records: table.records)
  }

  /// Gives the slot of an entry that has just come its deadline, for which others may leave.
  @inlinable @inline(__always)
  mutating func scheduleHottest(
    _ slot: Slot, deadline: Tick, now: Tick, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    schedule(slot, deadline: deadline, now: now)
    if ledgerByteCount() > limits.byteLimit {
      makeRoomForHottest(now: now, removedEntries: &removedEntries)
    }
  }

  /// Gives a slot its deadline, in a cache that keeps them.
  @usableFromInline
  mutating func schedule(_ slot: Slot, deadline: Tick, now: Tick) {
    expiry.schedule(
      slot, deadline: deadline, now: now,
      mayUseWheel: limits.byteLimit >= CacheCore.leastByteLimitForWheel)
  }

  @inlinable @inline(__always)
  mutating func notePeak() {
    let bytes = ledgerByteCount()
    if bytes > counts.peakByteCount { counts.peakByteCount = bytes }
  }
}
