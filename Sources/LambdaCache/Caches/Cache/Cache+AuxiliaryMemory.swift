/// Bytes that a cache takes for other things than entries: failures of loads, tags, and who has
/// left.
///
/// They come off the limit of the engine, which knows nothing of them; so what is documented as the
/// cache's limit holds for both together.
extension Cache {
  /// Takes what is kept beside the entries off the engine's limit, or gives it back.
  ///
  /// - Returns: Whether there was room for it; if not, nothing is changed.
  func chargeAuxiliaryBytes(
    _ core: inout CacheCore<Key, Value>, _ removedEntries: inout RemovedEntries<Key, Value>
  ) -> Bool {
    let growth = auxiliaryGrowth(core)
    let side = state.pointee.chargedAuxiliaryBytes + growth
    guard growth <= core.limits.byteLimit else { return false }
    // The engine's peak is one beside this memory: the sum of both stays what it was.
    let peak = core.counts.peakByteCount - growth
    defer { core.counts.peakByteCount = max(peak, core.byteCount) }
    state.pointee.chargedAuxiliaryBytes = side
    if growth > 0 {
      core.shrink(by: growth, cause: .size, removedEntries: &removedEntries)
    } else if growth < 0 {
      core.grow(by: -growth)
    }
    return true
  }

  /// By how much that has grown since it was last taken off the limit.
  func auxiliaryGrowth(_ core: borrowing CacheCore<Key, Value>) -> Int {
    state.pointee.loadingByteCount + core.auxiliaryByteCount - state.pointee.chargedAuxiliaryBytes
  }

  /// Gives the engine back what the side memory has let go of, under the lock.
  @usableFromInline
  func chargeShrunkenAuxiliary(_ removedEntries: inout RemovedEntries<Key, Value>) {
    state.pointee.core.noteAuxiliaryCharged()
    if !chargeAuxiliaryBytes(&state.pointee.core, &removedEntries) {
      dropExtras(&state.pointee.core, &removedEntries)
    }
  }

  /// Forgets all failures of loads.
  ///
  /// - Returns: What was remembered of them, to be destroyed outside of the lock.
  func forgetFailures(
    _ core: inout CacheCore<Key, Value>, _ removedEntries: inout RemovedEntries<Key, Value>
  ) -> FailureMemory<Key>? {
    guard let loading = state.pointee.loading, let failures = loading.pointee.failures else {
      return nil
    }
    loading.pointee.failures = nil
    // Giving back always has room.
    _ = chargeAuxiliaryBytes(&core, &removedEntries)
    return failures
  }

  /// Takes another byte limit.
  func setByteLimit(_ byteLimit: Int) {
    var forgotten: FailureMemory<Key>?
    withCore { core, removedEntries in
      if byteLimit < 8 * state.pointee.chargedAuxiliaryBytes {
        forgotten = forgetFailures(&core, &removedEntries)
        if byteLimit < state.pointee.chargedAuxiliaryBytes { dropExtras(&core, &removedEntries) }
      }
      var limits = core.limits
      limits.byteLimit = byteLimit - state.pointee.chargedAuxiliaryBytes
      core.setLimits(limits)
      core.trim(removedEntries: &removedEntries)
    }
    withExtendedLifetime(forgotten) {}
  }

  /// Gives up the log of who has left, and every entry together with the tags.
  private func dropExtras(
    _ core: inout CacheCore<Key, Value>, _ removedEntries: inout RemovedEntries<Key, Value>
  ) {
    core.shrink(by: core.limits.byteLimit, cause: .size, removedEntries: &removedEntries)
    core.auxiliary = nil
    _ = chargeAuxiliaryBytes(&core, &removedEntries)
  }

  @usableFromInline
  func removeEverything(keepingCapacity: Bool) {
    var forgotten: FailureMemory<Key>?
    var flights: [KeyedNode<Key>] = []
    var tags: TagTable?
    withCore { core, removedEntries in
      if let loading = state.pointee.loading {
        flights = loading.pointee.table.supersedeAll()
        forgotten = forgetFailures(&core, &removedEntries)
      }
      if !keepingCapacity {
        // All at once, and not entry by entry; the names are freed after the lock is released.
        tags = core.auxiliary?.tags
        core.auxiliary?.tags = nil
      }
      core.removeAll(keepingCapacity: keepingCapacity, removedEntries: &removedEntries)
      if !keepingCapacity { _ = chargeAuxiliaryBytes(&core, &removedEntries) }
    }
    withExtendedLifetime((forgotten, flights, tags)) {}
  }
}

extension CacheState {
  /// What is remembered of failed loads takes, counted anew.
  var loadingByteCount: Int { loading?.pointee.failures?.byteCount ?? 0 }

  /// The most bytes that were ever in use, of entries and beside them.
  var peakByteCount: Int { core.counts.peakByteCount + chargedAuxiliaryBytes }
}
