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
