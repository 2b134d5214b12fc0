/// What a loading closure knows of a value that it brings, beside the value: for sources that keep
/// values themselves, so that one is not as fresh as if it had been made now.
@usableFromInline
package final class LoadNote: Sendable {
  /// The longest time that the entry is fresh, or that it is remembered that there is no value;
  /// `nil` for no bound.
  let longestLife: Duration?
  /// Whether the value is stored; if not, only the callers that wait get it.
  @usableFromInline let isKept: Bool
  /// Whether the source knows that there is no value.
  @usableFromInline let isAbsent: Bool
  /// Tags that the entry has beside those of the cache's own closure.
  let tags: [String]
  /// Why one of several keys has no value where others may have one; `nil` if it has one, or its
  /// source has none.
  @usableFromInline let failure: (any Error)?
  /// Called when the value has been stored, outside of the lock; `nil` for nothing.
  @usableFromInline let afterStore: (@Sendable () -> Void)?

  package init(
    longestLife: Duration? = nil, isKept: Bool = true, isAbsent: Bool = false, tags: [String] = [],
    failure: (any Error)? = nil, afterStore: (@Sendable () -> Void)? = nil
  ) {
    self.longestLife = longestLife
    self.isKept = isKept
    self.isAbsent = isAbsent
    self.tags = tags
    self.failure = failure
    self.afterStore = afterStore
  }
}

/// What the closures of a read note of the values that they bring.
///
/// A read of several keys may have two loads under way, one of them after the response.
@usableFromInline
package final class LoadNotes<Key: Hashable & Sendable>: Sendable {
  private let state = Locked<(notes: [Key: LoadNote], changes: Int)>(([:], 0))

  @usableFromInline
  package init() {}

  /// Notes something of several keys, in the place of what was noted of them before.
  package func add(_ added: [Key: LoadNote]) {
    var isAdded = false
    while !isAdded {
      let (notes, changes) = state.withLock { $0 }
      // Merged outside of the lock, for it asks keys for their hashes.
      let merged = notes.merging(added) { _, new in new }
      isAdded = state.withLock { state in
        guard state.changes == changes else { return false }
        state = (merged, changes + 1)
        return true
      }
    }
  }

  /// What is noted of a key's value; `nil` for nothing.
  @usableFromInline
  package subscript(key: Key) -> LoadNote? { state.withLock { $0.notes }[key] }

  /// The first failure that is noted of one of some keys; `nil` if there is none.
  @usableFromInline
  package func failure(of keys: [Key]) -> (any Error)? {
    let notes = state.withLock { $0.notes }
    return keys.lazy.compactMap { notes[$0]?.failure }.first
  }
}

/// A loading closure for one key, and what it notes.
///
/// A class, so that a read that notes nothing takes no more memory for what it asks for.
@usableFromInline
package final class NotedLoad<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  @usableFromInline let notes: LoadNotes<Key>
  @usableFromInline let load: @Sendable (Key) async throws -> Value

  @usableFromInline
  package init(
    _ notes: LoadNotes<Key>, _ load: @escaping @Sendable (Key) async throws -> Value
  ) {
    self.notes = notes
    self.load = load
  }
}
