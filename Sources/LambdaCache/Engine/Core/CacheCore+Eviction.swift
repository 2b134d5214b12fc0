/// Making room: the entries that have to leave, and their order.
extension CacheCore {
  /// Bytes that one more slot adds.
  @inlinable @inline(__always)
  mutating func nextSlotByteCount() -> Int {
    let bytes = table.nextSlotByteCount
    return bytes == 0 ? 0 : bytes &+ (table.touchedCount == 0 ? 2 : 1) &* timeByteCount
  }

  // These change nothing; they are `mutating` so that the engine is passed by address. By value it
  // is copied, all five hundred bytes of it, on every insertion.

  /// Whether an entry that was admitted fits without a change, in slots, cells and bytes.
  @inlinable @inline(__always)
  mutating func hasRoom(forGranules granules: Int) -> Bool {
    count < limits.entryLimit && table.hasRoom
      && ledgerByteCount() &+ bytesNeeded(forGranules: granules) <= limits.byteLimit
  }

  /// Bytes that an entry adds: its heap, perhaps a slot, perhaps a larger index.
  @inlinable @inline(__always)
  mutating func bytesNeeded(forGranules granules: Int) -> Int {
    granules &* ByteLedger.granule &+ nextSlotByteCount() &+ index.requiredByteCount
  }

  /// Evicts until an entry that was admitted fits, in slots, cells and bytes.
  ///
  /// - Complexity: O(1) for each entry that has to go.
  @inlinable @inline(never)
  mutating func makeRoom(
    forGranules granules: Int, now: Tick, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    var evicted = 0
    repeat {
      guard count > 0 else {
        releaseAll()
        return
      }
      evictOne(now: now, cause: .size, removedEntries: &removedEntries)
      evicted &+= 1
      // One large entry in the place of many small ones: their slots' memory is wanted too.
      if evicted % 16 == 0 { compact(toFree: bytesNeeded(forGranules: granules)) }
    } while !hasRoom(forGranules: granules)
  }

  /// Evicts an expired entry if there is one, else the coldest, or the one that the policy chooses.
  @inlinable
  mutating func evictOne(
    now: Tick, cause: RemovalCause, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    if expiry.isActive {
      var moves = CacheCore.movesPerOperation
      let expired = expiry.firstExpired(now: now, moves: &moves)
      if expired != 0 {
        remove(expired, cause: .expired, removedEntries: &removedEntries)
        return
      }
    }
    let victim = policy == nil ? table.coldest : nextVictim(cause: cause)
    remove(
      victim, cause: removalCause(of: victim, now: now, else: cause),
      removedEntries: &removedEntries)
  }

  /// Takes other limits, and evicts the entries that they do not admit.
  ///
  /// - Complexity: O(*n*) if entries may be smaller now or anything has to go.
  @usableFromInline
  package mutating func change(
    to limits: CacheLimits, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    let isTighter = limits.entryByteLimit < self.limits.entryByteLimit
    setLimits(limits)
    if isTighter { evictOversized(removedEntries: &removedEntries) }
    trim(removedEntries: &removedEntries)
  }

  /// Evicts the entries that are larger than one may be, coldest first.
  private mutating func evictOversized(removedEntries: inout RemovedEntries<Key, Value>) {
    // Entries must not move between slots while the ring is walked.
    defer { if table.isSparse { compactFully() } }
    let most = ByteLedger.granules(
      forByteCount: min(limits.entryByteLimit, ByteLedger.largestEntry))
    let now = presentTick()
    var slot = table.coldest
    while slot != 0 {
      let warmer = table.links[Int(slot)].previous
      if table.records[Int(slot)].heapGranules > most {
        removeWithoutThinning(
          slot, cause: removalCause(of: slot, now: now, else: .size),
          removedEntries: &removedEntries)
      }
      slot = warmer
    }
  }

  /// Evicts the entries that new limits do not admit, and gives the memory of their slots and cells
  /// back.
  ///
  /// - Complexity: O(*n*) if anything has to go.
  @inlinable @inline(never)
  package mutating func trim(
    cause: RemovalCause = .size, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    if expiry.wheelByteCount > 0, limits.byteLimit < CacheCore.leastByteLimitForWheel {
      queueAllDeadlines()
    }
    guard count > limits.entryLimit || ledgerByteCount() > limits.byteLimit else { return }
    let now = presentTick()
    while count > limits.entryLimit || (count > 0 && compactedByteCount() > limits.byteLimit) {
      evictOne(now: now, cause: cause, removedEntries: &removedEntries)
    }
    guard ledgerByteCount() > limits.byteLimit else { return }
    if count == 0 { releaseAll() } else { shrinkToFit() }
  }

