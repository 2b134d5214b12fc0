internal import LambdaCache

/// Read-through of one tenant by way of a tier that environments share.
///
/// The tenant is a part of each name in the tier, and each entry has a tag of its tenant, so that
/// ``removeAll(through:within:)`` reaches them in all environments. Tags that are given with a read
/// are those of the cache, whose `removeAll(tagged:through:within:)` removes entries of all
/// tenants.
extension TenantView where Key: TierNamed {
  /// The value of a key: from the cache, else from a tier that environments share, else loaded; see
  /// `Cache.value(forKey:through:codec:tags:timeToLive:within:orLoad:)`.
  ///
  /// - Parameters:
  ///   - key: The tenant's own key.
  ///   - tier: The tier.
  ///   - codec: Makes bytes of values, and values of bytes.
  ///   - tags: Tags of the entry, beside that of the tenant; each call for the key gives the same.
  ///   - timeToLive: The time to live of a loaded entry; `nil` for the cache's own.
  ///   - timeLimit: The longest wait of this caller; `nil` for no limit.
  ///   - load: Loads the value of a key of the tenant's.
  /// - Returns: The value.
  /// - Throws: Any error of the cache's method.
  /// - Complexity: A hit of the cache is O(1), and neither suspends nor allocates.
  public nonisolated(nonsending) func value(
    forKey key: Key, through tier: SecondTier, codec: @autoclosure () -> TierCodec<Value>,
    tags: @autoclosure () -> [String] = [], timeToLive: Duration? = nil,
    within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    let name = name(key)
    // Before there is a closure, which has to be allocated.
    if let value = cache.readyValue(forKey: name) { return value }
    return try await cache.value(
      forKey: name, through: tier, codec: codec(), tags: tags() + [tierTag],
      timeToLive: timeToLive, within: timeLimit
    ) { try await load($0.key) }
  }

  /// The value of a key, as ``value(forKey:through:codec:tags:timeToLive:within:orLoad:)`` has it,
  /// or `nil` if its source has none.
  ///
  /// - Parameters:
  ///   - key: The tenant's own key.
  ///   - tier: The tier.
  ///   - codec: Makes bytes of values, and values of bytes.
  ///   - tags: Tags of the entry, beside that of the tenant.
  ///   - timeToLive: The time to live of a loaded entry; `nil` for the cache's own.
  ///   - timeLimit: The longest wait of this caller; `nil` for no limit.
  ///   - load: Loads the value of a key of the tenant's; `nil` if there is none.
  /// - Returns: The value; `nil` if there is none.
  /// - Throws: Any error of the cache's method.
  /// - Complexity: A hit of the cache is O(1), and neither suspends nor allocates.
  public nonisolated(nonsending) func optionalValue(
    forKey key: Key, through tier: SecondTier, codec: @autoclosure () -> TierCodec<Value>,
    tags: @autoclosure () -> [String] = [], timeToLive: Duration? = nil,
    within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value?
  ) async throws -> Value? {
    let name = name(key)
    if let value = cache.readyValue(forKey: name) { return value }
    return try await cache.optionalValue(
      forKey: name, through: tier, codec: codec(), tags: tags() + [tierTag],
      timeToLive: timeToLive, within: timeLimit
    ) { try await load($0.key) }
  }

  /// The values of several keys, in one call of the tier for those that the cache lacks, and one
  /// load; see `Cache.values(forKeys:through:codec:tags:timeToLive:within:orLoad:)`.
  ///
  /// - Parameters:
  ///   - keys: The tenant's own keys.
  ///   - tier: The tier.
  ///   - codec: Makes bytes of values, and values of bytes.
  ///   - tags: The tags of a key's entry, beside that of the tenant.
  ///   - timeToLive: The time to live of loaded entries; `nil` for the cache's own.
  ///   - timeLimit: The longest wait of this caller; `nil` for no limit.
  ///   - load: Loads the values of keys of the tenant's.
  /// - Returns: The values of the keys that have one.
  /// - Throws: Any error of the cache's method.
  /// - Complexity: O(*n*) in the number of keys.
  public nonisolated(nonsending) func values(
    forKeys keys: some Sequence<Key>, through tier: SecondTier, codec: TierCodec<Value>,
    tags: @escaping @Sendable (Key) -> [String] = { _ in [] },
    timeToLive: Duration? = nil, within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async throws -> [Key: Value] {
    let (tenant, tierTag) = (tenant, tierTag)
    let values = try await cache.values(
      forKeys: keys.map(name), through: tier, codec: codec, tags: { tags($0.key) + [tierTag] },
      timeToLive: timeToLive, within: timeLimit,
      orLoad: { keys in
        let loaded = try await load(keys.map(\.key))
        return Dictionary(
          uniqueKeysWithValues: loaded.map { (TenantKey(tenant: tenant, key: $0), $1) })
      })
    return Dictionary(uniqueKeysWithValues: values.map { ($0.key, $1) })
  }

  /// Removes a key of the tenant's from the tier and from the cache; see
  /// `Cache.removeValue(forKey:through:within:)`.
  ///
  /// - Parameters:
  ///   - key: The tenant's own key.
  ///   - tier: The tier.
  ///   - limit: How long the tier is waited for.
  /// - Returns: The value that the cache had; `nil` if it had none.
  /// - Throws: Any error of the tier; the cache has removed the key all the same.
  @discardableResult
  public func removeValue(
    forKey key: Key, through tier: SecondTier, within limit: Duration = .seconds(1)
  ) async throws -> Value? {
    try await cache.removeValue(forKey: name(key), through: tier, within: limit)
  }

  /// Invalidates all entries of the tenant, in the tier and in the cache.
  ///
  /// Caches of other environments keep their entries until their time is over, or until they
  /// validate their tags.
  ///
  /// - Parameters:
  ///   - tier: The tier.
  ///   - limit: How long the tier is waited for.
  /// - Throws: Any error of the tier: entries may still be there, and the call be repeated. The
  ///   cache has removed its own all the same.
  /// - Complexity: O(*n*) in the number of entries of all tenants.
  public func removeAll(
    through tier: SecondTier, within limit: Duration = .seconds(1)
  ) async throws {
    // After the tier: a load that had read there before is superseded. Entries that were set
    // without it have no tag.
    defer { removeAll() }
    try await cache.removeAll(tagged: tierTag, through: tier, within: limit)
  }

  /// The tag of the tenant's entries in the tier, in ASCII, so that two names that are equal as
  /// strings have two.
  private var tierTag: String {
    let name = tenant.utf8.map { byte in
      byte < 0x80 && byte != UInt8(ascii: "%")
        ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16)
    }
    return "\u{0}tenant:" + name.joined()
  }
}
