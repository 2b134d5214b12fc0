/// Running loads and storing what they bring.
extension Cache {
  /// Starts the load that a seat is the first of.
  func start(_ seat: Seat, _ request: LoadRequest<Key, Value>) {
    launch(seat.flight.task, loadCount: 1, isSurplus: seat.isAnswered) { cache in
      let (outcome, duration, began) = await cache.runUnfrozen(timeToLive: request.timeToLive) {
        try await request.load(seat.key, seat.present?.value)
      }
      cache.land(
        seat, outcome, timeToLive: request.timeToLive, duration: duration, began: began)
    }
  }

  /// Starts a task that has its bytes reserved first.
  ///
  /// - Parameters:
  ///   - task: The task.
  ///   - loadCount: How many loads it serves.
  ///   - isSurplus: Whether every look-up that it loads for has an answer already.
  ///   - body: Loads.
  func launch(
    _ task: LoadTask, loadCount: Int, isSurplus: Bool,
    _ body: @escaping @Sendable (_ cache: Cache) async -> Void
  ) {
    let isNested = LoadGraph.current != nil
    // The load that asks may hold the room that this one would wait for.
    if isNested { task.hurry() }
    let handle = LoadGraph.$current.withValue(task.id) {
      startTask(isImmediate: !isNested) {
        if await self.reserveForLoads(loadCount, task: task) { await body(self) }
        let (waiter, note) = self.withLoading { _, _ in task.ended() }
        if let note { note.scope.removeTask(note.id) }
        waiter?.resume()
      }
    }
    // Nobody can have left yet but those who came later: the caller, who counts, waits after this.
    let hasEnded = withLoading { loading, _ in
      if isSurplus { loading.counts.noteSurplus(task) }
      task.started(handle)
      return task.hasEnded
    }
    if !hasEnded, loadPolicy.finishesAbandonedLoads {
      noteForEnd(of: InvocationScope.current, task)
    }
  }

  /// Has the end of an invocation wait for a load, which all others may have left.
  private func noteForEnd(of scope: InvocationScope?, _ task: LoadTask) {
    guard let scope, let id = scope.addTask({ await self.waitForEnd(of: task) }) else { return }
    let hasEnded = withLoading { _, _ in
      if !task.hasEnded { task.endNote = (scope, id) }
      return task.hasEnded
    }
    if hasEnded { scope.removeTask(id) }
  }

