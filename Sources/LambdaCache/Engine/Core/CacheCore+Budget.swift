/// The engine's part in a memory budget that several caches share.
extension CacheCore {
  /// The bytes that a value lacks; not negative.
  struct Shortage {
    /// The bytes lacking if no entry of the cache is to leave.
    var wanted = 0
    /// The bytes lacking even if every other entry leaves.
    var required = 0
  }

  /// The bytes lacking for a value.
  mutating func shortage(forKey key: Key, hash: UInt32, heapByteCount: Int) -> Shortage {
    let largest = min(limits.entryByteLimit, ByteLedger.largestEntry)
    guard limits.entryLimit > 0, heapByteCount <= largest else { return Shortage() }
    let granules = ByteLedger.granules(forByteCount: heapByteCount)
    var wanted = ledgerByteCount() + bytesNeeded(forGranules: granules) - limits.byteLimit
    guard wanted > 0 else { return Shortage() }
    let found = find(key, hash: hash)
    // The old value makes room for the new one, and so does an entry that leaves for the entry
    // limit.
    let leaving = found != 0 ? found : count >= limits.entryLimit ? table.coldest : 0
    if leaving != 0 {
      wanted -=
        bytesNeeded(forGranules: 0)
        + Int(table.records[Int(leaving)].heapGranules) * ByteLedger.granule
    }
    let structure =
      2 * (table.slotByteCount + ExpiryTable.activeSlotByteCount + sideSlotByteCount)
      + HashIndex.leastTableByteCount + TimingWheel.activeByteCount
    let required = granules * ByteLedger.granule + structure - limits.byteLimit
    return Shortage(wanted: max(0, wanted, required), required: max(0, required))
  }

  /// Raises the byte limit.
  @usableFromInline
  mutating func grow(by byteCount: Int) {
    var limits = limits
    limits.byteLimit += byteCount
    setLimits(limits)
  }

  /// Lowers the byte limit, evicting the coldest entries that are in the way.
  ///
  /// - Complexity: O(1) for each entry that has to go, O(*n*) if most of them do.
  mutating func shrink(
    by byteCount: Int, cause: RemovalCause, removedEntries: inout RemovedEntries<Key, Value>
  ) {
    var limits = limits
    limits.byteLimit -= byteCount
    let isDeep = limits.byteLimit < ledgerByteCount() / 2
    if !isDeep, ledgerByteCount() > limits.byteLimit {
      let now = presentTick()
      // Free slots are counted as if their memory had been given back: it is, below.
      while count > 0, compactByteCount > limits.byteLimit {
        evictOne(now: now, cause: cause, removedEntries: &removedEntries)
      }
      if ledgerByteCount() > limits.byteLimit { compactFully() }
    }
    setLimits(limits)
    trim(cause: cause, removedEntries: &removedEntries)
  }

  /// The bytes in use if the memory of free slots had been given back.
  private var compactByteCount: Int {
    byteCount - max(0, table.touchedCount - count - 1) * slotByteCount
  }

  /// Returns whether entries would have to leave if the byte limit were lowered.
  func isShort(of byteCount: Int) -> Bool { compactByteCount + byteCount > limits.byteLimit }

  /// A mark that distinguishes the coldest entry from others; 0 if there is none.
  ///
  /// With a policy it is that of the sample which leaves in the order of use.
  var coldestMark: UInt64 {
    if let hash = policy?.pointee.duel?.coldestHash, hash != 0 { return UInt64(hash) }
    let slot = table.coldest
    return slot == 0 ? 0 : UInt64(slot) << 32 | UInt64(table.records[Int(slot)].hash)
  }
}
