extension Cache {
  /// The value of a key, whose entry becomes the most recently used.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The value, or `nil` if the key has none or its time to live has passed.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func value(forKey key: Key) -> Value? {
    // Ends in a jump to the rest, so that neither part saves the registers of both.
    hasher.withHash(of: key) {
      hasFastReadPath
        ? foundValue(forKey: key, hash: $0, bytes: $1)
        : specialValue(forKey: key, hash: $0, bytes: $1)
    }
  }

  /// The value of a key, without any effect on the order of use, the statistics or the memory.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The value, or `nil` if the key has none or its time to live has passed.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func peekValue(forKey key: Key) -> Value? {
    let hash = hasher.hash(key)
    let reading = injectedReading
    return readState { state in
      let found = state.core.peek(key, hash: hash, reading: reading)
      return state.core.value(in: found.freshSlot)
    }
  }

  /// Whether a key has a live value; changes nothing, as ``peekValue(forKey:)``.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: `true` if ``value(forKey:)`` would find one now.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func contains(_ key: Key) -> Bool {
    let hash = hasher.hash(key)
    let reading = injectedReading
    return readState { $0.core.peek(key, hash: hash, reading: reading).freshSlot != 0 }
  }

  /// Accesses the value of a key: reading is ``value(forKey:)``, setting is
  /// ``setValue(_:forKey:timeToLive:heapByteCount:)``, and setting `nil` removes.
  ///
  /// - Parameter key: The key to look up, set or remove.
  /// - Returns: The value, or `nil` if the key has none or its time to live has passed.
  @inlinable
  public subscript(key: Key) -> Value? {
    get { value(forKey: key) }
    set {
      if let newValue {
        setValue(newValue, forKey: key)
      } else {
        removeValue(forKey: key)
      }
    }
  }
}
