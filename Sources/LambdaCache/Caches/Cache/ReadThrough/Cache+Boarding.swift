/// What a read-through look-up comes to: a value, an error, or a load to wait for. Decided in one
/// step under the lock.
extension Cache {
  enum Boarding {
    /// There is a value to be had at once.
    case landed(Value)
    /// There is an expired value to be had, and the caller is to see that it is loaded anew later.
    case promised(Value, RefreshPromise<Key>)
    /// There is nothing, and no load is to be begun.
    case refused(any Error)
    /// There is nothing, and no time is left.
    case late(expected: Duration)
    case boarded(Seat)

    /// The value that the look-up has found at once.
    var servedValue: Value? {
      switch self {
      case .landed(let value), .promised(let value, _): value
      case .boarded(let seat): seat.isAnswered ? seat.present?.value : nil
      case .refused, .late: nil
      }
    }
  }

  /// A place among those who wait for a load.
  struct Seat: Sendable {
    let flight: InFlightLoad<Key, Value>
    /// Whether the load has yet to be started, by the holder.
    var isFirst = false
    /// Whether the look-up that the load was begun for has an answer already.
    var isAnswered = false
    /// What the cache has, fresh or not.
    var present: Present?

    var key: Key { flight.key }
    var hash: UInt32 { flight.hash }
  }

  /// The time that a caller has, asked once for each call, so that all its keys are told the same.
  struct CallerTime {
    let scope = InvocationScope.current
    /// What the invocation has left; `nil` if that is not known.
    let remaining: Duration?

    init() { remaining = scope?.remainingTime }

    /// Whether nobody else waits for the same: within a load the time is that of its first caller,
    /// and others may have more.
    var isOwn: Bool { LoadGraph.current == nil }
  }

  /// What the cache has of a key.
  struct Present: Sendable {
    let value: Value
    /// How long ago it has expired; `nil` if it is fresh.
    let staleFor: Duration?
    /// When it expires, or has expired, as far as could be told.
    let freshness: Freshness
    /// Whether chance wants it loaded anew.
    var isDue = false
  }

  /// Looks a key up and decides what is to be done.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - hash: Its hash.
  ///   - time: The time that the caller has.
  ///   - mayCount: Whether this is the caller's look-up, and not the second after a miss.
  ///   - task: The task that a load would be part of; `nil` for one of its own.
  func board(
    _ key: Key, hash: UInt32, time: CallerTime, mayCount: Bool, task: LoadTask? = nil
  ) -> Boarding {
    let reading = injectedReading
    var dropped: [RefreshPromise<Key>] = []
    defer { withExtendedLifetime(dropped) {} }
    let boarding = withState { state, removedEntries -> Boarding in
      let loading = state.openLoading()
      dropped = loading.pointee.table.takeDroppedPromises()
      let present =
        mayCount
        ? look(for: key, hash: hash, &state.core, loading.pointee.counts, &removedEntries)
        : peek(at: key, hash: hash, state.core)
      if let present, present.staleFor == nil, !present.isDue { return .landed(present.value) }
      if let flight = loading.pointee.currentFlight(of: key, hash: hash) {
        if let present, mayServeWhileLoading(present) {
          return serve(present, &loading.pointee.counts)
        }
        flight.join()
        return .boarded(Seat(flight: flight, present: present))
      }
      if let failure = loading.pointee.failures?.active(key, hash: hash, reading: reading) {
        loading.pointee.counts.failureHits += 1
        if let present, mayStandIn(present.staleFor),
          present.staleFor == nil || failure.kind.mayServeStale
        {
          return serve(present, &loading.pointee.counts)
        }
        return .refused(failure.error)
      }
      if let present, present.staleFor != nil, mayServeWhileLoading(present) {
        switch loading.pointee.table.promise(key, hash: hash, scope: time.scope) {
        case .promised: return serve(present, &loading.pointee.counts)
        case .promisedByCaller(let promise):
          loading.pointee.counts.staleHits += 1
          return .promised(present.value, promise)
        case .due: break
        }
      }
      if let remaining = time.remaining {
        if let present, mayStandIn(present.staleFor),
          loading.pointee.loadTimes.isTooLittle(
            remaining - InvocationScope.margin, ofHashes: CollectionOfOne(hash))
        {
          return serve(present, &loading.pointee.counts)
        }
        // By guess nothing is refused: a load that would have ended in time must be tried.
        if remaining == .zero, time.isOwn {
          return .late(expected: loading.pointee.loadTimes.last(ofHash: hash) ?? .zero)
        }
      }
      return .boarded(
        begin(
          key, hash: hash, present: present,
          isAnswered: present.map { $0.staleFor == nil } ?? false, task: task, &loading.pointee))
    }
    if mayCount { noteLookUp(of: key, boarding.servedValue) }
    return boarding
  }

  /// Whether a value may be served in the place of an error: a fresh one for any, one that has
  /// expired some time ago for some.
  func mayStandIn(_ staleFor: Duration?) -> Bool {
    staleFor.map { $0 < max(staleWhileRevalidate, staleIfError) } ?? true
  }

  /// Opens a flight whose load the caller starts.
  func begin(
    _ key: Key, hash: UInt32, present: Present?, isAnswered: Bool, task: LoadTask?,
    _ loading: inout LoadState<Key, Value>
  ) -> Seat {
    task?.addOne()
    let flight = InFlightLoad<Key, Value>(key: key, hash: hash, task: task ?? LoadTask())
    loading.table.begin(flight)
    if present != nil { loading.counts.refreshes += 1 }
    flight.join()
    return Seat(flight: flight, isFirst: true, isAnswered: isAnswered, present: present)
  }

  private func serve(_ present: Present, _ counts: inout LoadCounts) -> Boarding {
    if present.staleFor != nil { counts.staleHits += 1 }
    return .landed(present.value)
  }

  /// Whether a value may be served while somebody else loads it anew, or will.
  private func mayServeWhileLoading(_ present: Present) -> Bool {
    present.staleFor.map { $0 < staleWhileRevalidate } ?? true
  }

  private func look(
    for key: Key, hash: UInt32, _ core: inout CacheCore<Key, Value>, _ counts: LoadCounts,
    _ removedEntries: inout RemovedEntries<Key, Value>
  ) -> Present? {
    let found = core.access(key, hash: hash, removedEntries: &removedEntries)
    guard found.slot != 0 else { return nil }
    var present = present(in: found.slot, staleFor: found.staleFor, core)
    if found.freshSlot != 0, earlyRefresh > 0, let recent = counts.recentMilliseconds {
      present.isDue =
        core.freshTicks(of: found.slot).map { ticks in
          EarlyRefresh.isDue(
            freshTicks: ticks, loadMilliseconds: recent, eagerness: earlyRefresh,
            chance: .random(in: Double.leastNonzeroMagnitude...1))
        } ?? false
    }
    return present
  }

  /// What has come in between a look-up that found nothing and now.
  private func peek(
    at key: Key, hash: UInt32, _ core: borrowing CacheCore<Key, Value>
  ) -> Present? {
    let slot = core.peek(key, hash: hash, reading: nil).freshSlot
    return slot == 0 ? nil : present(in: slot, staleFor: nil, core)
  }

  func present(
    in slot: Slot, staleFor: Duration?, _ core: borrowing CacheCore<Key, Value>
  ) -> Present {
    Present(
      value: core.entries[Int(slot)].value, staleFor: staleFor, freshness: core.freshness(of: slot))
  }
}
