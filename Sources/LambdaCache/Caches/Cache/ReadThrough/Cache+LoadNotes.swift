/// Read-through for closures that note something of the values they bring.
extension Cache {
  /// The value of a key as ``value(forKey:timeToLive:within:orLoad:)`` has it, after
  /// ``readyValue(forKey:)`` has had none.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - timeToLive: How long a loaded entry lives; `nil` for the cache's own time to live.
  ///   - timeLimit: How long this caller waits; `nil` for as long as it takes.
  ///   - makeLoad: Makes the loading closure, if one is needed: a hit must not allocate. It may
  ///     find that nothing is to be noted.
  @inlinable @inline(never)
  package nonisolated(nonsending) func unreadyValue(
    forKey key: Key, timeToLive: Duration?, within timeLimit: Duration?,
    notingLoad makeLoad: () -> LoadRequest<Key, Value>.Operation
  ) async throws -> Value {
    let (outcome, found) = decide(
      key, hash: hasher.hash(key), CallerTime(), mayCount: !hasFastLoadPath,
      timeToLive: timeToLive)
    if case .value = outcome, let found { return found }
    if case .load(let joined) = outcome {
      if joined.isFirst {
        start(
          joined.load, LoadRequest(makeLoad(), timeToLive: timeToLive, timeLimit: timeLimit))
      }
      return try await awaitedValue(of: joined, orElse: found, within: timeLimit).value
    }
    // Only a refresh that is left to the invocation loads anything.
    guard case .staleThenRefresh = outcome else { throw refusal(outcome, forKey: key) }
    return try answer(
      outcome, found, forKey: key,
      LoadRequest(makeLoad(), timeToLive: timeToLive, timeLimit: timeLimit))
  }

  /// The value of a key as ``optionalValue(forKey:timeToLive:within:orLoad:)`` has it, after
  /// ``readyValue(forKey:)`` has had none.
  @inlinable
  package nonisolated(nonsending) func unreadyOptionalValue(
    forKey key: Key, timeToLive: Duration?, within timeLimit: Duration?,
    notingLoad makeLoad: () -> LoadRequest<Key, Value>.Operation
  ) async throws -> Value? {
    do {
      return try await unreadyValue(
        forKey: key, timeToLive: timeToLive, within: timeLimit, notingLoad: makeLoad)
    } catch  where isNotFound(error) {
      return nil
    }
  }

  /// The values of several keys as ``values(forKeys:timeToLive:within:orLoad:)`` has them.
  ///
  /// A key without a value, that is not noted to have none, ends with the failure that is noted.
  @inlinable
  package nonisolated(nonsending) func values(
    forKeys keys: some Sequence<Key>, timeToLive: Duration?, within timeLimit: Duration?,
    notes: LoadNotes<Key>, orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async throws -> [Key: Value] {
    try await values(
      forKeys: keys.uniqueElements, timeToLive: timeToLive, within: timeLimit,
      task: LoadTask(loadCount: 0), notes: notes, orLoad: load)
  }

  /// Loads the value of a key, whether or not the cache has one, and keeps it.
  package nonisolated(nonsending) func refreshedValue(
    forKey key: Key, timeToLive: Duration?, notes: LoadNotes<Key>,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    try await refreshedValue(
      forKey: key, LoadRequest(.noted(NotedLoad(notes, load)), timeToLive: timeToLive))
  }

  /// How long an entry is fresh; `nil` if it does not expire.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The key.
  ///   - timeToLive: What the call says; `nil` for nothing.
  package func lifetime(of value: Value, forKey key: Key, timeToLive: Duration?) -> Duration? {
    timeToLive ?? entryTimeToLive?(key, value) ?? self.timeToLive
  }

  /// Does to a write what is noted of its value.
  @usableFromInline
  func apply(_ note: LoadNote, to write: inout PendingWrite<Key, Value>) {
    if let longest = note.longestLife {
      write.timeToLive = min(write.timeToLive ?? timeToLive ?? longest, longest)
    }
    guard !note.tags.isEmpty else { return }
    write.tags = TagList((write.tags?.names ?? []) + note.tags, isExact: hasExactTags)
  }
}
