/// Read-through for several keys, each with a load of its own.
extension Cache {
  /// The values of several keys; those that the cache does not have are loaded side by side.
  ///
  /// - Returns: The values of the keys that have one.
  /// - Throws: The first error that a key met, in their order; what was loaded for others is in the
  ///   cache all the same.
  nonisolated(nonsending) func values(
    forKeys keys: some Sequence<Key>, _ request: LoadRequest<Key, Value>
  ) async throws -> [Key: Value] {
    var seen: Set<Key> = []
    let keys = keys.filter { seen.insert($0).inserted }
    let results = await withTaskGroup(of: (Int, Result<Value?, any Error>).self) { group in
      for (place, key) in keys.enumerated() {
        group.addTask { (place, await self.result(forKey: key, request)) }
      }
      return await group.reduce(into: [Int: Result<Value?, any Error>]()) { $0[$1.0] = $1.1 }
    }
    var values: [Key: Value] = [:]
    for (place, key) in keys.enumerated() {
      if let value = try results[place]?.get() { values[key] = value }
    }
    return values
  }

  /// A key's value as a result: `nil` if its source has none.
  private func result(
    forKey key: Key, _ request: LoadRequest<Key, Value>
  ) async -> Result<Value?, any Error> {
    do {
      if hasFastLoadPath, let value = value(forKey: key) { return .success(value) }
      return .success(try await loadedValue(forKey: key, request))
    } catch {
      return isNotFound(error) ? .success(nil) : .failure(error)
    }
  }
}
