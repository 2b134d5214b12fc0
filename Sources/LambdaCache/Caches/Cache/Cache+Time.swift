/// How old entries are, how long they will live, and what has expired and is still kept.
extension Cache {
  /// What the cache holds of a key, be it fresh or expired and still kept.
  ///
  /// A fresh entry becomes the most recently used and counts as a hit. A stale one, which only a cache
  /// with a stale window has (``Expiration``), stays where it is and counts as a miss and as one of
  /// ``CacheStatistics/staleHits``.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The value and whether it is fresh; `nil` if the key has none that may be served.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func cachedValue(forKey key: Key) -> CachedValue<Value>? {
    let hash = hasher.hash(key)
    return withCore { core, departures in
      let (slot, staleFor) = core.agedHit(key, hash: hash, departures: &departures)
      return CachedValue(slot == 0 ? nil : core.entries[Int(slot)].value, staleFor: staleFor)
    }
  }

  /// Lets the entry of a key live for another time, counted from now.
  ///
  /// It is not a use of the entry, and no jitter is applied. Idleness still ends it.
  ///
  /// - Parameters:
  ///   - timeToLive: How long it stays fresh from now on, in whole milliseconds, rounded up; `nil` for
  ///     ever. What is not positive removes it as expired.
  ///   - key: The key.
  /// - Returns: Whether the key had a fresh value.
  /// - Complexity: O(1) expected. The first time to live in a cache that had none takes room for
  ///   deadlines, for which entries may have to go.
  @inlinable
  @discardableResult
  public func setTimeToLive(_ timeToLive: Duration?, forKey key: Key) -> Bool {
    let hash = hasher.hash(key)
    return withCore { core, departures in
      core.setTimeToLive(timeToLive, forKey: key, hash: hash, departures: &departures)
    }
  }

  /// How long the entry of a key will stay fresh if nobody uses or changes it; changes nothing.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The time in whole milliseconds; `nil` if the key has no fresh value, and if it has one
  ///   that stays fresh for ever.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func remainingTimeToLive(forKey key: Key) -> Duration? {
    let hash = hasher.hash(key)
    let reading = injectedReading
    return withState { $0.core.remainingTimeToLive(of: key, hash: hash, reading: reading) }
  }

  /// The time since the value of a key was set, be it fresh or stale; changes nothing.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The time in whole milliseconds; `nil` if the key has no value, or if the cache does not
  ///   keep the times of writes: see ``Expiration/recordsAge``.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func age(forKey key: Key) -> Duration? {
    let hash = hasher.hash(key)
    let reading = injectedReading
    return withState { $0.core.age(of: key, hash: hash, reading: reading) }
  }
}
