/// The refresh of a value that was served stale; guarded by the cache's lock.
@usableFromInline
package class PendingRefresh: KeyedNode, @unchecked Sendable {
  @usableFromInline package final let hash: UInt32
  @usableFromInline package final var links = NodeLinks()
  /// The invocation that will run it; `nil` if none will.
  package final var runner: InvocationScope.Liveness?

  package init(hash: UInt32, runner: InvocationScope.Liveness?) {
    self.hash = hash
    self.runner = runner
  }

  @usableFromInline
  package func hasKey(at address: UnsafeRawPointer) -> Bool {
    preconditionFailure("a refresh has no key of its own: its subclass does")
  }
}

/// A refresh together with its key.
@usableFromInline
package final class KeyedRefresh<Key: Hashable & Sendable>: PendingRefresh, @unchecked Sendable {
  let key: Key

  init(key: Key, hash: UInt32, runner: InvocationScope.Liveness?) {
    self.key = key
    super.init(hash: hash, runner: runner)
  }

  @usableFromInline
  package override func hasKey(at address: UnsafeRawPointer) -> Bool {
    address.assumingMemoryBound(to: Key.self).pointee == key
  }
}
