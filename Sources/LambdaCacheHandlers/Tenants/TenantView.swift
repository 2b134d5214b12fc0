public import LambdaCache

extension Cache {
  /// The view of one tenant on a cache that several tenants share.
  ///
  /// <!-- with: AWSLambdaRuntime, Request, database -->
  /// ```swift
  /// let profiles = Cache<TenantKey<String>, Profile>(byteLimit: 32 << 20)
  ///
  /// let runtime = LambdaRuntime { (event: Request, context: LambdaContext) in
  ///   let own = try profiles.view(ofTenant: context.tenantID)
  ///   return try await own.value(forKey: event.username) { name in
  ///     try await database.profile(of: name, tenant: own.tenant)
  ///   }
  /// }
  /// ```
  ///
  /// Bytes are counted and evicted together: a tenant that reads much may displace entries of
  /// another, which can notice that by the duration of its look-ups. Functions with Lambda's tenant
  /// isolation have an environment for each tenant, and need this only to be sure.
  ///
  /// - Parameters:
  ///   - tenant: The name of the tenant, compared by its bytes in UTF-8; `nil` if the event has
  ///     none.
  ///   - isRequired: Whether a tenant is required. If not, all events without one share a view.
  /// - Returns: The view.
  /// - Throws: ``TenantError`` if a tenant is required and there is none, or its name is empty.
  public func view<TenantsKey>(
    ofTenant tenant: String?, isRequired: Bool = true
  ) throws(TenantError) -> TenantView<TenantsKey, Value> where Key == TenantKey<TenantsKey> {
    if let tenant {
      guard !tenant.isEmpty else { throw .empty }
      return TenantView(cache: self, tenant: tenant)
    }
    guard !isRequired else { throw .missing }
    return TenantView(cache: self, tenant: "")
  }
}

/// One tenant's view of a cache; see `Cache.view(ofTenant:isRequired:)`.
public struct TenantView<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  let cache: Cache<TenantKey<Key>, Value>
  /// The tenant; empty for the view of events without one.
  public let tenant: String

  func name(_ key: Key) -> TenantKey<Key> { TenantKey(tenant: tenant, key: key) }

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
  ///   - timeToLive: The time to live of this entry; `nil` for the cache's own.
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
  ///   - timeToLive: The time to live of a loaded entry; `nil` for the cache's own.
  ///   - timeLimit: The longest wait of this caller for a load; `nil` for no limit.
  ///   - load: Loads the value of a key of the tenant's.
  /// - Returns: The value, from the cache or loaded.
  /// - Throws: Any error of the cache's method.
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
  ///   - timeToLive: The time to live of loaded entries; `nil` for the cache's own.
  ///   - timeLimit: The longest wait of this caller for loads; `nil` for no limit.
  ///   - load: Loads the values of keys of the tenant's.
  /// - Returns: The values of the keys that have one.
  /// - Throws: Any error of the cache's method.
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

  /// Removes all entries of the tenant; the results of its loads in progress are not stored.
  ///
  /// - Complexity: O(*n*) in the number of entries of all tenants.
  public func removeAll() {
    let tenant = ExactString(tenant)
    cache.removeAll(whereKey: { $0.name == tenant })
  }
}
