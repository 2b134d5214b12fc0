/// Looking at values and changing them where they are.
extension CacheCore {
  /// Changes the value in a slot in place and accounts for its new size.
  ///
  /// - Parameters:
  ///   - slot: The slot of a live entry.
  ///   - measure: Measures a key and its value, in bytes; `nil` if they own nothing.
  ///   - body: Changes the value; `nil` removes the entry.
  ///   - removedEntries: Takes whatever leaves.
  @inlinable
  package mutating func updateValue<Result, Failure: Error>(
    in slot: Slot, measure: ((Key, Value) -> Int)?,
    removedEntries: inout RemovedEntries<Key, Value>,
    _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // The value moves out of its slot and back, so that it is never referenced twice and `body`
    // copies nothing. Nothing else can see the slot meanwhile: the caller has exclusive access.
    // Only a listener, who gets what was removed, makes a second reference necessary.
    let entry = entries + Int(slot)
    let old = isObserved ? entry.pointee.value : nil
    var value: Value? = withUnsafeMutablePointer(to: &entry.pointee.value) { $0.move() }
    let result: Swift.Result<Result, Failure>
    do throws(Failure) {
      result = .success(try body(&value))
    } catch {
      result = .failure(error)
    }
    if let value {
      withUnsafeMutablePointer(to: &entry.pointee.value) { $0.initialize(to: value) }
      account(
        slot, heapByteCount: measure?(entry.pointee.key, value) ?? 0,
        removedEntries: &removedEntries)
    } else {
      removeEmptied(slot, value: old, removedEntries: &removedEntries)
    }
    return try result.get()
  }

  /// Takes the new size of a value that was changed in place; one that no longer fits leaves.
  @inlinable
  mutating func account(
    _ slot: Slot, heapByteCount: Int, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    guard let granules = admittedGranules(forByteCount: heapByteCount) else {
      counts.rejections &+= 1
      remove(slot, cause: .size, removedEntries: &removedEntries)
      return
    }
    heapGranules += granules - Int(table.records[Int(slot)].heapGranules)
    table.records[Int(slot)].heapGranules = UInt32(truncatingIfNeeded: granules)
    let now = presentTick()
    noteUse(slot)
    if ledgerByteCount() > limits.byteLimit {
      makeRoomForHottest(now: now, removedEntries: &removedEntries)
    }
    notePeak()
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
  ///   - reading: What an injected clock says.
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
