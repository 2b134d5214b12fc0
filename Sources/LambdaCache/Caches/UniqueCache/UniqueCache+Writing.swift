extension UniqueCache {
  /// Sets the value of a key, evicting the entries that have not been used for the longest time if
  /// room is needed.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The key.
  ///   - timeToLive: How long this entry lives; `nil` for the result of `entryTimeToLive`, or else
  ///     for the cache's own time to live.
  ///   - heapByteCount: The bytes that key and value own on the heap; `nil` to have them measured.
  /// - Returns: The outcome: inserted, replaced or rejected.
  /// - Complexity: O(1) expected, and O(1) for each entry that has to leave.
  @inlinable
  @discardableResult
  public mutating func setValue(
    _ value: Value, forKey key: Key, timeToLive: Duration? = nil, heapByteCount: Int? = nil
  ) -> InsertionOutcome {
    noteTime()
    var removedEntries = RemovedEntries<Key, Value>()
    let bytes = heapByteCount ?? measure?(key, value) ?? 0
    if _slowPath(isGuarded) { noteInserted(bytes) }
    let outcome = core.setValue(
      value, forKey: key, hash: hasher.hash(key), heapByteCount: bytes,
      timeToLive: timeToLive ?? entryTimeToLive?(key, value), removedEntries: &removedEntries)
    finish(removedEntries)
    if _slowPath(outcome == .rejected) { reportRejection() }
    return outcome
  }

  /// Sets the value of a key that took some time to load, as
  /// ``setValue(_:forKey:timeToLive:heapByteCount:)`` does.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The key.
  ///   - loadTime: How long it took to load, for ``EvictionPolicy/Preference/time``; of no effect
  ///     with another policy.
  ///   - timeToLive: How long this entry lives; `nil` for the result of `entryTimeToLive`, or else
  ///     for the cache's own time to live.
  ///   - heapByteCount: The bytes that key and value own on the heap; `nil` to have them measured.
  /// - Returns: The outcome: inserted, replaced or rejected.
  /// - Complexity: O(1) expected, and O(1) for each entry that has to leave.
  @inlinable
  @discardableResult
  public mutating func setValue(
    _ value: Value, forKey key: Key, loadTime: Duration, timeToLive: Duration? = nil,
    heapByteCount: Int? = nil
  ) -> InsertionOutcome {
    if core.keepsLoadTimes { core.expectLoadTime(loadTime) }
    let outcome = setValue(
      value, forKey: key, timeToLive: timeToLive, heapByteCount: heapByteCount)
    if core.keepsLoadTimes { core.expectLoadTime(nil) }
    return outcome
  }

  /// Removes a key and its value.
  ///
  /// - Parameter key: The key to remove.
  /// - Returns: The value, or `nil` if the key had none or its time to live had passed.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  @discardableResult
  public mutating func removeValue(forKey key: Key) -> Value? {
    noteTime()
    var removedEntries = RemovedEntries<Key, Value>()
    let value = core.removeValue(
      forKey: key, hash: hasher.hash(key), removedEntries: &removedEntries)
    finish(removedEntries)
    return value
  }

  /// Removes every entry.
  ///
  /// - Parameter keepingCapacity: Whether the cache keeps the memory of its slots and its index,
  ///   which stay in ``byteCount``; if not, all goes back to the system.
  /// - Complexity: O(*n*) in the number of entries.
  @inlinable
  public mutating func removeAll(keepingCapacity: Bool = false) {
    noteTime()
    var removedEntries = RemovedEntries<Key, Value>()
    core.removeAll(keepingCapacity: keepingCapacity, removedEntries: &removedEntries)
    finish(removedEntries)
  }
}

extension UniqueCache {
  /// Reports inserted bytes to the guard of the budget, which may read the memory of the process.
  ///
  /// - Parameter heapByteCount: The bytes that the entry owns on the heap.
  @usableFromInline
  @inline(never)
  mutating func noteInserted(_ heapByteCount: Int) {
    guard !HeapSizeError.stands(for: heapByteCount) else { return }
    // Far above any interval, and far from where sums overflow.
    unreportedByteCount += min(max(heapByteCount, 0), 1 << 50) + core.slotByteCount
    guard let share, unreportedByteCount >= share.insertionPortion else { return }
    share.noteInserted(unreportedByteCount)
    unreportedByteCount = 0
  }

  /// The same for the entry that was changed last, and so is the hottest.
  @usableFromInline
  @inline(never)
  mutating func noteChanged() {
    let slot = core.writtenSlot
    guard slot != 0 else { return }
    noteInserted(Int(core.table.records[Int(slot)].heapGranules) * ByteLedger.granule)
  }
}
