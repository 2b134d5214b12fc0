/// The state of read-through, as the rest of a cache uses it.
extension CacheState {
  /// Notes that a key is written or removed.
  @inlinable @inline(__always)
  mutating func supersedeLoad(of key: Key, hash: UInt32) {
    guard let loading, !loading.pointee.isIdle else { return }
    loading.pointee.supersede(key, hash: hash)
  }

  /// The state of read-through, made at its first use.
  @inlinable @inline(__always)
  mutating func openLoading() -> UnsafeMutablePointer<LoadState<Key>> {
    loading ?? makeLoading()
  }

  @usableFromInline
  mutating func makeLoading() -> UnsafeMutablePointer<LoadState<Key>> {
    let memory = UnsafeMutablePointer<LoadState<Key>>.allocate(capacity: 1)
    memory.initialize(to: LoadState())
    loading = memory
    return memory
  }

  @usableFromInline
  mutating func releaseLoading() {
    loading?.deinitialize(count: 1)
    loading?.deallocate()
    loading = nil
  }

  /// The remembered failure that keeps a key from being loaded; `nil` if there is none.
  ///
  /// - Parameter reading: The time of an injected clock.
  @usableFromInline
  func activeFailure(of key: Key, hash: UInt32, reading: Duration?) -> LoadFailure? {
    loading?.pointee.failures?.active(key, hash: hash, reading: reading)
  }

  /// Lets a key be loaded at once, whatever failures of it are remembered.
  @usableFromInline
  func clearFailure(of key: Key, hash: UInt32) {
    loading?.pointee.failures?.clearFailure(key, hash: hash)
  }

  /// Returns whether a key is being loaded.
  func isLoading(_ key: Key, hash: UInt32) -> Bool {
    guard let loading else { return false }
    return withUnsafePointer(to: key) { loading.pointee.machine.loads.find($0, hash: hash) != nil }
  }
}

extension CacheState {
  /// Writes what a load has brought, if that may be more than a write, or less.
  ///
  /// - Returns: The outcome of the write; `nil` if there was none.
  @usableFromInline
  mutating func keep(
    _ write: PendingWrite<Key, Value>, _ load: KeyedLoad<Key, Value>, isRenewal: Bool,
    _ removedEntries: inout RemovedEntries<Key, Value>
  ) -> InsertionOutcome? {
    if isRenewal {
      openLoading().pointee.machine.counts.renewals += 1
      if core.renew(
        write.key, hash: write.hash, timeToLive: write.timeToLive, removedEntries: &removedEntries)
      {
        return nil
      }
    }
    guard
      load.mayEvict
        || core.hasRoom(forKey: write.key, hash: write.hash, heapByteCount: write.heapByteCount)
    else {
      load.task.hasFoundFull = true
      return nil
    }
    return self.write(write, &removedEntries)
  }
}
