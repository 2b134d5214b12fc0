/// The values in use that may turn out to be invalid, by key; guarded by the cache's lock.
@usableFromInline
package struct ValueUses {
  private var table = NodeTable<ValueUse>()

  /// How many values are in use.
  var count: Int { table.count }

  /// Begins the use of the value of a key.
  ///
  /// - Parameters:
  ///   - address: The key.
  ///   - hash: Its hash.
  ///   - isFindable: Whether the key is equal to itself, so that others can share the use.
  ///   - make: Makes a use, if the value is in no use yet.
  mutating func begin(
    of address: UnsafeRawPointer, hash: UInt32, isFindable: Bool, _ make: () -> ValueUse
  ) -> ValueUse {
    let use = table.find(address, hash: hash) ?? make()
    if use.count == 0, isFindable { table.insert(use) }
    use.count += 1
    return use
  }

  /// Ends the use of a value.
  mutating func end(_ use: ValueUse) {
    use.count -= 1
    if use.count == 0 { table.remove(use) }
  }
}

/// The uses of a value by ``Cache/invalidateAndRetryOnce(forKey:timeToLive:if:orLoad:_:)``; guarded
/// by the cache's lock.
@usableFromInline
package class ValueUse: KeyedNode, @unchecked Sendable {
  @usableFromInline package final let hash: UInt32
  @usableFromInline package final var links = NodeLinks()
  /// How many callers use the value now.
  package final var count = 0
  /// How often it was found to be invalid since the first of them began.
  final var generation = 0

  package init(hash: UInt32) {
    self.hash = hash
  }

  @usableFromInline
  package func hasKey(at address: UnsafeRawPointer) -> Bool {
    preconditionFailure("a use has no key of its own: its subclass does")
  }
}

/// Uses together with their key.
@usableFromInline
package final class KeyedUse<Key: Hashable & Sendable>: ValueUse, @unchecked Sendable {
  let key: Key

  init(key: Key, hash: UInt32) {
    self.key = key
    super.init(hash: hash)
  }

  @usableFromInline
  package override func hasKey(at address: UnsafeRawPointer) -> Bool {
    address.assumingMemoryBound(to: Key.self).pointee == key
  }
}
