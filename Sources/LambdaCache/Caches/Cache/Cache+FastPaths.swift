import Synchronization

/// The usual hit and the usual write, which reach the guarded state by its address.
///
/// A closure that borrows the whole state, an injected clock, a listener and auxiliary state cost
/// more instructions than the look-up itself. A cache without them has a stored flag
/// (`hasFastReadPath`, `hasFastWritePath`) and takes the lock here; measured: see the regression
/// gate in Benchmarks/README.md. Only `Cache+SharedReads.swift` may reach past `withState` as well.
extension Cache {
  /// A look-up in a cache with `hasFastReadPath`.
  @inlinable
  func foundValue(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Value? {
    let state = self.state
    enterAlone()
    guard !state.pointee.core.isAnythingDueApart() else {
      leave()
      return accessedValue(forKey: key, hash: hash)
    }
    let found = state.pointee.core.accessNothingDue(key, hash: hash, bytes: bytes)
    let value = state.pointee.core.value(in: found.slot)
    leave()
    return value
  }

  /// A look-up in a cache without `hasFastReadPath`; each way ends in a jump.
  @inlinable @inline(never)
  func specialValue(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Value? {
    if hasFastPolicyReadPath {
      return readSharing.load(ordering: .acquiring) == .shared
        ? sharedValue(forKey: key, hash: hash, bytes: bytes)
        : valueByPolicy(forKey: key, hash: hash, bytes: bytes)
    }
    if hasFreshReadPath { return valueWhileFresh(forKey: key, hash: hash, bytes: bytes) }
    return slowValue(forKey: key, hash: hash, bytes: bytes)
  }

  /// A look-up in a cache with a log, or with a clock of its own.
  @inlinable @inline(never)
  func slowValue(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Value? {
    guard let sampledKeys else {
      return requestLog == nil
        ? accessedValue(forKey: key, hash: hash) : accessedLoggedValue(forKey: key, hash: hash)
    }
    return loggedValue(forKey: key, hash: hash, bytes: bytes, sampledKeys)
  }

  /// A look-up in a cache that keeps times, which takes the lock again if not all is fresh.
  @inlinable @inline(never)
  func valueWhileFresh(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Value? {
    freshValue(forKey: key, hash: hash, bytes: bytes) ?? accessedValue(forKey: key, hash: hash)
  }

  /// The value of a key in a cache that keeps stale values, if it is fresh and nothing is due.
  @inlinable @inline(never)
  func freshValue(forKey key: Key) -> Value? {
    hasher.withHash(of: key) { freshValue(forKey: key, hash: $0, bytes: $1) }
  }

  /// A look-up in a cache that keeps times, while all is fresh.
  ///
  /// - Returns: `nil` also if there is more to do; then nothing was counted.
  @inlinable @inline(__always)
  func freshValue(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>
  ) -> Value? {
    let reading = injectedReading
    enter()
    let slot = state.pointee.core.accessFresh(key, hash: hash, bytes: bytes, reading: reading)
    let value = state.pointee.core.value(in: slot)
    leave()
    return value
  }

  /// A look-up in a cache with a request log: if its key is not in the sample, a hit asks one bit
  /// or two more than the usual one.
  @inlinable @inline(__always)
  func loggedValue(
    forKey key: Key, hash: UInt32, bytes: UnsafeBufferPointer<UInt8>, _ sampledKeys: SampledKeys
  ) -> Value? {
    let state = self.state
    enterAlone()
    guard !state.pointee.core.isAnythingDueApart() else {
      leave()
      return accessedLoggedValue(forKey: key, hash: hash)
    }
    let slot = state.pointee.core.accessNothingDue(key, hash: hash, bytes: bytes).slot
    guard !_slowPath(slot == 0 || sampledKeys.mayContain(hash)) else {
      return leaveLogging(slot, of: key)
    }
    let value = state.pointee.core.value(in: slot)
    leave()
    return value
  }

  /// Ends a look-up that may go to the log, with the lock held; apart, so that others hold nothing
  /// of it.
  @inlinable @inline(never)
  func leaveLogging(_ slot: Slot, of key: Key) -> Value? {
    let value = state.pointee.core.value(in: slot)
    let byteCount = state.pointee.core.heapByteCount(in: slot)
    leave()
    requestLog?.noteLookUp(of: key, byteCount: byteCount)
    return value
  }

  /// A look-up that reads an injected clock, notes the time of use, or reclaims some expired
  /// entries first.
  @inlinable @inline(never)
  func accessedValue(forKey key: Key, hash: UInt32) -> Value? {
    withState { state, removedEntries in
      let found = state.core.access(key, hash: hash, removedEntries: &removedEntries)
      return state.core.value(in: found.freshSlot)
    }
  }

  /// ``setValue(_:forKey:timeToLive:heapByteCount:)`` in a cache with `hasFastWritePath`.
  @inlinable @inline(__always)
  func setValueOnFastPath(
    _ value: Value, forKey key: Key, hash: UInt32, heapByteCount bytes: Int, timeToLive: Duration?
  ) -> InsertionOutcome {
    var removedEntries = RemovedEntries<Key, Value>()
    enter()
    state.pointee.supersedeLoad(of: key, hash: hash)
    let outcome = state.pointee.core.setValue(
      value, forKey: key, hash: hash, heapByteCount: bytes, timeToLive: timeToLive,
      removedEntries: &removedEntries)
    if state.pointee.core.auxiliaryHasShrunk {
      state.pointee.chargeShrunkenAuxiliary(&removedEntries)
    }
    leave()
    return outcome
  }
}
