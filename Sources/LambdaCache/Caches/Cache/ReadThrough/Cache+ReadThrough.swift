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
    if let value = readyValue(forKey: key) { return value }
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
    if let value = readyValue(forKey: key) { return value }
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
    if let value = readyValue(forKey: key) { return value }
    do {
      return try await loadedValue(
        forKey: key,
        LoadRequest(.optionalValue(load), timeToLive: timeToLive, timeLimit: timeLimit)
      ).value
    } catch  where isNotFound(error) {
      return nil
    }
  }

  /// The value of a key, if to look it up is all that a read through the cache would do.
  ///
  /// A miss is counted only in a cache with `hasFastLoadPath`.
  @inlinable @inline(__always)
  package func readyValue(forKey key: Key) -> Value? {
    hasFastLoadPath ? value(forKey: key) : hasFreshLoadPath ? freshValue(forKey: key) : nil
  }

  /// The value of a key as ``value(forKey:timeToLive:within:orLoad:)`` has it, after
  /// ``readyValue(forKey:)`` has had none.
  @inlinable
  package nonisolated(nonsending) func unreadyValue(
    forKey key: Key, timeToLive: Duration?,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    try await loadedValue(forKey: key, LoadRequest(.value(load), timeToLive: timeToLive)).value
  }

  /// The value of a key as ``value(forKey:timeToLive:within:orLoad:)`` has it, and whether a write
  /// or a removal of the key has overtaken the load that brought it.
  @inlinable
  package nonisolated(nonsending) func valueAndFate(
    forKey key: Key, timeToLive: Duration?,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> (value: Value, isOvertaken: Bool) {
    if let value = readyValue(forKey: key) { return (value, false) }
    return try await loadedValue(forKey: key, LoadRequest(.value(load), timeToLive: timeToLive))
  }

  /// The value of a key that an ordinary look-up did not find, or that has more to do than that;
  /// and whether a write or a removal of the key has overtaken the load that brought it.
  @inlinable @inline(never)
  nonisolated(nonsending) func loadedValue(
    forKey key: Key, _ request: LoadRequest<Key, Value>
  ) async throws -> (value: Value, isOvertaken: Bool) {
    let (outcome, found) = decide(
      key, hash: hasher.hash(key), CallerTime(), mayCount: !hasFastLoadPath,
      timeToLive: request.timeToLive)
    guard case .load(let joined) = outcome else {
      return (try answer(outcome, found, forKey: key, request), false)
    }
    if joined.isFirst { start(joined.load, request) }
    if joined.load.hasResult, let value = joined.load.value {
      // A load that has ended cannot be overtaken any more.
      return (value, joined.load.isSuperseded)
    }
    return try await awaitedValue(of: joined, orElse: found, within: request.timeLimit)
  }

  /// The answer of a look-up that waits for no load.
  @usableFromInline
  func answer(
    _ outcome: LookUpOutcome, _ found: Value?, forKey key: Key, _ request: LoadRequest<Key, Value>
  ) throws -> Value {
    switch outcome {
    case .value: break
    case .fail, .notEnoughTime: throw refusal(outcome, forKey: key)
    case .staleThenRefresh(let refresh):
      leaveRefresh(of: [refresh], to: InvocationScope.current, sharesTask: false) { loads, _ in
        self.start(loads[0].load, request)
      }
    case .load: preconditionFailure("a look-up that waits for a load has no answer yet")
    }
    guard let found else { preconditionFailure("a look-up serves a value that it has not found") }
    return found
  }

  /// The error of a look-up that neither finds nor loads anything.
  @usableFromInline
  func refusal(_ outcome: LookUpOutcome, forKey key: Key) -> any Error {
    switch outcome {
    case .fail(let error): error
    case .notEnoughTime(let expected): CacheLoadError.lateLoad(ofKey: key, expected: expected)
    case .value, .staleThenRefresh, .load:
      preconditionFailure("a look-up that has an answer is not refused")
    }
  }

  /// The value of a key, loaded in any case; see ``LoadingCache/refresh(_:timeToLive:within:)``.
  nonisolated(nonsending) func refreshedValue(
    forKey key: Key, _ request: LoadRequest<Key, Value>
  ) async throws -> Value {
    let time = CallerTime()
    if time.isOver { throw CacheLoadError.lateLoad(ofKey: key, expected: .zero) }
    let joined = joinRefresh(
      of: key, hash: hasher.hash(key), time, timeToLive: request.timeToLive)
    if joined.isFirst { start(joined.load, request) }
    // A failure is what the caller wants to know.
    return try await awaitResult(of: joined, orElse: nil, within: WaitLimit(request.timeLimit))
  }

  /// Returns whether an error says that there is no value.
  @usableFromInline
  func isNotFound(_ error: any Error) -> Bool {
    // What this cache throws by itself is not for the program to classify.
    if case CacheLoadError.notFound = error { return true }
    return loadPolicy.errorClass(of: error) == .notFound
  }

  /// How the cache loads.
  package var loadPolicy: LoadPolicy { customLoading?.policy ?? LoadPolicy() }

  var earlyRefresh: Double { customLoading?.policy.earlyRefresh ?? 0 }
  var staleWhileRevalidate: Duration { customLoading?.policy.staleWhileRevalidate ?? .zero }
  var staleIfError: Duration { customLoading?.policy.staleIfError ?? .zero }

  /// How long values may be served after they have expired.
  @usableFromInline
  package var staleWindows: StaleWindows {
    StaleWindows(whileRevalidate: staleWhileRevalidate, ifError: staleIfError)
  }
}

