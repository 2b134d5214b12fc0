extension Cache {
  /// The most recently used entries at one instant, without any effect on them.
  ///
  /// The array is a copy in the order of use, which stays what it is while the cache goes on.
  ///
  /// - Parameter maxLength: How many at the most; all if left out.
  /// - Returns: Live entries, the most recently used first.
  /// - Complexity: O(`maxLength`), and the expired entries in between, with the lock held.
  @inlinable
  public func hottest(_ maxLength: Int = .max) -> [(key: Key, value: Value)] {
    let reading = injectedReading
    return readState {
      $0.core.snapshot(maxLength, hottestFirst: true, reading: reading)
    }
  }

  /// The least recently used entries at one instant, without any effect on them: those that will be
  /// evicted first.
  ///
  /// - Parameter maxLength: How many at the most; all if left out.
  /// - Returns: Live entries, the least recently used first.
  /// - Complexity: O(`maxLength`), and the expired entries in between, with the lock held.
  @inlinable
  public func coldest(_ maxLength: Int = .max) -> [(key: Key, value: Value)] {
    let reading = injectedReading
    return readState {
      $0.core.snapshot(maxLength, hottestFirst: false, reading: reading)
    }
  }
}
