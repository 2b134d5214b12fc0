extension UniqueCache {
  /// Calls a closure with the value of a key, without copying it; its entry becomes the most
  /// recently used.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - body: Looks at the value.
  /// - Returns: The result of `body`, or `nil` if the key has no live value; `body` is not called
  ///   then.
  /// - Throws: The error of `body`.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public mutating func withValue<Result, Failure: Error>(
    forKey key: Key, _ body: (borrowing Value) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    let slot = accessedSlot(of: key)
    guard slot != 0 else { return nil }
    return try body(core.entries[Int(slot)].value)
  }

  /// The value of a key; if it has none, one is made and set.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - make: Makes the value. One that the cache rejects is returned all the same.
  /// - Returns: The value.
  /// - Throws: The error of `make`; nothing is set then.
  /// - Complexity: O(1) expected.
  @inlinable
  public mutating func value<Failure: Error>(
    forKey key: Key, orInsert make: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    if let value = value(forKey: key) { return value }
    let value = try make()
    setValue(value, forKey: key)
    return value
  }

  /// Changes, inserts or removes the value of a key in one step.
  ///
  /// ```swift
  /// var cache = UniqueCache<String, Int>(byteLimit: 1 << 20)
  /// cache.updateValue(forKey: "visits") { $0 = ($0 ?? 0) + 1 }
  /// ```
  ///
  /// It is a write and no look-up: the value that the closure leaves is set, as
  /// ``setValue(_:forKey:timeToLive:heapByteCount:)`` sets it, with a size and a time to live of
  /// its own; the entry becomes the most recently used, and counts as inserted or replaced. A value
  /// that is rejected leaves the key without one.
  ///
  /// A closure that cannot throw changes a value that is there without copying it. In a cache with
  /// a removal listener, which is given the old value, that is referenced once more while `body`
  /// runs.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - body: Changes the value, which is `nil` if the key has none or its time to live has
  ///     passed. Setting `nil` removes it.
  /// - Returns: The result of `body`.
  /// - Throws: The error of `body`; nothing is changed then.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  @discardableResult
  public mutating func updateValue<Result, Failure: Error>(
    forKey key: Key, _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    noteTime()
    var removedEntries = RemovedEntries<Key, Value>()
    let result = try core.updateValue(
      forKey: key, hash: hasher.hash(key), measure: measure, entryTimeToLive: entryTimeToLive,
      removedEntries: &removedEntries, body)
    if _slowPath(isGuarded) { noteChanged() }
    finish(removedEntries)
    if _slowPath(core.counts.rejections != 0 && !reportedRejections.isComplete) {
      reportRejection()
    }
    return result
  }

  /// Removes the value of a key if it fulfils a condition.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - shouldRemove: Looks at the value.
  /// - Returns: The value that was removed, or `nil` if there was none or it stays.
  /// - Throws: The error of `shouldRemove`; nothing is removed then.
  @inlinable
  @discardableResult
  public mutating func removeValue<Failure: Error>(
    forKey key: Key, where shouldRemove: (Value) throws(Failure) -> Bool
  ) throws(Failure) -> Value? {
    guard let value = peekValue(forKey: key), try shouldRemove(value) else { return nil }
    return removeValue(forKey: key)
  }

  /// Removes every entry that fulfils a condition, coldest first.
  ///
  /// - Parameter shouldRemove: Looks at a key and its value.
  /// - Throws: The error of `shouldRemove`; entries that it accepted before are removed.
  /// - Complexity: O(*n*) in the number of entries.
  @inlinable
  public mutating func removeAll(where shouldRemove: (Key, Value) throws -> Bool) rethrows {
    noteTime()
    var removedEntries = RemovedEntries<Key, Value>()
    defer { finish(removedEntries) }
    try core.removeAll(removedEntries: &removedEntries, where: shouldRemove)
  }

  @inlinable
  mutating func accessedSlot(of key: Key) -> Slot {
    hasher.withHash(of: key) { hash, bytes in
      if hasFastReadPath, !core.isAnythingDue() {
        return core.accessNothingDue(key, hash: hash, bytes: bytes).slot
      }
      noteTime()
      var removedEntries = RemovedEntries<Key, Value>()
      let found = core.access(key, hash: hash, removedEntries: &removedEntries)
      finish(removedEntries)
      return found.freshSlot
    }
  }
}
