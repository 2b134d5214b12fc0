extension UniqueCache {
  /// The most recently used entries, without any effect on them.
  ///
  /// The array is a copy in the order of use, which stays what it is while the cache goes on.
  ///
  /// - Parameter maxLength: How many at the most; all if left out.
  /// - Returns: Live entries, the most recently used first.
  /// - Complexity: O(`maxLength`), and the expired entries in between.
  @inlinable
  public func hottest(_ maxLength: Int = .max) -> [(key: Key, value: Value)] {
    core.snapshot(maxLength, hottestFirst: true, reading: injectedReading)
  }

  /// The least recently used entries, without any effect on them: those that will be evicted first.
  ///
  /// - Parameter maxLength: How many at the most; all if left out.
  /// - Returns: Live entries, the least recently used first.
  /// - Complexity: O(`maxLength`), and the expired entries in between.
  @inlinable
  public func coldest(_ maxLength: Int = .max) -> [(key: Key, value: Value)] {
    core.snapshot(maxLength, hottestFirst: false, reading: injectedReading)
  }

  /// The keys of all live entries, the most recently used first, without any effect on them.
  ///
  /// - Complexity: O(*n*) in the number of entries.
  public var keys: [Key] { hottest().map(\.key) }
}
