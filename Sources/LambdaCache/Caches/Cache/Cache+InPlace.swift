/// Decisions about values that are made outside the lock and carried out under it, if nothing has
/// changed meanwhile.
extension Cache {
  /// Calls a closure with the value of a key; its entry becomes the most recently used.
  ///
  /// The closure runs after the lock is released, with a reference to the value of its own: nothing
  /// behind the reference is copied.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - body: Looks at the value.
  /// - Returns: The result of `body`, or `nil` if the key has no live value; `body` is not called
  ///   then.
  /// - Throws: The error of `body`.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  package func withValue<Result, Failure: Error>(
    forKey key: Key, _ body: (borrowing Value) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    guard let value = value(forKey: key) else { return nil }
    return try body(value)
  }

  /// The value of a key; if it has none, one is made and set.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - make: Makes the value, outside the lock: if two callers find none at the same time, both
  ///     make one, and both get the one that is set first. One that the cache rejects is returned
  ///     all the same.
  /// - Returns: The value.
  /// - Throws: The error of `make`; nothing is set then.
  /// - Complexity: O(1) expected.
  @inlinable
  public func value<Failure: Error>(
    forKey key: Key, orInsert make: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    if let value = value(forKey: key) { return value }
    let value = try make()
    return insertedValue(value, forKey: key)
  }

  /// Changes, inserts or removes the value of a key in one step.
  ///
  /// <!-- with: cache -->
  /// ```swift
  /// cache.updateValue(forKey: "visits") { $0 = ($0 ?? 0) + 1 }
  /// ```
  ///
  /// It is a write and no look-up: the value that the closure leaves is set, as
  /// ``setValue(_:forKey:timeToLive:heapByteCount:)`` sets it, with a size, a time to live and tags
  /// of its own; the entry becomes the most recently used, and counts as inserted or replaced. A
  /// value that is rejected leaves the key without one.
  ///
  /// The closure runs outside the lock, on a copy. If the value has changed by then, the closure
  /// runs again on the new one, so that no change is lost; it should do nothing but compute.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - body: Changes the value, which is `nil` if the key has none or its time to live has
  ///     passed. Setting `nil` removes it.
  /// - Returns: The result of `body`, the last time it ran.
  /// - Throws: The error of `body`; nothing is changed then.
  /// - Complexity: O(1) expected for each time that `body` runs.
  @inlinable
  @discardableResult
  public func updateValue<Result, Failure: Error>(
    forKey key: Key, _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let hash = hasher.hash(key)
    while true {
      let (old, bits) = examine(key, hash: hash)
      var new = old
      let result = try body(&new)
      // The old value must outlive the comparison: see ``EntryBits``.
      let isDone = withExtendedLifetime(old) {
        exchange(new, ifStill: bits, forKey: key, hash: hash)
      }
      if isDone { return result }
    }
  }

  /// Removes the value of a key if it fulfils a condition.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - shouldRemove: Looks at the value, outside the lock; again if it has changed meanwhile.
  /// - Returns: The value that was removed, or `nil` if there was none or it stays.
  /// - Throws: The error of `shouldRemove`; nothing is removed then.
  @inlinable
  @discardableResult
  public func removeValue<Failure: Error>(
    forKey key: Key, where shouldRemove: (Value) throws(Failure) -> Bool
  ) throws(Failure) -> Value? {
    let hash = hasher.hash(key)
    while true {
      let (value, bits) = examine(key, hash: hash)
      guard let value, try shouldRemove(value) else { return nil }
      let isDone = withExtendedLifetime(value) {
        exchange(nil, ifStill: bits, forKey: key, hash: hash)
      }
      if isDone { return value }
    }
  }

  /// Removes every entry that fulfils a condition, those included that have expired and are kept
  /// for read-through.
  ///
  /// A key without a value fulfils none. So what is remembered of keys that have no value
  /// (``LoadPolicy/negativeTimeToLive``), or none that may be read, is forgotten of all keys.
  ///
  /// - Parameter shouldRemove: Looks at a key and its value, outside the lock, and once more before
  ///   it goes. A key that is set after the call began may stay without being looked at.
  /// - Throws: The error of `shouldRemove`; entries that it accepted before are removed.
  /// - Complexity: O(*n*) in the number of entries.
  public func removeAll(where shouldRemove: (Key, Value) throws -> Bool) rethrows {
    forgetAbsence()
    try removeUnfindable(where: shouldRemove)
    for (key, value) in coldest() where try shouldRemove(key, value) {
      // An accepted value is removed if it is still there; one that has taken its place is examined
      // by itself.
      try removeValue(forKey: key, where: { present in try shouldRemove(key, present) })
    }
    guard !hasFastLoadPath else { return }
    for (key, value, bits) in staleEntries where try shouldRemove(key, value) {
      removeServedValue(forKey: key, ifStill: bits)
    }
  }

  /// Forgets which keys have no value; see ``removeAll(where:)``.
  func forgetAbsence() {
    withStateKeepingEntries { state in
      state.loading?.pointee.forgetAbsence()
      state.loading?.pointee.machine.supersedeResults()
    }
  }

  /// The entries that have expired and may still be served.
  @usableFromInline
  var staleEntries: [(key: Key, value: Value, bits: EntryBits<Value>)] {
    withState { state, _ in
      let now = state.core.time.now()
      return state.core.table.ringSlots.compactMap { slot in
        let (freshEnd, end) = state.core.ends(of: slot)
        guard freshEnd <= now, end > now else { return nil }
        return (
          state.core.entries[Int(slot)].key, state.core.entries[Int(slot)].value,
          state.core.bits(in: slot)
        )
      }
    }
  }

  /// Removes a value, fresh or stale, if it is still the one that was examined.
  @usableFromInline
  func removeServedValue(forKey key: Key, ifStill bits: EntryBits<Value>) {
    let hash = hasher.hash(key)
    withState { state, removedEntries in
      let slot = state.core.peek(key, hash: hash, now: state.core.time.now()).slot
      guard slot != 0, state.core.bits(in: slot) == bits else { return }
      state.supersedeLoad(of: key, hash: hash)
      _ = state.core.removeValue(forKey: key, hash: hash, removedEntries: &removedEntries)
    }
  }

  /// Sets a value unless the key has one by now.
  @usableFromInline
  func insertedValue(_ value: Value, forKey key: Key) -> Value {
    let hash = hasher.hash(key)
    var write = prepareWrite(of: value, forKey: key, hash: hash)
    var outcome: InsertionOutcome?
    defer { if outcome == .rejected { reportRejection() } }
    return withState { state, removedEntries in
      state.takeGrant(of: &write)
      let slot = state.core.peek(key, hash: hash, reading: nil).freshSlot
      if slot != 0 { return state.core.entries[Int(slot)].value }
      outcome = state.write(write, &removedEntries)
      return value
    }
  }

  /// A value and its bits; not counted as a look-up.
  @usableFromInline
  func examine(_ key: Key, hash: UInt32) -> (Value?, EntryBits<Value>?) {
    withState { state, _ in
      let slot = state.core.peek(key, hash: hash, reading: nil).freshSlot
      guard slot != 0 else { return (nil, nil) }
      return (state.core.entries[Int(slot)].value, state.core.bits(in: slot))
    }
  }

  /// Sets or removes a value if the present one is still the one that was examined.
  ///
  /// - Returns: Whether it was.
  @usableFromInline
  func exchange(
    _ new: Value?, ifStill bits: EntryBits<Value>?, forKey key: Key, hash: UInt32
  ) -> Bool {
    let write = new.map { prepareWrite(of: $0, forKey: key, hash: hash) }
    var outcome: InsertionOutcome?
    defer { if outcome == .rejected { reportRejection() } }
    return withState { state, removedEntries in
      let slot = state.core.peek(key, hash: hash, reading: nil).freshSlot
      guard (slot == 0 ? nil : state.core.bits(in: slot)) == bits else {
        if var write { state.takeGrant(of: &write) }
        return false
      }
      if let write {
        outcome = state.write(write, &removedEntries)
      } else {
        state.supersedeLoad(of: key, hash: hash)
        _ = state.core.removeValue(forKey: key, hash: hash, removedEntries: &removedEntries)
      }
      return true
    }
  }
}
