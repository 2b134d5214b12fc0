/// Values that turn out to be invalid only when they are used: secrets that were rotated, tokens that
/// were revoked, addresses that have moved.
extension Cache {
  /// Uses the value of a key, loaded if the cache has none; if it turns out to be invalid, it is loaded
  /// anew and used once more.
  ///
  /// ```swift
  /// let rows = try await secrets.invalidateAndRetryOnce(
  ///   forKey: "database", if: { $0 is AuthenticationFailed }, orLoad: fetchSecret
  /// ) { password in
  ///   try await database.query(sql, password: password)
  /// }
  /// ```
  ///
  /// Of all who use a value at the same time the first who finds it invalid removes it from the cache;
  /// it is loaded anew once, and the others who find the same value invalid use that one.
  ///
  /// - Parameters:
  ///   - key: The key to look up.
  ///   - timeToLive: How long a loaded entry lives; `nil` for the cache's own time to live.
  ///   - isInvalid: Whether an error of `body` says that the value is invalid.
  ///   - load: Loads the value of the key it is given; see
  ///     ``value(forKey:timeToLive:within:orLoad:)``.
  ///   - body: Uses the value; called a second time with another one if the first was invalid.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws, the second time whatever it is; what
  ///   ``value(forKey:timeToLive:within:orLoad:)`` throws.
  public nonisolated(nonsending) func invalidateAndRetryOnce<Result>(
    forKey key: Key, timeToLive: Duration? = nil, if isInvalid: (any Error) -> Bool,
    orLoad load: @escaping @Sendable (Key) async throws -> Value,
    _ body: nonisolated(nonsending) (Value) async throws -> Result
  ) async throws -> Result {
    let hash = hasher.hash(key)
    beginUse(of: key, hash: hash)
    defer { endUse(of: key, hash: hash) }
    var generation: Int
    var value: Value
    repeat {
      // If the value is found to be invalid between the two, it is not known which of them this is.
      generation = currentGeneration(of: key, hash: hash)
      value = try await self.value(forKey: key, timeToLive: timeToLive, orLoad: load)
    } while generation != currentGeneration(of: key, hash: hash)
    do {
      return try await body(value)
    } catch  where isInvalid(error) {
      invalidate(key, hash: hash, ofGeneration: generation)
      value = try await self.value(forKey: key, timeToLive: timeToLive, orLoad: load)
      return try await body(value)
    }
  }

  private func beginUse(of key: Key, hash: UInt32) {
    withLoading { loading, _ in
      loading.table.uses[FlightTable.HashedKey(key: key, hash: hash), default: .init()].count += 1
    }
  }

  private func endUse(of key: Key, hash: UInt32) {
    // What is removed is destroyed only when the lock is released.
    _ = withLoading { loading, _ in
      let name = FlightTable<Key, Value>.HashedKey(key: key, hash: hash)
      guard let place = loading.table.uses.index(forKey: name) else { return Key?.none }
      loading.table.uses.values[place].count -= 1
      guard loading.table.uses.values[place].count == 0 else { return nil }
      return loading.table.uses.remove(at: place).key.key
    }
  }

  private func currentGeneration(of key: Key, hash: UInt32) -> Int {
    withLoading { loading, _ in
      loading.table.uses[FlightTable.HashedKey(key: key, hash: hash)]?.generation ?? 0
    }
  }

  /// Removes a value that was found to be invalid, unless somebody has done so before.
  private func invalidate(_ key: Key, hash: UInt32, ofGeneration generation: Int) {
    withCore { core, departures in
      let table = state.pointee.openLoading()
      let name = FlightTable<Key, Value>.HashedKey(key: key, hash: hash)
      guard table.pointee.table.uses[name]?.generation == generation else { return }
      table.pointee.table.uses[name]?.generation += 1
      table.pointee.supersede(key, hash: hash)
      _ = core.removeValue(forKey: key, hash: hash, departures: &departures)
    }
  }
}
