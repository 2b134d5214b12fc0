extension UniqueCache {
  /// Lends the value of a key without copying it; its entry becomes the most recently used.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - body: Looks at the value.
  /// - Returns: What `body` returns, or `nil` if the key has no live value; `body` is not called
  ///   then.
  /// - Throws: What `body` throws.
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
  /// - Throws: What `make` throws; nothing is set then.
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

  /// Changes, inserts or removes the value of a key in one step, in place.
  ///
  /// ```swift
  /// cache.updateValue(forKey: "visits") { $0 = ($0 ?? 0) + 1 }
  /// ```
  ///
  /// A value that is there is changed without being copied, keeps its time to live, is measured
  /// anew and becomes the most recently used. If it has become larger than an entry may be, it is
  /// evicted. In a cache with a removal listener, which may have to be given the old value, that is
  /// referenced once more while `body` runs.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - body: Changes the value, which is `nil` if the key has none. Setting `nil` removes it.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws; what it has changed before stays changed.
  /// - Complexity: O(1) expected.
  @inlinable
  @discardableResult
  public mutating func updateValue<Result, Failure: Error>(
    forKey key: Key, _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let slot = accessedSlot(of: key)
    if slot != 0 {
      var removedEntries = RemovedEntries<Key, Value>()
      defer {
        if _slowPath(isGuarded) { noteChanged() }
        finish(removedEntries)
      }
      return try core.updateValue(in: slot, measure: measure, removedEntries: &removedEntries, body)
    }
    var value: Value?
    defer { if let value { setValue(value, forKey: key) } }
    return try body(&value)
  }

  /// Removes the value of a key if it fulfils a condition.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - shouldRemove: Looks at the value.
  /// - Returns: The value that was removed, or `nil` if there was none or it stays.
  /// - Throws: What `shouldRemove` throws; nothing is removed then.
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
  /// - Throws: What `shouldRemove` throws; what it accepted before that is removed.
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
