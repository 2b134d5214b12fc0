extension UniqueCache {
  /// The number of entries, those included whose time to live has passed but whose memory is not yet reclaimed.
  @inlinable public var count: Int { core.count }

  /// Whether there are no entries.
  @inlinable public var isEmpty: Bool { core.count == 0 }

  /// Every byte in use: slots, index and deadlines, and what keys and values own on the heap as the allocator rounds it.
  ///
  /// The cache itself, a constant below 1 KiB, is not counted, and of the last page of each kind of slot memory
  /// only what is used.
  @inlinable public var byteCount: Int { core.byteCount }

  /// The most bytes the cache may take; lowering it evicts at once.
  ///
  /// - Precondition: Not negative.
  @inlinable public var byteLimit: Int {
    get { core.limits.byteLimit }
    set {
      precondition(newValue >= 0, "the byte limit of a cache is negative: \(newValue)")
      core.limits.byteLimit = newValue
      trim()
    }
  }

  /// The most entries the cache may hold, `nil` for no limit; lowering it evicts at once.
  ///
  /// - Precondition: Not negative.
  @inlinable public var entryLimit: Int? {
    get { core.limits.entryLimit == .max ? nil : core.limits.entryLimit }
    set {
      let limit = newValue ?? .max
      precondition(limit >= 0, "the entry limit of a cache is negative: \(limit)")
      core.limits.entryLimit = limit
      trim()
    }
  }

  /// What the cache has done and holds.
  @inlinable public var statistics: CacheStatistics { core.statistics }

  @inlinable
  mutating func trim() {
    noteTime()
    var departures = Departures<Key, Value>()
    core.trim(departures: &departures)
    finish(departures)
  }
}
