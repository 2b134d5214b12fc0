/// Results of loads: stored or remembered, and handed to those that wait.
extension Cache {
  /// Ends a load: stores the value that it has brought, or remembers its failure.
  ///
  /// - Parameters:
  ///   - load: The load.
  ///   - result: Its result.
  ///   - timeToLive: How long the entry lives; `nil` for what the cache says.
  ///   - duration: How long the load took; `nil` for one of several keys, whose call counts as one
  ///     load, so that it is not known how long one takes.
  @inlinable
  func finish(
    _ load: KeyedLoad<Key, Value>, _ result: Result<Reload<Value>, any Error>,
    timeToLive: Duration?, duration: Duration?
  ) {
    if hasChanged(load.key, since: load.hash) { drop(load) }
    switch result {
    case .success(.modified(let value)):
      store(value, load, isRenewal: false, timeToLive: timeToLive, duration: duration)
    case .success(.notModified): renew(load, timeToLive: timeToLive, duration: duration)
    case .failure(let error): fail(error, load, duration: duration)
    }
  }

  /// Returns whether the key of something under way was changed since, as that of a class can be.
  @inlinable @inline(__always)
  func hasChanged(_ key: Key, since hash: UInt32) -> Bool {
    !_isPOD(Key.self) && Key.self != String.self && (hasher.hash(key) != hash || key != key)
  }

  /// Removes a load whose key was changed meanwhile: a look-up would not find its value.
  @usableFromInline
  func drop(_ load: KeyedLoad<Key, Value>) {
    withLoading { loading, _ in loading.machine.drop(load) }
  }

  /// Stores the value that a load has brought, and answers those that wait.
  @inlinable
  func store(
    _ value: Value, _ load: KeyedLoad<Key, Value>, isRenewal: Bool, timeToLive: Duration?,
    duration: Duration?
  ) {
    var write = prepareWrite(
      of: value, forKey: load.key, hash: load.hash, timeToLive: timeToLive,
      reservedByteCount: share == nil ? 0 : takeReservation(of: load))
    if requestLog != nil {
      noteWrite(
        of: load.key, hash: load.hash, heapByteCount: write.heapByteCount, loadTime: duration)
    }
    var outcome: InsertionOutcome?
    var effects = withState { state, removedEntries in
      let loading = state.openLoading()
      if loading.pointee.machine.finish(load, after: duration, tags: write.tags) {
        if loading.pointee.failures != nil { state.clearFailure(of: load.key, hash: load.hash) }
        state.takeGrant(of: &write)
        if load.began != nil {
          write.timeToLive = state.core.timeLeft(of: write.timeToLive, since: load.began)
        }
        if isRenewal || !load.mayEvict {
          outcome = state.keep(write, load, isRenewal: isRenewal, &removedEntries)
        } else {
          outcome = state.write(write, &removedEntries)
        }
        if load.began != nil { state.core.backdate(load.key, hash: load.hash, to: load.began) }
      }
      load.outcome = .success(value)
      return loading.pointee.machine.publish(load)
    }
    if outcome == .rejected { reportRejection() }
    if write.grantedByteCount > 0 { share?.giveBack(write.grantedByteCount) }
    effects.perform(for: share)
  }

  /// Lets the value that a load has found to be right still live on.
  @usableFromInline
  func renew(_ load: KeyedLoad<Key, Value>, timeToLive: Duration?, duration: Duration?) {
    guard let value = load.oldValue else {
      let error = CacheLoadError.nothingToRenew(key: String(describing: load.key))
      return fail(error, load, duration: duration)
    }
    store(value, load, isRenewal: true, timeToLive: timeToLive, duration: duration)
  }

  /// Remembers the failure of a load, and hands it to those that wait.
  @usableFromInline
  func fail(_ error: any Error, _ load: KeyedLoad<Key, Value>, duration: Duration?) {
    if let share { share.release(takeReservation(of: load)) }
    let failed = examine(error, load)
    let room = roomForFailure(failed)
    var departed = FailureMemory<Key>.Departed()
    var forgotten: FailureMemory<Key>?
    var effects = withState { state, removedEntries in
      if room > 0 { state.core.grow(by: room) }
      let loading = state.openLoading()
      let (isCurrent, mayRemember) = loading.pointee.machine.finish(
        load, after: duration, failingWith: failed.kind)
      if isCurrent {
        if failed.kind == .notFound {
          _ = state.core.removeValue(
            forKey: load.key, hash: load.hash, removedEntries: &removedEntries)
        }
        state.core.noteFailedLoad(hash: load.hash)
      }
      if mayRemember { forgotten = remember(failed, load, &state, &removedEntries, &departed) }
      load.outcome = .failure(error)
      return loading.pointee.machine.publish(load)
    }
    withExtendedLifetime(forgotten) {}
    effects.perform(for: share)
  }

  // MARK: Freezes

  /// Returns whether a load is to be run again, because the environment may have been frozen.
  ///
  /// - Parameters:
  ///   - scope: The invocation that the load began in.
  ///   - reading: The time of an injected clock when it began.
  @usableFromInline
  func mustLoadAgain(_ scope: InvocationScope, reading: Duration?) -> Bool {
    let elapsed = reading.flatMap { reading in injectedReading.map { $0.sinceReading(reading) } }
    guard scope.mayHaveBeenFrozenSince(elapsed: elapsed), !Task.isCancelled else { return false }
    withLoading { loading, _ in loading.machine.counts.discarded += 1 }
    return true
  }

  /// The present tick, as ``tick(timeToLive:_:)`` has it.
  @usableFromInline
  func tick(timeToLive: Duration?) -> Tick? {
    guard !hasClock else { return nil }
    return withState { state, _ in tick(timeToLive: timeToLive, &state) }
  }

  // MARK: Bytes of a budget

  /// Books what a load is expected to bring.
  ///
  /// - Returns: Whether the load is still wanted.
  @usableFromInline
  func reserveBytes(for load: KeyedLoad<Key, Value>, timeToLive: Duration?) async -> Bool {
    guard await reserveForLoads(1, task: load) else {
      noteEnd(of: load)
      return false
    }
    // It may have waited for its bytes.
    if load.began != nil { load.began = tick(timeToLive: timeToLive) }
    return true
  }

  /// Takes the bytes that were booked for a load.
  @usableFromInline
  func takeReservation(of load: KeyedLoad<Key, Value>) -> Int {
    withLoading { _, _ in load.task.endLoad() }
  }

  // MARK: Failures

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

  /// The class of an error of a load.
  func errorClass(of error: any Error) -> LoadErrorClass {
    // What this cache throws by itself is not for the program to classify.
    (error as? CacheLoadError)?.loadErrorClass ?? loadPolicy.errorClass(of: error)
  }

  /// Asks the policy about an error, outside of the lock.
  private func examine(_ error: any Error, _ load: KeyedLoad<Key, Value>) -> FailedLoad {
    let policy = loadPolicy
    let kind = errorClass(of: error)
    let reading = injectedReading
    let before = withLoading { loading, _ in
      loading.failures?.failureCount(of: load.key, hash: load.hash, reading: reading) ?? 0
    }
    let delay = policy.delay(
      after: error, of: kind, failures: before + 1, chance: .random(in: 0..<1))
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
  private func roomForFailure(_ failed: FailedLoad) -> Int {
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
  private func remember(
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

/// The bytes that a value of any type owns; 256 if that cannot be known.
private func approximateHeapByteCount<Subject>(of subject: Subject) -> Int {
  HeapWalk.checkedByteCount(of: subject) ?? 256
}