extension Cache {
  /// What a look-up comes to.
  ///
  /// The value that it has found is apart from it: an enumeration that contains it would be copied
  /// and destroyed by functions that nothing specializes.
  @usableFromInline
  enum LookUpOutcome {
    /// The value that was found is served.
    case value
    /// The value that was found is served, and the caller's invocation loads it again later.
    case staleThenRefresh(PendingRefresh)
    /// There is no value, and no load is begun.
    case fail(any Error)
    /// There is no value, and no time is left.
    case notEnoughTime(expected: Duration)
    /// The caller waits for a load.
    case load(JoinedLoad)

    /// Whether the value that was found is the answer, fresh or not, before any load has ended.
    @usableFromInline var isAnswered: Bool {
      switch self {
      case .value, .staleThenRefresh: true
      case .load(let joined): joined.isAnswered
      case .fail, .notEnoughTime: false
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
    /// How fresh the value is that the cache has; `nil` if it has none, or if none is to be served
    /// in the place of an error.
    @usableFromInline var found: FoundValue?

    @inlinable
    init(
      _ load: KeyedLoad<Key, Value>, isFirst: Bool = false, isAnswered: Bool = false,
      found: FoundValue? = nil
    ) {
      self.load = load
      self.isFirst = isFirst
      self.isAnswered = isAnswered
      self.found = found
    }
  }
}

/// Values that turn out to be invalid only when they are used: secrets that were rotated, tokens
/// that were revoked, addresses that have moved.
extension Cache {
  /// Uses the value of a key, loaded if the cache has none; if it turns out to be invalid, it is
  /// loaded again and used once more.
  ///
  /// <!-- with: connect, credentials -->
  /// ```swift
  /// let secrets = Cache<String, String>(byteLimit: 65_536, timeToLive: .seconds(300))
  /// let rows = try await secrets.invalidateAndRetryOnce(
  ///   forKey: "database", if: { $0 is AccessDenied }, orLoad: { try await credentials($0) }
  /// ) { password in
  ///   try await connect(with: password)
  /// }
  /// ```
  ///
  /// Of all callers that use a value at the same time the first that finds it invalid removes it
  /// from the cache; it is loaded again once, and the others that find it invalid use that one.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - timeToLive: How long a loaded entry lives; `nil` for the cache's own time to live.
  ///   - isInvalid: Whether an error of `body` says that the value is invalid.
  ///   - load: Loads the value of the key it is given; see
  ///     ``value(forKey:timeToLive:within:orLoad:)``.
  ///   - body: Uses the value; called a second time with another one if the first was invalid.
  /// - Returns: The result of `body`.
  /// - Throws: The error of `body`, the second time whatever it is; the errors of
  ///   ``value(forKey:timeToLive:within:orLoad:)``.
  public nonisolated(nonsending) func invalidateAndRetryOnce<Result>(
    forKey key: Key, timeToLive: Duration? = nil, if isInvalid: (any Error) -> Bool,
    orLoad load: @escaping @Sendable (Key) async throws -> Value,
    _ body: nonisolated(nonsending) (Value) async throws -> Result
  ) async throws -> Result {
    let use = beginUse(of: key)
    defer { end(use) }
    var generation: Int
    var value: Value
    repeat {
      // If the value is found to be invalid between the two, it is not known which of them this is.
      generation = currentGeneration(of: use)
      value = try await self.value(forKey: key, timeToLive: timeToLive, orLoad: load)
    } while generation != currentGeneration(of: use)
    do {
      return try await body(value)
    } catch  where isInvalid(error) {
      invalidate(use, ofGeneration: generation)
      value = try await self.value(forKey: key, timeToLive: timeToLive, orLoad: load)
      return try await body(value)
    }
  }

  private func beginUse(of key: Key) -> ValueUse {
    let hash = hasher.hash(key)
    return withLoading { loading, _ in
      withUnsafePointer(to: key) { address in
        loading.uses.begin(of: address, hash: hash, isFindable: key == key) {
          KeyedUse(key: key, hash: hash)
        }
      }
    }
  }

  private func end(_ use: ValueUse) {
    withLoading { loading, _ in loading.uses.end(use) }
  }

  private func currentGeneration(of use: ValueUse) -> Int {
    withLoading { _, _ in use.generation }
  }

  /// Removes a value that was found to be invalid, unless another caller has done so before.
  private func invalidate(_ use: ValueUse, ofGeneration generation: Int) {
    let key = unsafeDowncast(use, to: KeyedUse<Key>.self).key
    withState { state, removedEntries in
      guard use.generation == generation else { return }
      use.generation += 1
      state.openLoading().pointee.supersede(key, hash: use.hash)
      _ = state.core.removeValue(
        forKey: key, hash: use.hash, removedEntries: &removedEntries)
    }
  }
}
