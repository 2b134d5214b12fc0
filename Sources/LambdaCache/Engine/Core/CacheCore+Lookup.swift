/// Looking keys up, in three ways: `find` reads the index alone; `peek` also reads the time, and
/// changes nothing; `access` counts the look-up and makes the entry the most recently used.
extension CacheCore {
  /// Finds the slot that holds a key, whether its entry has expired or not.
  ///
  /// - Returns: The slot, or 0.
  @inlinable @inline(__always)
  package func find(_ key: Key, hash: UInt32) -> Slot {
    let candidate = HashIndex.candidate(hash: hash, cells: index.cells, shape: index.shape)
    if _fastPath(candidate != 0 && KeyEquality.areSame(entries[Int(candidate)].key, key)) {
      return candidate
    }
    return CacheCore.findByProbing(key, hash: hash, probe: index.probe, entries: entries)
  }

  /// ``find(_:hash:)`` for a key that is about to be set, and likely to be missing.
  @inlinable @inline(__always)
  package mutating func findForWriting(_ key: Key, hash: UInt32) -> Slot {
    let candidate = HashIndex.candidate(hash: hash, cells: index.cells, shape: index.shape)
    if candidate == 0 {
      if _fastPath(index.lacks(hash: hash)) { return 0 }
    } else if Key.self != String.self, entries[Int(candidate)].key == key {
      return candidate
    }
    return findBeyondCandidate(key, hash: hash)
  }

  /// Finds a key that is not in the candidate's slot, or that `==` has to settle.
  ///
  /// Apart, and by address, so that a hit loads nothing that only this needs: the shorter a hit,
  /// the sooner the processor begins the next one while this one waits for memory.
  @inlinable @inline(never)
  mutating func findBeyondCandidate(_ key: Key, hash: UInt32) -> Slot {
    let entries = self.entries
    // A cache that is only read from when its index has just grown would look in two tables for
    // ever.
    if index.oldCells != nil { index.moveSome(records: table.records) }
    return index.probe.find(hash: hash) { KeyEquality.areEqual(entries[Int($0)].key, key) }
  }

  /// ``findBeyondCandidate(_:hash:)`` where the index must not change.
  @inlinable @inline(never)
  static func findByProbing(
    _ key: Key, hash: UInt32, probe: HashProbe,
    entries: UnsafeMutablePointer<CacheEntry<Key, Value>>
  ) -> Slot {
    probe.find(hash: hash) { KeyEquality.areEqual(entries[Int($0)].key, key) }
  }

  /// Looks a key up without any effect.
  ///
  /// - Parameter reading: The time of an injected clock; `nil` if that has been noted.
  @inlinable @inline(__always)
  package func peek(_ key: Key, hash: UInt32, reading: Duration?) -> Lookup {
    let slot = find(key, hash: hash)
    guard slot != 0, usesTime else { return Lookup(slot: slot) }
    var time = self.time.peeked(noting: reading)
    let now = time.now()
    return lookup(of: slot, now: now, thaws: time.thaws)
  }

  /// Looks a key up without any effect, at a time that the engine has seen.
  @usableFromInline
  func peek(_ key: Key, hash: UInt32, now: Tick) -> Lookup {
    lookup(of: find(key, hash: hash), now: now, thaws: time.thaws)
  }

  /// Looks a key up, after a bounded number of expired entries was reclaimed if any is due.
  ///
  /// A fresh entry becomes the most recently used and counts as a hit. A stale one stays where it
  /// is and counts as a miss, as does one that has expired beyond the bound.
  @inlinable
  package mutating func access(
    _ key: Key, hash: UInt32, removedEntries: inout RemovedEntries<Key, Value>
  ) -> Lookup {
    let now = presentTick()
    reclaimIfDue(now: now, removedEntries: &removedEntries)
    let found = lookup(of: find(key, hash: hash), now: now, thaws: time.thaws)
    if found.freshSlot != 0 {
      counts.hits &+= 1
      noteUse(found.slot)
    } else {
      counts.misses &+= 1
      if tracksUses { noteMiss(hash: hash) }
    }
    return found
  }

