/// Read-through for several keys at once: in one call, or each with a load of its own.
extension Cache {
  /// The values of several keys; those that the cache does not have are loaded together.
  ///
  /// <!-- with: database, users -->
  /// ```swift
  /// let found = try await users.values(forKeys: ["ada", "bo"]) { missing in
  ///   try await database.users(named: missing)
  /// }
  /// ```
  ///
  /// Each key is treated as ``value(forKey:timeToLive:within:orLoad:)`` treats one: keys that are
  /// being loaded already are waited for, expired values are served where they may be, and what is
  /// remembered of failures counts. Only the rest is loaded, in one call.
  ///
  /// - Parameters:
  ///   - keys: The keys to look up; one that occurs several times is looked up once.
  ///   - timeToLive: How long loaded entries live; `nil` for the cache's own time to live.
  ///   - timeLimit: How long this caller waits for loads at the most; `nil` for as long as they
  ///     take.
  ///   - load: Loads the values of the keys it is given, each of them once, in the order of `keys`.
  ///     What it returns for other keys is ignored.
  /// - Returns: The values. A key that its source has no value for, because `load` did not return
  ///   one or threw an error of the class ``LoadErrorClass/notFound``, is missing; it is remembered
  ///   for ``LoadPolicy/negativeTimeToLive``.
  /// - Throws: As ``value(forKey:timeToLive:within:orLoad:)`` does, the first error that a key met;
  ///   what was loaded for others is in the cache all the same.
  /// - Complexity: O(*n*) in the number of keys.
  @inlinable
  public nonisolated(nonsending) func values(
    forKeys keys: some Sequence<Key>, timeToLive: Duration? = nil,
    within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async throws -> [Key: Value] {
    try await values(
      forKeys: keys.uniqueElements, timeToLive: timeToLive, within: timeLimit,
      task: LoadTask(loadCount: 0), orLoad: load)
  }

  /// The values of several keys; of those that are loaded only what displaces nothing is kept.
  ///
  /// - Returns: The values, and whether one was not kept for that.
  package nonisolated(nonsending) func valuesDisplacingNothing(
    forKeys keys: [Key], within timeLimit: Duration?,
    orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async throws -> (values: [Key: Value], isFull: Bool) {
    let task = LoadTask(loadCount: 0, mayEvict: false)
    let values = try await values(
      forKeys: keys.uniqueElements, timeToLive: nil, within: timeLimit, task: task, orLoad: load)
    return (values, withLoading { _, _ in task.hasFoundFull })
  }

  @inlinable @inline(never)
  nonisolated(nonsending) func values(
    forKeys keys: [Key], timeToLive: Duration?, within timeLimit: Duration?,
    task: LoadTask, notes: LoadNotes<Key>? = nil,
    orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async throws -> [Key: Value] {
    let time = CallerTime()
    let limit = WaitLimit(timeLimit)
    var lookUps = LookUps(count: keys.count)
    for key in keys {
      let (outcome, found) = decide(
        key, hash: hasher.hash(key), time, mayCount: true, timeToLive: timeToLive,
        sharedTask: task)
      switch outcome {
      case .value: lookUps.values[key] = found
      case .staleThenRefresh(let refresh):
        lookUps.values[key] = found
        lookUps.refreshes.append(refresh)
      case .fail(let error): lookUps.note(error, isNotFound: isNotFound(error))
      case .notEnoughTime(let expected):
        lookUps.lateError =
          lookUps.lateError ?? CacheLoadError.lateLoad(ofKey: key, expected: expected)
      case .load(let joined): lookUps.add(joined, found)
      }
    }
    if !lookUps.refreshes.isEmpty {
      leaveRefresh(of: lookUps.refreshes, to: time.scope, sharesTask: true) { loads, task in
        guard let task else { return }
        self.start(
          loads.map { $0.load }, of: task, isSurplus: true, timeToLive: timeToLive, notes, load)
      }
    }
    if let error = lookUps.lateError {
      // No load was begun for this caller; it need not wait for those of others.
      for (joined, _) in lookUps.loads { cancelWaiting(for: joined.load, nil, reason: error) }
      throw error
    }
    if !lookUps.begun.isEmpty {
      start(
        lookUps.begun, of: task, isSurplus: lookUps.areAnswered, timeToLive: timeToLive, notes,
        load)
    }
    return try await awaitResults(of: &lookUps, within: limit)
  }

  /// What look-ups of several keys have come to so far.
  @usableFromInline
  struct LookUps {
    @usableFromInline var values: [Key: Value]
    /// The loads to wait for, each with the value that the cache has.
    @usableFromInline var loads: [(joined: JoinedLoad, found: Value?)] = []
    /// Those of them that this call has to start.
    @usableFromInline var begun: [InFlightLoad] = []
    /// Whether the look-ups of all that are to be started have an answer already.
    @usableFromInline var areAnswered = true
    @usableFromInline var refreshes: [PendingRefresh] = []
    @usableFromInline var firstError: (any Error)?
    /// That there is no time for any load, of the first key that would have needed one.
    @usableFromInline var lateError: CacheLoadError?

    @inlinable
    init(count: Int) {
      values = Dictionary(minimumCapacity: count)
    }

    @inlinable
    mutating func add(_ joined: JoinedLoad, _ found: Value?) {
      loads.append((joined, found))
      guard joined.isFirst else { return }
      begun.append(joined.load)
      if !joined.isAnswered { areAnswered = false }
    }

    @inlinable
    mutating func note(_ error: any Error, isNotFound: Bool) {
      if !isNotFound, firstError == nil { firstError = error }
    }
  }

  /// Starts one load of several keys.
  ///
  /// - Parameters:
  ///   - loads: The loads of the keys, at least one.
  ///   - task: Their task.
  ///   - isSurplus: Whether no look-up without an answer is in need of it.
  ///   - timeToLive: How long loaded entries live; `nil` for the cache's own time to live.
  ///   - notes: What the closure notes of the values that it loads; `nil` for nothing.
  ///   - load: Loads the values.
  @inlinable
  func start(
    _ loads: [InFlightLoad], of task: LoadTask, isSurplus: Bool, timeToLive: Duration?,
    _ notes: LoadNotes<Key>?, _ load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) {
    if isSurplus { noteSurplus(task) }
    let handle: LoadTask.Handle
    if task.prepareStart(), #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *) {
      handle = Task.immediate {
        try await self.perform(loads, of: task, timeToLive: timeToLive, notes, load)
      }
    } else {
      handle = Task { try await self.perform(loads, of: task, timeToLive: timeToLive, notes, load) }
    }
    noteStart(of: task, handle)
  }

  /// Runs one load of several keys, as ``perform(_:_:)`` does that of one.
  @inlinable @inline(never)
  nonisolated(nonsending) func perform(
    _ loads: [InFlightLoad], of task: LoadTask, timeToLive: Duration?, _ notes: LoadNotes<Key>?,
    _ load: @Sendable ([Key]) async throws -> [Key: Value]
  ) async throws {
    defer { noteEnd(of: task) }
    if share != nil, await !reserveForLoads(loads.count, task: task) { return }
    let scope = InvocationScope.current
    let reading = injectedReading
    var began = tick(timeToLive: timeToLive)
    let keys = loads.map { unsafeDowncast($0, to: KeyedLoad<Key, Value>.self).key }
    var (result, duration) = await timed(task) { try await load(keys) }
    if let scope, mustLoadAgain(scope, reading: reading) {
      began = tick(timeToLive: timeToLive)
      (result, duration) = await timed(task) { try await load(keys) }
    }
    var (values, failure): ([Key: Value], (any Error)?) = ([:], nil)
    switch result {
    case .success(let loaded): (values, failure) = (loaded, notes?.failure(of: keys))
    case .failure(let error): failure = error
    }
    noteCall(of: loads, duration, failingWith: failure)
    for (load, key) in zip(loads, keys) {
      let load = unsafeDowncast(load, to: KeyedLoad<Key, Value>.self)
      load.began = began
      load.note = notes?[key]
      let result: Result<Reload<Value>, any Error> =
        if let value = values[key] {
          .success(.modified(value))
        } else {
          .failure(
            (load.note?.isAbsent == true ? nil : load.note?.failure ?? failure)
              ?? CacheLoadError.notFound(key: String(describing: key)))
        }
      finish(load, result, timeToLive: timeToLive, duration: nil)
    }
  }

  /// Counts the call that several loads share.
  @usableFromInline
  func noteCall(of loads: [InFlightLoad], _ duration: Duration, failingWith error: (any Error)?) {
    let kind = error.map(errorClass(of:))
    withLoading { loading, _ in
      loading.machine.noteCall(of: loads, duration, failingWith: kind)
    }
  }

  /// Counts a task that no look-up without an answer is in need of.
  @usableFromInline
  func noteSurplus(_ task: LoadTask) {
    withLoading { loading, _ in loading.machine.counts.noteSurplus(task) }
  }

  /// Waits for every load that look-ups have joined.
  @inlinable
  nonisolated(nonsending) func awaitResults(
    of lookUps: inout LookUps, within limit: WaitLimit?
  ) async throws -> [Key: Value] {
    // All are waited for, even if the first fails: a caller that is cancelled or whose time is over
    // leaves each of them at once.
    for (joined, found) in lookUps.loads {
      do {
        lookUps.values[joined.load.key] = try await awaitResult(
          of: joined, orElse: found, within: limit)
      } catch {
        lookUps.note(error, isNotFound: isNotFound(error))
      }
    }
    if let error = lookUps.firstError { throw error }
    return lookUps.values
  }
}

extension Cache {
  /// The values of several keys; those that the cache does not have are loaded side by side.
  ///
  /// - Returns: The values of the keys that have one.
  /// - Throws: The first error that a key met, in their order; what was loaded for others is in the
  ///   cache all the same.
  nonisolated(nonsending) func values(
    forKeys keys: some Sequence<Key>, _ request: LoadRequest<Key, Value>
  ) async throws -> [Key: Value] {
    let keys = keys.uniqueElements
    let results = await withTaskGroup(of: (Int, Result<Value?, any Error>).self) { group in
      for (place, key) in keys.enumerated() {
        group.addTask { (place, await self.result(forKey: key, request)) }
      }
      return await group.reduce(into: [Int: Result<Value?, any Error>]()) { $0[$1.0] = $1.1 }
    }
    var values: [Key: Value] = [:]
    for (place, key) in keys.enumerated() {
      if let value = try results[place]?.get() { values[key] = value }
    }
    return values
  }

  /// A key's value as a result: `nil` if its source has none.
  private func result(
    forKey key: Key, _ request: LoadRequest<Key, Value>
  ) async -> Result<Value?, any Error> {
    do {
      if let value = readyValue(forKey: key) { return .success(value) }
      return .success(try await loadedValue(forKey: key, request).value)
    } catch {
      return isNotFound(error) ? .success(nil) : .failure(error)
    }
  }
}
