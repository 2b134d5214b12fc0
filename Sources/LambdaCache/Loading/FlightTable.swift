/// The loads of a cache that have not ended and that nothing has superseded, by key.
@usableFromInline
package struct FlightTable<Key: Hashable & Sendable, Value: Sendable> {
  /// A key that hashes to what was computed before the lock was taken: no hashing of the user's
  /// runs under it.
  @usableFromInline
  struct HashedKey: Hashable {
    @usableFromInline let key: Key
    @usableFromInline let hash: UInt32

    @inlinable
    init(key: Key, hash: UInt32) {
      self.key = key
      self.hash = hash
    }

    @usableFromInline
    static func == (first: HashedKey, second: HashedKey) -> Bool { first.key == second.key }

    @usableFromInline
    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
  }

  @usableFromInline var flights: [HashedKey: LoadFlight<Value>] = [:]

  package init() {}

  subscript(key: Key, hash: UInt32) -> LoadFlight<Value>? {
    get { flights[HashedKey(key: key, hash: hash)] }
    set { flights[HashedKey(key: key, hash: hash)] = newValue }
  }

  /// Forgets the load of a key: a write or a removal has overtaken it, so its result must not be
  /// stored, and whoever asks from now on must not be given it.
  @inlinable
  mutating func supersede(_ key: Key, hash: UInt32) {
    guard !flights.isEmpty else { return }
    flights[HashedKey(key: key, hash: hash)] = nil
  }

  /// Forgets every load.
  @inlinable
  mutating func supersedeAll() {
    flights = [:]
  }

  /// Forgets a load that has ended.
  ///
  /// - Returns: Whether it was still the load of its key.
  mutating func end(_ flight: LoadFlight<Value>, key: Key, hash: UInt32) -> Bool {
    let key = HashedKey(key: key, hash: hash)
    guard flights[key] === flight else { return false }
    flights[key] = nil
    return true
  }
}
