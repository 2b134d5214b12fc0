/// What the lock of a ``Cache`` guards.
@usableFromInline
package struct CacheState<Key: Hashable & Sendable, Value: Sendable>: ~Copyable {
  @usableFromInline var core: CacheCore<Key, Value>
  /// What read-through keeps; `nil` in a cache that has never loaded.
  @usableFromInline var loading: UnsafeMutablePointer<LoadState<Key, Value>>?
  /// Bytes that are neither of entries nor of their structure; they are taken off the core's limit.
  @usableFromInline var chargedAuxiliaryBytes = 0
  /// What a cache on a memory budget keeps in mind.
  var room = BudgetUsage()

  @usableFromInline
  init(core: consuming CacheCore<Key, Value>) {
    self.core = core
  }
}
