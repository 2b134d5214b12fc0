/// The counters of a cache since it was made, and its present size: one value, read at one instant.
///
/// Subtract an earlier value to get what happened between the two:
///
/// <!-- with: cache -->
/// ```swift
/// let before = cache.statistics
/// // … an invocation …
/// let during = cache.statistics - before
/// print(during.hits, during.misses)
/// ```
public struct CacheStatistics: Sendable, Hashable {
  /// Look-ups that found a live entry.
  public var hits = 0
  /// Look-ups that found none, those of expired entries included.
  public var misses = 0
  /// Look-ups among the ``misses`` that were given an expired value, by
  /// ``Cache/freshOrStaleValue(forKey:)`` or by read-through.
  public var staleHits = 0
  /// Values set for keys that had none.
  public var insertions = 0
  /// Values set for keys that had one.
  public var replacements = 0
  /// Values that were not stored; see ``InsertionOutcome/rejected``.
  public var rejections = 0
  /// The same by reason.
  package var rejectionReasons = RejectionCounts()
  /// Entries that left, by cause.
  package var removals = RemovalCounts()
  /// Bytes of the entries that left, by cause: their slots and what they owned on the heap.
  package var removedBytes = RemovalCounts()
  /// Loads that returned a value.
  public var loadSuccesses = 0
  /// Loads that threw another error than that there is no value.
  public var loadFailures = 0
  /// Loads that found that their key has no value: an answer as well.
  public var loadsNotFound = 0
  /// Time spent in loads, those that brought no value included.
  public var loadTime: Duration = .zero
  /// Loads of keys that had a value, fresh or stale; the others were for misses.
  public var refreshes = 0
  /// Loads that no look-up without an answer was in need of.
  ///
  /// They are those of values that were served stale before, of fresh ones before they expire, and
  /// those that failed so that a stale value was served. A call for several keys is one load.
  package var surplusLoads = 0
  /// Loads that found the value of the cache to be right still; see ``Reload/notModified``.
  package var renewals = 0
  /// Loads that were done again because the environment may have been frozen meanwhile.
  package var discardedLoads = 0
  /// Look-ups that were answered with a failure that the cache remembers; see ``LoadPolicy``.
  public var failureHits = 0
  /// Those of the ``failureHits`` whose answer was that there is no value: loads that the cache has
  /// saved.
  public var notFoundHits = 0
  /// Gaps between two looks at the clock that were long enough for a freeze: a second, or what
  /// ``Expiration/afterThaw`` says.
  ///
  /// Where invocations are known (``InvocationScope``), gaps within one do not count. A cache whose
  /// entries cannot expire looks at no clock and sees none.
  public var thaws = 0
  /// The time that passed in those gaps.
  package var thawedTime: Duration = .zero
  /// Look-ups of sampled keys by which a cache compares policies; see ``EvictionPolicy``.
  ///
  /// They count from when it was full for the first time, and are 0 in a cache that neither adapts
  /// nor watches.
  public var watchedLookUps = 0
  /// Those of the ``watchedLookUps`` that a cache would have hit whose least recently used entries
  /// leave.
  public var watchedHitsLeastRecentlyUsed = 0
  /// Those of the ``watchedLookUps`` that an adaptive cache would have hit.
  public var watchedHitsAdaptive = 0
  /// How often an adaptive cache has changed its order, or one that watches would have.
  public var policyChanges = 0
  /// The order in which entries of an adaptive cache leave now: `lru`, `uses` or `uses and sizes`;
  /// `nil` in another cache.
  public var policyMode: String?
  /// Entries in the cache.
  public var count = 0
  /// Bytes in use; see ``Cache/byteCount``.
  public var byteCount = 0
  /// The most bytes that were ever in use.
  public var peakByteCount = 0

  /// Creates statistics of a cache that has done nothing.
  package init() {}

  package init(_ counts: CoreCounts, thaws: ThawLog, count: Int, byteCount: Int) {
    hits = counts.hits
    misses = counts.misses
    staleHits = counts.staleHits
    self.thaws = thaws.count
    thawedTime = .milliseconds(Int64(thaws.ticks))
    insertions = counts.insertions
    replacements = counts.replacements
    rejections = counts.rejections
    rejectionReasons = counts.rejectionReasons
    removals = counts.removals
    removedBytes = counts.removedBytes
    peakByteCount = counts.peakByteCount
    self.count = count
    self.byteCount = byteCount
  }

