extension Cache {
  /// Sets the value of a key, evicting the entries that have not been used for the longest time if
  /// room is needed.
  ///
  /// A load of the key that is under way is superseded: its result goes to the callers that wait
  /// for it, not into the cache.
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
  public func setValue(
    _ value: Value, forKey key: Key, timeToLive: Duration? = nil, heapByteCount: Int? = nil
  ) -> InsertionOutcome {
    let hash = hasher.hash(key)
    guard hasFastWritePath else {
      return write(
        value, forKey: key, hash: hash, heapByteCount: heapByteCount, timeToLive: timeToLive)
    }
    let outcome = setValueOnFastPath(
      value, forKey: key, hash: hash, heapByteCount: heapByteCount ?? size(key, value),
      timeToLive: timeToLive)
    if _slowPath(outcome == .rejected) { reportRejection() }
    return outcome
  }

  /// Sets the value of a key that the program has loaded itself, as
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
  public func setValue(
    _ value: Value, forKey key: Key, loadTime: Duration, timeToLive: Duration? = nil,
    heapByteCount: Int? = nil
  ) -> InsertionOutcome {
    write(
      value, forKey: key, hash: hasher.hash(key), heapByteCount: heapByteCount,
      timeToLive: timeToLive, loadTime: loadTime)
  }

  /// Removes a key and its value.
  ///
  /// A load of the key that is under way is superseded: its result goes to the callers that wait
  /// for it, not into the cache.
  ///
  /// - Parameter key: The key to remove.
  /// - Returns: The value, or `nil` if the key had none or its time to live had passed.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  @discardableResult
  public func removeValue(forKey key: Key) -> Value? {
    let hash = hasher.hash(key)
    return withState { state, removedEntries in
      state.supersedeLoad(of: key, hash: hash)
      return state.core.removeValue(forKey: key, hash: hash, removedEntries: &removedEntries)
    }
  }

  /// Removes every entry; loads under way are superseded.
  ///
  /// - Parameter keepingCapacity: Whether the cache keeps the memory of its slots and its index,
  ///   which stay in ``byteCount``; if not, all goes back to the system.
  /// - Complexity: O(*n*) in the number of entries.
  @inlinable
  public func removeAll(keepingCapacity: Bool = false) {
    removeEverything(keepingCapacity: keepingCapacity)
  }
}
