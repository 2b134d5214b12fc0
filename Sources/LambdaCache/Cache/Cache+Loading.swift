/// Read-through: a missing key is loaded, by one load at a time, whoever asks.
extension Cache {
  /// The value of a key, loaded if the cache has none.
  ///
  /// While a key is loading, everybody who asks for it waits for that one load. Cancelling one of
  /// them makes that one leave with a `CancellationError` at once; the load goes on for the others,
  /// and is cancelled when nobody is left. A value or a removal of the key meanwhile wins: those
  /// who wait still get what was loaded, but it is not stored, and who asks later starts a new
  /// load. An error goes to everybody who waits and is not remembered.
  ///
  /// ```swift
  /// let user = try await cache.value(forKey: name) { name in
  ///   try await database.user(named: name)
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - timeToLive: How long a loaded entry lives; `nil` for the cache's own time to live.
  ///   - load: Loads the value of the key it is given. It runs in a task of its own that has the
  ///     caller's priority and task-local values, and under no lock.
  /// - Returns: The value, from the cache or loaded.
  /// - Throws: What `load` throws, `CancellationError` if the caller was cancelled while it waited,
  ///   or ``CacheLoadError`` if the call comes from a load that the key's own load waits for.
  /// - Complexity: A hit is O(1), and neither suspends nor allocates.
  @inlinable
  public nonisolated(nonsending) func value(
    forKey key: Key, timeToLive: Duration? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    guard earlyRefresh == 0 else {
      return try await earlyRefreshedValue(forKey: key, timeToLive: timeToLive, load: load)
    }
    if let value = value(forKey: key) { return value }
    return try await loadedValue(forKey: key, timeToLive: timeToLive, load: load)
  }

  @usableFromInline
  nonisolated(nonsending) func loadedValue(
    forKey key: Key, timeToLive: Duration?,
    load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    let hash = hasher.hash(key)
    let boarding = boardFlight(key, hash: hash)
    return try await fly(boarding, key: key, hash: hash, timeToLive: timeToLive, load: load)
  }

  /// Loads the value of a key that has one, unless that is being done.
  nonisolated(nonsending) func refreshedValue(
    forKey key: Key, present: Value, timeToLive: Duration?,
    load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    let hash = hasher.hash(key)
    let boarding: Boarding = withFlights { flights, _ in
      guard flights[key, hash] == nil else { return .landed(present) }
      let flight = LoadFlight<Value>()
      flights[key, hash] = flight
      return .started(flight, ticket: flight.join())
    }
    return try await fly(boarding, key: key, hash: hash, timeToLive: timeToLive, load: load)
  }

  private nonisolated(nonsending) func fly(
    _ boarding: Boarding, key: Key, hash: UInt32, timeToLive: Duration?,
    load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    switch boarding {
    case .landed(let value): return value
    case .joined(let flight, let ticket):
      return try await wait(for: flight, ticket: ticket, key: key, hash: hash)
    case .started(let flight, let ticket):
      start(flight, key: key, hash: hash, timeToLive: timeToLive, load: load)
      return try await wait(for: flight, ticket: ticket, key: key, hash: hash)
    }
  }

  private enum Boarding {
    /// The value came in between the look-up and now.
    case landed(Value)
    case joined(LoadFlight<Value>, ticket: Int)
    case started(LoadFlight<Value>, ticket: Int)
  }

  private func boardFlight(_ key: Key, hash: UInt32) -> Boarding {
    let reading = injectedReading
    return withFlights { flights, core in
      if let flight = flights[key, hash] { return .joined(flight, ticket: flight.join()) }
      let slot = core.quietSlot(of: key, hash: hash, reading: reading)
      if slot != 0 { return .landed(core.entries[Int(slot)].value) }
      let flight = LoadFlight<Value>()
      flights[key, hash] = flight
      return .started(flight, ticket: flight.join())
    }
  }

  private func start(
    _ flight: LoadFlight<Value>, key: Key, hash: UInt32, timeToLive: Duration?,
    load: @escaping @Sendable (Key) async throws -> Value
  ) {
    // A load that another load waits for must not wait for that one's memory.
    let mayWait = LoadGraph.current == nil
    let task = LoadGraph.$current.withValue(flight.id) {
      startTask {
        let reserved = self.share == nil ? 0 : await self.reserveForLoad(mayWait: mayWait)
        let start = ContinuousClock.now
        let outcome: Result<Value, any Error>
        do {
          outcome = .success(try await load(key))
        } catch {
          outcome = .failure(error)
        }
        self.finish(
          flight, key: key, hash: hash, outcome: outcome, timeToLive: timeToLive,
          duration: ContinuousClock.now - start, reserved: reserved)
      }
    }
    // Nobody can have left yet but those who came later: the caller, who counts, waits after this.
    withFlights { _, _ in
      if flight.outcome == nil { flight.task = task }
    }
  }

