/// Waiting for a load, and leaving it.
extension Cache {
  /// Waits for a load; if it fails, the value that the cache has may do.
  nonisolated(nonsending) func arrive(_ seat: Seat, within limit: Duration?) async throws -> Value {
    do {
      return try await wait(seat, within: limit)
    } catch {
      guard let present = seat.present, !Task.isCancelled else { throw error }
      let reading = injectedReading
      let mayServe = withLoading { loading, core in
        // A value that was removed meanwhile must not come back.
        guard !seat.flight.isSuperseded else { return false }
        // As of now: the load may have taken longer than the value may be served.
        if let reading { core.time.note(reading) }
        let staleFor = core.staleness(of: present.freshness)
        guard mayStandIn(staleFor) else { return false }
        guard staleFor != nil else { return true }
        // Who left, left for time.
        guard seat.flight.outcome == nil || seat.flight.mayServeStale else { return false }
        loading.counts.staleHits += 1
        loading.counts.noteSurplus(seat.flight.task)
        return true
      }
      guard mayServe else { throw error }
      return present.value
    }
  }

  nonisolated(nonsending) func wait(_ seat: Seat, within limit: Duration?) async throws -> Value {
    if let outcome = withLoading({ _, _ in seat.flight.outcome }) { return try outcome.get() }
    guard let asker = LoadGraph.current else { return try await suspend(seat, within: limit) }
    guard LoadGraph.beginWait(of: asker, for: seat.flight.task.id) else {
      leave(seat, reason: CancellationError())
      throw CacheLoadError.recursiveLoad(key: String(describing: seat.key))
    }
    defer { LoadGraph.endWait(of: asker, for: seat.flight.task.id) }
    if let share, !seat.flight.task.isWantedByLoad {
      // It may wait for memory that the asker has reserved.
      seat.flight.task.noteWantedByLoad()
      share.budget.wakeWanted()
    }
    return try await suspend(seat, within: limit)
  }

  private nonisolated(nonsending) func suspend(
    _ seat: Seat, within limit: Duration?
  ) async throws -> Value {
    let timer = limit.flatMap(\.asTimeLimit).map { limit in
      Task {
        do {
          try await Task.sleep(for: limit)
        } catch {
          return  // Whoever waited has an answer.
        }
        leave(
          seat, reason: CacheLoadError.timedOut(key: String(describing: seat.key), limit: limit))
      }
    }
    defer { timer?.cancel() }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome = withLoading { _, _ in
          seat.flight.wait(ticket: seat.ticket, continuation: continuation)
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      leave(seat, reason: CancellationError())
    }
  }

  /// Withdraws one who waits.
  ///
  /// A load that nobody waits for any more is cancelled, and its key is free
  /// to load again; or it goes on, as ``LoadPolicy/whenAbandoned`` says.
  private func leave(_ seat: Seat, reason: any Error) {
    let isCancelled = loadPolicy.whenAbandoned == .cancel
    let (waiter, abandoned) = withLoading { loading, _ in
      let flight = seat.flight
      let (waiter, hasLeft) = flight.leave(ticket: seat.ticket, reason: reason)
      guard isCancelled, hasLeft, flight.interested == 0 else {
        return (waiter, (task: Task<Void, Never>?.none, reserved: 0))
      }
      _ = loading.table.end(flight, key: seat.key, hash: seat.hash)
      return (waiter, flight.task.abandonOne())
    }
    abandoned.task?.cancel()
    if abandoned.reserved > 0 { share?.release(abandoned.reserved) }
    waiter?.resume(throwing: reason)
  }

  /// Removes all keys that fulfil a condition, with all that is kept of them: values fresh and stale,
  /// loads under way, and what is remembered of failures.
  ///
  /// - Parameter isMeant: Looks at a key, outside of the lock.
  /// - Complexity: O(*n*) in the number of entries.
  package func removeAll(whereKey isMeant: (Key) -> Bool) {
    let (keys, table, failed) = withLoading { loading, core in
      (core.ringEntries.map(\.key), loading.table, loading.failures?.keys ?? [])
    }
    for name in table.flights.keys where isMeant(name.key) { removeValue(forKey: name.key) }
    for name in table.promises.keys where isMeant(name.key) { removeValue(forKey: name.key) }
    for key in failed where isMeant(key) { removeValue(forKey: key) }
    for key in keys where isMeant(key) { removeValue(forKey: key) }
  }

  /// How many loads are under way that nothing has superseded.
  package var loadsUnderWay: Int { withLoading { loading, _ in loading.table.flights.count } }

  /// Works on what read-through keeps, under the lock.
  func withLoading<Result>(
    _ body: (inout LoadState<Key, Value>, inout CacheCore<Key, Value>) -> Result
  ) -> Result {
    enter()
    defer { leave() }
    return body(&state.pointee.openLoading().pointee, &state.pointee.core)
  }
}