  /// Sorts all deadlines into the queue and gives the wheel back.
  ///
  /// - Complexity: O(*n* log *n*).
  @usableFromInline
  mutating func queueAllDeadlines() {
    var scheduled: [(slot: Slot, deadline: Tick)] = []
    var slot = table.hottest
    while slot != 0 {
      let deadline = expiry.deadline(of: slot)
      if deadline != 0 { scheduled.append((slot, deadline)) }
      slot = table.links[Int(slot)].next
    }
    scheduled.sort { $0.deadline < $1.deadline }
    for (slot, _) in scheduled { expiry.cancel(slot) }
    expiry.releaseWheel()
    for (slot, deadline) in scheduled {
      expiry.schedule(slot, deadline: deadline, now: 0, mayUseWheel: false)
    }
  }

  /// Evicts entries, but never the hottest, which has just grown, until the byte limit is kept.
  ///
  /// - Complexity: O(1) for each entry that has to go.
  @inlinable @inline(never)
  mutating func makeRoomForHottest(now: Tick, removedEntries: inout RemovedEntries<Key, Value>) {
    var evicted = 0
    keepWrittenEntry(true)
    defer { keepWrittenEntry(false) }
    while ledgerByteCount() > limits.byteLimit {
      guard count > 1 else {
        dropPolicyMemory()
        shrinkToFit()
        return
      }
      evictOne(now: now, cause: .size, removedEntries: &removedEntries)
      evicted &+= 1
      if evicted % 16 == 0 { compact(toFree: 0) }
    }
  }

  /// Reclaims some expired entries, if any may be due.
  ///
  /// Entries may change their slots by that.
  @inlinable @inline(__always)
  mutating func reclaimIfDue(now: Tick, removedEntries: inout RemovedEntries<Key, Value>) {
    if aging != nil || now >= expiry.nextDue {
      reclaimExpired(now: now, removedEntries: &removedEntries)
    }
  }

  /// Reclaims a bounded number of expired entries.
  @inlinable @inline(never)
  mutating func reclaimExpired(now: Tick, removedEntries: inout RemovedEntries<Key, Value>) {
    var moves = CacheCore.movesPerOperation
    for _ in 0..<CacheCore.reclaimsPerOperation {
      var slot = expiry.isActive ? expiry.firstExpired(now: now, moves: &moves) : 0
      if slot == 0, aging != nil { slot = coldestIfGone(now: now) }
      guard slot != 0 else { return }
      remove(slot, cause: .expired, removedEntries: &removedEntries)
    }
  }

  /// Reclaims expired entries until none is left or a number is reached.
  ///
  /// - Parameter limit: The most entries, and the most slots that move down the timing wheel.
  /// - Returns: The number reclaimed, and whether more may be left.
  package mutating func reclaimExpired(
    atMost limit: Int, removedEntries: inout RemovedEntries<Key, Value>
  ) -> (count: Int, isUnfinished: Bool) {
    guard usesTime else { return (0, false) }
    let now = time.now()
    var moves = limit
    var count = 0
    while count < limit {
      var slot = expiry.isActive ? expiry.firstExpired(now: now, moves: &moves) : 0
      if slot == 0, aging != nil { slot = coldestIfGone(now: now) }
      guard slot != 0 else { return (count, moves <= 0) }
      remove(slot, cause: .expired, removedEntries: &removedEntries)
      count += 1
    }
    return (count, true)
  }

  /// The coldest entry if it may not be served at all any more, else 0.
  ///
  /// Entries that have ended because they were not used, or for a thaw, lie together at the cold
  /// end.
  @usableFromInline
  mutating func coldestIfGone(now: Tick) -> Slot {
    guard let aging else { return 0 }
    let coldest = table.coldest
    aging.pointee.noteColdest(coldest, now: now)
    guard coldest != 0 else { return 0 }
    let deadline = expiry.isActive ? expiry.deadline(of: coldest) : 0
    let end = aging.pointee.end(of: coldest, deadline: deadline, thaws: time.thaws)
    return end <= now ? coldest : 0
  }

  /// Expired entries that one operation reclaims beside its own work.
  @inlinable static var reclaimsPerOperation: Int { 4 }

  /// Slots that one operation moves down the timing wheel.
  @inlinable static var movesPerOperation: Int { 16 }
}
