/// The counters of the engine: those of ``CacheStatistics`` that cost an addition each.
@usableFromInline
package struct CoreCounts {
  @usableFromInline package var hits = 0
  @usableFromInline package var misses = 0
  @usableFromInline package var staleHits = 0
  @usableFromInline package var insertions = 0
  @usableFromInline package var replacements = 0
  @usableFromInline package var rejections = 0
  package var rejectionReasons = RejectionCounts()
  @usableFromInline package var peakByteCount = 0
  @usableFromInline package var removals = RemovalCounts()
  @usableFromInline package var removedBytes = RemovalCounts()

  @usableFromInline
  package init() {}
}
