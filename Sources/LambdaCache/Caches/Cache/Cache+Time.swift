/// The ages of entries, how long they will live, and values that have expired and are still kept.
extension Cache {
  /// The value of a key, be it fresh or expired and still kept.
  ///
  /// A fresh entry becomes the most recently used and counts as a hit. A stale one, which only a
  /// cache with a stale window has (``Expiration``), stays where it is and counts as a miss and as
  /// one of ``CacheStatistics/staleHits``.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The value and whether it is fresh; `nil` if the key has none that may be served.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func freshOrStaleValue(forKey key: Key) -> CachedValue<Value>? {
    let hash = hasher.hash(key)
    let served: CachedValue<Value>? = withState { state, removedEntries in
      let found = state.core.accessServingStale(key, hash: hash, removedEntries: &removedEntries)
      return CachedValue(state.core.value(in: found.slot), staleFor: found.staleFor)
    }
    noteLookUp(of: key, served?.value)
    return served
  }

  /// Lets the entry of a key live for another time, counted from now.
  ///
  /// It is not a use of the entry, and no jitter is applied. Idleness still ends it.
  ///
  /// - Parameters:
  ///   - timeToLive: How long it stays fresh from now on, in whole milliseconds, rounded up; `nil`
  ///     for ever. What is not positive removes it as expired.
  ///   - key: The key.
  /// - Returns: Whether the key had a fresh value.
  /// - Complexity: O(1) expected. The first time to live in a cache that had none takes room for
  ///   deadlines, for which entries may have to go.
  @inlinable
  @discardableResult
  public func setTimeToLive(_ timeToLive: Duration?, forKey key: Key) -> Bool {
    let hash = hasher.hash(key)
    return withState { state, removedEntries in
      state.core.setTimeToLive(timeToLive, forKey: key, hash: hash, removedEntries: &removedEntries)
    }
  }

  /// The time for which the entry of a key will stay fresh if it is neither used nor changed;
  /// changes nothing.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The time in whole milliseconds; `nil` if the key has no fresh value, and if it has
  ///   one that stays fresh for ever.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func remainingTimeToLive(forKey key: Key) -> Duration? {
    let hash = hasher.hash(key)
    let reading = injectedReading
    return readState { $0.core.remainingTimeToLive(of: key, hash: hash, reading: reading) }
  }

  /// How long entries live that are set from now on, if neither the call nor `entryTimeToLive`
  /// says; `nil` for ever.
  ///
  /// Setting it changes nothing for the entries that are there. Whole milliseconds count, rounded
  /// up; with what is not positive every value is rejected. Read, it is what was set, in whole
  /// milliseconds.
  public var timeToLive: Duration? {
    get { readState { $0.core.lifetime.map { .milliseconds(Int64($0)) } } }
    set {
      withState { state, _ in
        state.core.setLifetime(newValue)
        state.changedSettings.insert(.timeToLive)
      }
    }
  }

  /// Removes the entries whose time is over, stale window included, whose memory would else be
  /// reclaimed little by little by other operations.
  ///
  /// They go in several steps, between which other threads may use the cache.
  ///
  /// - Returns: How many were removed, with the cause ``RemovalCause/expired``.
  /// - Complexity: O(*n*) in the number of entries whose time is over.
  @discardableResult
  public func removeExpired() -> Int {
    var count = 0
    while true {
      let step = withState { state, removedEntries in
        state.core.reclaimExpired(atMost: Self.entriesPerStep, removedEntries: &removedEntries)
      }
      count += step.count
      guard step.isUnfinished else { return count }
    }
  }

  /// Entries that are removed in one step: some tens of microseconds under the lock.
  static var entriesPerStep: Int { 256 }

  /// The time since the value of a key was set, be it fresh or stale; changes nothing.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The time in whole milliseconds; `nil` if the key has no value, or if the cache does
  ///   not keep the times of writes: see ``Expiration/recordsAge``.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func age(forKey key: Key) -> Duration? {
    let hash = hasher.hash(key)
    let reading = injectedReading
    return readState { $0.core.age(of: key, hash: hash, reading: reading) }
  }
}
