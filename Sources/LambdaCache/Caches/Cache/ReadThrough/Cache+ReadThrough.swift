/// Read-through: a missing key is loaded, by one load at a time, however many callers ask for it.
extension Cache {
  /// The value of a key, loaded if the cache has none.
  ///
  /// <!-- with: database, users -->
  /// ```swift
  /// let ada = try await users.value(forKey: "ada") { name in
  ///   try await database.user(named: name)
  /// }
  /// ```
  ///
  /// Concurrent misses for a key share one load. Cancelling one caller makes that one throw a
  /// `CancellationError` at once; the load goes on for the others. When no caller is left it is
  /// cancelled, unless ``LoadPolicy/finishesAbandonedLoads`` lets it finish. A write or a removal
  /// of the key meanwhile wins: the callers that wait still get what was loaded, but it is not
  /// stored, and later look-ups start a new load.
  ///
  /// An error goes to all callers that wait. It is remembered only where the cache's ``LoadPolicy``
  /// says so, and an expired value is served in its place only for ``LoadPolicy/staleIfError``. For
  /// ``LoadPolicy/staleWhileRevalidate`` an expired value is served at once, and loaded again after
  /// the response of the invocation (``InvocationScope``), or else by the next look-up of the key.
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
      forKey: key, LoadRequest(.value(load), timeToLive: timeToLive, timeLimit: timeLimit)
    ).value
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
      forKey: key, LoadRequest(.reload(reload), timeToLive: timeToLive, timeLimit: timeLimit)
    ).value
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
        LoadRequest(.optionalValue(load), timeToLive: timeToLive, timeLimit: timeLimit)
      ).value
    } catch  where isNotFound(error) {
      return nil
    }
  }

  /// The value of a key as ``value(forKey:timeToLive:within:orLoad:)`` has it, and whether a write
  /// or a removal of the key has overtaken the load that brought it.
  @inlinable
  package nonisolated(nonsending) func valueAndFate(
    forKey key: Key, timeToLive: Duration?,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> (value: Value, isOvertaken: Bool) {
    if hasFastLoadPath, let value = value(forKey: key) { return (value, false) }
    return try await loadedValue(forKey: key, LoadRequest(.value(load), timeToLive: timeToLive))
  }

  /// The value of a key that an ordinary look-up did not find, or that has more to do than that;
  /// and whether a write or a removal of the key has overtaken the load that brought it.
  @inlinable @inline(never)
  nonisolated(nonsending) func loadedValue(
    forKey key: Key, _ request: LoadRequest<Key, Value>
  ) async throws -> (value: Value, isOvertaken: Bool) {
    let outcome = decide(
      key, hash: hasher.hash(key), CallerTime(), mayCount: !hasFastLoadPath,
      timeToLive: request.timeToLive)
    guard case .load(let joined) = outcome else {
      return (try answer(outcome, forKey: key, request), false)
    }
    if joined.isFirst { start(joined.load, request) }
    if joined.load.hasResult, case .success(let value)? = joined.load.outcome {
      // A load that has ended cannot be overtaken any more.
      return (value, joined.load.isSuperseded)
    }
    return try await awaitedValue(of: joined, within: request.timeLimit)
  }

  /// The answer of a look-up that waits for no load.
  @usableFromInline
  func answer(
    _ outcome: LookUpOutcome, forKey key: Key, _ request: LoadRequest<Key, Value>
  ) throws -> Value {
    switch outcome {
    case .value(let value): return value
    case .fail(let error): throw error
    case .notEnoughTime(let expected):
      throw CacheLoadError.lateLoad(ofKey: key, expected: expected)
    case .staleThenRefresh(let value, let refresh):
      leaveRefresh(of: [refresh], to: InvocationScope.current, sharesTask: false) { loads, _ in
        self.start(loads[0].load, request)
      }
      return value
    case .load: preconditionFailure("a look-up that waits for a load has no answer yet")
    }
  }

  /// The value of a key, loaded in any case; see ``LoadingCache/refresh(_:timeToLive:within:)``.
  nonisolated(nonsending) func refreshedValue(
    forKey key: Key, _ request: LoadRequest<Key, Value>
  ) async throws -> Value {
    let time = CallerTime()
    if time.isOver { throw CacheLoadError.lateLoad(ofKey: key, expected: .zero) }
    var joined = joinRefresh(
      of: key, hash: hasher.hash(key), time, timeToLive: request.timeToLive)
    if joined.isFirst { start(joined.load, request) }
    // A failure is what the caller wants to know.
    joined.found = nil
    return try await awaitResult(of: joined, within: WaitLimit(request.timeLimit))
  }

  /// Returns whether an error says that there is no value.
  @usableFromInline
  func isNotFound(_ error: any Error) -> Bool {
    // What this cache throws by itself is not for the program to classify.
    if case CacheLoadError.notFound = error { return true }
    return loadPolicy.errorClass(of: error) == .notFound
  }

  /// How the cache loads.
  var loadPolicy: LoadPolicy { customLoading?.policy ?? LoadPolicy() }

  var earlyRefresh: Double { customLoading?.policy.earlyRefresh ?? 0 }
  var staleWhileRevalidate: Duration { customLoading?.policy.staleWhileRevalidate ?? .zero }
  var staleIfError: Duration { customLoading?.policy.staleIfError ?? .zero }
}

/// A load that a caller asks for.
@usableFromInline
struct LoadRequest<Key: Sendable, Value: Sendable>: Sendable {
  /// The caller's closure, as it is: wrapped in another one it would cost an allocation.
  @usableFromInline
  enum Operation: Sendable {
    case value(@Sendable (Key) async throws -> Value)
    case optionalValue(@Sendable (Key) async throws -> Value?)
    case reload(@Sendable (Key, Value?) async throws -> Reload<Value>)
  }

  @usableFromInline let operation: Operation
  @usableFromInline let timeToLive: Duration?
  @usableFromInline let timeLimit: Duration?

  @inlinable
  init(_ operation: Operation, timeToLive: Duration? = nil, timeLimit: Duration? = nil) {
    self.operation = operation
    self.timeToLive = timeToLive
    self.timeLimit = timeLimit
  }

  /// Loads.
  @inlinable
  func load(_ key: Key, replacing oldValue: Value?) async throws -> Reload<Value> {
    switch operation {
    case .value(let load): return .modified(try await load(key))
    case .reload(let reload): return try await reload(key, oldValue)
    case .optionalValue(let load):
      guard let value = try await load(key) else {
        throw CacheLoadError.notFound(key: String(describing: key))
      }
      return .modified(value)
    }
  }
}