  /// Starts a task that runs on the caller's thread up to its first suspension, where the system
  /// can do that: a load that does not suspend, as from a local database, is then done without
  /// waking another thread.
  private func startTask(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    if #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *) {
      return Task.immediate(operation: body)
    }
    return Task(operation: body)
  }

  private func finish(
    _ flight: LoadFlight<Value>, key: Key, hash: UInt32, outcome: Result<Value, any Error>,
    timeToLive: Duration?, duration: Duration, reserved: Int
  ) {
    var (bytes, lifetime) = (0, timeToLive)
    if case .success(let value) = outcome {
      bytes = size(key, value)
      lifetime = timeToLive ?? entryTimeToLive?(key, value)
    }
    let room = room(forKey: key, hash: hash, outcome: outcome, bytes: bytes, reserved: reserved)
    var unused = room
    let waiters = withCore { core, departures in
      let isCurrent = state.pointee.flights.end(flight, key: key, hash: hash)
      state.pointee.loads.time += duration
      switch outcome {
      case .success(let value):
        state.pointee.loads.noteSuccess(duration)
        if isCurrent {
          if room > 0 { core.grow(by: room) }
          unused = 0
          _ = core.setValue(
            value, forKey: key, hash: hash, heapByteCount: bytes, timeToLive: lifetime,
            departures: &departures)
        }
      case .failure: state.pointee.loads.failures += 1
      }
      // The task holds the flight through its closure; this is where the circle is cut.
      flight.task = nil
      return flight.finish(with: outcome)
    }
    if unused > 0 { share?.giveBack(unused) }
    for waiter in waiters { waiter.resume(with: outcome) }
  }

  /// Turns what was reserved for a load into room for its value, or gives it back if there is none.
  private func room(
    forKey key: Key, hash: UInt32, outcome: Result<Value, any Error>, bytes: Int, reserved: Int
  ) -> Int {
    guard let share else { return 0 }
    guard case .success = outcome else {
      share.release(reserved)
      return 0
    }
    let redeemed = share.redeem(reserved)
    return redeemed
      + acquireRoom(forKey: key, hash: hash, heapByteCount: bytes, holding: redeemed)
  }

  private nonisolated(nonsending) func wait(
    for flight: LoadFlight<Value>, ticket: Int, key: Key, hash: UInt32
  ) async throws -> Value {
    if let outcome = withFlights({ _, _ in flight.outcome }) { return try outcome.get() }
    guard let asker = LoadGraph.current else {
      return try await suspend(for: flight, ticket: ticket, key: key, hash: hash)
    }
    guard LoadGraph.beginWait(of: asker, for: flight.id) else {
      leave(flight, ticket: ticket, key: key, hash: hash)
      throw CacheLoadError.recursiveLoad(key: String(describing: key))
    }
    defer { LoadGraph.endWait(of: asker, for: flight.id) }
    return try await suspend(for: flight, ticket: ticket, key: key, hash: hash)
  }

  private nonisolated(nonsending) func suspend(
    for flight: LoadFlight<Value>, ticket: Int, key: Key, hash: UInt32
  ) async throws -> Value {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome = withFlights { _, _ in
          flight.wait(ticket: ticket, continuation: continuation)
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      leave(flight, ticket: ticket, key: key, hash: hash)
    }
  }

  /// Withdraws one waiter; a load that nobody waits for any more is cancelled, and its key is free
  /// to load again.
  private func leave(_ flight: LoadFlight<Value>, ticket: Int, key: Key, hash: UInt32) {
    let (waiter, task) = withFlights { flights, _ in
      let waiter = flight.leave(ticket: ticket)
      guard flight.interested == 0, flight.outcome == nil else {
        return (waiter, Task<Void, Never>?.none)
      }
      _ = flights.end(flight, key: key, hash: hash)
      return (waiter, flight.task)
    }
    task?.cancel()
    waiter?.resume(throwing: CancellationError())
  }

  private func withFlights<Result>(
    _ body: (inout FlightTable<Key, Value>, inout CacheCore<Key, Value>) -> Result
  ) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body(&state.pointee.flights, &state.pointee.core)
  }
}
