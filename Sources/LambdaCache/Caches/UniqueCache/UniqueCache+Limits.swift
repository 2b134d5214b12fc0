extension UniqueCache {
  /// The number of entries, those included whose time to live has passed but whose memory is not
  /// yet reclaimed.
  @inlinable public var count: Int { core.count }

  /// Whether there are no entries.
  @inlinable public var isEmpty: Bool { core.count == 0 }

  /// Every byte in use: slots, index and deadlines, and what keys and values own on the heap as the
  /// allocator rounds it.
  ///
  /// The cache itself, a constant of about 1 KiB, is not counted, and of the last page of each kind
  /// of slot memory only what is used.
  @inlinable public var byteCount: Int { core.byteCount }

  /// The most bytes the cache may take; lowering it evicts at once.
  ///
  /// A cache on a ``MemoryBudget`` never gets more than the share it has taken, and one that the
  /// environment has turned off gets nothing.
  ///
  /// - Precondition: Not negative.
  public var byteLimit: Int {
    get { core.limits.byteLimit }
    set {
      let byteLimit = min(newValue, greatestByteLimit)
      change(.byteLimit) { $0.byteLimit = byteLimit }
    }
  }

  /// The most entries the cache may hold, `nil` for no limit; lowering it evicts at once.
  ///
  /// - Precondition: Not negative.
  public var entryLimit: Int? {
    get { core.limits.entryLimit == .max ? nil : core.limits.entryLimit }
    set {
      change(.entryLimit) { $0.entryLimit = newValue ?? .max }
    }
  }

  /// The most bytes that one key and its value may own on the heap, `nil` for no limit but the
  /// cache's own.
  ///
  /// Lowering it evicts larger entries at once; sizes count in whole units of 16 bytes then.
  ///
  /// - Precondition: Not negative.
  public var entryByteLimit: Int? {
    get { core.limits.entryByteLimit == .max ? nil : core.limits.entryByteLimit }
    set { change(.entryByteLimit) { $0.entryByteLimit = newValue ?? .max } }
  }

  /// The counters and the present size of the cache.
  @inlinable public var statistics: CacheStatistics { core.statistics }

  private mutating func change(
    _ setting: ChangedSettings, _ change: (inout CacheLimits) -> Void
  ) {
    changedSettings.insert(setting)
    var limits = core.limits
    change(&limits)
    limits.validate()
    noteTime()
    var removedEntries = RemovedEntries<Key, Value>()
    core.change(to: limits, removedEntries: &removedEntries)
    finish(removedEntries)
  }
}
