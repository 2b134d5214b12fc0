/// Waiting for a load, and leaving it.
extension Cache {
  /// How long a caller waits, and until when: one instant for all the loads that it waits for.
  struct WaitLimit {
    let duration: Duration
    let end: ContinuousClock.Instant

    /// `nil` for a time that is longer than anybody lives to see.
    init?(_ duration: Duration?) {
      guard let duration, let limit = duration.asTimeLimit else { return nil }
      self.duration = duration
      end = .now + limit
    }
  }

  /// Waits for a load; if it fails, the value that the cache has may do.
  nonisolated(nonsending) func arrive(_ seat: Seat, within limit: WaitLimit?) async throws -> Value
  {
    do {
      return try await wait(seat, within: limit)
    } catch {
      guard let present = seat.present, !Task.isCancelled, mayServePresent(of: seat) else {
        throw error
      }
      return present.value
    }
  }

  /// Whether the value that the cache had may be served in the place of what a load brings.
  ///
  /// As of now: the load may have taken longer than the value may be served.
  private func mayServePresent(of seat: Seat, isCounted: Bool = true) -> Bool {
    guard let present = seat.present else { return false }
    let reading = injectedReading
    return withLoading { loading, core in
      // A value that was removed meanwhile must not come back.
      guard !seat.flight.isSuperseded else { return false }
      if let reading { core.time.note(reading) }
      let staleFor = core.staleness(of: present.freshness)
      guard mayStandIn(staleFor) else { return false }
      guard staleFor != nil else { return true }
      // Who left, left for time.
      guard seat.flight.outcome == nil || seat.flight.mayServeStale else { return false }
      if isCounted {
        loading.counts.staleHits += 1
        loading.counts.noteSurplus(seat.flight.task)
      }
      return true
    }
  }

  nonisolated(nonsending) func wait(_ seat: Seat, within limit: WaitLimit?) async throws -> Value {
    if let outcome = withLoading({ _, _ in seat.flight.outcome }) { return try outcome.get() }
    guard let asker = LoadGraph.current else { return try await suspend(seat, within: limit) }
    guard LoadGraph.beginWait(of: asker, for: seat.flight.task.id) else {
      leave(seat)
      throw CacheLoadError.recursiveLoad(key: String(describing: seat.key))
    }
    defer { LoadGraph.endWait(of: asker, for: seat.flight.task.id) }
    // It may wait for memory that the asker has reserved.
    if let share, !seat.flight.task.mustGoOn { share.budget.hurry(seat.flight.task) }
    return try await suspend(seat, within: limit)
  }

  private nonisolated(nonsending) func suspend(
    _ seat: Seat, within limit: WaitLimit?
  ) async throws -> Value {
    let waiter = LoadWaiter<Value>()
    let timer = limit.map { limit in
      DeadlineTimer.schedule(at: limit.end) {
        self.leave(
          seat, waiter,
          reason: CacheLoadError.timedOut(
            key: String(describing: seat.key), limit: limit.duration))
      }
    }
    let scopeTimer = seat.present == nil ? nil : endOfInvocation(for: seat, waiter)
    defer {
      timer?.cancel()
      scopeTimer?.cancel()
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome = withLoading { _, _ in
          seat.flight.wait(waiter, continuation)
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      leave(seat, waiter, reason: CancellationError())
    }
  }

  /// Leaves a load when its caller's invocation is about to end, if there is a value that may be
  /// served then; without one the load is worth the last moment.
  private func endOfInvocation(
    for seat: Seat, _ waiter: LoadWaiter<Value>
  ) -> DeadlineTimer? {
    guard let deadline = InvocationScope.current?.deadline else { return nil }
    return DeadlineTimer.schedule(at: deadline - InvocationScope.margin) {
      guard self.mayServePresent(of: seat, isCounted: false) else { return }
      self.leave(
        seat, waiter, reason: CacheLoadError.lateLoad(ofKey: seat.key, expected: .zero))
    }
  }

  /// Leaves a load that its caller does not wait for.
  func leave(_ seat: Seat) {
    let abandoned = withLoading { loading, _ in
      seat.flight.leave() ? abandon(seat.flight, &loading) : Abandoned()
    }
    end(abandoned)
  }

  /// Withdraws one who waits, or is about to.
  ///
  /// - Parameters:
  ///   - seat: The seat.
  ///   - waiter: Who waits there.
  ///   - reason: What it is told.
  private func leave(_ seat: Seat, _ waiter: LoadWaiter<Value>, reason: any Error) {
    let (continuation, abandoned) = withLoading { loading, _ in
      let (continuation, hasLeft) = seat.flight.leave(waiter, reason: reason)
      return (continuation, hasLeft ? abandon(seat.flight, &loading) : Abandoned())
    }
    end(abandoned)
    continuation?.resume(throwing: reason)
  }

  /// A load that nobody waits for any more: the task to cancel and the bytes to give back.
  private typealias Abandoned = LoadTask.Abandoned

  /// Gives a load up if nobody waits for it any more, unless ``LoadPolicy/finishesAbandonedLoads``
  /// says otherwise.
  ///
  /// Its key is free to load again then.
  private func abandon(
    _ flight: InFlightLoad<Key, Value>, _ loading: inout LoadState<Key, Value>
  ) -> Abandoned {
    guard !loadPolicy.finishesAbandonedLoads, flight.interested == 0 else { return Abandoned() }
    _ = loading.table.end(flight)
    return flight.task.abandonOne()
  }

  private func end(_ abandoned: Abandoned) {
    abandoned.task?.cancel()
    if abandoned.reserved > 0 { share?.release(abandoned.reserved) }
  }

  /// Removes all keys that fulfil a condition, with all that is kept of them: values fresh and
  /// stale, loads under way, and what is remembered of failures.
  ///
  /// - Parameter isMeant: Looks at a key, outside of the lock.
  /// - Complexity: O(*n*) in the number of entries.
  package func removeAll(whereKey isMeant: (Key) -> Bool) {
    let (keys, flights, promises, failed) = withLoading { loading, core in
      (
        core.ringEntries.map(\.key), loading.table.flights.nodes, loading.table.promises.nodes,
        loading.failures?.keys ?? []
      )
    }
    removeUnfindable { key, _ in isMeant(key) }
    for flight in flights where isMeant(flight.key) { removeValue(forKey: flight.key) }
    for promise in promises where isMeant(promise.key) { removeValue(forKey: promise.key) }
    for key in failed where isMeant(key) { removeValue(forKey: key) }
    for key in keys where isMeant(key) { removeValue(forKey: key) }
  }

  /// How many loads are under way that nothing has superseded.
  package var loadsUnderWay: Int { withLoading { loading, _ in loading.table.flights.count } }

  /// How many refreshes are promised.
  package var promiseCount: Int { withLoading { loading, _ in loading.table.promises.count } }

  /// How many keys have values in use that may turn out to be invalid.
  package var usedKeyCount: Int { withLoading { loading, _ in loading.table.uses.count } }

  /// Works on what read-through keeps, under the lock.
  func withLoading<Result>(
    _ body: (inout LoadState<Key, Value>, inout CacheCore<Key, Value>) -> Result
  ) -> Result {
    withStateKeepingEntries { state in body(&state.openLoading().pointee, &state.core) }
  }
}
