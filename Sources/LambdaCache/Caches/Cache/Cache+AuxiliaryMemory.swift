/// Bytes that a cache takes for other things than entries: failures of loads, tags, and the miss
/// log.
///
/// They come off the limit of the engine, which does not count them; so the documented limit of the
/// cache holds for both together.
extension CacheState {
  /// Bytes of the failures of loads that are remembered.
  var loadingByteCount: Int { loading?.pointee.failures?.byteCount ?? 0 }

  /// The most bytes that were ever in use, of entries and beside them.
  var peakByteCount: Int { core.counts.peakByteCount + chargedAuxiliaryBytes }

  /// By how much the auxiliary bytes have grown since they were last taken off the limit.
  var auxiliaryGrowth: Int {
    loadingByteCount + core.auxiliaryByteCount - chargedAuxiliaryBytes
  }

  /// Takes the bytes that are kept beside the entries off the engine's limit, or gives them back.
  ///
  /// - Returns: Whether there was room for it; if not, nothing is changed.
  mutating func chargeAuxiliaryBytes(
    _ removedEntries: inout RemovedEntries<Key, Value>
  ) -> Bool {
    let growth = auxiliaryGrowth
    guard growth <= core.limits.byteLimit else { return false }
    // The engine's peak is one beside this memory: the sum of both stays what it was.
    let peak = core.counts.peakByteCount - growth
    defer { core.counts.peakByteCount = max(peak, core.byteCount) }
    chargedAuxiliaryBytes += growth
    if growth > 0 {
      core.shrink(by: growth, cause: .size, removedEntries: &removedEntries)
    } else if growth < 0 {
      core.grow(by: -growth)
    }
    return true
  }

  /// Gives the engine back the bytes that the auxiliary state has freed.
  @usableFromInline
  mutating func chargeShrunkenAuxiliary(_ removedEntries: inout RemovedEntries<Key, Value>) {
    core.noteAuxiliaryCharged()
    if !chargeAuxiliaryBytes(&removedEntries) { dropAuxiliary(&removedEntries) }
  }

  /// Forgets all failures of loads.
  ///
  /// - Returns: The failures that were remembered, to be destroyed outside of the lock.
  mutating func forgetFailures(
    _ removedEntries: inout RemovedEntries<Key, Value>
  ) -> FailureMemory<Key>? {
    guard let loading, let failures = loading.pointee.failures else { return nil }
    loading.pointee.failures = nil
    // Giving back always has room.
    _ = chargeAuxiliaryBytes(&removedEntries)
    return failures
  }

  /// Gives up the miss log, and every entry together with the tags.
  fileprivate mutating func dropAuxiliary(_ removedEntries: inout RemovedEntries<Key, Value>) {
    core.shrink(by: core.limits.byteLimit, cause: .size, removedEntries: &removedEntries)
    core.auxiliary = nil
    _ = chargeAuxiliaryBytes(&removedEntries)
  }
}

extension Cache {
  /// Takes another byte limit.
  func setByteLimit(_ byteLimit: Int) {
    var forgotten: FailureMemory<Key>?
    withState { state, removedEntries in
      if byteLimit < 8 * state.chargedAuxiliaryBytes {
        forgotten = state.forgetFailures(&removedEntries)
        if byteLimit < state.chargedAuxiliaryBytes { state.dropAuxiliary(&removedEntries) }
      }
      var limits = state.core.limits
      limits.byteLimit = byteLimit - state.chargedAuxiliaryBytes
      state.core.setLimits(limits)
      state.core.trim(removedEntries: &removedEntries)
    }
    withExtendedLifetime(forgotten) {}
  }

  @usableFromInline
  func removeEverything(keepingCapacity: Bool) {
    var forgotten: FailureMemory<Key>?
    var nodes: [any KeyedNode] = []
    var tags: TagTable?
    withState { state, removedEntries in
      if let loading = state.loading {
        nodes = loading.pointee.machine.supersedeAll()
        forgotten = state.forgetFailures(&removedEntries)
      }
      if !keepingCapacity {
        // All at once, and not entry by entry; the names are freed after the lock is released.
        tags = state.core.auxiliary?.tags
        state.core.auxiliary?.tags = nil
      }
      state.core.removeAll(keepingCapacity: keepingCapacity, removedEntries: &removedEntries)
      if !keepingCapacity { _ = state.chargeAuxiliaryBytes(&removedEntries) }
    }
    withExtendedLifetime((forgotten, nodes, tags)) {}
  }
}
