/// Loads that have failed: what is remembered of them, and for how long.
extension Cache {
  /// A load that has failed, and for how long that is worth remembering.
  struct FailedLoad {
    let error: any Error
    let kind: LoadErrorClass
    /// How many loads of the key have failed in a row, this one included.
    let count: Int
    /// Not positive for one that is not to be remembered.
    let delay: Duration
    /// The bytes that the key and the error own; 0 for one that is not to be remembered.
    let heapByteCount: Int
    /// The time of an injected clock.
    let reading: Duration?
  }

  /// The class of an error of a load; asks the program, and so without the lock.
  package func errorClass(of error: any Error) -> LoadErrorClass {
    // The cache's own errors are not for the program to classify.
    (error as? CacheLoadError)?.loadErrorClass ?? loadPolicy.errorClass(of: error)
  }

  /// Asks the policy about an error, outside of the lock.
  func examine(_ error: any Error, _ load: KeyedLoad<Key, Value>) -> FailedLoad {
    let policy = loadPolicy
    let kind = errorClass(of: error)
    let reading = injectedReading
    let before = withLoading { loading, _ in
      loading.failures?.failureCount(of: load.key, hash: load.hash, reading: reading) ?? 0
    }
    var delay = policy.delay(
      after: error, of: kind, failures: before + 1, chance: .random(in: 0..<1))
    if let longest = load.note?.longestLife { delay = min(delay, longest) }
    let bytes =
      delay > .zero
      ? approximateHeapByteCount(of: load.key) + approximateHeapByteCount(of: error) : 0
    return FailedLoad(
      error: error, kind: kind, count: before + 1, delay: delay, heapByteCount: bytes,
      reading: reading)
  }

  /// Asks the budget for what a failure takes.
  ///
  /// - Returns: Bytes that are booked for the cache.
  func roomForFailure(_ failed: FailedLoad) -> Int {
    guard let share, failed.delay > .zero else { return 0 }
    let lacking = readState { state in
      failed.heapByteCount + 1024 - (state.core.limits.byteLimit - state.core.byteCount)
    }
    return lacking > 0 ? share.acquire(wanted: lacking, required: 0) : 0
  }

  /// Remembers a failure, under the lock; entries may have to go for it.
  ///
  /// - Parameters:
  ///   - departed: Takes failures that have to be forgotten for it.
  /// - Returns: Everything that was remembered, if there is no room for it any more, to be
  ///   destroyed outside of the lock.
  func remember(
    _ failed: FailedLoad, _ load: KeyedLoad<Key, Value>, _ state: inout CacheState<Key, Value>,
    _ removedEntries: inout RemovedEntries<Key, Value>,
    _ departed: inout FailureMemory<Key>.Departed
  ) -> FailureMemory<Key>? {
    guard failed.delay > .zero else { return nil }
    let loading = state.openLoading()
    let memory =
      loading.pointee.failures
      ?? FailureMemory(
        byteLimit: failureByteLimit(ofCacheWith: state), injectedOrigin: failed.reading)
    loading.pointee.failures = memory
    memory.remember(
      failed.error, kind: failed.kind, count: failed.count, delay: failed.delay,
      forKey: load.key, hash: load.hash, heapByteCount: failed.heapByteCount,
      reading: failed.reading, departed: &departed)
    return state.chargeAuxiliaryBytes(&removedEntries)
      ? nil : state.forgetFailures(&removedEntries)
  }

  private func failureByteLimit(ofCacheWith state: borrowing CacheState<Key, Value>) -> Int {
    let whole =
      share?.budget.terms.byteLimit
      ?? state.core.limits.byteLimit + state.chargedAuxiliaryBytes
    return min(loadPolicy.failureByteLimit, whole / 8)
  }
}

/// The bytes that a value of any type owns; 256 if that cannot be known.
private func approximateHeapByteCount<Subject>(of subject: Subject) -> Int {
  HeapWalk.checkedByteCount(of: subject) ?? 256
}
