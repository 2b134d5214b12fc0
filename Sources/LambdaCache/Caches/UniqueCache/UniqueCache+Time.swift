/// How old entries are, and how long they will live.
extension UniqueCache {
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
  public mutating func setTimeToLive(_ timeToLive: Duration?, forKey key: Key) -> Bool {
    let hash = hasher.hash(key)
    noteTime()
    var removedEntries = RemovedEntries<Key, Value>()
    let isFound = core.setTimeToLive(
      timeToLive, forKey: key, hash: hash, removedEntries: &removedEntries)
    finish(removedEntries)
    return isFound
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
    core.remainingTimeToLive(of: key, hash: hasher.hash(key), reading: injectedReading)
  }

  /// How long entries live that are set from now on, if neither the call nor `entryTimeToLive`
  /// says; `nil` for ever.
  ///
  /// Setting it changes nothing for the entries that are there. Whole milliseconds count, rounded
  /// up; with what is not positive every value is rejected. Read, it is what was set, in whole
  /// milliseconds.
  public var timeToLive: Duration? {
    get { core.lifetime.map { .milliseconds(Int64($0)) } }
    set {
      core.setLifetime(newValue)
      changedSettings.insert(.timeToLive)
    }
  }

  /// Removes the entries whose time is over, whose memory would else be reclaimed little by little
  /// by other operations.
  ///
  /// - Returns: How many were removed, with the cause ``RemovalCause/expired``.
  /// - Complexity: O(*n*) in the number of entries whose time is over.
  @discardableResult
  public mutating func removeExpired() -> Int {
    noteTime()
    var removedEntries = RemovedEntries<Key, Value>()
    let (count, _) = core.reclaimExpired(atMost: .max, removedEntries: &removedEntries)
    finish(removedEntries)
    return count
  }

  /// The time since the value of a key was set; changes nothing.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The time in whole milliseconds; `nil` if the key has no value, or if the cache does
  ///   not keep the times of writes: see ``Expiration/recordsAge``.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func age(forKey key: Key) -> Duration? {
    core.age(of: key, hash: hasher.hash(key), reading: injectedReading)
  }
}
