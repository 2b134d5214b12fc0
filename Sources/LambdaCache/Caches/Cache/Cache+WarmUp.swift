/// The part of warming a cache up that needs its engine; see `warmUp` in `LambdaCacheHandlers`.
extension Cache {
  /// The entries that the cache may hold beyond those it does, as far as their number is limited;
  /// none if there is no room for even one.
  package var freeEntryCount: Int {
    readState { state in
      let mayHold = share != nil || state.core.admittedHeapByteCount >= 0
      return mayHold ? max(0, state.core.limits.entryLimit - state.core.count) : 0
    }
  }

  /// Makes entries the most recently used, that of the first key the very last to leave; it counts
  /// no look-up.
  ///
  /// - Returns: How many of the keys have a fresh value.
  package func makeHottest(_ keys: [Key]) -> Int {
    var count = 0
    for key in keys.reversed() {
      let hash = hasher.hash(key)
      withState { state, _ in
        let slot = state.core.peek(key, hash: hash, reading: nil).freshSlot
        guard slot != 0 else { return }
        state.core.noteUse(slot)
        count += 1
      }
    }
    return count
  }
}
