/// Loads: begun by a look-up, run in tasks, and ended by what they bring.
extension Cache {
  // MARK: Looking up

  /// Looks a key up and decides what is to be done.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - hash: Its hash.
  ///   - time: The time that the caller has.
  ///   - mayCount: Whether this is the caller's look-up, and not the second after a miss.
  ///   - timeToLive: How long a loaded entry lives; `nil` for the cache's own time to live.
  ///   - sharedTask: The task that a load would be part of; `nil` for one of its own.
  /// - Returns: What is to be done, and the value that was found, fresh or not.
  @inlinable
  func decide(
    _ key: Key, hash: UInt32, _ time: CallerTime, mayCount: Bool, timeToLive: Duration?,
    sharedTask: LoadTask? = nil
  ) -> (outcome: LookUpOutcome, value: Value?) {
    let reading = injectedReading
    var dropped: [PendingRefresh] = []
    defer { withExtendedLifetime(dropped) {} }
    var value: Value?
    let outcome = withState { state, removedEntries -> LookUpOutcome in
      let loading = state.openLoading()
      dropped = loading.pointee.machine.takeDroppedRefreshes()
      var found: FoundValue?
      if mayCount || state.core.find(key, hash: hash) != 0 {
        (value, found) = find(key, hash: hash, mayCount: mayCount, &state, &removedEntries)
      }
      let failure =
        loading.pointee.failures == nil || found?.isSettled == true
        ? nil : state.activeFailure(of: key, hash: hash, reading: reading)
      return withUnsafePointer(to: key) { address in
        let lookUp = LoadLookUp(
          key: address, hash: hash, isFindable: key == key, found: found, windows: staleWindows,
          time: time)
        let decision = loading.pointee.machine.decide(lookUp, failure: failure) { runner in
          makeRefresh(of: key, hash: hash, runner: runner)
        }
        switch decision {
        case .value: return .value
        case .staleThenRefresh(let refresh): return .staleThenRefresh(refresh)
        case .fail(let error): return .fail(error)
        case .notEnoughTime(let expected): return .notEnoughTime(expected: expected)
        case .join(let load):
          return .load(
            JoinedLoad(unsafeDowncast(load, to: KeyedLoad<Key, Value>.self), found: found))
        case .begin:
          let isAnswered = found.map { $0.staleFor == nil } ?? false
          let load = KeyedLoad<Key, Value>(
            key: key, hash: hash, oldValue: value,
            began: sharedTask == nil ? tick(timeToLive: timeToLive, &state) : nil,
            sharedTask: sharedTask)
          loading.pointee.machine.begin(load, lookUp, isAnswered: isAnswered)
          return .load(JoinedLoad(load, isFirst: true, isAnswered: isAnswered, found: found))
        }
      }
    }
    if mayCount { noteLookUp(of: key, outcome.isAnswered ? value : nil) }
    return (outcome, value)
  }

  /// The value of a key, fresh or not, and how fresh it is.
  @usableFromInline
  func find(
    _ key: Key, hash: UInt32, mayCount: Bool, _ state: inout CacheState<Key, Value>,
    _ removedEntries: inout RemovedEntries<Key, Value>
  ) -> (value: Value?, found: FoundValue?) {
    guard mayCount else {
      // Another caller has set it since this one found nothing.
      let slot = state.core.peek(key, hash: hash, reading: nil).freshSlot
      guard slot != 0 else { return (nil, nil) }
      return (
        state.core.entries[Int(slot)].value,
        FoundValue(freshness: state.core.freshness(of: slot))
      )
    }
    let found = state.core.access(key, hash: hash, removedEntries: &removedEntries)
    guard found.slot != 0 else { return (nil, nil) }
    var isDue = false
    if found.freshSlot != 0, earlyRefresh > 0,
      let recent = state.openLoading().pointee.machine.counts.recentMilliseconds,
      let ticks = state.core.freshTicks(of: found.slot)
    {
      isDue = EarlyRefresh.isDue(
        freshTicks: ticks, loadMilliseconds: recent, eagerness: earlyRefresh,
        chance: .random(in: Double.leastNonzeroMagnitude...1))
    }
    return (
      state.core.entries[Int(found.slot)].value,
      FoundValue(
        staleFor: found.staleFor, freshness: state.core.freshness(of: found.slot), isDue: isDue)
    )
  }

