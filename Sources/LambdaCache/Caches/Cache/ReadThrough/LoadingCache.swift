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
  @usableFromInline let load: @Sendable (Key) async throws -> Value
  private let loadSeveral: (@Sendable ([Key]) async throws -> [Key: Value])?

  /// Binds closures to a cache.
  ///
  /// - Parameters:
  ///   - cache: The cache.
  ///   - load: Loads the value of a key.
  ///   - loadSeveral: Loads the values of several keys; `nil` to load each by itself.
  init(
    _ cache: Cache<Key, Value>, load: @escaping @Sendable (Key) async throws -> Value,
    loadSeveral: (@Sendable ([Key]) async throws -> [Key: Value])?
  ) {
    self.cache = cache
    self.load = load
    self.loadSeveral = loadSeveral
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
    try await cache.value(forKey: key, timeToLive: timeToLive, within: timeLimit, orLoad: load)
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
    if let loadSeveral {
      return try await cache.values(
        forKeys: keys, timeToLive: timeToLive, within: timeLimit, orLoad: loadSeveral)
    }
    return try await cache.values(
      forKeys: keys, LoadRequest(.value(load), timeToLive: timeToLive, timeLimit: timeLimit))
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
    try await cache.refreshedValue(
      forKey: key, LoadRequest(.value(load), timeToLive: timeToLive, timeLimit: timeLimit))
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
    LoadingCache(self, load: load, loadSeveral: loadSeveral)
  }
}
