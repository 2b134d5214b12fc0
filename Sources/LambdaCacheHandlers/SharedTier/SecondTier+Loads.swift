public import LambdaCache

/// The loading closures that ask the tier first.
///
/// While the engine is not asked anyway, since it has failed too often, a load has nothing of what
/// asking needs: no names, no codec, no task and no timer. What remains to be noted of its value is
/// the tier's time to live, and its tags, without which a removal would not find it.
extension SecondTier {
  /// The loading closure for one key.
  @usableFromInline
  func load<Key: Hashable & TierNamed & Sendable, Value: Sendable>(
    of cache: Cache<Key, Value>, _ codec: () -> TierCodec<Value>, tags: () -> [String],
    timeToLive: Duration?, _ load: @escaping @Sendable (Key) async throws -> Value
  ) -> LoadRequest<Key, Value>.Operation {
    let tags = tags()
    if state.isUnavailable() {
      guard let note = noteWithoutAnswer(tags, of: cache) else { return .value(load) }
      return .noted(Self.noting(note, load))
    }
    let load = TierLoad(
      cache: cache, tier: self, codec: codec(), timeToLive: timeToLive, tags: { _ in tags },
      load: Self.results(load))
    return .noted(NotedLoad(load.notes, load.value(of:)))
  }

  /// The loading closure for one key that may have no value.
  @usableFromInline
  func optionalLoad<Key: Hashable & TierNamed & Sendable, Value: Sendable>(
    of cache: Cache<Key, Value>, _ codec: () -> TierCodec<Value>, tags: () -> [String],
    timeToLive: Duration?, _ load: @escaping @Sendable (Key) async throws -> Value?
  ) -> LoadRequest<Key, Value>.Operation {
    let tags = tags()
    if state.isUnavailable() {
      guard let note = noteWithoutAnswer(tags, of: cache) else { return .optionalValue(load) }
      return .noted(
        Self.noting(note) { key in
          guard let value = try await load(key) else {
            throw CacheLoadError.notFound(key: String(describing: key))
          }
          return value
        })
    }
    let load = TierLoad(
      cache: cache, tier: self, codec: codec(), timeToLive: timeToLive, tags: { _ in tags },
      load: Self.results(load))
    return .noted(NotedLoad(load.notes, load.value(of:)))
  }

  /// The loading closure for several keys.
  @usableFromInline
  func bulkLoad<Key: Hashable & TierNamed & Sendable, Value: Sendable>(
    of cache: Cache<Key, Value>, _ codec: TierCodec<Value>,
    tags: @escaping @Sendable (Key) -> [String], timeToLive: Duration?, notes: LoadNotes<Key>,
    _ load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) -> @Sendable ([Key]) async throws -> [Key: Value] {
    bulkLoad(
      TierLoad(
        cache: cache, tier: self, codec: codec, timeToLive: timeToLive, tags: tags, notes: notes,
        load: Self.results(load)))
  }

  private func bulkLoad<Key, Value>(
    _ load: TierLoad<Key, Value>
  ) -> @Sendable ([Key]) async throws -> [Key: Value] {
    { keys in
      guard load.tier.state.isUnavailable(forKeyCount: keys.count) else {
        return try await load.values(of: keys)
      }
      return await load.valuesWithoutAnswer(of: keys)
    }
  }

  /// The closures of a cache that has them with it.
  func source<Key: Hashable & TierNamed & Sendable, Value: Sendable>(
    of cache: Cache<Key, Value>, _ codec: TierCodec<Value>,
    tags: @escaping @Sendable (Key) -> [String],
    _ load: @escaping @Sendable (Key) async throws -> Value,
    several loadSeveral: (@Sendable ([Key]) async throws -> [Key: Value])?
  ) -> NotedSource<Key, Value> {
    NotedSource(
      load: { key, timeToLive in
        self.load(
          of: cache, { codec }, tags: { tags(key) }, timeToLive: timeToLive, load)
      },
      refresh: { key, timeToLive in
        if state.isUnavailable() {
          guard let note = noteWithoutAnswer(tags(key), of: cache) else { return .value(load) }
          return .noted(Self.noting(note, load))
        }
        let load = TierLoad(
          cache: cache, tier: self, codec: codec, timeToLive: timeToLive, tags: tags,
          load: Self.results(load))
        return .noted(NotedLoad(load.notes, load.newValue(of:)))
      },
      loadSeveral: { timeToLive, notes in
        bulkLoad(
          TierLoad(
            cache: cache, tier: self, codec: codec, timeToLive: timeToLive, tags: tags,
            notes: notes,
            load: loadSeveral.map { Self.results($0) } ?? Self.resultsSideBySide(load)))
      })
  }

