public import LambdaCache

/// A cache that several tenants share, each of whom sees only what is its own.
///
/// ```swift
/// let profiles = Tenants(Cache<TenantKey<String>, Profile>(byteLimit: 32 << 20))
///
/// let runtime = LambdaRuntime { (event: Request, context: LambdaContext) in
///   let mine = try profiles.view(of: context.tenantID)
///   return try await mine.value(forKey: event.username) { name in
///     try await database.profile(of: name, tenant: mine.tenant)
///   }
/// }
/// ```
///
/// Bytes are counted and evicted together: a tenant that reads much may displace what another has
/// cached, and by how long a look-up takes it may learn that it did. Functions with Lambda's tenant
/// isolation have an environment for each tenant, and need this only to be sure.
public struct Tenants<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// The cache.
  public let cache: Cache<TenantKey<Key>, Value>

  /// Whether ``view(of:)`` throws where no tenant is named; if not, it is a view that all of those
  /// share.
  public let requiresTenant: Bool

  /// Takes a cache for several tenants.
  ///
  /// - Parameters:
  ///   - cache: The cache.
  ///   - requiresTenant: Whether there is no view without a tenant.
  public init(_ cache: Cache<TenantKey<Key>, Value>, requiresTenant: Bool = true) {
    self.cache = cache
    self.requiresTenant = requiresTenant
  }

  /// What one tenant sees.
  ///
  /// - Parameter tenant: The tenant, whose name is compared by its bytes in UTF-8; `nil` if none is
  ///   named.
  /// - Returns: The view.
  /// - Throws: ``TenantError`` if a tenant is required and none is named, or its name is empty.
  public func view(of tenant: String?) throws(TenantError) -> TenantView<Key, Value> {
    if let tenant {
      guard !tenant.isEmpty else { throw .empty }
      return TenantView(cache: cache, tenant: tenant)
    }
    guard !requiresTenant else { throw .missing }
    return TenantView(cache: cache, tenant: "")
  }

  /// Removes everything of one tenant; its loads under way are not stored.
  ///
  /// - Parameter tenant: The tenant.
  /// - Complexity: O(*n*) in the number of entries of all tenants.
  public func removeAll(of tenant: String) {
    TenantView(cache: cache, tenant: tenant).removeAll()
  }
}

/// What one tenant sees of a cache; see ``Tenants``.
public struct TenantView<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  let cache: Cache<TenantKey<Key>, Value>
  /// The tenant; empty for those who name none.
  public let tenant: String

  private func name(_ key: Key) -> TenantKey<Key> { TenantKey(tenant: tenant, key: key) }

  /// The value of a key; see `Cache.value(forKey:)`.
  ///
  /// - Parameter key: The tenant's own key.
  /// - Returns: The value, or `nil` if the tenant has none or its time to live has passed.
  public func value(forKey key: Key) -> Value? { cache.value(forKey: name(key)) }

  /// Accesses the value of a key: setting `nil` removes.
  ///
  /// - Parameter key: The tenant's own key.
  /// - Returns: The value, or `nil` if the tenant has none or its time to live has passed.
  public subscript(key: Key) -> Value? {
    get { cache[name(key)] }
    nonmutating set { cache[name(key)] = newValue }
  }

  /// Sets the value of a key; see `Cache.setValue(_:forKey:timeToLive:heapByteCount:)`.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The tenant's own key.
  ///   - timeToLive: How long this entry lives; `nil` for what the cache says.
  /// - Returns: Whether the value was inserted, replaced another or was rejected.
  @discardableResult
  public func setValue(
    _ value: Value, forKey key: Key, timeToLive: Duration? = nil
  ) -> InsertionOutcome {
    cache.setValue(value, forKey: name(key), timeToLive: timeToLive)
  }

  /// Removes a key and its value.
  ///
  /// - Parameter key: The tenant's own key.
  /// - Returns: The value, or `nil` if the tenant had none.
  @discardableResult
  public func removeValue(forKey key: Key) -> Value? { cache.removeValue(forKey: name(key)) }

  /// The value of a key, loaded if there is none; see
  /// `Cache.value(forKey:timeToLive:within:orLoad:)`.
  ///
  /// - Parameters:
  ///   - key: The tenant's own key.
  ///   - timeToLive: How long a loaded entry lives; `nil` for what the cache says.
  ///   - timeLimit: How long this caller waits for a load at the most; `nil` for as long as it
  ///     takes.
  ///   - load: Loads the value of the tenant's key it is given.
  /// - Returns: The value, from the cache or loaded.
  /// - Throws: What the cache's method throws.
  public nonisolated(nonsending) func value(
    forKey key: Key, timeToLive: Duration? = nil, within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    try await cache.value(forKey: name(key), timeToLive: timeToLive, within: timeLimit) {
      try await load($0.key)
    }
  }

  /// The values of several keys; those that are missing are loaded together; see
  /// `Cache.values(forKeys:timeToLive:within:orLoad:)`.
  ///
  /// - Parameters:
  ///   - keys: The tenant's own keys.
  ///   - timeToLive: How long loaded entries live; `nil` for what the cache says.
  ///   - timeLimit: How long this caller waits for loads at the most; `nil` for as long as they
  ///     take.
  ///   - load: Loads the values of the tenant's keys it is given.
  /// - Returns: The values of the keys that have one.
  /// - Throws: What the cache's method throws.
  public nonisolated(nonsending) func values(
    forKeys keys: some Sequence<Key>, timeToLive: Duration? = nil,
    within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async throws -> [Key: Value] {
    let tenant = tenant
    let values = try await cache.values(
      forKeys: keys.map(name), timeToLive: timeToLive, within: timeLimit
    ) { keys in
      let loaded = try await load(keys.map(\.key))
      return Dictionary(
        uniqueKeysWithValues: loaded.map { (TenantKey(tenant: tenant, key: $0), $1) })
    }
    return Dictionary(uniqueKeysWithValues: values.map { ($0.key, $1) })
  }

  /// Removes everything of the tenant; its loads under way are not stored.
  ///
  /// - Complexity: O(*n*) in the number of entries of all tenants.
  public func removeAll() {
    let tenant = ExactString(tenant)
    cache.removeAll(whereKey: { $0.name == tenant })
  }
}
