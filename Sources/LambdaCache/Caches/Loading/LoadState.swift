/// The state of read-through, guarded by the cache's lock.
///
/// It is apart from the cache: one that never loads has none.
@usableFromInline
package struct LoadState<Key: Hashable & Sendable> {
  @usableFromInline var machine = LoadStateMachine()
  var uses = ValueUses()
  /// Loads that failed and are remembered; `nil` if there are none.
  @usableFromInline var failures: FailureMemory<Key>?

  init() {}

  /// Whether a write or a removal has nothing to do here.
  @inlinable @inline(__always)
  var isIdle: Bool { machine.isIdle && failures == nil }

  /// Forgets which keys have no value, or none that may be read: what has become invalid together
  /// may be that, and without a value a key has neither tags nor anything else to be found by.
  ///
  /// That a source could not be asked stays remembered.
  mutating func forgetAbsence() {
    machine.forgetAbsence()
    failures?.clearFailures { $0.saysOfKey }
  }

  /// Notes that a key is written or removed: its load is superseded, and what is remembered of its
  /// failures does not count any more.
  @usableFromInline
  mutating func supersede(_ key: Key, hash: UInt32) {
    withUnsafePointer(to: key) { machine.supersede($0, hash: hash) }
    failures?.clearFailure(key, hash: hash)
  }
}

/// A ``LoadPolicy`` that is not the default, behind a reference.
@usableFromInline
final class SharedLoadPolicy: Sendable {
  let policy: LoadPolicy

  init(_ policy: LoadPolicy) {
    self.policy = policy
  }
}
