extension Cache {
  /// The value of a key, whose entry becomes the most recently used.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The value, or `nil` if the key has none or its time to live has passed.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func value(forKey key: Key) -> Value? {
    // Ends in a jump to the rest, so that neither part saves the registers of both.
    hasher.withHash(of: key) { foundValue(forKey: key, hash: $0, bytes: $1) }
  }

  @inlinable
  func foundValue(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Value? {
    guard hasFastReadPath else { return reclaimingValue(forKey: key, hash: hash) }
    let state = self.state
    enter()
    guard !state.pointee.core.isAnythingDue() else {
      leave()
      return reclaimingValue(forKey: key, hash: hash)
    }
    let slot = state.pointee.core.hit(key, hash: hash, bytes: bytes)
    let value = slot == 0 ? nil : state.pointee.core.entries[Int(slot)].value
    leave()
    return value
  }

  /// A look-up that asks an injected clock, notes the time of use, or reclaims some expired entries
  /// first.
  @inlinable @inline(never)
  func reclaimingValue(forKey key: Key, hash: UInt32) -> Value? {
    withCore { core, removedEntries in
      let slot = core.reclaimingHit(key, hash: hash, removedEntries: &removedEntries)
      return slot == 0 ? nil : core.entries[Int(slot)].value
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
    return withState { state in
      let slot = state.core.quietSlot(of: key, hash: hash, reading: reading)
      return slot == 0 ? nil : state.core.entries[Int(slot)].value
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
    return withState { $0.core.quietSlot(of: key, hash: hash, reading: reading) != 0 }
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
