/// Values that are changed or read where they are.
extension CacheCore {
  /// Changes, inserts or removes the value of a key, as `updateValue` of both caches promises.
  ///
  /// A closure that cannot throw changes a fresh value in its slot, without a copy; one that can
  /// throw changes a copy, so that nothing has changed if it does.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - hash: The key's hash.
  ///   - measure: Measures a key and its value, in bytes; `nil` if they own nothing.
  ///   - entryTimeToLive: The time to live of a key and its value; `nil` for the cache's own.
  ///   - removedEntries: Takes the entries that leave.
  ///   - body: Changes the value; `nil` removes the entry.
  @inlinable
  package mutating func updateValue<Result, Failure: Error>(
    forKey key: Key, hash: UInt32, measure: ((Key, Value) -> Int)?,
    entryTimeToLive: ((Key, Value) -> Duration?)?,
    removedEntries: inout RemovedEntries<Key, Value>,
    _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let slot = peek(key, hash: hash, reading: nil).freshSlot
    if Failure.self == Never.self, slot != 0 {
      return try changeValue(
        forKey: key, hash: hash, measure: measure, entryTimeToLive: entryTimeToLive,
        removedEntries: &removedEntries, body)
    }
    var value = self.value(in: slot)
    let result = try body(&value)
    if let value {
      _ = setValue(
        value, forKey: key, hash: hash, heapByteCount: measure?(key, value) ?? 0,
        timeToLive: entryTimeToLive?(key, value), removedEntries: &removedEntries)
    } else {
      _ = removeValue(forKey: key, hash: hash, removedEntries: &removedEntries)
    }
    return result
  }

  /// Changes a fresh value in its slot.
  ///
  /// The value moves out of its slot and back, so that it is never referenced twice and `body`
  /// copies nothing. Nothing else can see the slot meanwhile: the caller has exclusive access.
  /// Only a listener, which is given the old value, makes a second reference necessary.
  @inlinable
  mutating func changeValue<Result, Failure: Error>(
    forKey key: Key, hash: UInt32, measure: ((Key, Value) -> Int)?,
    entryTimeToLive: ((Key, Value) -> Duration?)?,
    removedEntries: inout RemovedEntries<Key, Value>,
    _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    reclaimIfDue(now: presentTick(), removedEntries: &removedEntries)
    let slot = find(key, hash: hash)
    let entry = entries + Int(slot)
    let old = isObserved ? entry.pointee.value : nil
    var value: Value? = withUnsafeMutablePointer(to: &entry.pointee.value) { $0.move() }
    let result: Result
    do throws(Failure) {
      result = try body(&value)
    } catch {
      preconditionFailure("a closure that cannot throw has thrown \(error)")
    }
    guard let value else {
      removeEmptied(slot, value: old, removedEntries: &removedEntries)
      return result
    }
    withUnsafeMutablePointer(to: &entry.pointee.value) { $0.initialize(to: value) }
    accountChange(
      of: slot, to: key, old: old, heapByteCount: measure?(key, value) ?? 0,
      timeToLive: entryTimeToLive?(key, value), removedEntries: &removedEntries)
    return result
  }

  /// Treats a value that was changed in its slot as one that was set: it gets a size and a time to
  /// live of its own, or leaves if it is rejected.
  @inlinable
  mutating func accountChange(
    of slot: Slot, to key: Key, old: Value?, heapByteCount: Int, timeToLive: Duration?,
    removedEntries: inout RemovedEntries<Key, Value>
  ) {
    let entry = entries + Int(slot)
    var deadline: Tick = 0
    var now: Tick = 0
    var isAlive = true
    if timeToLive != nil || lifetime != nil || usesTime {
      (now, deadline, isAlive) = startTimer(timeToLive)
    }
    guard isAlive, let granules = admittedGranules(forByteCount: heapByteCount),
      deadline == 0 || expiry.isActive || activateExpiry()
    else {
      // A listener is given the value that the rejected one would have replaced.
      if let old { entry.pointee.value = old }
      noteRejection(isAlive: isAlive, heapByteCount: heapByteCount)
      reject(slot, hash: table.records[Int(slot)].hash, now: now, removedEntries: &removedEntries)
      return
    }
    if let old {
      removedEntries.add(.init(key: entry.pointee.key, value: old, cause: .replaced))
    }
    entry.pointee.key = key
    accountReplacement(
      in: slot, granules: granules, deadline: deadline, now: now, removedEntries: &removedEntries)
  }

  /// Removes an entry whose value has been moved out; the listener gets a copy, if there is one.
  @inlinable
  mutating func removeEmptied(
    _ slot: Slot, value: Value?, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    let key = withUnsafeMutablePointer(to: &entries[Int(slot)].key) { $0.move() }
    if let value { removedEntries.add(.init(key: key, value: value, cause: .explicit)) }
    detach(slot, cause: .explicit)
    table.freeSlot(slot)
    if table.isSparse { thin() }
  }

  /// Removes every entry that a predicate accepts, coldest first.
  ///
  /// - Complexity: O(*n*).
  @inlinable
  package mutating func removeAll(
    removedEntries: inout RemovedEntries<Key, Value>,
    where shouldRemove: (Key, Value) throws -> Bool
  ) rethrows {
    // Entries must not move between slots while the ring is walked.
    defer { if table.isSparse { compactFully() } }
    let now = presentTick()
    var slot = table.coldest
    while slot != 0 {
      let warmer = table.links[Int(slot)].previous
      let entry = entries + Int(slot)
      if usesTime, isExpired(slot, now: now) {
        removeWithoutThinning(slot, cause: .expired, removedEntries: &removedEntries)
      } else if try shouldRemove(entry.pointee.key, entry.pointee.value) {
        removeWithoutThinning(slot, cause: .explicit, removedEntries: &removedEntries)
      }
      slot = warmer
    }
  }

  /// Live entries in the order of their last use.
  ///
  /// - Parameters:
  ///   - maxLength: How many at the most.
  ///   - hottestFirst: Whether the most recently used comes first.
  ///   - reading: The time of an injected clock.
  /// - Complexity: O(`maxLength`), and the expired entries in between.
  @inlinable
  package func snapshot(
    _ maxLength: Int, hottestFirst: Bool, reading: Duration?
  ) -> [(key: Key, value: Value)] {
    requireArgument(maxLength >= 0, "the length of a snapshot is negative: \(maxLength)")
    var time = self.time.peeked(noting: reading)
    let now = usesTime ? time.now() : 0
    var result: [(key: Key, value: Value)] = []
    result.reserveCapacity(min(maxLength, count))
    var slot = hottestFirst ? table.hottest : table.coldest
    while slot != 0, result.count < maxLength {
      if !usesTime || !isExpired(slot, now: now, thaws: time.thaws) {
        let entry = entries + Int(slot)
        result.append((entry.pointee.key, entry.pointee.value))
      }
      let link = table.links[Int(slot)]
      slot = hottestFirst ? link.next : link.previous
    }
    return result
  }
}
