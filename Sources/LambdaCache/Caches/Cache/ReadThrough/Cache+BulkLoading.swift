/// Read-through for several keys at once.
extension Cache {
  /// The values of several keys; those that the cache does not have are loaded together.
  ///
  /// ```swift
  /// let users = try await cache.values(forKeys: names) { missing in
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
  public nonisolated(nonsending) func values(
    forKeys keys: some Sequence<Key>, timeToLive: Duration? = nil,
    within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async throws -> [Key: Value] {
    try await values(
      forKeys: keys, timeToLive: timeToLive, within: timeLimit, task: LoadTask(loadCount: 0),
      orLoad: load)
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
      forKeys: keys, timeToLive: nil, within: timeLimit, task: task, orLoad: load)
    return (values, withLoading { _, _ in task.hasFoundFull })
  }

  private nonisolated(nonsending) func values(
    forKeys keys: some Sequence<Key>, timeToLive: Duration?, within timeLimit: Duration?,
    task: LoadTask, orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async throws -> [Key: Value] {
    let time = CallerTime()
    let limit = WaitLimit(timeLimit)
    var gathering = Gathering()
    for key in keys where gathering.seen.insert(key).inserted {
      switch board(key, hash: hasher.hash(key), time: time, mayCount: true, task: task) {
      case .landed(let value): gathering.found[key] = value
      case .promised(let value, let promise):
        gathering.found[key] = value
        gathering.promises.append(promise)
      case .refused(let error): gathering.note(error, isNotFound: isNotFound(error))
      case .late(let expected):
        gathering.lateError =
          gathering.lateError ?? CacheLoadError.lateLoad(ofKey: key, expected: expected)
      case .boarded(let seat): gathering.seats.append(seat)
      }
    }
    leaveRefresh(of: gathering.promises, to: time.scope) { seats, task in
      self.start(seats, of: task, timeToLive: timeToLive, load)
    }
    if let error = gathering.lateError {
      // Nothing was begun for this caller; what others load it need not wait for.
      for seat in gathering.seats { leave(seat) }
      throw error
    }
    start(gathering.seats.filter(\.isFirst), of: task, timeToLive: timeToLive, load)
    return try await gather(&gathering, within: limit)
  }

  /// What a look-up of several keys has come to so far.
  private struct Gathering {
    var seen: Set<Key> = []
    var found: [Key: Value] = [:]
    var seats: [Seat] = []
    var promises: [RefreshPromise<Key>] = []
    var firstError: (any Error)?
    /// That there is no time for any load, of the first key that would have needed one.
    var lateError: CacheLoadError?

    mutating func note(_ error: any Error, isNotFound: Bool) {
      if !isNotFound, firstError == nil { firstError = error }
    }
  }

  /// Starts one load of several keys.
  private func start(
    _ seats: [Seat], of task: LoadTask, timeToLive: Duration?,
    _ load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) {
    guard !seats.isEmpty else { return }
    launch(task, loadCount: seats.count, isSurplus: seats.allSatisfy(\.isAnswered)) { cache in
      let (outcome, duration, began) = await cache.runUnfrozen(timeToLive: timeToLive) {
        try await load(seats.map(\.key))
      }
      // One call is one load, whatever it brings of which key.
      cache.withLoading { loading, _ in
        let isSuccess = (try? outcome.get()) != nil
        loading.counts.note(duration, isSuccess: isSuccess)
        for seat in seats {
          if isSuccess {
            loading.loadTimes.learn(duration, ofHash: seat.hash)
          } else if seat.flight.interested == 0 {
            loading.loadTimes.learn(atLeast: duration, ofHash: seat.hash)
          }
        }
      }
      for seat in seats {
        let result: Result<Reload<Value>, any Error> = outcome.flatMap { values in
          guard let value = values[seat.key] else {
            return .failure(CacheLoadError.notFound(key: String(describing: seat.key)))
          }
          return .success(.modified(value))
        }
        cache.land(seat, result, timeToLive: timeToLive, duration: nil, began: began)
      }
    }
  }

  /// Waits for every load that a look-up has boarded.
  private nonisolated(nonsending) func gather(
    _ gathering: inout Gathering, within limit: WaitLimit?
  ) async throws -> [Key: Value] {
    // All are waited for, whatever the first comes to: a caller who is cancelled or whose time is
    // over leaves each of them at once.
    for seat in gathering.seats {
      do {
        gathering.found[seat.key] = try await arrive(seat, within: limit)
      } catch {
        gathering.note(error, isNotFound: isNotFound(error))
      }
    }
    if let error = gathering.firstError { throw error }
    return gathering.found
  }
}
