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
      return slowValue(forKey: key, hash: hash, bytes: bytes)
    }
    return core.value(in: core.accessNothingDue(key, hash: hash, bytes: bytes).slot)
  }

  /// A look-up in a cache without `hasFastReadPath`, or while entries may be due.
  @inlinable @inline(never)
  mutating func slowValue(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Value? {
    if hasFastPolicyReadPath, !core.isAnythingDueApart() {
      return core.value(in: core.accessByPolicy(key, hash: hash, bytes: bytes))
    }
    if hasFreshReadPath {
      let slot = core.accessFresh(key, hash: hash, bytes: bytes, reading: injectedReading)
      if slot != 0 { return core.value(in: slot) }
    }
    return accessedValue(forKey: key, hash: hash)
  }

  /// A look-up that reads an injected clock, notes the time of use, or reclaims some expired
  /// entries first.
  @inlinable @inline(never)
  mutating func accessedValue(forKey key: Key, hash: UInt32) -> Value? {
    noteTime()
    var removedEntries = RemovedEntries<Key, Value>()
    let found = core.access(key, hash: hash, removedEntries: &removedEntries)
    let value = core.value(in: found.freshSlot)
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
    let found = core.peek(key, hash: hasher.hash(key), reading: injectedReading)
    return core.value(in: found.freshSlot)
  }

  /// Whether a key has a live value; changes nothing, as ``peekValue(forKey:)``.
  ///
  /// - Parameter key: The key to look up.
  /// - Returns: `true` if ``value(forKey:)`` would find one now.
  /// - Complexity: O(1) expected: one hash.
  @inlinable
  public func contains(_ key: Key) -> Bool {
    core.peek(key, hash: hasher.hash(key), reading: injectedReading).freshSlot != 0
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
