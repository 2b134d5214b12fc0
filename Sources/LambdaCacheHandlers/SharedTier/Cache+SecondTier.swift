public import LambdaCache

/// Read-through by way of a tier that environments share.
extension Cache where Key: TierNamed {
  /// The value of a key: from the cache, else from a tier that environments share, else loaded.
  ///
  /// It is `value(forKey:timeToLive:within:orLoad:)`, whose load asks the tier first. What the tier
  /// has is fresh here for no longer than there. What is loaded is left to the tier after the
  /// response of the invocation. Of several environments that miss a key at the same time one loads
  /// it; the others wait for as long as a load takes, and load it themselves only if that was in
  /// vain. For statistics of the cache a value from the tier is a load like any other.
  ///
  /// - Parameters:
  ///   - key: The key to look up. ``TierNamed/tierName`` names it in the tier.
  ///   - tier: The tier.
  ///   - codec: Makes bytes of values, and values of bytes; asked for only after a miss.
  ///   - tags: Tags of the entry, in the tier and in the cache, asked for only after a miss; each
  ///     call for the key gives the same.
  ///   - timeToLive: How long a loaded entry lives; `nil` for the cache's own time to live.
  ///   - timeLimit: How long this caller waits at the most; `nil` for as long as it takes.
  ///   - load: Loads the value of the key it is given.
  /// - Returns: The value.
  /// - Throws: As `value(forKey:timeToLive:within:orLoad:)` does, and nothing else: no error of the
  ///   tier fails a read. Where the tier knows that there is no value, `CacheLoadError.notFound`.
  /// - Complexity: A hit of the cache is O(1), and neither suspends nor allocates.
  @inlinable
  public nonisolated(nonsending) func value(
    forKey key: Key, through tier: SecondTier, codec: @autoclosure () -> TierCodec<Value>,
    tags: @autoclosure () -> [String] = [], timeToLive: Duration? = nil,
    within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    if let value = readyValue(forKey: key) { return value }
    return try await unreadyValue(forKey: key, timeToLive: timeToLive, within: timeLimit) {
      tier.load(of: self, codec, tags: tags, timeToLive: timeToLive, load)
    }
  }

  /// The value of a key, as ``value(forKey:through:codec:tags:timeToLive:within:orLoad:)`` has it,
  /// or `nil` if its source has none.
  ///
  /// That there is none is remembered, here and in the tier, for `LoadPolicy.negativeTimeToLive`.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - tier: The tier.
  ///   - codec: Makes bytes of values, and values of bytes.
  ///   - tags: Tags of the entry, in the tier and in the cache.
  ///   - timeToLive: How long a loaded entry lives; `nil` for the cache's own time to live.
  ///   - timeLimit: How long this caller waits at the most; `nil` for as long as it takes.
  ///   - load: Loads the value of the key it is given; `nil` if there is none.
  /// - Returns: The value; `nil` if there is none.
  /// - Throws: As `optionalValue(forKey:timeToLive:within:orLoad:)` does.
  /// - Complexity: A hit of the cache is O(1), and neither suspends nor allocates.
  @inlinable
  public nonisolated(nonsending) func optionalValue(
    forKey key: Key, through tier: SecondTier, codec: @autoclosure () -> TierCodec<Value>,
    tags: @autoclosure () -> [String] = [], timeToLive: Duration? = nil,
    within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value?
  ) async throws -> Value? {
    if let value = readyValue(forKey: key) { return value }
    return try await unreadyOptionalValue(
      forKey: key, timeToLive: timeToLive, within: timeLimit
    ) {
      tier.optionalLoad(of: self, codec, tags: tags, timeToLive: timeToLive, load)
    }
  }

