/// The one way of a value into a shared cache, whether it is set, tagged, changed or loaded:
/// lifetime → tags → budget → lock → grow → supersede → set.
///
/// The first three ask closures of the program and other caches, so they come before the lock. A
/// cache that has none of them writes on the fast path (`Cache+FastPaths.swift`), the last two
/// steps alone.
@usableFromInline
package struct PendingWrite<Key: Hashable & Sendable, Value: Sendable> {
  @usableFromInline let value: Value
  @usableFromInline let key: Key
  @usableFromInline let hash: UInt32
  /// Bytes that key and value own on the heap.
  @usableFromInline let heapByteCount: Int
  /// How long the entry lives; `nil` for the cache's own time to live.
  @usableFromInline var timeToLive: Duration?
  /// `nil` in a cache that does not tag its entries.
  @usableFromInline var tags: TagList?
  /// Bytes of the budget by which the byte limit has yet to be raised.
  @usableFromInline var grantedByteCount: Int

  @inlinable
  init(
    _ value: Value, forKey key: Key, hash: UInt32, heapByteCount: Int, timeToLive: Duration?,
    tags: TagList?, grantedByteCount: Int
  ) {
    self.value = value
    self.key = key
    self.hash = hash
    self.heapByteCount = heapByteCount
    self.timeToLive = timeToLive
    self.tags = tags
    self.grantedByteCount = grantedByteCount
  }
}

extension Cache {
  /// Takes the steps before the lock: lifetime, tags, budget.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The key.
  ///   - hash: The key's hash.
  ///   - heapByteCount: Bytes that key and value own on the heap; `nil` to have them measured.
  ///   - timeToLive: How long the entry lives; `nil` for what `entryTimeToLive` says of it.
  ///   - reservedByteCount: Bytes of the budget that were reserved for a load of the key.
  @inlinable
  func prepareWrite(
    of value: Value, forKey key: Key, hash: UInt32, heapByteCount: Int? = nil,
    timeToLive: Duration? = nil, reservedByteCount: Int = 0
  ) -> PendingWrite<Key, Value> {
    let bytes = heapByteCount ?? size(key, value)
    let lifetime = timeToLive ?? entryTimeToLive?(key, value)
    let tags = tagging == nil ? nil : tagList(of: key, value)
    let granted =
      share == nil
      ? 0
      : acquireBytes(forKey: key, hash: hash, heapByteCount: bytes, reserved: reservedByteCount)
    return PendingWrite(
      value, forKey: key, hash: hash, heapByteCount: bytes, timeToLive: lifetime, tags: tags,
      grantedByteCount: granted)
  }

  /// Writes a value unconditionally.
  ///
  /// - Parameter loadTime: How long it took to obtain; `nil` if that is not known.
  @inlinable @inline(never)
  func write(
    _ value: Value, forKey key: Key, hash: UInt32, heapByteCount: Int?, timeToLive: Duration?,
    loadTime: Duration? = nil
  ) -> InsertionOutcome {
    let write = prepareWrite(
      of: value, forKey: key, hash: hash, heapByteCount: heapByteCount, timeToLive: timeToLive)
    let outcome = withState { state, removedEntries in
      guard let loadTime, state.core.keepsLoadTimes else {
        return state.write(write, &removedEntries)
      }
      state.core.expectLoadTime(loadTime)
      defer { state.core.expectLoadTime(nil) }
      return state.write(write, &removedEntries)
    }
    if outcome == .rejected { reportRejection() }
    return outcome
  }
}

extension CacheState {
  /// Raises the byte limit by the bytes that the budget has granted for a write, once.
  ///
  /// They are the cache's own from then on, even if the value turns out not to be wanted.
  @inlinable
  mutating func takeGrant(of write: inout PendingWrite<Key, Value>) {
    guard write.grantedByteCount > 0 else { return }
    core.grow(by: write.grantedByteCount)
    write.grantedByteCount = 0
  }

  /// Takes the steps under the lock: grow, supersede, set.
  @inlinable
  mutating func write(
    _ write: PendingWrite<Key, Value>, _ removedEntries: inout RemovedEntries<Key, Value>
  ) -> InsertionOutcome {
    var write = write
    takeGrant(of: &write)
    supersedeLoad(of: write.key, hash: write.hash)
    guard write.tags == nil else { return setTagged(write, &removedEntries) }
    return core.setValue(
      write.value, forKey: write.key, hash: write.hash, heapByteCount: write.heapByteCount,
      timeToLive: write.timeToLive, removedEntries: &removedEntries)
  }
}
