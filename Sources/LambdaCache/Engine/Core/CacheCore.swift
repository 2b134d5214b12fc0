/// The engine under ``UniqueCache`` and ``Cache``: structure, payload and ledger of one cache,
/// without lock, listener or anything asynchronous.
///
/// Every operation takes the hash of its key, and gathers the entries that leave in a
/// ``RemovedEntries``. The meaning of "the entry in slot n" is fixed by the invariants in
/// DESIGN.md, which `checkInvariants()` recomputes.
@usableFromInline
package struct CacheCore<Key: Hashable, Value>: ~Copyable {
  @usableFromInline package var index = HashIndex()
  @usableFromInline package var table: SlotTable
  @usableFromInline package var counts = CoreCounts()
  @usableFromInline package var expiry = ExpiryTable()
  @usableFromInline package var time: Timekeeper
  @usableFromInline package private(set) var limits: CacheLimits
  /// The most heap bytes an entry may have to be admitted, alone in the cache; negative if none
  /// may.
  @usableFromInline var admittedHeapByteCount = 0
  /// The sum of all entries' `heapGranules`.
  @usableFromInline package var heapGranules = 0
  /// Milliseconds that an entry lives where its insertion gives no other time; `nil` for ever.
  @usableFromInline private(set) var lifetime: Tick?
  /// The times that the cache keeps beside deadlines; `nil` if it needs none.
  @usableFromInline let aging: UnsafeMutablePointer<AgingTable>?
  /// The order in which entries leave; `nil` where it is that of their use alone, and before the
  /// first entry.
  @usableFromInline package var policy: UnsafeMutablePointer<AdaptivePolicy>?
  /// Bytes that `aging` and `policy` take for each slot.
  @usableFromInline let sideSlotByteCount: Int
  /// Tags and miss log; `nil` in most caches, but not in one with entries and a policy.
  @usableFromInline var auxiliary: AuxiliaryState?
  /// Whether the auxiliary state has freed memory that is still taken off the cache's limit.
  @usableFromInline var auxiliaryHasShrunk = false
  /// Whether anything is noted of uses and writes but the order of use: `aging` or `policy`.
  @usableFromInline let tracksUses: Bool
  /// Whether an entry is worth the time that its load took.
  @usableFromInline package let keepsLoadTimes: Bool
  /// Insertions that find no slot until the system is asked again for address space it has refused.
  @usableFromInline var reservationPause = 0
  /// Whether there is a removal listener.
  @usableFromInline let isObserved: Bool
  /// The policy of a cache that adapts or watches; `nil` for others.
  @usableFromInline let evictionPolicy: EvictionPolicy?

  @usableFromInline
  package init(
    limits: CacheLimits, expiration: Expiration, isObserved: Bool, injectedOrigin: Duration?,
    policy: EvictionPolicy = .leastRecentlyUsed, seed: UInt64 = .random(in: 0 ... .max)
  ) {
    expiration.validate()
    self.limits = limits
    self.isObserved = isObserved
    // Nothing may idle for no time: the cache stays empty.
    let lifetime =
      expiration.idleTimeToLive.map { $0 > .zero } == false ? .zero : expiration.timeToLive
    self.lifetime = lifetime.map(Tick.milliseconds(roundingUp:))
    var thawHistory: ThawHistory?
    var timeByteCount = 0
    if let table = AgingTable(expiration, seed: seed) {
      timeByteCount = table.slotByteCount
      thawHistory = table.thawHistory
      let memory = UnsafeMutablePointer<AgingTable>.allocate(capacity: 1)
      memory.initialize(to: table)
      aging = memory
    } else {
      aging = nil
    }
    time = Timekeeper(
      injectedOrigin: injectedOrigin, thawGap: expiration.thawGap, thawHistory: thawHistory)
    let stride = MemoryLayout<CacheEntry<Key, Value>>.stride
    table = SlotTable(payloadStride: stride)
    // Where entries end in the order of their use, they also leave in that order.
    let mayAdapt = aging.map { $0.pointee.idleTicks == 0 } ?? true
    let hasPolicy = mayAdapt && (policy.isAdaptive || policy.isWatching)
    evictionPolicy = hasPolicy ? policy : nil
    sideSlotByteCount = timeByteCount + (hasPolicy ? policy.slotByteCount : 0)
    keepsLoadTimes = hasPolicy && policy.keepsLoadTimes
    tracksUses = aging != nil || hasPolicy
    setLimits(limits)
  }

  /// Takes other limits; the caller trims.
  @usableFromInline
  package mutating func setLimits(_ limits: CacheLimits) {
    self.limits = limits
    let structure =
      2 * (table.slotByteCount + ExpiryTable.activeSlotByteCount + sideSlotByteCount)
      + HashIndex.leastTableByteCount
      + (limits.byteLimit < CacheCore.leastByteLimitForWheel ? 0 : TimingWheel.activeByteCount)
    admittedHeapByteCount =
      limits.entryLimit == 0
      ? -1
      : min(limits.byteLimit - structure, ByteLedger.largestEntry)
  }

  /// Gives entries that are written from now on another time to live; `nil` for ever.
  mutating func setLifetime(_ duration: Duration?) {
    lifetime = duration.map(Tick.milliseconds(roundingUp:))
  }

  deinit {
    var slot = table.hottest
    while slot != 0 {
      (entries + Int(slot)).deinitialize(count: 1)
      slot = table.links[Int(slot)].next
    }
    aging?.deinitialize(count: 1)
    aging?.deallocate()
    policy?.deinitialize(count: 1)
    policy?.deallocate()
  }

  /// The least byte limit of a cache that keeps a timing wheel: 16 KiB.
  ///
  /// A smaller one has at most 290 entries, and sorts their deadlines instead of spending an eighth
  /// of its bytes on a wheel.
  @usableFromInline static var leastByteLimitForWheel: Int { 16 << 10 }

  @inlinable @inline(__always)
  package var entries: UnsafeMutablePointer<CacheEntry<Key, Value>> {
    table.payload.assumingMemoryBound(to: CacheEntry<Key, Value>.self)
  }

  /// Entries, expired ones that were not yet reclaimed included.
  @inlinable package var count: Int { index.count }

  /// Every byte of the cache that is in use: slots, index, deadlines, and what keys and values own.
  @inlinable package var byteCount: Int {
    CacheCore.sum(
      slots: table.touchedCount, of: slotByteCount, index: index.byteCount,
      wheel: expiry.wheelByteCount, granules: heapGranules)
  }

  /// ``byteCount``, by address: see ``hasRoom(forGranules:)``.
  @inlinable @inline(__always)
  mutating func ledgerByteCount() -> Int {
    CacheCore.sum(
      slots: table.touchedCount, of: slotByteCount, index: index.byteCount,
      wheel: expiry.wheelByteCount, granules: heapGranules)
  }

  /// The byte formula of DESIGN.md.
  @inlinable @inline(__always)
  static func sum(slots: Int, of slotBytes: Int, index: Int, wheel: Int, granules: Int) -> Int {
    slots &* slotBytes &+ index &+ wheel &+ granules &* ByteLedger.granule
  }

  /// Bytes one slot takes, deadline and times of use included.
  @inlinable package var slotByteCount: Int { table.slotByteCount &+ timeByteCount }

  /// Bytes that one slot takes for what is kept of time.
  @inlinable @inline(__always)
  var timeByteCount: Int { expiry.slotByteCount &+ sideSlotByteCount }

  /// Whether any entry may expire.
  @inlinable @inline(__always)
  var usesTime: Bool { expiry.isActive || aging != nil }

  /// The counters, and what the cache holds now.
  @usableFromInline package var statistics: CacheStatistics {
    var statistics = CacheStatistics(
      counts, thaws: time.thaws, count: count, byteCount: byteCount)
    if let evictionPolicy {
      let mode = policy?.pointee.mode ?? EvictionMode(atStartOf: evictionPolicy)
      statistics.add(
        policy?.pointee.counts(atHits: counts.hits) ?? EvictionCounts(),
        mode: evictionPolicy.isAdaptive ? mode : nil)
    }
    return statistics
  }
}
