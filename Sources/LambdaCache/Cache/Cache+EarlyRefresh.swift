#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Loading a fresh value anew before it expires: see ``Expiration/earlyRefresh``.
extension Cache {
  private enum Look {
    case missing
    case fresh(Value)
    /// Fresh, and chance wants it loaded anew.
    case due(Value)
  }

  /// The value of a key, loaded if there is none, and now and then also if there is one.
  ///
  /// Whoever chance chooses waits for the load; others meanwhile get the value that is there, and so
  /// does the one who waited if the load fails: the value is still fresh.
  @usableFromInline
  nonisolated(nonsending) func earlyRefreshedValue(
    forKey key: Key, timeToLive: Duration?, load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    switch look(for: key) {
    case .missing: return try await loadedValue(forKey: key, timeToLive: timeToLive, load: load)
    case .fresh(let value): return value
    case .due(let value):
      do {
        return try await refreshedValue(
          forKey: key, present: value, timeToLive: timeToLive, load: load)
      } catch {
        return value
      }
    }
  }

  private func look(for key: Key) -> Look {
    let hash = hasher.hash(key)
    return withCore { core, departures in
      let slot = core.reclaimingHit(key, hash: hash, departures: &departures)
      guard slot != 0 else { return .missing }
      let value = core.entries[Int(slot)].value
      let freshEnd = core.ends(of: slot).freshEnd
      guard freshEnd != .max, let recent = state.pointee.loads.recentMilliseconds else {
        return .fresh(value)
      }
      let lead = recent * earlyRefresh * -log(Double.random(in: Double.leastNonzeroMagnitude...1))
      let remaining = Double(freshEnd - core.time.now())
      return lead >= remaining ? .due(value) : .fresh(value)
    }
  }
}
