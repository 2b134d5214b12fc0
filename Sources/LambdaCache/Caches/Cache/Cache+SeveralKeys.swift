/// Several keys in one call. Each key is an operation of its own under the lock: other threads may
/// use the cache in between.
extension Cache {
  /// The values of those of several keys that the cache has; their entries become the most recently
  /// used, and each key counts as a look-up.
  ///
  /// - Parameter keys: The keys to look up; one that occurs several times is looked up once.
  /// - Returns: The values of the keys that have one whose time to live has not passed.
  /// - Complexity: O(*n*) in the number of keys.
  public func values(forKeys keys: some Sequence<Key>) -> [Key: Value] {
    var values: [Key: Value] = [:]
    for key in keys.uniqueElements {
      if let value = value(forKey: key) { values[key] = value }
    }
    return values
  }

  /// Sets the values of several keys, in their order, as
  /// ``setValue(_:forKey:timeToLive:heapByteCount:)`` does.
  ///
  /// - Parameters:
  ///   - values: Keys and values; of a key that occurs several times the last value stays.
  ///   - timeToLive: How long the entries live; `nil` for what `entryTimeToLive` says of each, or
  ///     else for the cache's own time to live.
  /// - Returns: How many were rejected; see ``InsertionOutcome/rejected``.
  /// - Complexity: O(*n*) in the number of values, and O(1) for each entry that has to go.
  @discardableResult
  public func setValues(
    _ values: some Sequence<(key: Key, value: Value)>, timeToLive: Duration? = nil
  ) -> Int {
    var rejections = 0
    for (key, value) in values
    where setValue(value, forKey: key, timeToLive: timeToLive) == .rejected {
      rejections += 1
    }
    return rejections
  }

  /// Removes several keys and their values; loads of the keys that are under way are superseded.
  ///
  /// - Parameter keys: The keys to remove.
  /// - Returns: How many of them had a value whose time to live had not passed.
  /// - Complexity: O(*n*) in the number of keys.
  @discardableResult
  public func removeValues(forKeys keys: some Sequence<Key>) -> Int {
    var count = 0
    for key in keys where removeValue(forKey: key) != nil { count += 1 }
    return count
  }

  /// The keys of all live entries at one instant, the most recently used first, without any effect
  /// on them.
  ///
  /// - Complexity: O(*n*) in the number of entries, with the lock held.
  public var keys: [Key] { hottest().map(\.key) }
}

extension Sequence where Element: Hashable {
  /// The elements without repetitions, in the order in which they first occur.
  ///
  /// - Complexity: O(*n*) in the number of elements.
  @inlinable var uniqueElements: [Element] {
    var met = Set<Element>(minimumCapacity: underestimatedCount)
    var elements: [Element] = []
    elements.reserveCapacity(underestimatedCount)
    for element in self where met.insert(element).inserted { elements.append(element) }
    return elements
  }
}
