/// The state that the lock of a ``Cache`` guards.
@usableFromInline
package struct CacheState<Key: Hashable & Sendable, Value: Sendable>: ~Copyable {
  @usableFromInline var core: CacheCore<Key, Value>
  /// The state of read-through; `nil` in a cache that has never loaded.
  @usableFromInline var loading: UnsafeMutablePointer<LoadState<Key>>?
  /// Bytes that belong neither to entries nor to their structure; they are taken off the core's
  /// limit.
  @usableFromInline var chargedAuxiliaryBytes = 0
  /// Counters of a cache on a memory budget.
  var budgetUsage = BudgetUsage()
  /// The settings that the program has changed since the cache was made.
  var changedSettings: ChangedSettings = []
  /// The lines about rejected values that the log has, or that are not wanted.
  var reportedRejections = ReportedRejections()
  #if DEBUG
    /// How often the lock was taken.
    @usableFromInline var scopeCount = 0
  #endif

  @usableFromInline
  init(core: consuming CacheCore<Key, Value>) {
    self.core = core
  }
}
