extension Cache {
  /// The number of entries, those included whose time to live has passed but whose memory is not
  /// yet reclaimed.
  @inlinable public var count: Int { readState { $0.core.count } }

  /// Whether there are no entries.
  @inlinable public var isEmpty: Bool { count == 0 }

  /// Every byte in use: slots, index and deadlines, and what keys and values own on the heap as the
  /// allocator rounds it.
  ///
  /// The memory of failed loads (``LoadPolicy``) and of entries that have left
  /// (``missLogCapacity``) is counted. The cache itself, a constant of about 1 KiB, is not, and of
  /// the last page of each kind of slot memory only the part in use.
  @inlinable public var byteCount: Int {
    readState { $0.core.byteCount + $0.chargedAuxiliaryBytes }
  }

  /// The most bytes the cache may take; lowering it evicts at once.
  ///
  /// For a cache on a ``MemoryBudget`` it is what the budget has assigned to it for now, and
  /// setting it limits what the budget may ever assign. For one that the environment has turned off
  /// it is 0, and setting it has no effect.
  ///
  /// - Precondition: Not negative.
  public var byteLimit: Int {
    get { readState { $0.core.limits.byteLimit + $0.chargedAuxiliaryBytes } }
    set {
      requireArgument(newValue >= 0, "the byte limit of a cache is negative: \(newValue)")
      guard !isTurnedOff else { return }
      noteChange(of: .byteLimit)
      if let share {
        share.update(maximumByteCount: newValue)
      } else {
        setByteLimit(newValue)
      }
    }
  }

  /// The most entries the cache may hold, `nil` for no limit; lowering it evicts at once.
  ///
  /// - Precondition: Not negative.
  public var entryLimit: Int? {
    get { readState { $0.core.limits.entryLimit == .max ? nil : $0.core.limits.entryLimit } }
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
    get {
      readState {
        $0.core.limits.entryByteLimit == .max ? nil : $0.core.limits.entryByteLimit
      }
    }
    set { change(.entryByteLimit) { $0.entryByteLimit = newValue ?? .max } }
  }

  private func change(_ setting: ChangedSettings, _ change: (inout CacheLimits) -> Void) {
    withState { state, removedEntries in
      state.changedSettings.insert(setting)
      var limits = state.core.limits
      change(&limits)
      limits.validate()
      state.core.change(to: limits, removedEntries: &removedEntries)
    }
  }

  /// Notes that the program has set something that the cache was made with.
  private func noteChange(of setting: ChangedSettings) {
    withStateKeepingEntries { state in _ = state.changedSettings.insert(setting) }
  }

  /// The counters and the present size of the cache, read at one instant.
  public var statistics: CacheStatistics {
    readState { state in
      var statistics = state.core.statistics
      if let loading = state.loading { statistics.add(loading.pointee.machine.counts) }
      statistics.byteCount += state.chargedAuxiliaryBytes
      statistics.peakByteCount = state.peakByteCount
      return statistics
    }
  }
}