  /// ``access(_:hash:removedEntries:)`` of a caller that serves stale entries, which are counted.
  @usableFromInline
  package mutating func accessServingStale(
    _ key: Key, hash: UInt32, removedEntries: inout RemovedEntries<Key, Value>
  ) -> Lookup {
    let found = access(key, hash: hash, removedEntries: &removedEntries)
    if found.staleTicks != nil { counts.staleHits &+= 1 }
    return found
  }

  /// ``access(_:hash:removedEntries:)`` while nothing is due: whatever is found is fresh.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - hash: Its hash.
  ///   - bytes: Its bytes; see ``KeyHasher/withHash(of:_:)``.
  @inlinable @inline(__always)
  package mutating func accessNothingDue(
    _ key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Lookup {
    let slot = findForReading(key, hash: hash, bytes: bytes)
    guard slot != 0 else {
      counts.misses &+= 1
      return .none
    }
    counts.hits &+= 1
    table.moveToFront(slot)
    return Lookup(slot: slot)
  }

  /// ``find(_:hash:)`` for a key that is likely to be there, whose bytes are known.
  @inlinable @inline(__always)
  mutating func findForReading(
    _ key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Slot {
    let slot = HashIndex.candidate(hash: hash, cells: index.cells, shape: index.shape)
    if _slowPath(slot == 0 || !KeyEquality.areSame(entries[Int(slot)].key, key, bytes: bytes)) {
      return findBeyondCandidate(key, hash: hash)
    }
    return slot
  }

  /// ``accessFresh(_:hash:bytes:now:use:)`` at the present time.
  ///
  /// - Parameter reading: The time of an injected clock; `nil` for the clocks of the system.
  @inlinable @inline(__always)
  package mutating func accessFresh(
    _ key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>, reading: Duration?
  ) -> Slot {
    guard let aging else { return 0 }
    if let reading { return accessFresh(key, hash: hash, bytes: bytes, noting: reading) }
    let now = time.systemNow()
    return accessFresh(
      key, hash: hash, bytes: bytes, now: now, use: now &+ aging.pointee.useLead)
  }

  @inlinable @inline(never)
  mutating func accessFresh(
    _ key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>, noting reading: Duration
  ) -> Slot {
    time.note(reading)
    return accessFresh(
      key, hash: hash, bytes: bytes, now: time.now(), use: time.writeTime())
  }

  /// ``access(_:hash:removedEntries:)`` in a cache that keeps times, if nothing is due and the
  /// entry is fresh; otherwise it has no effect.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - hash: Its hash.
  ///   - bytes: Its bytes; see ``KeyHasher/withHash(of:_:)``.
  ///   - now: The present tick.
  ///   - use: The tick to count idle time from.
  /// - Returns: The slot; 0 if there is more to do, or no entry.
  @inlinable @inline(__always)
  mutating func accessFresh(
    _ key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>, now: Tick, use: Tick
  ) -> Slot {
    guard let aging, now < expiry.nextDue, now < aging.pointee.nextIdleEnd else { return 0 }
    let slot = findForReading(key, hash: hash, bytes: bytes)
    guard slot != 0 else { return 0 }
    if aging.pointee.staleTicks != 0, expiry.isActive {
      // It is the end of the stale window, which begins after tick 0.
      let deadline = expiry.deadline(of: slot)
      if deadline != 0, deadline &- aging.pointee.staleTicks <= now { return 0 }
    }
    if aging.pointee.endsAfterThaw, aging.pointee.writes[slot] < time.thaws.latest { return 0 }
    counts.hits &+= 1
    if policy != nil { noteUseByPolicy(slot, hash: hash) } else { table.moveToFront(slot) }
    if aging.pointee.idleTicks != 0 { aging.pointee.uses[slot] = min(use, Tick.end &- 1) }
    return slot
  }

  /// Returns whether some deadline has passed, in a cache that follows the clocks of the system.
  ///
  /// While none has, every entry is fresh, and its own deadline need not be read.
  @inlinable @inline(__always)
  package mutating func isAnythingDue() -> Bool {
    expiry.nextDue != .max && time.systemNow() >= expiry.nextDue
  }

  /// The value in a slot; `nil` for slot 0.
  @inlinable @inline(__always)
  package func value(in slot: Slot) -> Value? {
    slot == 0 ? nil : entries[Int(slot)].value
  }

  /// Makes the entry in a slot the most recently used, as of the present tick.
  @inlinable @inline(__always)
  mutating func noteUse(_ slot: Slot) {
    guard tracksUses else { return table.moveToFront(slot) }
    if policy != nil { notePolicyUse(slot) } else { table.moveToFront(slot) }
    if let aging { aging.pointee.noteUse(slot, use: time.writeTime()) }
  }

  /// The present tick in a cache that uses time, else 0.
  @inlinable @inline(__always)
  mutating func presentTick() -> Tick { usesTime ? time.now() : 0 }

  /// Returns whether an entry is not fresh any more, and must not be shown by a look-up.
  @inlinable @inline(__always)
  func isExpired(_ slot: Slot, now: Tick) -> Bool {
    isExpired(slot, now: now, thaws: time.thaws)
  }

  /// Returns whether an entry is not fresh any more at a time that the engine has not seen.
  @inlinable @inline(__always)
  func isExpired(_ slot: Slot, now: Tick, thaws: ThawLog) -> Bool {
    let deadline = expiry.isActive ? expiry.deadline(of: slot) : 0
    guard let aging else { return deadline != 0 && deadline <= now }
    return aging.pointee.freshEnd(of: slot, deadline: deadline, thaws: thaws) <= now
  }

  /// The cause to record for an entry that leaves: expired if it is, else another one.
  @inlinable @inline(__always)
  mutating func removalCause(of slot: Slot, now: Tick, else cause: RemovalCause) -> RemovalCause {
    usesTime && isExpired(slot, now: now) ? .expired : cause
  }

  /// Decides whether the entry in a slot may be served.
  @inlinable @inline(__always)
  func lookup(of slot: Slot, now: Tick, thaws: ThawLog) -> Lookup {
    guard slot != 0 else { return .none }
    guard usesTime, isExpired(slot, now: now, thaws: thaws) else { return Lookup(slot: slot) }
    // Without an aging table an entry ends with its deadline.
    return aging == nil ? .none : staleLookup(of: slot, now: now, thaws: thaws)
  }

  /// ``lookup(of:now:thaws:)`` of an expired entry.
  @usableFromInline
  func staleLookup(of slot: Slot, now: Tick, thaws: ThawLog) -> Lookup {
    let (freshEnd, end) = ends(of: slot, thaws: thaws)
    return end > now ? Lookup(slot: slot, staleTicks: now - freshEnd) : .none
  }
}

/// The entry of a key as a look-up sees it.
@usableFromInline
package struct Lookup {
  /// The entry's slot; 0 if the key has none that may be served.
  @usableFromInline package let slot: Slot
  /// Ticks since the entry expired; `nil` for a fresh one.
  @usableFromInline let staleTicks: Tick?

  @inlinable @inline(__always)
  init(slot: Slot, staleTicks: Tick? = nil) {
    self.slot = slot
    self.staleTicks = staleTicks
  }

  /// Nothing that may be served.
  @inlinable static var none: Lookup { Lookup(slot: 0) }

  /// The slot of a fresh entry, else 0.
  @inlinable @inline(__always)
  package var freshSlot: Slot { staleTicks == nil ? slot : 0 }

  /// The time since the entry expired; `nil` if it is fresh, or if there is none.
  @inlinable package var staleFor: Duration? {
    staleTicks.map { .milliseconds(Int64($0)) }
  }
}
