extension UniqueCache {
  /// The value of a key, whose entry becomes the most recently used.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The value, or `nil` if the key has none or its time to live has passed.
  /// - Complexity: O(1) expected: one hash.
  @inlinable @inline(__always)
  public mutating func value(forKey key: Key) -> Value? {
    hasher.withHash(of: key) { hash, bytes in
      Key.self == String.self
        ? foundText(forKey: key, hash: hash, bytes: bytes)
        : foundValue(forKey: key, hash: hash, bytes: bytes)
    }
  }

  /// ``foundValue(forKey:hash:bytes:)`` for strings, which takes too many instructions to be put
  /// wherever it is called.
  @inlinable @inline(never)
  mutating func foundText(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Value? {
    foundValue(forKey: key, hash: hash, bytes: bytes)
  }

  @inlinable @inline(__always)
  mutating func foundValue(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Value? {
    guard hasFastReadPath, !core.isAnythingDue() else {
      return reclaimingValue(forKey: key, hash: hash)
    }
    let slot = core.hit(key, hash: hash, bytes: bytes)
    return slot == 0 ? nil : core.entries[Int(slot)].value
  }

  /// A look-up that asks an injected clock, notes the time of use, or reclaims some expired entries
  /// first.
  @inlinable @inline(never)
  mutating func reclaimingValue(forKey key: Key, hash: UInt32) -> Value? {
    noteTime()
    var removedEntries = RemovedEntries<Key, Value>()
    let slot = core.reclaimingHit(key, hash: hash, removedEntries: &removedEntries)
    let value = slot == 0 ? nil : core.entries[Int(slot)].value
    finish(removedEntries)
    return value
  }

  /// The value of a key, without any effect on the order of use, the statistics or the memory.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: The value, or `nil` if the key has none or its time to live has passed.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func peekValue(forKey key: Key) -> Value? {
    let slot = core.quietSlot(of: key, hash: hasher.hash(key), reading: injectedReading)
    return slot == 0 ? nil : core.entries[Int(slot)].value
  }

  /// Whether a key has a live value; changes nothing, as ``peekValue(forKey:)``.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: `true` if ``value(forKey:)`` would find one now.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func contains(_ key: Key) -> Bool {
    core.quietSlot(of: key, hash: hasher.hash(key), reading: injectedReading) != 0
  }

  /// Accesses the value of a key: reading is ``value(forKey:)``, setting is
  /// ``setValue(_:forKey:timeToLive:heapByteCount:)``, and setting `nil` removes.
  ///
  /// - Parameter key: The key to look up, set or remove.
  /// - Returns: The value, or `nil` if the key has none or its time to live has passed.
  @inlinable
  public subscript(key: Key) -> Value? {
    mutating get { value(forKey: key) }
    set {
      if let newValue {
        setValue(newValue, forKey: key)
      } else {
        removeValue(forKey: key)
      }
    }
  }
}
