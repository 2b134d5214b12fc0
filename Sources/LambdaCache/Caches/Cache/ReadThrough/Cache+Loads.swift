/// Loads: begun by a look-up, run in tasks, and ended by what they bring.
extension Cache {
  /// What a look-up comes to.
  @usableFromInline
  enum LookUpOutcome {
    /// There is a value to be served.
    case value(Value)
    /// There is an expired value to be served, and the caller's invocation loads it again later.
    case staleThenRefresh(Value, PendingRefresh)
    /// There is no value, and no load is begun.
    case fail(any Error)
    /// There is no value, and no time is left.
    case notEnoughTime(expected: Duration)
    /// The caller waits for a load.
    case load(JoinedLoad)

    /// The value that the look-up has found at once, fresh or not; `nil` if a load is waited for.
    @usableFromInline var servedValue: Value? {
      switch self {
      case .value(let value), .staleThenRefresh(let value, _): value
      case .load(let joined): joined.isAnswered ? joined.value : nil
      case .fail, .notEnoughTime: nil
      }
    }
  }

  /// A load that a caller takes part in.
  @usableFromInline
  struct JoinedLoad: Sendable {
    @usableFromInline let load: KeyedLoad<Key, Value>
    /// Whether the load has yet to be started, by this caller.
    @usableFromInline var isFirst = false
    /// Whether the look-up that the load was begun for has an answer already.
    @usableFromInline var isAnswered = false
    /// The value that the cache has, and how fresh it is; `nil` if it has none, or if none is to be
    /// served in the place of an error.
    @usableFromInline var value: Value?
    @usableFromInline var found: FoundValue?

    @inlinable
    init(
      _ load: KeyedLoad<Key, Value>, isFirst: Bool = false, isAnswered: Bool = false,
      value: Value? = nil, found: FoundValue? = nil
    ) {
      self.load = load
      self.isFirst = isFirst
      self.isAnswered = isAnswered
      self.value = value
      self.found = found
    }
  }

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
  @inlinable
  func decide(
    _ key: Key, hash: UInt32, _ time: CallerTime, mayCount: Bool, timeToLive: Duration?,
    sharedTask: LoadTask? = nil
  ) -> LookUpOutcome {
    let reading = injectedReading
    var dropped: [PendingRefresh] = []
    defer { withExtendedLifetime(dropped) {} }
    let outcome = withState { state, removedEntries -> LookUpOutcome in
      let loading = state.openLoading()
      dropped = loading.pointee.machine.takeDroppedRefreshes()
      var (value, found): (Value?, FoundValue?) = (nil, nil)
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
        case .value: return .value(value!)
        case .staleThenRefresh(let refresh): return .staleThenRefresh(value!, refresh)
        case .fail(let error): return .fail(error)
        case .notEnoughTime(let expected): return .notEnoughTime(expected: expected)
        case .join(let load):
          return .load(
            JoinedLoad(
              unsafeDowncast(load, to: KeyedLoad<Key, Value>.self), value: value, found: found))
        case .begin:
          let isAnswered = found.map { $0.staleFor == nil } ?? false
          let load = KeyedLoad<Key, Value>(
            key: key, hash: hash, oldValue: value,
            began: sharedTask == nil ? tick(timeToLive: timeToLive, &state) : nil,
            sharedTask: sharedTask)
          loading.pointee.machine.begin(load, lookUp, isAnswered: isAnswered)
          return .load(
            JoinedLoad(load, isFirst: true, isAnswered: isAnswered, value: value, found: found))
        }
      }
    }
    if mayCount { noteLookUp(of: key, outcome.servedValue) }
    return outcome
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
        return JoinedLoad(load, isFirst: true, isAnswered: true, value: value, found: found)
      }
    }
  }

  /// How long values may be served after they have expired.
  @usableFromInline
  var staleWindows: StaleWindows {
    StaleWindows(whileRevalidate: staleWhileRevalidate, ifError: staleIfError)
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

  // MARK: Running

  /// Starts a load of its own task.
  ///
  /// The task runs on the caller's thread up to its first suspension, where the system can do that:
  /// a load that does not suspend, as from a local database, is then done without waking another
  /// thread. Not so a load that another load asks for: a long chain of them would take the thread's
  /// stack.
  @inlinable
  func start(_ load: KeyedLoad<Key, Value>, _ request: LoadRequest<Key, Value>) {
    let handle = load.launch { isImmediate in
      if isImmediate, #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *) {
        return Task.immediate { await self.perform(load, request) }
      }
      return Task { await self.perform(load, request) }
    }
    // The task of a load with a result has ended as well.
    if !load.hasResult { noteStart(of: load, handle) }
  }

  /// Runs a load; again, once, if the environment may have been frozen meanwhile: what it brings
  /// may be of before, and so may be the signature or the connection that it failed with.
  @inlinable @inline(never)
  func perform(_ load: KeyedLoad<Key, Value>, _ request: LoadRequest<Key, Value>) async {
    if share != nil, await !reserveBytes(for: load, timeToLive: request.timeToLive) { return }
    let scope = InvocationScope.current
    let reading = injectedReading
    var (result, duration) = await timed {
      try await request.load(load.key, replacing: load.oldValue)
    }
    if let scope, mustLoadAgain(scope, reading: reading) {
      load.began = tick(timeToLive: request.timeToLive)
      (result, duration) = await timed {
        try await request.load(load.key, replacing: load.oldValue)
      }
    }
    finish(load, result, timeToLive: request.timeToLive, duration: duration)
  }

  /// Runs a closure and measures how long it takes.
  @inlinable
  func timed<Answer>(
    _ body: () async throws -> Answer
  ) async -> (result: Result<Answer, any Error>, duration: Duration) {
    let start = ContinuousClock.now
    do {
      return (.success(try await body()), ContinuousClock.now - start)
    } catch {
      return (.failure(error), ContinuousClock.now - start)
    }
  }
}
