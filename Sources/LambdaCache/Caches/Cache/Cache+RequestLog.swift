/// The look-ups and writes of a cache that go to its request log.
extension Cache {
  /// ``accessedValue(forKey:hash:)`` in a cache with a request log.
  @inlinable @inline(never)
  func accessedLoggedValue(forKey key: Key, hash: UInt32) -> Value? {
    let (value, byteCount) = withState { state, removedEntries -> (Value?, Int?) in
      let slot = state.core.access(key, hash: hash, removedEntries: &removedEntries).freshSlot
      return (state.core.value(in: slot), state.core.heapByteCount(in: slot))
    }
    requestLog?.noteLookUp(of: key, byteCount: byteCount)
    return value
  }

  /// Notes a look-up that was more than an ordinary one, if there is a log.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - value: The value that it has found at once, fresh or not; `nil` for a miss.
  @usableFromInline
  func noteLookUp(of key: Key, _ value: Value?) {
    requestLog?.noteLookUp(of: key, byteCount: value.map { size(key, $0) })
  }

  /// Notes that a value is about to be stored, or how long its load took.
  ///
  /// Called before the value is there, so that no look-up finds an entry of the sample that is not
  /// known for one; and a second time, when the time of the load is known.
  @usableFromInline
  func noteWrite(of key: Key, hash: UInt32, heapByteCount: Int, loadTime: Duration? = nil) {
    guard let requestLog, !HeapSizeError.stands(for: heapByteCount) else { return }
    requestLog.noteWrite(of: key, hash: hash, byteCount: heapByteCount, loadTime: loadTime)
  }
}

extension Cache {
  /// Creates a cache on a budget whose look-ups go to a log of the caller's.
  package convenience init(
    in budget: MemoryBudget, requestLog: RequestLog,
    configure: (inout CacheOptions<Key, Value>) -> Void = { _ in }
  ) where Key: HeapSized, Value: HeapSized {
    var options = CacheOptions<Key, Value>()
    configure(&options)
    let share = budget.register(name: "logged", request: BudgetRequest())
    self.init(
      byteLimit: 0, options: options, share: share, requestLog: requestLog, record: nil,
      measure: CacheEntry<Key, Value>.sharedMeasure)
    share.attach(self)
  }
}

extension RequestLog {
  /// The log that the environment asks for, of a cache that it does not turn off.
  ///
  /// - Returns: `nil` if it asks for none, or the budget has no room for one.
  package convenience init?(
    ofCache name: String, _ settings: CacheSettings, secret: String?, budget: MemoryBudget,
    output: @escaping Output = RequestLog.standardOutput
  ) {
    guard settings.isEnabled, settings.loggedPercent > 0 else { return nil }
    let share = FixedShare(
      of: budget, name: "log of \(name)",
      request: BudgetRequest(
        size: .bytes(Self.byteCount), minimumByteCount: Self.byteCount,
        maximumByteCount: Self.byteCount))
    guard share.byteLimit >= Self.byteCount else { return nil }
    self.init(
      cacheName: name, percent: settings.loggedPercent, secret: secret, share: share,
      memory: budget.terms.areOfProcess ? budget.terms : nil, output: output)
  }
}

extension CacheCore {
  /// ``isAnythingDue()`` with the reading of the clock apart, whose frame is that of the caller
  /// otherwise.
  @inlinable @inline(__always)
  mutating func isAnythingDueApart() -> Bool { expiry.nextDue != .max && readsAnythingDue() }

  @inlinable @inline(never)
  mutating func readsAnythingDue() -> Bool { isAnythingDue() }

  /// Bytes that the entry in a slot owns on the heap; `nil` for slot 0.
  @inlinable
  func heapByteCount(in slot: Slot) -> Int? {
    slot == 0 ? nil : Int(table.records[Int(slot)].heapGranules) * ByteLedger.granule
  }
}