  // MARK: Results of loads

  private static func results<Key: Sendable, Value: Sendable>(
    _ load: @escaping @Sendable (Key) async throws -> Value?
  ) -> @Sendable ([Key]) async -> [Result<Value?, any Error>] {
    { keys in [await result(of: keys[0], load)] }
  }

  private static func results<Key: Sendable, Value: Sendable>(
    _ load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) -> @Sendable ([Key]) async -> [Result<Value?, any Error>] {
    { keys in
      do {
        let values = try await load(keys)
        return keys.map { .success(values[$0]) }
      } catch {
        return keys.map { _ in .failure(error) }
      }
    }
  }

  private static func resultsSideBySide<Key: Sendable, Value: Sendable>(
    _ load: @escaping @Sendable (Key) async throws -> Value
  ) -> @Sendable ([Key]) async -> [Result<Value?, any Error>] {
    { keys in
      guard keys.count > 1 else { return [await result(of: keys[0], load)] }
      return await withTaskGroup(of: (Int, Result<Value?, any Error>).self) { group in
        for (place, key) in keys.enumerated() {
          group.addTask { (place, await result(of: key, load)) }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private static func result<Key: Sendable, Value: Sendable>(
    of key: Key, _ load: @Sendable (Key) async throws -> Value?
  ) async -> Result<Value?, any Error> {
    do {
      return .success(try await load(key))
    } catch {
      return .failure(error)
    }
  }

  // MARK: Notes

  /// What is noted of a value that is loaded without asking the engine; `nil` for nothing.
  func noteWithoutAnswer<Key, Value>(
    _ tags: [String], of cache: Cache<Key, Value>, isAbsent: Bool = false
  ) -> LoadNote? {
    if tags.isEmpty, state.timeToLive == nil, !isAbsent { return nil }
    let watch = watch(of: cache)
    let read = noteTags(tags, in: watch)
    return LoadNote(
      longestLife: isAbsent ? nil : state.timeToLive, isAbsent: isAbsent, tags: tags,
      afterStore: noteStored(tags, read, in: watch))
  }

  private static func noting<Key, Value>(
    _ note: LoadNote, _ load: @escaping @Sendable (Key) async throws -> Value
  ) -> NotedLoad<Key, Value> {
    let notes = LoadNotes<Key>()
    return NotedLoad(notes) { key in
      notes.add([key: note])
      return try await load(key)
    }
  }

  /// What is known of the tags of a cache's entries; `nil` where they are not validated.
  func watch<Key, Value>(of cache: Cache<Key, Value>) -> TierWatch? {
    state.validation?.watch(of: cache, in: space)
  }

  /// Notes the generations of the tags of a value that is being read.
  ///
  /// - Parameters:
  ///   - tags: The tags.
  ///   - generations: What the engine has answered; `nil` if it has not.
  ///   - watch: What is known of the cache's tags; `nil` where they are not validated.
  /// - Returns: Generations that the value is not older than.
  func noteTags(
    _ tags: [String], _ generations: [UInt64]? = nil, in watch: TierWatch?
  ) -> [UInt64?] {
    guard let watch, !tags.isEmpty else { return [] }
    let noted = tags.indices.map { watch.note(tags[$0], generations?[$0]) }
    countInvalidated(noted.reduce(0) { $0 + $1.removed })
    return noted.map(\.generation)
  }

  /// The closure that notes the same when the value has been stored; `nil` for nothing.
  func noteStored(
    _ tags: [String], _ read: [UInt64?], in watch: TierWatch?
  ) -> (@Sendable () -> Void)? {
    guard let watch, !tags.isEmpty else { return nil }
    return {
      countInvalidated(zip(tags, read).reduce(0) { $0 + watch.noteStored($1.0, $1.1) })
    }
  }

  private func countInvalidated(_ count: Int) {
    if count > 0 { state.count { $0.invalidatedValues += count } }
  }
}

extension TierLoad {
  /// The values of several keys, without asking the engine.
  func valuesWithoutAnswer(of keys: [Key]) async -> [Key: Value] {
    var values: [Key: Value] = [:]
    var added: [Key: LoadNote] = [:]
    for (key, result) in zip(keys, await load(keys)) {
      switch result {
      case .success(let value):
        values[key] = value
        added[key] = tier.noteWithoutAnswer(tags(key), of: cache, isAbsent: value == nil)
      case .failure(let error): added[key] = LoadNote(failure: error)
      }
    }
    if !added.isEmpty { notes.add(added) }
    return values
  }
}
