/// The ages of entries and how long they will live, read and changed.
extension CacheCore {
  /// The ticks for which an entry stays fresh if it is not used; `nil` for ever.
  mutating func freshTicks(of slot: Slot) -> Tick? {
    let (freshEnd, _) = ends(of: slot)
    guard freshEnd != .max else { return nil }
    let now = time.now()
    return freshEnd > now ? freshEnd - now : 0
  }

  /// The end of an entry's freshness, as far as it is known now.
  func freshness(of slot: Slot) -> Freshness {
    Freshness(end: ends(of: slot).freshEnd, tick: time.latestTick)
  }

  /// The time since a value expired whose entry may be gone; `nil` if it has not.
  mutating func staleness(of freshness: Freshness) -> Duration? {
    guard freshness.end != .max || aging != nil else { return nil }
    let now = time.now()
    var end = freshness.end
    if let thaw = time.thaws.firstEnd(after: freshness.tick) {
      switch aging?.pointee.afterThaw {
      case nil, .some(.none): break
      case .stale: end = min(end, thaw)
      case .expired: return .longestNamed
      }
    }
    return end > now ? nil : .milliseconds(Int64(now - end))
  }

  /// The first ticks at which an entry is not fresh and may not be served at all; `.max` for never.
  @usableFromInline
  func ends(of slot: Slot) -> (freshEnd: Tick, end: Tick) {
    ends(of: slot, thaws: time.thaws)
  }

  func ends(of slot: Slot, thaws: ThawLog) -> (freshEnd: Tick, end: Tick) {
    guard slot != 0 else { return (.max, .max) }
    let deadline = expiry.isActive ? expiry.deadline(of: slot) : 0
    guard let aging else {
      let end = deadline == 0 ? Tick.max : deadline
      return (end, end)
    }
    return (
      aging.pointee.freshEnd(of: slot, deadline: deadline, thaws: thaws),
      aging.pointee.end(of: slot, deadline: deadline, thaws: thaws)
    )
  }

  /// The time for which a fresh entry stays fresh if it is not used; `nil` for one that does for
  /// ever, and if there is none.
  @usableFromInline
  package func remainingTimeToLive(of key: Key, hash: UInt32, reading: Duration?) -> Duration? {
    let slot = find(key, hash: hash)
    guard slot != 0, usesTime else { return nil }
    var time = self.time.peeked(noting: reading)
    let now = time.now()
    let (freshEnd, _) = ends(of: slot, thaws: time.thaws)
    guard freshEnd != .max, freshEnd > now else { return nil }
    return .milliseconds(Int64(freshEnd - now))
  }

  /// The time since an entry was written that may still be served; `nil` if there is none, or if
  /// that is not kept.
  @usableFromInline
  package func age(of key: Key, hash: UInt32, reading: Duration?) -> Duration? {
    let slot = find(key, hash: hash)
    guard slot != 0, let written = aging?.pointee.lastWrite(of: slot) else { return nil }
    var time = self.time.peeked(noting: reading)
    let now = time.now()
    guard ends(of: slot, thaws: time.thaws).end > now else { return nil }
    return .milliseconds(Int64(now - written))
  }

  /// Lets a fresh entry live for another time from now on.
  ///
  /// - Parameters:
  ///   - timeToLive: How long; `nil` for ever.
  ///   - key: The key.
  ///   - hash: The key's hash.
  ///   - removedEntries: Takes the entries that leave: the entry itself if the time is not
  ///     positive, others if there is no room for deadlines.
  /// - Returns: Whether there was a fresh entry.
  @usableFromInline
  package mutating func setTimeToLive(
    _ timeToLive: Duration?, forKey key: Key, hash: UInt32,
    removedEntries: inout RemovedEntries<Key, Value>
  ) -> Bool {
    let now = time.now()
    reclaimIfDue(now: now, removedEntries: &removedEntries)
    var slot = find(key, hash: hash)
    guard slot != 0, !isExpired(slot, now: now) else { return false }
    let span = timeToLive.map(Tick.milliseconds(roundingUp:)) ?? Tick.end
    guard span > 0 else {
      remove(slot, cause: .expired, removedEntries: &removedEntries)
      return true
    }
    reschedule(
      &slot, deadline: self.deadline(after: span), now: now, removedEntries: &removedEntries)
    return true
  }

  /// Lets an entry that may be served, fresh or not, live as if it had been set now; its value
  /// stays.
  ///
  /// - Returns: Whether there was one.
  mutating func renew(
    _ key: Key, hash: UInt32, timeToLive: Duration?,
    removedEntries: inout RemovedEntries<Key, Value>
  ) -> Bool {
    let (now, deadline, isAlive) = startTimer(timeToLive)
    var slot = peek(key, hash: hash, now: now).slot
    guard slot != 0 else { return false }
    guard isAlive else {
      remove(slot, cause: .expired, removedEntries: &removedEntries)
      return true
    }
    noteUse(slot)
    reschedule(&slot, deadline: deadline, now: now, removedEntries: &removedEntries)
    if slot != 0, aging != nil { noteWrite(slot, now: now) }
    return true
  }

  /// Gives an entry another deadline, 0 for none; others may have to leave for it.
  ///
  /// - Parameter slot: The entry's slot; afterwards its new one, or 0 if it had to leave itself.
  private mutating func reschedule(
    _ slot: inout Slot, deadline: Tick, now: Tick, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    if deadline != 0, !expiry.isActive {
      let entry = table.records[Int(slot)].hash
      let key = entries[Int(slot)].key
      guard activateExpiry() else {
        // It must not live for longer than its deadline.
        remove(slot, cause: .size, removedEntries: &removedEntries)
        slot = 0
        return
      }
      trim(removedEntries: &removedEntries)
      slot = find(key, hash: entry)
    }
    guard slot != 0, expiry.isActive else { return }
    expiry.cancel(slot)
    guard deadline != 0 else { return }
    schedule(slot, deadline: deadline, now: now)
    guard ledgerByteCount() > limits.byteLimit else { return }
    let (hash, key) = (table.records[Int(slot)].hash, entries[Int(slot)].key)
    trim(removedEntries: &removedEntries)
    slot = find(key, hash: hash)
  }
}

/// The end of the freshness of a value that was read.
@usableFromInline
package struct Freshness: Sendable {
  /// The first tick at which it is not fresh; `.max` for never.
  let end: Tick
  /// The present tick by then; a gap that has ended later may have ended it as well.
  let tick: Tick

  /// That of a value which does not expire.
  package static var unknown: Freshness { Freshness(end: .max, tick: 0) }
}
