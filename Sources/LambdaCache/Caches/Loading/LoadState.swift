/// What read-through keeps of a cache, guarded by its lock.
///
/// It is apart from the cache: one that never loads has none.
@usableFromInline
package struct LoadState<Key: Hashable & Sendable, Value: Sendable> {
  @usableFromInline var table = InFlightLoads<Key, Value>()
  var counts = LoadCounts()
  var loadTimes = LoadTimes()
  /// Loads that failed and are remembered; `nil` if there are none.
  @usableFromInline var failures: FailureMemory<Key>?
  /// How many loads had begun when it was last forgotten which keys have no value.
  private var absenceForgottenAt = 0

  init() {}

  /// Forgets which keys have no value, or none that may be read: what has become invalid together
  /// may be that, and without a value a key has neither tags nor anything else to be found by.
  ///
  /// That a source could not be asked stays remembered.
  mutating func forgetAbsence() {
    absenceForgottenAt = table.beginCount
    failures?.clearFailures { $0.saysOfKey }
  }

  /// The load of a key that may be joined; one that began before values of unknown keys were
  /// removed is given up, for it may have read what was removed.
  mutating func currentFlight(of key: Key, hash: UInt32) -> InFlightLoad<Key, Value>? {
    guard let flight = table[key, hash] else { return nil }
    if flight.number > absenceForgottenAt { return flight }
    table.supersede(key, hash: hash)
    return nil
  }

  /// Whether what a load says of its key was forgotten while it was under way.
  func isAbsenceOutdated(_ kind: LoadErrorClass, loadNumber: Int) -> Bool {
    kind.saysOfKey && loadNumber <= absenceForgottenAt
  }

  /// Whether a write or a removal has nothing to do here.
  @inlinable @inline(__always)
  var isIdle: Bool { table.isIdle && failures == nil }

  /// Notes that a key is written or removed: its load is superseded, and what is remembered of its
  /// failures does not count any more.
  @usableFromInline
  mutating func supersede(_ key: Key, hash: UInt32) {
    table.supersede(key, hash: hash)
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
