/// A cache together with the closures that load what it does not have.
///
/// <!-- with: database -->
/// ```swift
/// let cache = Cache<String, User>(byteLimit: 32 << 20, timeToLive: .seconds(300))
/// let users = cache.loading { name in try await database.user(named: name) }
/// let ada = try await users.value(forKey: "ada")
/// ```
///
/// It is a value without state of its own: copies use the same cache, which other code may use as
/// well.
public struct LoadingCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// The cache that keeps what is loaded.
  public let cache: Cache<Key, Value>
  @usableFromInline let source: Source

  /// What the cache loads from; in a box, so that a look-up has less to pass on.
  @usableFromInline
  indirect enum Source: Sendable {
    /// Closures for one key and, perhaps, for several.
    case closures(
      @Sendable (Key) async throws -> Value,
      several: (@Sendable ([Key]) async throws -> [Key: Value])?)
    /// Closures that note something of the values.
    case noted(NotedSource<Key, Value>)
  }

  /// Binds a source to a cache.
  init(_ cache: Cache<Key, Value>, _ source: Source) {
    self.cache = cache
    self.source = source
  }

  /// Binds closures to a cache that note something of the values they bring.
  package init(_ cache: Cache<Key, Value>, _ source: NotedSource<Key, Value>) {
    self.init(cache, .noted(source))
  }

  /// The value of a key, loaded if the cache has none; see
  /// ``Cache/value(forKey:timeToLive:within:orLoad:)``.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - timeToLive: How long a loaded entry lives; `nil` for the cache's own time to live.
  ///   - timeLimit: How long this caller waits for a load at the most; `nil` for as long as it
  ///     takes.
  /// - Returns: The value, from the cache or loaded.
  /// - Throws: The errors of ``Cache/value(forKey:timeToLive:within:orLoad:)``.
  /// - Complexity: A hit is O(1), and neither suspends nor allocates.
  @inlinable
  public nonisolated(nonsending) func value(
    forKey key: Key, timeToLive: Duration? = nil, within timeLimit: Duration? = nil
  ) async throws -> Value {
    // Before there is a request, whose closures would have to be retained.
    if let value = cache.readyValue(forKey: key) { return value }
    switch source {
    case .closures(let load, _):
      return try await cache.loadedValue(
        forKey: key, LoadRequest(.value(load), timeToLive: timeToLive, timeLimit: timeLimit)
      ).value
    case .noted(let source):
      return try await cache.unreadyValue(forKey: key, timeToLive: timeToLive, within: timeLimit) {
        source.load(key, timeToLive)
      }
    }
  }

  /// The values of several keys; those that the cache does not have are loaded, in one call if
  /// there is a closure for several keys, else each by itself, side by side.
  ///
  /// - Parameters:
  ///   - keys: The keys to look up; one that occurs several times is looked up once.
  ///   - timeToLive: How long loaded entries live; `nil` for the cache's own time to live.
  ///   - timeLimit: How long this caller waits for loads at the most; `nil` for as long as they
  ///     take.
  /// - Returns: The values; a key that its source has no value for is missing.
  /// - Throws: The errors of ``Cache/values(forKeys:timeToLive:within:orLoad:)``: the first one
  ///   that a key met, but for errors of the class ``LoadErrorClass/notFound``.
  /// - Complexity: O(*n*) in the number of keys.
  public nonisolated(nonsending) func values(
    forKeys keys: some Sequence<Key>, timeToLive: Duration? = nil,
    within timeLimit: Duration? = nil
  ) async throws -> [Key: Value] {
    switch source {
    case .closures(_, let loadSeveral?):
      return try await cache.values(
        forKeys: keys, timeToLive: timeToLive, within: timeLimit, orLoad: loadSeveral)
    case .closures(let load, nil):
      return try await cache.values(
        forKeys: keys, LoadRequest(.value(load), timeToLive: timeToLive, timeLimit: timeLimit))
    case .noted(let source):
      let notes = LoadNotes<Key>()
      return try await cache.values(
        forKeys: keys, timeToLive: timeToLive, within: timeLimit, notes: notes,
        orLoad: source.loadSeveral(timeToLive, notes))
    }
  }

  /// Loads the value of a key, whether or not the cache has one, and keeps it.
  ///
  /// Until the load ends, look-ups are given the value that the cache has, and if it fails the
  /// cache keeps that, unless the error is of the class ``LoadErrorClass/notFound``. A load of the
  /// key that is under way is joined. What is remembered of failures does not keep it from being
  /// tried.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - timeToLive: How long the loaded entry lives; `nil` for the cache's own time to live.
  ///   - timeLimit: How long this caller waits at the most; `nil` for as long as the load takes.
  /// - Returns: The value that was loaded.
  /// - Throws: The error of the load; `CancellationError` if the caller was cancelled while it
  ///   waited; ``CacheLoadError`` if `timeLimit` has passed or nothing is left of the invocation's
  ///   time.
  @discardableResult
  public nonisolated(nonsending) func refresh(
    _ key: Key, timeToLive: Duration? = nil, within timeLimit: Duration? = nil
  ) async throws -> Value {
    let operation: LoadRequest<Key, Value>.Operation =
      switch source {
      case .closures(let load, _): .value(load)
      case .noted(let source): source.refresh(key, timeToLive)
      }
    return try await cache.refreshedValue(
      forKey: key, LoadRequest(operation, timeToLive: timeToLive, timeLimit: timeLimit))
  }
}

extension Cache {
  /// Binds a closure to the cache that loads what it does not have.
  ///
  /// <!-- with: database, users -->
  /// ```swift
  /// let loading = users.loading { name in try await database.user(named: name) }
  /// ```
  ///
  /// - Parameters:
  ///   - load: Loads the value of a key.
  ///   - loadSeveral: Loads the values of several keys in one call; `nil` to load each by itself.
  /// - Returns: The cache with the closures.
  public func loading(
    _ load: @escaping @Sendable (Key) async throws -> Value,
    several loadSeveral: (@Sendable ([Key]) async throws -> [Key: Value])? = nil
  ) -> LoadingCache<Key, Value> {
    LoadingCache(self, .closures(load, several: loadSeveral))
  }
}
