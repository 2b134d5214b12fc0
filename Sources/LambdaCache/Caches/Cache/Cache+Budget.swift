/// A cache as the member of a memory budget.
extension Cache: BudgetMember {
  package func grow(by byteCount: Int) {
    withState { state, _ in state.core.grow(by: byteCount) }
  }

  package func give(upTo byteCount: Int, from source: BudgetSource) -> Int {
    withState { state, removedEntries in
      switch source {
      case .unused:
        let given = max(0, min(byteCount, state.core.limits.byteLimit - state.core.byteCount))
        state.core.shrink(by: given, cause: .size, removedEntries: &removedEntries)
        return given
      case .coldest(let cause):
        let given = max(0, min(byteCount, state.core.limits.byteLimit))
        state.core.shrink(by: given, cause: cause, removedEntries: &removedEntries)
        return given
      }
    }
  }

  package var budgetSample: BudgetSample {
    readState { state in
      var sample = BudgetSample()
      sample.byteCount = state.core.byteCount + state.chargedAuxiliaryBytes
      sample.count = state.core.count
      sample.writes = state.core.counts.insertions + state.core.counts.replacements
      sample.hits = state.core.counts.hits
      sample.removals = state.core.counts.removals.total
      sample.coldest = state.core.coldestMark
      return sample
    }
  }
}

extension Cache {
  /// The memory budget that the cache shares with others, `nil` if it has a limit of its own.
  @usableFromInline package var budget: MemoryBudget? { share?.budget }

  /// The cache's part of its budget.
  package var budgetShare: BudgetShare? { share }

  /// Asks the budget for the bytes that a value lacks, before the lock is taken for setting it.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - hash: Its hash.
  ///   - heapByteCount: Bytes that key and value own on the heap.
  ///   - reserved: Bytes that were reserved for a load of the key.
  /// - Returns: Bytes that are booked for the cache, the reserved ones included, to be added to its
  ///   limit when the value is set.
  @usableFromInline
  func acquireBytes(
    forKey key: Key, hash: UInt32, heapByteCount: Int, reserved: Int
  ) -> Int {
    guard let share else { return 0 }
    noteWrite(of: key, hash: hash, heapByteCount: heapByteCount)
    let redeemed = reserved > 0 ? share.redeem(reserved) : 0
    guard heapByteCount >= 0, !HeapSizeError.stands(for: heapByteCount) else { return redeemed }
    let budget = share.budget
    let (shortage, due, mayAsk) = withStateKeepingEntries { state in
      let due = state.budgetUsage.note(
        heapByteCount, structureByteCount: CacheCore<Key, Value>.entryByteCount,
        portion: budget.insertionPortion,
        samplingInterval: state.core.askingInterval(budget.samplingInterval))
      let shortage = state.core.shortage(forKey: key, hash: hash, heapByteCount: heapByteCount)
      return (shortage, due, state.budgetUsage.mayAsk)
    }
    if due.inserted > 0 { budget.noteInserted(due.inserted) }
    if due.mustSample { _ = budget.sampleMembers() }
    let wanted = shortage.wanted - redeemed
    let required = shortage.required - redeemed
    guard wanted > 0, mayAsk || required > 0 else { return redeemed }
    let got = share.acquire(wanted: wanted, required: max(0, required))
    if got < wanted {
      withStateKeepingEntries { state in
        state.budgetUsage.pauseAsking(for: state.core.askingInterval(budget.step))
      }
    }
    return redeemed + got
  }

  /// Books the bytes that loads are expected to bring, before they start.
  ///
  /// - Parameters:
  ///   - count: The number of keys that are loaded at once.
  ///   - task: The task that loads, which takes the bytes booked.
  /// - Returns: Whether the loads are still wanted: perhaps no caller waits for them any more.
  @usableFromInline
  nonisolated(nonsending) func reserveForLoads(_ count: Int, task: LoadTask) async -> Bool {
    guard let share else { return true }
    let sizes = readState { $0.budgetUsage.sizes }
    let each = share.budget.expectedByteCount(of: sizes) + CacheCore<Key, Value>.entryByteCount
    let (all, isHuge) = each.multipliedReportingOverflow(by: count)
    let got = await share.reserve(
      min(isHuge ? .max : all, share.budget.terms.byteLimit), for: task)
    let isWanted = withLoading { _, _ in task.reserve(got) }
    if !isWanted { share.release(got) }
    return isWanted
  }

  /// Books what a load is expected to bring.
  ///
  /// - Returns: Whether the load is still wanted.
  @usableFromInline
  nonisolated(nonsending) func reserveBytes(
    for load: KeyedLoad<Key, Value>, timeToLive: Duration?
  ) async -> Bool {
    guard await reserveForLoads(1, task: load) else {
      noteEnd(of: load)
      return false
    }
    // It may have waited for its bytes.
    if load.began != nil { load.began = tick(timeToLive: timeToLive) }
    return true
  }

  /// Takes the bytes that were booked for a load.
  @usableFromInline
  func takeReservation(of load: KeyedLoad<Key, Value>) -> Int {
    withLoading { _, _ in load.task.endLoad() }
  }
}

extension CacheCore {
  /// The bytes to insert between two samples or questions: no more than the cache may hold, so that
  /// a small one is not exchanged many times over before it is assigned more.
  fileprivate func askingInterval(_ longest: Int) -> Int {
    min(longest, max(limits.byteLimit, 4 << 10))
  }

  /// The bytes of an entry beside those it owns on the heap: its slot and at the worst its cells.
  static var entryByteCount: Int {
    SlotTable.structureByteCount + MemoryLayout<CacheEntry<Key, Value>>.stride
      + ExpiryTable.activeSlotByteCount + 11
  }
}

extension MemoryBudget {
  /// The bytes of heap that a load of a cache is expected to bring: the high end of recent entries,
  /// or for the first ones a sixteenth of the budget, at most 64 KiB.
  func expectedByteCount(of sizes: EntrySizes) -> Int {
    min(sizes.expected ?? min(terms.byteLimit / 16, 64 << 10), terms.byteLimit)
  }
}
