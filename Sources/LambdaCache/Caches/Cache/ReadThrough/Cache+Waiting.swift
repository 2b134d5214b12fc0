/// Waiting for a load, and no longer waiting for it.
extension Cache {
  /// Waits for a load, and says whether a write or a removal of the key has overtaken it.
  @usableFromInline
  nonisolated(nonsending) func awaitedValue(
    of joined: JoinedLoad, orElse found: Value?, within timeLimit: Duration?
  ) async throws -> (value: Value, isOvertaken: Bool) {
    let value = try await awaitResult(of: joined, orElse: found, within: WaitLimit(timeLimit))
    return (value, withLoading { _, _ in joined.load.isSuperseded })
  }

  /// Waits for a load; if it fails, the value that the cache has may do.
  @usableFromInline
  nonisolated(nonsending) func awaitResult(
    of joined: JoinedLoad, orElse found: Value?, within limit: WaitLimit?
  ) async throws -> Value {
    do {
      return try await wait(for: joined, within: limit)
    } catch {
      guard let value = found, !Task.isCancelled, mayServeValue(of: joined) else {
        throw error
      }
      return value
    }
  }

  /// Returns whether the value that the cache had may be served in the place of what a load brings.
  ///
  /// As of now: the load may have taken longer than the value may be served.
  private func mayServeValue(of joined: JoinedLoad, isCounted: Bool = true) -> Bool {
    guard let found = joined.found else { return false }
    let (reading, windows) = (injectedReading, staleWindows)
    return withLoading { loading, core in
      if let reading { core.time.note(reading) }
      return loading.machine.mayServe(
        valueStaleFor: core.staleness(of: found.freshness), inPlaceOf: joined.load, windows,
        isCounted: isCounted)
    }
  }

  private nonisolated(nonsending) func wait(
    for joined: JoinedLoad, within limit: WaitLimit?
  ) async throws -> Value {
    let load = joined.load
    if load.hasResult { return try result(of: load) }
    guard let waiting = LoadGraph.current else { return try await suspend(joined, within: limit) }
    guard LoadGraph.beginWait(of: waiting, for: load.task.id) else {
      let error = CacheLoadError.recursiveLoad(key: String(describing: load.key))
      cancelWaiting(for: load, nil, reason: error)
      throw error
    }
    defer { LoadGraph.endWait(of: waiting, for: load.task.id) }
    // It may wait for memory that the waiting load has reserved.
    if let share, !load.task.mustGoOn { share.budget.hurry(load.task) }
    return try await suspend(joined, within: limit)
  }

  private func result(of load: KeyedLoad<Key, Value>) throws -> Value {
    if let error = load.error { throw error }
    guard let value = load.value else {
      preconditionFailure("a load has published a result that it does not have")
    }
    return value
  }

