/// Read-through: a missing key is loaded, by one load at a time, whoever asks.
extension Cache {
  /// The value of a key, loaded if the cache has none.
  ///
  /// ```swift
  /// let user = try await cache.value(forKey: name) { name in
  ///   try await database.user(named: name)
  /// }
  /// ```
  ///
  /// While a key is loading, everybody who asks for it waits for that one load. Cancelling one of
  /// them makes that one leave with a `CancellationError` at once; the load goes on for the others.
  /// When nobody is left it is cancelled, unless ``LoadPolicy/finishesAbandonedLoads`` lets it
  /// finish. A value or a removal of the key meanwhile wins: those who wait still get what was
  /// loaded, but it is not stored, and who asks later starts a new load.
  ///
  /// An error goes to everybody who waits. It is remembered only where the cache's ``LoadPolicy``
  /// says so, and an expired value is served in its place only for ``LoadPolicy/staleIfError``. For
  /// ``LoadPolicy/staleWhileRevalidate`` an expired value is served at once, and loaded anew after
  /// the response of the invocation (``InvocationScope``), or else by the next who asks for it.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - timeToLive: How long a loaded entry lives; `nil` for the cache's own time to live.
  ///   - timeLimit: How long this caller waits for a load at the most; `nil` for as long as it
  ///     takes.
  ///   - load: Loads the value of the key it is given. It runs in a task of its own that has the
  ///     caller's priority and task-local values, and under no lock. If the environment may have
  ///     been frozen meanwhile, it is called a second time.
  /// - Returns: The value, from the cache or loaded.
  /// - Throws: What `load` throws, now or as the cache remembers it; `CancellationError` if the
  ///   caller was cancelled while it waited; ``CacheLoadError`` if `timeLimit` has passed or
  ///   nothing is left of the invocation's time, or if the call comes from a load that the key's
  ///   own load waits for.
  /// - Complexity: A hit is O(1), and neither suspends nor allocates.
  @inlinable
  public nonisolated(nonsending) func value(
    forKey key: Key, timeToLive: Duration? = nil, within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    if hasFastLoadPath, let value = value(forKey: key) { return value }
    return try await loadedValue(
      forKey: key,
      LoadRequest(timeToLive: timeToLive, timeLimit: timeLimit) { key, _ in
        .modified(try await load(key))
      })
  }

  /// The value of a key, loaded if the cache has none, by a load that may find the old one still
  /// right.
  ///
  /// It is ``value(forKey:timeToLive:within:orLoad:)`` for sources that can be asked whether
  /// anything has changed. The loading closure gets the value that has expired, if the cache still
  /// has it: for as long as the longer of ``LoadPolicy/staleWhileRevalidate`` and
  /// ``LoadPolicy/staleIfError`` after its time. ``Reload`` has an example.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - timeToLive: How long a loaded or renewed entry lives; `nil` for the cache's own time to
  ///     live.
  ///   - timeLimit: How long this caller waits for a load at the most; `nil` for as long as it
  ///     takes.
  ///   - reload: Loads the value of the key it is given, or finds the value it is given to be
  ///     right.
  /// - Returns: The value, from the cache or loaded.
  /// - Throws: As ``value(forKey:timeToLive:within:orLoad:)`` does, and
  ///   ``CacheLoadError/nothingToRenew(key:)``.
  /// - Complexity: A hit is O(1), and neither suspends nor allocates.
  @inlinable
  public nonisolated(nonsending) func value(
    forKey key: Key, timeToLive: Duration? = nil, within timeLimit: Duration? = nil,
    orReload reload: @escaping @Sendable (Key, Value?) async throws -> Reload<Value>
  ) async throws -> Value {
    if hasFastLoadPath, let value = value(forKey: key) { return value }
    return try await loadedValue(
      forKey: key, LoadRequest(timeToLive: timeToLive, timeLimit: timeLimit, load: reload))
  }