  /// Waits until a task has ended or the waiting is cancelled, which waiting for its value would
  /// not notice.
  private func waitForEnd(of task: LoadTask) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        if !withLoading({ _, _ in task.awaitEnd(waiter) }) { waiter.resume() }
      }
    } onCancel: {
      withLoading { _, _ in task.stopAwaitingEnd() }?.resume()
    }
  }

  /// Starts a task that runs on the caller's thread up to its first suspension, where the system
  /// can do that.
  ///
  /// A load that does not suspend, as from a local database, is then done without waking another
  /// thread. Not so a load that another load asks for: a long chain of them would
  /// take the thread's stack.
  private func startTask(
    isImmediate: Bool, _ body: @escaping @Sendable () async -> Void
  ) -> Task<Void, Never> {
    if isImmediate, #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *) {
      return Task.immediate(operation: body)
    }
    return Task(operation: body)
  }

  /// Runs a load; again, once, if the environment may have been frozen meanwhile: what it brings
  /// may be of before, and so may be the signature or the connection that it failed with.
  ///
  /// - Parameters:
  ///   - timeToLive: How long what it brings lives; `nil` for what the cache says.
  ///   - load: The load.
  /// - Returns: What the load has come to, how long it took, and when it began.
  func runUnfrozen<Answer: Sendable>(
    timeToLive: Duration?, _ load: @Sendable () async throws -> Answer
  ) async -> (outcome: Result<Answer, any Error>, duration: Duration, began: Tick?) {
    let scope = InvocationScope.current
    let reading = injectedReading
    let began = tick(timeToLive: timeToLive)
    let (outcome, duration) = await run(load)
    let elapsed = reading.flatMap { reading in injectedReading.map { $0.sinceReading(reading) } }
    guard let scope, scope.mayHaveBeenFrozenSince(elapsed: elapsed), !Task.isCancelled else {
      return (outcome, duration, began)
    }
    withLoading { loading, _ in loading.counts.discarded += 1 }
    let beganAgain = tick(timeToLive: timeToLive)
    let second = await run(load)
    return (second.outcome, second.duration, beganAgain)
  }

  /// The present tick; `nil` if what is loaded does not expire, and for a clock that was injected:
  /// it says nothing of a process that stands still.
  private func tick(timeToLive: Duration?) -> Tick? {
    guard !hasClock else { return nil }
    return withState { state, _ in
      timeToLive != nil || entryTimeToLive != nil || state.core.lifetime != nil
        || state.core.usesTime ? state.core.time.now() : nil
    }
  }

  private func run<Answer: Sendable>(
    _ load: @Sendable () async throws -> Answer
  ) async -> (outcome: Result<Answer, any Error>, duration: Duration) {
    let start = ContinuousClock.now
    do {
      return (.success(try await load()), ContinuousClock.now - start)
    } catch {
      return (.failure(error), ContinuousClock.now - start)
    }
  }

  /// Stores what a load has brought and answers those who wait.
  ///
  /// - Parameters:
  ///   - seat: The seat that the load was started from.
  ///   - result: What the load has come to.
  ///   - timeToLive: How long the entry lives; `nil` for what the cache says.
  ///   - duration: How long the load took; `nil` for one of several keys, whose call counts as one
  ///     load, and of which nobody knows how long one takes.
  ///   - began: When the load began; `nil` if what it brings does not expire.
  func land(
    _ seat: Seat, _ result: Result<Reload<Value>, any Error>, timeToLive: Duration?,
    duration: Duration?, began: Tick?
  ) {
    // Nobody would find the value of a key that has changed.
    if hasChanged(seat.flight) { withLoading { loading, _ in _ = loading.table.end(seat.flight) } }
    let reserved = share == nil ? 0 : withLoading { _, _ in seat.flight.task.endOne() }
    let (outcome, isRenewal) = value(of: result, seat)
    switch outcome {
    case .success(let value):
      let write = prepareWrite(
        of: value, forKey: seat.key, hash: seat.hash, timeToLive: timeToLive,
        reservedByteCount: reserved)
      noteWrite(
        of: seat.key, hash: seat.hash, heapByteCount: write.heapByteCount, loadTime: duration)
      store(write, seat, isRenewal: isRenewal, duration: duration, began: began)
    case .failure(let error):
      share?.release(reserved)
      fail(error, seat, duration: duration)
    }
  }

  /// Whether the key of something under way was changed since, as that of a class can be.
  func hasChanged(_ node: KeyedNode<Key>) -> Bool {
    !_isPOD(Key.self) && Key.self != String.self
      && (hasher.hash(node.key) != node.hash || node.key != node.key)
  }

  private func value(
    of result: Result<Reload<Value>, any Error>, _ seat: Seat
  ) -> (Result<Value, any Error>, isRenewal: Bool) {
    switch result {
    case .success(.modified(let value)): return (.success(value), false)
    case .success(.notModified):
      guard let present = seat.present else {
        let key = String(describing: seat.key)
        return (.failure(CacheLoadError.nothingToRenew(key: key)), false)
      }
      return (.success(present.value), true)
    case .failure(let error): return (.failure(error), false)
    }
  }

  private func store(
    _ write: PendingWrite<Key, Value>, _ seat: Seat, isRenewal: Bool, duration: Duration?,
    began: Tick?
  ) {
    var write = write
    var outcome: InsertionOutcome?
    let waiters = withState { state, removedEntries in
      let loading = state.openLoading()
      if let duration { loading.pointee.counts.note(duration, isSuccess: true) }
      if let duration { loading.pointee.loadTimes.learn(duration, ofHash: seat.hash) }
      if loading.pointee.table.end(seat.flight, tags: write.tags) {
        if let duration { loading.pointee.counts.learn(duration) }
        loading.pointee.failures?.clearFailure(seat.key, hash: seat.hash)
        if isRenewal { loading.pointee.counts.renewals += 1 }
        state.takeGrant(of: &write)
        write.timeToLive = state.core.timeLeft(of: write.timeToLive, since: began)
        outcome = keep(write, seat, isRenewal: isRenewal, &state, &removedEntries)
        state.core.backdate(seat.key, hash: seat.hash, to: began)
      }
      return seat.flight.finish(with: .success(write.value))
    }
    if write.grantedByteCount > 0 { share?.giveBack(write.grantedByteCount) }
    if outcome == .rejected { reportRejection() }
    for waiter in waiters { waiter.resume(returning: write.value) }
  }

  /// Writes the value of a load, under the lock.
  ///
  /// - Returns: The outcome; `nil` if nothing was to be written.
  private func keep(
    _ write: PendingWrite<Key, Value>, _ seat: Seat, isRenewal: Bool,
    _ state: inout CacheState<Key, Value>, _ removedEntries: inout RemovedEntries<Key, Value>
  ) -> InsertionOutcome? {
    if isRenewal,
      state.core.renew(
        write.key, hash: write.hash, timeToLive: write.timeToLive,
        removedEntries: &removedEntries)
    {
      return nil
    }
    let task = seat.flight.task
    guard
      task.mayEvict
        || state.core.hasRoom(forKey: seat.key, hash: seat.hash, heapByteCount: write.heapByteCount)
    else {
      task.hasFoundFull = true
      return nil
    }
    return state.write(write, &removedEntries)
  }

  private func fail(_ error: any Error, _ seat: Seat, duration: Duration?) {
    let failed = examine(error, seat)
    let room = roomForFailure(failed)
    var departed = FailureMemory<Key>.Departed()
    var forgotten: FailureMemory<Key>?
    let waiters = withState { state, removedEntries in
      if room > 0 { state.core.grow(by: room) }
      let loading = state.openLoading()
      if let duration {
        loading.pointee.counts.note(duration, isSuccess: false)
        if seat.flight.interested == 0 {
          loading.pointee.loadTimes.learn(atLeast: duration, ofHash: seat.hash)
        }
      }
      seat.flight.mayServeStale = failed.kind.mayServeStale
      if loading.pointee.table.end(seat.flight) {
        if failed.kind == .notFound {
          _ = state.core.removeValue(
            forKey: seat.key, hash: seat.hash, removedEntries: &removedEntries)
        }
        state.core.noteFailedLoad(hash: seat.hash)
        if !loading.pointee.isAbsenceOutdated(failed.kind, loadNumber: seat.flight.number) {
          forgotten = remember(failed, seat, &state, &removedEntries, &departed)
        }
      }
      return seat.flight.finish(with: .failure(error))
    }
    withExtendedLifetime(forgotten) {}
    for waiter in waiters { waiter.resume(throwing: error) }
  }
}
