/// What read-through keeps, as the rest of a cache uses it.
extension CacheState {
  /// Notes that a key is written or removed.
  @inlinable @inline(__always)
  mutating func supersedeLoad(of key: Key, hash: UInt32) {
    guard let loading, !loading.pointee.isIdle else { return }
    loading.pointee.supersede(key, hash: hash)
  }

  /// What read-through keeps, made if there is nothing yet.
  mutating func openLoading() -> UnsafeMutablePointer<LoadState<Key, Value>> {
    if let loading { return loading }
    let memory = UnsafeMutablePointer<LoadState<Key, Value>>.allocate(capacity: 1)
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
}