  /// The value of a key, loaded if the cache has none, or `nil` if its source has none either.
  ///
  /// That there is none is remembered for ``LoadPolicy/negativeTimeToLive``, and ends the life of
  /// an expired value that is still kept.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - timeToLive: How long a loaded entry lives; `nil` for the cache's own time to live.
  ///   - timeLimit: How long this caller waits for a load at the most; `nil` for as long as it
  ///     takes.
  ///   - load: Loads the value of the key it is given; `nil` if there is none.
  /// - Returns: The value, from the cache or loaded; `nil` if there is none.
  /// - Throws: As ``value(forKey:timeToLive:within:orLoad:)`` does, but for errors of the class
  ///   ``LoadErrorClass/notFound``.
  /// - Complexity: A hit is O(1), and neither suspends nor allocates.
  @inlinable
  public nonisolated(nonsending) func optionalValue(
    forKey key: Key, timeToLive: Duration? = nil, within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value?
  ) async throws -> Value? {
    if hasFastLoadPath, let value = value(forKey: key) { return value }
    do {
      return try await loadedValue(
        forKey: key,
        LoadRequest(timeToLive: timeToLive, timeLimit: timeLimit) { key, _ in
          guard let value = try await load(key) else {
            throw CacheLoadError.notFound(key: String(describing: key))
          }
          return .modified(value)
        })
    } catch  where isNotFound(error) {
      return nil
    }
  }

  /// The value of a key that an ordinary look-up did not find, or that has more to do than that.
  @usableFromInline
  nonisolated(nonsending) func loadedValue(
    forKey key: Key, _ request: LoadRequest<Key, Value>
  ) async throws -> Value {
    try await loadedValueAndFate(forKey: key, request).value
  }

  /// The value of a key as ``value(forKey:timeToLive:within:orLoad:)`` has it, and whether a write
  /// or a removal of the key has overtaken the load that brought it.
  package nonisolated(nonsending) func valueAndFate(
    forKey key: Key, timeToLive: Duration?,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> (value: Value, isOvertaken: Bool) {
    if hasFastLoadPath, let value = value(forKey: key) { return (value, false) }
    return try await loadedValueAndFate(
      forKey: key,
      LoadRequest(timeToLive: timeToLive, timeLimit: nil) { key, _ in
        .modified(try await load(key))
      })
  }

  private nonisolated(nonsending) func loadedValueAndFate(
    forKey key: Key, _ request: LoadRequest<Key, Value>
  ) async throws -> (value: Value, isOvertaken: Bool) {
    let hash = hasher.hash(key)
    let time = CallerTime()
    switch board(key, hash: hash, time: time, mayCount: !hasFastLoadPath) {
    case .landed(let value): return (value, false)
    case .refused(let error): throw error
    case .late(let expected): throw CacheLoadError.lateLoad(ofKey: key, expected: expected)
    case .promised(let value, let promise):
      leaveRefresh(of: [promise], to: time.scope) { seats, _ in self.start(seats[0], request) }
      return (value, false)
    case .boarded(let seat):
      if seat.isFirst { start(seat, request) }
      let value = try await arrive(seat, within: WaitLimit(request.timeLimit))
      return (value, withLoading { _, _ in seat.flight.isSuperseded })
    }
  }

  /// Whether an error says that there is no value.
  @usableFromInline
  func isNotFound(_ error: any Error) -> Bool {
    // What this cache throws by itself is not for the program to classify.
    if case CacheLoadError.notFound = error { return true }
    return loadPolicy.errorClass(of: error) == .notFound
  }

  /// How the cache loads.
  var loadPolicy: LoadPolicy { customLoading?.policy ?? LoadPolicy() }
}

/// What a caller wants of a load.
@usableFromInline
struct LoadRequest<Key: Sendable, Value: Sendable>: Sendable {
  let timeToLive: Duration?
  let timeLimit: Duration?
  let load: @Sendable (Key, Value?) async throws -> Reload<Value>

  @usableFromInline
  init(
    timeToLive: Duration?, timeLimit: Duration?,
    load: @escaping @Sendable (Key, Value?) async throws -> Reload<Value>
  ) {
    self.timeToLive = timeToLive
    self.timeLimit = timeLimit
    self.load = load
  }
}
