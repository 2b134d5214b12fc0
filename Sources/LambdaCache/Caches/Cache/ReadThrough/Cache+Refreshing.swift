/// Loading values anew that were served although they had expired.
extension Cache {
  /// Leaves the refresh of keys that were asked for together to the end of their invocation.
  ///
  /// - Parameters:
  ///   - promises: The refreshes.
  ///   - scope: The invocation.
  ///   - load: Starts the loads of those that are still wanted, all in one task.
  func leaveRefresh(
    of promises: [RefreshPromise<Key>], to scope: InvocationScope?,
    load: @escaping @Sendable ([Seat], LoadTask) -> Void
  ) {
    guard !promises.isEmpty else { return }
    let isLeft = scope?.afterResponse { await self.refresh(promises, load) }
    if isLeft != true { passOn(promises) }
  }

  /// Leaves refreshes to the next who ask for the keys.
  private func passOn(_ promises: [RefreshPromise<Key>]) {
    withLoading { _, _ in for promise in promises { promise.keeper = nil } }
  }

  /// Loads keys anew, but for those of which it was done meanwhile.
  private func refresh(
    _ promises: [RefreshPromise<Key>], _ load: @Sendable ([Seat], LoadTask) -> Void
  ) async {
    // The time may be over before a task gets to run.
    guard !Task.isCancelled else { return passOn(promises) }
    let task = LoadTask(loadCount: 0)
    let changed = promises.filter(hasChanged)
    let seats = claimRefreshes(promises, except: changed, task: task)
    guard !seats.isEmpty else { return }
    load(seats, task)
    for var seat in seats {
      // Nobody is to be served it, and the end of the invocation ends the waiting.
      seat.present = nil
      do {
        _ = try await wait(seat, within: nil)
      } catch {
        // Nobody waits for it: a failure is counted, and remembered as the policy says.
      }
    }
  }

  /// Opens the flights of refreshes that are still wanted, all of them or none: whether there is
  /// time is decided once for the call that loads them.
  ///
  /// - Parameter changed: Promises whose keys are others' now.
  private func claimRefreshes(
    _ promises: [RefreshPromise<Key>], except changed: [RefreshPromise<Key>], task: LoadTask
  ) -> [Seat] {
    let timeLeft = InvocationScope.current?.timeForTasks
    let reading = injectedReading
    return withState { state, _ in
      let loading = state.openLoading()
      for promise in changed { loading.pointee.table.drop(promise) }
      let wanted = promises.filter { promise in
        guard promise.isInTable else { return false }
        return loading.pointee.failures?.active(
          promise.key, hash: promise.hash, reading: reading) == nil
      }
      // What is not begun here is left to the next who ask.
      for promise in promises { promise.keeper = nil }
      if let timeLeft,
        loading.pointee.loadTimes.isTooLittle(timeLeft, ofHashes: wanted.lazy.map(\.hash))
      {
        return []
      }
      let now = state.core.time.now()
      return wanted.map { promise in
        let slot = state.core.peek(promise.key, hash: promise.hash, now: now).slot
        let present = slot == 0 ? nil : present(in: slot, staleFor: .zero, state.core)
        loading.pointee.table.drop(promise)
        return begin(
          promise.key, hash: promise.hash, present: present, isAnswered: true, task: task,
          &loading.pointee)
      }
    }
  }
}