  mutating func add(_ counts: EvictionCounts, mode: EvictionMode?) {
    watchedLookUps = counts.lookUps
    watchedHitsLeastRecentlyUsed = counts.hits.0
    watchedHitsAdaptive = counts.adaptiveHits
    policyChanges = counts.changes
    policyMode = mode?.description
  }

  mutating func add(_ loads: LoadCounts) {
    loadSuccesses += loads.successes
    loadFailures += loads.failures
    loadsNotFound += loads.notFound
    loadTime += loads.time
    staleHits += loads.staleHits
    refreshes += loads.refreshes
    surplusLoads += loads.surplus
    renewals += loads.renewals
    discardedLoads += loads.discarded
    failureHits += loads.failureHits
    notFoundHits += loads.notFoundHits
  }

  /// Look-ups.
  public var requests: Int { hits + misses }

  /// Those of the ``rejections`` that were larger than an entry or the cache may be.
  public var rejectionsForSize: Int { rejectionReasons.size }

  /// Those of the ``rejections`` whose time to live was not positive.
  public var rejectionsForTimeToLive: Int { rejectionReasons.timeToLive }

  /// Those of the ``rejections`` of which some part cannot be measured; see ``HeapSizeError``.
  public var rejectionsForUnknownSize: Int { rejectionReasons.unknownSize }

  /// Those of the ``rejections`` that the system lent no memory for, or whose tags had no room.
  public var rejectionsForMemory: Int { rejectionReasons.memory }

  /// The share of look-ups that were hits, from 0 to 1; 0 if there were none.
  public var hitRatio: Double { requests == 0 ? 0 : Double(hits) / Double(requests) }

  /// Entries that left for a reason.
  public func removals(_ cause: RemovalCause) -> Int { removals[cause] }

  /// Bytes of the entries that left for a reason: their slots and what they owned on the heap.
  public func removedBytes(_ cause: RemovalCause) -> Int { removedBytes[cause] }

  /// Entries that the cache removed by itself.
  public var evictions: Int {
    RemovalCause.allCases.reduce(0) { $0 + ($1.wasEvicted ? removals[$1] : 0) }
  }

  /// The difference between two values of the same cache.
  ///
  /// Counters and times are subtracted; `policyMode`, `count`, `byteCount` and `peakByteCount` are
  /// those of the later reading.
  ///
  /// - Parameters:
  ///   - later: The later reading.
  ///   - earlier: The earlier reading.
  /// - Returns: The difference.
  public static func - (later: CacheStatistics, earlier: CacheStatistics) -> CacheStatistics {
    var difference = later
    difference.hits -= earlier.hits
    difference.misses -= earlier.misses
    difference.staleHits -= earlier.staleHits
    difference.thaws -= earlier.thaws
    difference.thawedTime = later.thawedTime.subtractingClamped(earlier.thawedTime)
    difference.insertions -= earlier.insertions
    difference.replacements -= earlier.replacements
    difference.rejections -= earlier.rejections
    difference.rejectionReasons.subtract(earlier.rejectionReasons)
    difference.removals.subtract(earlier.removals)
    difference.removedBytes.subtract(earlier.removedBytes)
    difference.watchedLookUps -= earlier.watchedLookUps
    difference.watchedHitsLeastRecentlyUsed -= earlier.watchedHitsLeastRecentlyUsed
    difference.watchedHitsAdaptive -= earlier.watchedHitsAdaptive
    difference.policyChanges -= earlier.policyChanges
    difference.loadSuccesses -= earlier.loadSuccesses
    difference.loadFailures -= earlier.loadFailures
    difference.loadsNotFound -= earlier.loadsNotFound
    difference.loadTime = later.loadTime.subtractingClamped(earlier.loadTime)
    difference.refreshes -= earlier.refreshes
    difference.surplusLoads -= earlier.surplusLoads
    difference.renewals -= earlier.renewals
    difference.discardedLoads -= earlier.discardedLoads
    difference.failureHits -= earlier.failureHits
    difference.notFoundHits -= earlier.notFoundHits
    return difference
  }
}
