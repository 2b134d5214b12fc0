extension Cache {
  /// The number of entries, those included whose time to live has passed but whose memory is not yet reclaimed.
  @inlinable public var count: Int { withState { $0.core.count } }

  /// Whether there are no entries.
  @inlinable public var isEmpty: Bool { count == 0 }

  /// Every byte in use: slots, index and deadlines, and what keys and values own on the heap as the allocator rounds it.
  ///
  /// The cache itself, a constant below 1 KiB, is not counted, and of the last page of each kind of slot memory
  /// only what is used.
  @inlinable public var byteCount: Int { withState { $0.core.byteCount } }

  /// The most bytes the cache may take; lowering it evicts at once.
  ///
  /// - Precondition: Not negative.
  @inlinable public var byteLimit: Int {
    get { withState { $0.core.limits.byteLimit } }
    set {
      precondition(newValue >= 0, "the byte limit of a cache is negative: \(newValue)")
      withCore { core, departures in
        core.limits.byteLimit = newValue
        core.trim(departures: &departures)
      }
    }
  }

  /// The most entries the cache may hold, `nil` for no limit; lowering it evicts at once.
  ///
  /// - Precondition: Not negative.
  @inlinable public var entryLimit: Int? {
    get { withState { $0.core.limits.entryLimit == .max ? nil : $0.core.limits.entryLimit } }
    set {
      let limit = newValue ?? .max
      precondition(limit >= 0, "the entry limit of a cache is negative: \(limit)")
      withCore { core, departures in
        core.limits.entryLimit = limit
        core.trim(departures: &departures)
      }
    }
  }

  /// What the cache has done and holds, read at one instant.
  @inlinable public var statistics: CacheStatistics { withState { $0.core.statistics } }

  /// Reads under the lock.
  @inlinable @inline(__always)
  func withState<Result>(_ body: (borrowing CacheState<Key, Value>) -> Result) -> Result {
    state.pointee.lock.lock()
    defer { state.pointee.lock.unlock() }
    return body(state.pointee)
  }
}