  /// The values of several keys: from the cache, else from the tier in one call for all that are
  /// missing, else loaded in one call, or in two if the loads of other environments were waited for
  /// in vain.
  ///
  /// - Parameters:
  ///   - keys: The keys to look up; one that occurs several times is looked up once.
  ///   - tier: The tier.
  ///   - codec: Makes bytes of values, and values of bytes.
  ///   - tags: The tags of a key's entry, in the tier and in the cache; the same each time.
  ///   - timeToLive: How long loaded entries live; `nil` for the cache's own time to live.
  ///   - timeLimit: How long this caller waits at the most; `nil` for as long as it takes.
  ///   - load: Loads the values of the keys it is given.
  /// - Returns: The values; a key that its source has no value for is missing.
  /// - Throws: As `values(forKeys:timeToLive:within:orLoad:)` does; what the tier had for other
  ///   keys is in the cache all the same.
  /// - Complexity: O(*n*) in the number of keys.
  @inlinable
  public nonisolated(nonsending) func values(
    forKeys keys: some Sequence<Key>, through tier: SecondTier, codec: TierCodec<Value>,
    tags: @escaping @Sendable (Key) -> [String] = { _ in [] },
    timeToLive: Duration? = nil, within timeLimit: Duration? = nil,
    orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async throws -> [Key: Value] {
    let notes = LoadNotes<Key>()
    return try await values(
      forKeys: keys, timeToLive: timeToLive, within: timeLimit, notes: notes,
      orLoad: tier.bulkLoad(
        of: self, codec, tags: tags, timeToLive: timeToLive, notes: notes, load))
  }

  /// Removes a key from the tier and from the cache.
  ///
  /// A load of the key that is under way in any environment is not stored in the tier. Caches of
  /// other environments keep their entries until their time is over.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - tier: The tier.
  ///   - limit: How long the tier is waited for.
  /// - Returns: The value that the cache had; `nil` if it had none.
  /// - Throws: Any error of the tier: the key may still be there, and the call be repeated. The
  ///   cache has removed it all the same.
  @discardableResult
  public func removeValue(
    forKey key: Key, through tier: SecondTier, within limit: Duration = .seconds(1)
  ) async throws -> Value? {
    let removal = TierRemoval(keys: [tier.space.name(ofKey: key.tierName)])
    do {
      try await tier.state.remove(removal, within: limit)
    } catch {
      removeValue(forKey: key)
      throw error
    }
    // Behind the tier: a load that had read there before is superseded.
    return removeValue(forKey: key)
  }

  /// Invalidates every entry with a tag, in the tier and in the cache.
  ///
  /// In the tier the tag gets another generation, so that entries of the one before are not used
  /// any more. Caches of other environments keep their entries until their time is over.
  ///
  /// - Parameters:
  ///   - tag: The tag.
  ///   - tier: The tier.
  ///   - limit: How long the tier is waited for.
  /// - Returns: How many entries the cache has removed.
  /// - Throws: Any error of the tier: entries may still be there, and the call be repeated. The
  ///   cache has removed its own all the same.
  @discardableResult
  public func removeAll(
    tagged tag: String, through tier: SecondTier, within limit: Duration = .seconds(1)
  ) async throws -> Int {
    do {
      try await tier.state.remove(
        TierRemoval(tags: [tier.space.name(ofTag: tag)]), within: limit)
    } catch {
      removeAll(tagged: tag)
      throw error
    }
    // What is read from now on has the new generation.
    tier.watch(of: self)?.forget(tag)
    return removeAll(tagged: tag)
  }

  /// Binds closures to the cache and a tier: what neither has is loaded.
  ///
  /// <!-- with: engine, database, users -->
  /// ```swift
  /// import LambdaCacheFoundation
  ///
  /// let tier = SecondTier(engine).named("users")
  /// let loading = users.loading(through: tier, codec: .json) { name in
  ///   try await database.user(named: name)
  /// }
  /// let ada = try await loading.value(forKey: "ada")
  /// ```
  ///
  /// Its look-ups are those of ``value(forKey:through:codec:tags:timeToLive:within:orLoad:)`` and
  /// ``values(forKeys:through:codec:tags:timeToLive:within:orLoad:)``. Its `refresh` loads whatever
  /// the tier has, and leaves the new value to the tier as well, unless another environment is
  /// loading one.
  ///
  /// - Parameters:
  ///   - tier: The tier.
  ///   - codec: Makes bytes of values, and values of bytes.
  ///   - tags: The tags of a key's entry, in the tier and in the cache; the same each time.
  ///   - load: Loads the value of a key.
  ///   - loadSeveral: Loads the values of several keys in one call; `nil` to load each by itself,
  ///     side by side. The tier is asked for all of them in one call anyway.
  /// - Returns: The cache with the closures.
  public func loading(
    through tier: SecondTier, codec: TierCodec<Value>,
    tags: @escaping @Sendable (Key) -> [String] = { _ in [] },
    _ load: @escaping @Sendable (Key) async throws -> Value,
    several loadSeveral: (@Sendable ([Key]) async throws -> [Key: Value])? = nil
  ) -> LoadingCache<Key, Value> {
    LoadingCache(
      self, tier.source(of: self, codec, tags: tags, load, several: loadSeveral))
  }
}
