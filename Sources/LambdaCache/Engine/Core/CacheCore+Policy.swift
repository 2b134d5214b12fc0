/// The engine with an adaptive policy, which notes what comes, is used and goes.
extension CacheCore {
  /// ``accessNothingDue(_:hash:bytes:)`` in a cache with a policy.
  @inlinable @inline(__always)
  package mutating func accessByPolicy(
    _ key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Slot {
    let slot = findForReading(key, hash: hash, bytes: bytes)
    guard slot != 0 else {
      counts.misses &+= 1
      noteMiss(hash: hash)
      return 0
    }
    counts.hits &+= 1
    noteUseByPolicy(slot, hash: hash)
    return slot
  }

  /// Notes a hit in a cache with a policy, here as far as that is one store or a few.
  @inlinable @inline(__always)
  mutating func noteUseByPolicy(_ slot: Slot, hash: UInt32) {
    guard let policy else { return }
    let marks = policy.pointee.marks
    if _slowPath(hash & policy.pointee.sampleMask == 0) {
      notePolicyUse(slot)
    } else if policy.pointee.countsUses {
      let mark = marks[Int(slot)]
      let used = policy.pointee.usedMarks[Int(mark.bits)]
      if used != mark { marks[Int(slot)] = used }
    } else if policy.pointee.lists.isOneList {
      policy.pointee.lists.noteMoveToFront(slot, table.links)
      marks[Int(slot)] = .unused
      table.moveToFront(slot)
    } else {
      notePolicyUse(slot)
    }
  }

  /// Notes a hit in a cache with a policy.
  @inlinable @inline(never)
  mutating func notePolicyUse(_ slot: Slot) {
    policy?.pointee.noteSpecialUse(slot, hits: counts.hits, in: table.columns)
  }

  /// Notes a look-up that found nothing.
  @inlinable @inline(__always)
  mutating func noteMiss(hash: UInt32) {
    if let policy, hash & policy.pointee.sampleMask == 0 {
      policy.pointee.noteSampledMiss(hash)
    }
  }

  /// Has the policy note look-ups again, for an entry that comes.
  @inlinable @inline(__always)
  mutating func endRest(of policy: UnsafeMutablePointer<AdaptivePolicy>) {
    if policy.pointee.rest.start != nil { policy.pointee.endRest(hits: counts.hits) }
    policy.pointee.rest.lookUps = 0
  }

  /// Notes an entry that has come, in a cache that tracks uses.
  @inlinable @inline(never)
  mutating func noteInsertion(_ slot: Slot, now: Tick) {
    if aging != nil { noteWrite(slot, now: now) }
    guard let policy else { return }
    endRest(of: policy)
    policy.pointee.noteInsertion(slot, in: table.columns)
    if !policy.pointee.hasShadows, policy.pointee.wantsShadows(byteLimit: limits.byteLimit) {
      openShadowsIfHalfFull()
    }
  }

  /// Has the policy make its shadows, which need time to fill, before the first entry has to leave.
  @usableFromInline
  mutating func openShadowsIfHalfFull() {
    let free = limits.byteLimit - ledgerByteCount()
    if free < limits.byteLimit / 2 || limits.entryLimit / 2 < count {
      adjustPolicyMemory(allowance: free)
    }
  }

  /// Notes another value in a slot, in a cache that tracks uses; its record is written already.
  @inlinable @inline(never)
  mutating func noteReplacement(_ slot: Slot, of granules: Int, now: Tick) {
    if let policy {
      endRest(of: policy)
      policy.pointee.noteReplacement(
        slot, of: UInt32(truncatingIfNeeded: granules), in: table.columns)
    } else {
      table.moveToFront(slot)
    }
    if aging != nil { noteWrite(slot, now: now) }
  }

  /// The entry that leaves next, chosen by the policy; 0 if there is none.
  @inlinable @inline(never)
  mutating func nextVictim(cause: RemovalCause) -> Slot {
    guard let policy else { return 0 }
    if cause == .size { policy.pointee.noteFull() }
    // They do not grow here: some callers do not look at the bytes again after an eviction.
    if !policy.pointee.isAdjusted(byteLimit: limits.byteLimit) { adjustPolicyMemory(allowance: 0) }
    return policy.pointee.nextVictim(in: table.columns)
  }

  /// ``takeSlot(forGranules:hash:deadline:now:removedEntries:)`` in a full cache with a policy.
  ///
  /// The slot of the first entry that leaves is reused for the new one if that is enough.
  ///
  /// - Returns: 0 also if the entry is itself worth less than those that would have to leave for
  ///   it.
  @inlinable @inline(never)
  mutating func takeSlotByPolicy(
    forGranules granules: Int, hash: UInt32, deadline: Tick, now: Tick,
    removedEntries: inout RemovedEntries<Key, Value>
  ) -> Slot {
    // An exchange may have found already that the entry is to leave at once.
    guard let policy, !policy.pointee.isNewcomerRefused else { return 0 }
    var mayReplace = deadline == 0 || expiry.isActive
    if policy.pointee.expect(
      hash: hash, granules: UInt32(truncatingIfNeeded: granules), byteLimit: limits.byteLimit,
      in: table.columns)
    {
      // Ghost and shadows may take more bytes than there are left.
      adjustPolicyMemory(allowance: .max)
      mayReplace = false
    }
    defer { policy.pointee.forgetNewcomer() }
    var evicted = 0
    repeat {
      guard count > 0 else {
        releaseAll()
        break
      }
      var moves = CacheCore.movesPerOperation
      var victim = expiry.isActive ? expiry.firstExpired(now: now, moves: &moves) : 0
      if victim == 0 {
        victim =
          evicted == 0
          ? policy.pointee.nextVictim(in: table.columns) : nextVictim(cause: .size)
        guard victim != 0 else {
          policy.pointee.forgetNewcomer()
          // Ghost and shadows may just have grown.
          makeRoomForHottest(now: now, removedEntries: &removedEntries)
          return 0
        }
      }
      let cause = removalCause(of: victim, now: now, else: .size)
      if mayReplace, count <= limits.entryLimit, canReplace(victim, granules: granules) {
        detach(victim, cause: cause)
        removedEntries.collect(entries + Int(victim), cause: cause, isObserved: isObserved)
        return victim
      }
      mayReplace = false
      remove(victim, cause: cause, removedEntries: &removedEntries)
      evicted &+= 1
      if evicted % 16 == 0 { compact(toFree: bytesNeeded(forGranules: granules)) }
    } while !hasRoom(forGranules: granules)
    if table.hasRoom, deadline == 0 || expiry.isActive { return table.takeSlot() }
    return takeSlotMadeFree(hasDeadline: deadline != 0)
  }

  /// Notes an entry that leaves at once, if the policy has decided so.
  ///
  /// - Returns: Whether it has.
  @inlinable
  mutating func leavesAtOnce(hash: UInt32, granules: Int) -> Bool {
    guard let policy, policy.pointee.isNewcomerRefused else { return false }
    endRest(of: policy)
    policy.pointee.noteLeavingAtOnce(hash: hash, granules: UInt32(truncatingIfNeeded: granules))
    counts.insertions &+= 1
    count(.size, granules: granules)
    // Ghost and shadows may have grown.
    notePeak()
    if let auxiliary, !auxiliary.isEmpty { noteLeftAtOnce(hash: hash) }
    return true
  }

  @usableFromInline
  mutating func noteLeftAtOnce(hash: UInt32) {
    auxiliary?.missLog?.noteRemoval(.size, hash: hash, at: time.now())
  }

  /// Has an entry that was just written stay while others can leave, or not any more.
  @usableFromInline
  mutating func keepWrittenEntry(_ isKept: Bool) {
    guard let policy else { return }
    policy.pointee.keptSlot = isKept ? policy.pointee.writtenSlot : 0
  }

  /// The policy, made if this is to be the first entry of a cache that has one.
  mutating func openPolicy() -> UnsafeMutablePointer<AdaptivePolicy>? {
    guard policy == nil, let evictionPolicy else { return policy }
    let memory = UnsafeMutablePointer<AdaptivePolicy>.allocate(capacity: 1)
    memory.initialize(
      to: AdaptivePolicy(
        evictionPolicy, slotByteCount: table.slotByteCount + evictionPolicy.slotByteCount))
    policy = memory
    // What removes or moves an entry asks whether there is one, and then tells the policy too.
    _ = openAuxiliary()
    return memory
  }

  /// Has ghost and shadows be as large as entries and limit want it.
  @usableFromInline
  mutating func adjustPolicyMemory(allowance: Int) {
    guard let policy, !policy.pointee.isAdjusted(byteLimit: limits.byteLimit) else { return }
    let granules = policy.pointee.auxiliaryGranules
    policy.pointee.adjustMemory(byteLimit: limits.byteLimit, allowance: allowance)
    heapGranules += policy.pointee.auxiliaryGranules - granules
  }

  /// Gives the memory of ghost and shadows back, for the last entry that is left.
  @usableFromInline
  mutating func dropPolicyMemory() {
    guard let policy else { return }
    heapGranules -= policy.pointee.auxiliaryGranules
    policy.pointee.dropMemory()
  }

  /// Gives the memory of the policy back; no slot is initialized.
  @usableFromInline
  mutating func releasePolicy() {
    guard let policy else { return }
    heapGranules -= policy.pointee.auxiliaryGranules
    policy.pointee.releaseAll()
  }

  /// The slot of the entry that was written last; 0 if it has left.
  package var writtenSlot: Slot { policy?.pointee.writtenSlot ?? table.hottest }

  /// Has the next entry that is written be worth a load of so long, in a cache in which that
  /// counts; `nil` ends that.
  @usableFromInline
  package mutating func expectLoadTime(_ duration: Duration?) {
    openPolicy()?.pointee.expectLoadTime(duration)
  }
}