  /// The present tick; `nil` if what is loaded does not expire, and for a clock that was injected:
  /// it says nothing of a process that stands still.
  @inlinable
  func tick(timeToLive: Duration?, _ state: inout CacheState<Key, Value>) -> Tick? {
    guard !hasClock else { return nil }
    guard
      timeToLive != nil || entryTimeToLive != nil || state.core.lifetime != nil
        || state.core.usesTime
    else { return nil }
    return state.core.time.now()
  }

  /// The present tick, as ``tick(timeToLive:_:)`` has it.
  @usableFromInline
  func tick(timeToLive: Duration?) -> Tick? {
    guard !hasClock else { return nil }
    return withState { state, _ in tick(timeToLive: timeToLive, &state) }
  }

  // MARK: Running

  /// Starts a load of its own task.
  ///
  /// The task runs on the caller's thread up to its first suspension, where the system can do that:
  /// a load that does not suspend, as from a local database, is then done without waking another
  /// thread.
  @inlinable
  func start(_ load: KeyedLoad<Key, Value>, _ request: LoadRequest<Key, Value>) {
    let handle: LoadTask.Handle
    if load.prepareStart(),
      #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *)
    {
      handle = Task.immediate { try await self.perform(load, request) }
    } else {
      handle = Task { try await self.perform(load, request) }
    }
    // The task of a load with a result has ended as well.
    if !load.hasResult { noteStart(of: load, handle) }
  }

  /// Runs a load; again, once, if the environment may have been frozen meanwhile: what it brings
  /// may be of before, and so may be the signature or the connection that it failed with.
  @inlinable @inline(never)
  nonisolated(nonsending) func perform(
    _ load: KeyedLoad<Key, Value>, _ request: LoadRequest<Key, Value>
  ) async throws {
    if share != nil, await !reserveBytes(for: load, timeToLive: request.timeToLive) { return }
    let scope = InvocationScope.current
    let reading = injectedReading
    var (result, duration) = await timed(load) {
      try await request.load(load.key, replacing: load.oldValue)
    }
    if let scope, mustLoadAgain(scope, reading: reading) {
      load.began = tick(timeToLive: request.timeToLive)
      (result, duration) = await timed(load) {
        try await request.load(load.key, replacing: load.oldValue)
      }
    }
    end(load, request, result, duration)
  }

  /// Takes a load's note and ends it; not inlined, so that the task's frame stays small.
  @inlinable @inline(never)
  func end(
    _ load: KeyedLoad<Key, Value>, _ request: LoadRequest<Key, Value>,
    _ result: Result<Reload<Value>, any Error>, _ duration: Duration
  ) {
    if let notes = request.notes { load.note = notes[load.key] }
    finish(load, result, timeToLive: request.timeToLive, duration: duration)
  }

  /// Runs a closure that loads, inside of which its task is the present one, and measures how long
  /// it takes.
  @inlinable
  nonisolated(nonsending) func timed<Answer>(
    _ task: LoadTask, _ body: nonisolated(nonsending) () async throws -> Answer
  ) async -> (result: Result<Answer, any Error>, duration: Duration) {
    let start = ContinuousClock.now
    do {
      let answer = try await LoadGraph.currentLoads.withValue(task.id) { try await body() }
      return (.success(answer), ContinuousClock.now - start)
    } catch {
      return (.failure(error), ContinuousClock.now - start)
    }
  }

  // MARK: Results

  /// Ends a load: stores the value that it has brought, or remembers its failure.
  ///
  /// - Parameters:
  ///   - load: The load.
  ///   - result: Its result.
  ///   - timeToLive: How long the entry lives; `nil` for what the cache says.
  ///   - duration: How long it took; `nil` for one of several keys in a call: that is not known.
  @inlinable
  func finish(
    _ load: KeyedLoad<Key, Value>, _ result: Result<Reload<Value>, any Error>,
    timeToLive: Duration?, duration: Duration?
  ) {
    if hasChanged(load.key, since: load.hash) { drop(load) }
    if load.note?.isKept == false { drop(load) }
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
    if let note = load.note { apply(note, to: &write) }
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
        if state.core.keepsLoadTimes { state.core.expectLoadTime(duration) }
        outcome =
          isRenewal || !load.mayEvict
          ? state.keep(write, load, isRenewal: isRenewal, &removedEntries)
          : state.write(write, &removedEntries)
        if state.core.keepsLoadTimes { state.core.expectLoadTime(nil) }
        if load.began != nil { state.core.backdate(load.key, hash: load.hash, to: load.began) }
      }
      load.value = .some(value)
      return load.publishResult()
    }
    if outcome == .rejected {
      reportRejection()
    } else if outcome != nil, let note = load.note {
      note.afterStore?()
    }
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
      load.error = error
      return load.publishResult()
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
}