  private nonisolated(nonsending) func suspend(
    _ joined: JoinedLoad, within limit: WaitLimit?
  ) async throws -> Value {
    let (load, waiter) = (joined.load, LoadWaiter())
    let timer = limit.map { limit in
      DeadlineTimer.schedule(at: limit.end) {
        self.cancelWaiting(
          for: load, waiter,
          reason: CacheLoadError.timedOut(
            key: String(describing: load.key), limit: limit.duration))
      }
    }
    let scopeTimer = joined.found == nil ? nil : endOfInvocation(for: joined, waiter)
    defer {
      timer?.cancel()
      scopeTimer?.cancel()
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if !withLoading({ _, _ in load.wait(waiter, continuation) }) { continuation.resume() }
      }
    } onCancel: {
      cancelWaiting(for: load, waiter, reason: CancellationError())
    }
    if let reason = waiter.reason { throw reason }
    return try result(of: load)
  }

  /// Cancels the waiting for a load when its caller's invocation is about to end, if there is a
  /// value that may be served then; without one the load is worth the last moment.
  private func endOfInvocation(for joined: JoinedLoad, _ waiter: LoadWaiter) -> DeadlineTimer? {
    guard let deadline = InvocationScope.current?.deadline else { return nil }
    return DeadlineTimer.schedule(at: deadline - InvocationScope.margin) {
      guard self.mayServeValue(of: joined, isCounted: false) else { return }
      let error = CacheLoadError.lateLoad(ofKey: joined.load.key, expected: .zero)
      self.cancelWaiting(for: joined.load, waiter, reason: error)
    }
  }

  /// Cancels the waiting of a caller, or of one that is about to wait.
  ///
  /// - Parameters:
  ///   - load: The load.
  ///   - waiter: The waiter; `nil` for a caller that does not wait at all.
  ///   - reason: The error that the caller throws.
  @usableFromInline
  func cancelWaiting(
    for load: KeyedLoad<Key, Value>, _ waiter: LoadWaiter?, reason: any Error
  ) {
    let finishesAbandoned = loadPolicy.finishesAbandonedLoads
    var effects = withLoading { loading, _ in
      loading.machine.cancelWaiting(
        for: load, waiter, reason: reason, finishesAbandoned: finishesAbandoned)
    }
    effects.perform(for: share)
  }

  // MARK: Tasks, and the ends of invocations

  /// Notes that the task of a load, or of several, has been started and not ended at once.
  @usableFromInline
  func noteStart(of task: LoadTask, _ handle: LoadTask.Handle) {
    let hasEnded = withLoading { _, _ in
      task.noteStart(handle)
      return task.hasEnded
    }
    if !hasEnded, loadPolicy.finishesAbandonedLoads {
      noteForEnd(of: InvocationScope.current, task)
    }
  }

  /// Notes that a task has ended whose loads have not ended it.
  @usableFromInline
  func noteEnd(of task: LoadTask) {
    var effects = withLoading { _, _ in
      var effects = LoadEffects()
      effects.end(task)
      return effects
    }
    effects.perform(for: share)
  }

  /// Has the end of an invocation wait for a load, which all callers may have left by then.
  private func noteForEnd(of scope: InvocationScope?, _ task: LoadTask) {
    guard let scope, let id = scope.addTask({ await self.waitForEnd(of: task) }) else { return }
    let isNoted = withLoading { _, _ in task.setEndNote((scope, id)) }
    if !isNoted { scope.removeTask(id) }
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

  // MARK: Refreshes after the response

  /// A refresh of a key, for the invocation that is to run it.
  @usableFromInline
  func makeRefresh(
    of key: Key, hash: UInt32, runner: InvocationScope.Liveness?
  ) -> PendingRefresh {
    KeyedRefresh(key: key, hash: hash, runner: runner)
  }

  /// A load of a key, which is begun whatever the cache has.
  func joinRefresh(
    of key: Key, hash: UInt32, _ time: CallerTime, timeToLive: Duration?
  ) -> JoinedLoad {
    withState { state, _ in
      let loading = state.openLoading()
      let now = state.core.presentTick()
      let entry = state.core.peek(key, hash: hash, now: now)
      let value = entry.slot == 0 ? nil : state.core.entries[Int(entry.slot)].value
      let found =
        entry.slot == 0
        ? nil
        : FoundValue(
          staleFor: entry.staleFor, freshness: state.core.freshness(of: entry.slot))
      return withUnsafePointer(to: key) { address in
        let lookUp = LoadLookUp(
          key: address, hash: hash, isFindable: key == key, found: found, windows: staleWindows,
          time: time)
        if let load = loading.pointee.machine.currentLoad(of: lookUp) {
          load.join()
          return JoinedLoad(unsafeDowncast(load, to: KeyedLoad<Key, Value>.self))
        }
        let load = KeyedLoad<Key, Value>(
          key: key, hash: hash, oldValue: value, began: tick(timeToLive: timeToLive, &state))
        loading.pointee.machine.begin(load, lookUp, isAnswered: true)
        return JoinedLoad(load, isFirst: true, isAnswered: true)
      }
    }
  }

  /// Leaves the refresh of keys that were asked for together to the end of their invocation.
  ///
  /// - Parameters:
  ///   - refreshes: The refreshes.
  ///   - scope: The invocation.
  ///   - sharesTask: Whether all are loaded in one task.
  ///   - start: Starts the loads of those that are still wanted.
  @usableFromInline
  func leaveRefresh(
    of refreshes: [PendingRefresh], to scope: InvocationScope?, sharesTask: Bool,
    start: @escaping @Sendable ([JoinedLoad], LoadTask?) -> Void
  ) {
    guard !refreshes.isEmpty else { return }
    let isLeft = scope?.afterResponse {
      await self.refresh(refreshes, sharesTask ? LoadTask(loadCount: 0) : nil, start)
    }
    if isLeft != true { passOn(refreshes) }
  }

  /// Leaves refreshes to the next look-ups of their keys.
  private func passOn(_ refreshes: [PendingRefresh]) {
    withLoading { _, _ in for refresh in refreshes { refresh.runner = nil } }
  }

  /// Loads keys again, but for those that have been loaded meanwhile.
  private func refresh(
    _ refreshes: [PendingRefresh], _ task: LoadTask?,
    _ start: @Sendable ([JoinedLoad], LoadTask?) -> Void
  ) async {
    // The time may be over before a task gets to run.
    guard !Task.isCancelled else { return passOn(refreshes) }
    let changed = refreshes.filter { hasChanged(key(of: $0), since: $0.hash) }
    let loads = claimRefreshes(refreshes, except: changed, task)
    guard !loads.isEmpty else { return }
    start(loads, task)
    for var joined in loads {
      // No caller is to be served the old value, and the end of the invocation ends the waiting.
      joined.found = nil
      do {
        _ = try await wait(for: joined, within: nil)
      } catch {
        // No caller waits for it: a failure is counted, and remembered as the policy says.
      }
    }
  }

  func key(of refresh: PendingRefresh) -> Key {
    unsafeDowncast(refresh, to: KeyedRefresh<Key>.self).key
  }

  /// Begins the loads of refreshes that are still wanted.
  ///
  /// - Parameter changed: Refreshes whose keys were changed since, and are others' now.
  private func claimRefreshes(
    _ refreshes: [PendingRefresh], except changed: [PendingRefresh], _ task: LoadTask?
  ) -> [JoinedLoad] {
    let timeLeft = InvocationScope.current?.timeForTasks
    let (reading, time, windows) = (injectedReading, CallerTime(remaining: nil), staleWindows)
    return withState { state, _ in
      let loading = state.openLoading()
      for refresh in changed { loading.pointee.machine.drop(refresh) }
      let failures = loading.pointee.failures
      let wanted = loading.pointee.machine.claim(refreshes, timeLeft: timeLeft) { refresh in
        failures?.active(self.key(of: refresh), hash: refresh.hash, reading: reading) != nil
      }
      let now = state.core.time.now()
      return wanted.map { refresh in
        let (key, hash) = (self.key(of: refresh), refresh.hash)
        let slot = state.core.peek(key, hash: hash, now: now).slot
        let found =
          slot == 0
          ? nil : FoundValue(staleFor: .zero, freshness: state.core.freshness(of: slot))
        let load = KeyedLoad<Key, Value>(
          key: key, hash: hash, oldValue: slot == 0 ? nil : state.core.entries[Int(slot)].value,
          began: tick(timeToLive: nil, &state), sharedTask: task)
        withUnsafePointer(to: key) { address in
          let lookUp = LoadLookUp(
            key: address, hash: hash, isFindable: key == key, found: found, windows: windows,
            time: time)
          loading.pointee.machine.begin(load, lookUp, isAnswered: true)
        }
        return JoinedLoad(load, isFirst: true, isAnswered: true, found: found)
      }
    }
  }
}

extension Cache {
  /// How many loads are under way that nothing has superseded.
  package var loadsUnderWay: Int { withLoading { loading, _ in loading.machine.loads.count } }

  /// How many refreshes are pending.
  package var pendingRefreshCount: Int {
    withLoading { loading, _ in loading.machine.refreshes.count }
  }

  /// How many keys have values in use that may turn out to be invalid.
  package var usedKeyCount: Int { withLoading { loading, _ in loading.uses.count } }

  /// Works on what read-through keeps, under the lock.
  func withLoading<Result>(
    _ body: (inout LoadState<Key>, inout CacheCore<Key, Value>) -> Result
  ) -> Result {
    withStateKeepingEntries { state in body(&state.openLoading().pointee, &state.core) }
  }
}
