/// A limit and numbers of entries for which the memory of a policy is right.
private struct AdjustedMemory {
  var byteLimit = -1
  var counts = 0...0
}

/// The order in which entries leave a cache with an adaptive policy.
///
/// There are three modes (``EvictionMode``). Whatever the mode is, every entry is in one list: of
/// the small queue or the main one, and there in the list of its octave or in that of all sizes.
/// All lists together are the recency ring: those of the main queue first, then those of the small
/// one. So what walks the ring, or takes an entry out of it, need not know the lists; this only
/// keeps the ends of each. A change of the mode is one field, and moves no entry.
///
/// Hits write to an entry's mark alone, unless the mode is the least recently used entry's.
@usableFromInline
package struct AdaptivePolicy: ~Copyable {
  /// The marks of slots, a column as those of ``SlotTable``.
  @usableFromInline package var marks: UnsafeMutablePointer<EntryMark>
  /// The bits of a hash that are 0 in the sample whose look-ups are noted; none is in an empty one
  /// but a hash of 0.
  ///
  /// Nothing is learnt from look-ups before the cache is full, so that they are not noted.
  @usableFromInline var sampleMask: UInt32 = .max
  /// The same of the sample whose writes are noted.
  @usableFromInline private(set) var writtenSampleMask: UInt32 = .max
  /// Whether a hit is counted in its entry's mark.
  @usableFromInline var countsUses: Bool
  /// Rises eight times, modulo 8, while so many bytes come into the small queue as fit there and a
  /// third more.
  var epoch: UInt8 = 0 {
    didSet { usedMarks = UsedMarks.inEpoch(epoch) }
  }
  /// What marks become by a hit in this epoch.
  @usableFromInline private(set) var usedMarks = UsedMarks.inEpoch(0)
  /// Whether the mode stays what it is, and others are only watched.
  let isWatching: Bool
  /// What a hit counts as in the choice of a mode.
  private let preference: EvictionPolicy.Preference
  /// The load times of entries; `nil` where they do not count.
  var loadCosts: LoadCosts?
  var mode: EvictionMode
  /// Bytes of a slot; an entry's size is these and what it owns on the heap.
  let slotByteCount: Int
  private var markByteCount = 0
  @usableFromInline var lists = EvictionLists()
  var small = QueueTotal()
  var main = QueueTotal()
  /// Bytes that came into the small queue in this epoch.
  var epochByteCount = 0
  var ghost = GhostTable()
  var duel: EvictionDuel?
  var counts = EvictionCounts()
  /// The sizes of the entries of each sample, and the sum for the present one.
  var samples: SampleSizes
  /// Whether look-ups rest, and when they will; see `AdaptivePolicy+LookUps.swift`.
  @usableFromInline var rest = LookUpRest()
  /// The state in which ghost and shadows were adjusted last.
  private var adjusted = AdjustedMemory()
  /// Whether an entry ever had to leave for another one.
  private(set) var isFull = false
  /// The slot that was written last; 0 if its entry has left.
  package var writtenSlot: Slot = 0
  /// The entry that room is made for.
  var newcomer: Newcomer?
  /// The hash of an entry that has yet to come, for which the queues are balanced; `nil` for none.
  var expectedHash: UInt32?
  /// The queue that it will be in.
  var expectedQueue = EvictionQueue.main
  /// Whether the last entry that room was made for is itself the one to leave.
  @usableFromInline private(set) var isNewcomerRefused = false
  /// A slot whose entry does not leave while another one can; 0 for none.
  var keptSlot: Slot = 0
  /// Where threads announce that they read; `nil` as long as they take the lock for that.
  @usableFromInline package var readerPlaces: ReaderPlaces?
  /// Look-ups under the lock since threads have read at the same time; before they did, those that
  /// found it taken.
  var lockedReads = 0
  /// Hits without the lock since another operation than a look-up.
  var sharedHits = 0

  /// - Parameters:
  ///   - policy: Whether the cache adapts, or keeps to the least recently used entry and watches.
  ///   - slotByteCount: Bytes of a slot, a mark included.
  init(_ policy: EvictionPolicy, slotByteCount: Int) {
    isWatching = !policy.isAdaptive
    preference = policy.preference
    loadCosts = policy.keepsLoadTimes ? LoadCosts() : nil
    self.slotByteCount = slotByteCount
    mode = EvictionMode(atStartOf: policy)
    countsUses = mode.countsUses
    samples = SampleSizes()
    // Never read or written before `reserve`.
    marks = UnsafeMutablePointer(bitPattern: 1)!
  }

  deinit {
    if markByteCount > 0 { VirtualMemory.release(marks, byteCount: markByteCount) }
    readerPlaces?.release()
    var (lists, samples, ghost, duel, loadCosts) = (lists, samples, ghost, duel, loadCosts)
    loadCosts?.release()
    lists.release()
    samples.release()
    ghost.resize(toCapacity: 0)
    duel?.release()
  }

  /// Bytes of both queues.
  var byteCount: Int { small.byteCount &+ main.byteCount }

  /// Granules that ghost and shadows take, which count as the cache's.
  var auxiliaryGranules: Int {
    ByteLedger.granules(forByteCount: ghost.byteCount)
      + ByteLedger.granules(forByteCount: duel?.byteCount ?? 0)
  }

  // MARK: Memory

  /// Has the marks take address space for so many slots.
  ///
  /// - Returns: `false` if the system does not grant so much.
  mutating func reserve(slots count: Int, touched: Int) -> Bool {
    lists.open()
    samples.open()
    var base = UnsafeMutableRawPointer(marks)
    guard
      AddressSpace.extend(
        &base, reserved: &markByteCount, to: (count + 1) * MemoryLayout<EntryMark>.stride,
        used: touched * MemoryLayout<EntryMark>.stride)
    else { return false }
    marks = base.bindMemory(to: EntryMark.self, capacity: count + 1)
    return loadCosts?.reserve(slots: count, touched: touched) ?? true
  }

  /// Gives the memory of a range of slots back.
  func releaseUntouched(from lower: Int, to upper: Int) {
    if markByteCount > 0 { VirtualMemory.discard(in: marks, from: lower, to: upper) }
    loadCosts?.releaseUntouched(from: lower, to: upper)
  }

  /// Gives all memory back; no slot holds an entry.
  mutating func releaseAll() {
    if markByteCount > 0 { VirtualMemory.release(marks, byteCount: markByteCount) }
    markByteCount = 0
    loadCosts?.release()
    lists.release()
    samples.release()
    (small, main, epochByteCount) = (QueueTotal(), QueueTotal(), 0)
    dropMemory()
    (writtenSlot, keptSlot, isFull) = (0, 0, false)
  }

  /// Gives the memory of ghost and shadows back.
  mutating func dropMemory() {
    ghost.resize(toCapacity: 0)
    closeDuel()
    adjusted = AdjustedMemory()
  }

  /// Whether ghost and shadows are as ``adjustMemory(byteLimit:allowance:)`` has left them for
  /// about as many entries and the same limit.
  @usableFromInline
  mutating func isAdjusted(byteLimit: Int) -> Bool {
    adjusted.byteLimit == byteLimit && adjusted.counts.contains(small.count &+ main.count)
  }

  /// Has ghost and shadows be as large as the number of entries and the limit want it.
  ///
  /// - Parameters:
  ///   - byteLimit: The most bytes of the cache.
  ///   - allowance: Bytes that they may grow by.
  mutating func adjustMemory(byteLimit: Int, allowance: Int) {
    let count = small.count + main.count
    let shadowByteCount = byteLimit / 32
    if let duel, duel.byteCount > 2 * shadowByteCount { closeDuel() }
    if duel == nil {
      let capacity = EvictionDuel.capacity(forByteCount: min(shadowByteCount, allowance))
      if capacity > 0 {
        open(EvictionDuel(mode: mode, preference: preference, capacity: capacity))
      }
    }
    if isFull, !isWatching {
      // Five tags of two bytes for eight entries.
      let wanted = count - count / 8 * 3
      if ghost.capacity > 2 * wanted + 64 || (ghost.capacity * 2 < wanted && wanted * 2 < allowance)
      {
        ghost.resize(toCapacity: wanted)
      }
    }
    if allowance > 0 {
      adjusted = AdjustedMemory(byteLimit: byteLimit, counts: count / 3 * 2...count + count / 2)
    }
  }

  /// Whether there are shadows.
  @inlinable @inline(__always)
  var hasShadows: Bool { writtenSampleMask != .max }

  /// Whether there are to be shadows at this limit.
  @usableFromInline
  mutating func wantsShadows(byteLimit: Int) -> Bool {
    byteLimit / 32 >= EvictionDuel.leastByteCount
  }

  private mutating func open(_ duel: consuming EvictionDuel) {
    self.duel = duel
    setSample()
  }

  private mutating func closeDuel() {
    duel?.release()
    duel = nil
    rest = LookUpRest()
    (sampleMask, writtenSampleMask) = (.max, .max)
  }

  mutating func setSample() {
    guard let duel, writtenSampleMask != duel.sampleMask else { return }
    writtenSampleMask = duel.sampleMask
    if isFull, rest.start == nil { sampleMask = writtenSampleMask }
    samples.select(duel.sampleBits)
  }

  // MARK: Entries that come and go

  /// Takes an entry whose slot is not in the ring into its list.
  @usableFromInline
  mutating func noteInsertion(_ slot: Slot, in table: SlotColumns) {
    let record = table.records[Int(slot)]
    let bytes = byteCount(ofGranules: record.heapGranules)
    var queue = expectedQueue
    if expectedHash != record.hash {
      queue = !countsUses || ghost.contains(record.hash) ? .main : .small
      if countsUses { balance(coming: queue == .main ? 0 : bytes, in: table) }
    }
    expectedHash = nil
    samples.add(bytes, hash: record.hash)
    if loadCosts != nil { noteCost(of: slot, hash: record.hash, replacing: nil) }
    put(slot, into: queue, uses: 0, in: table)
    if queue == .small {
      advanceEpoch(by: bytes)
    } else if countsUses {
      _ = ghost.remove(record.hash)
    }
    writtenSlot = slot
    if record.hash & writtenSampleMask == 0 {
      noteSampledWrite(record, cost: cost(of: slot), isUse: false)
    }
  }

  /// Counts bytes that come into the small queue.
  @inline(__always)
  mutating func advanceEpoch(by byteCount: Int) {
    epochByteCount &+= byteCount
    if epochByteCount &* 30 >= self.byteCount {
      epoch = (epoch &+ 1) & 7
      epochByteCount = 0
    }
  }

  /// Takes note of another value in a slot, whose record is written already.
  @usableFromInline
  mutating func noteReplacement(_ slot: Slot, of old: UInt32, in table: SlotColumns) {
    let record = table.records[Int(slot)]
    let (bytes, oldBytes) = (
      byteCount(ofGranules: record.heapGranules), byteCount(ofGranules: old)
    )
    samples.add(bytes - oldBytes, hash: record.hash)
    let mark = marks[Int(slot)]
    takeOut(slot, mark.queue, byteCount: oldBytes, in: table)
    if let loadCosts { noteCost(of: slot, hash: record.hash, replacing: loadCosts[slot]) }
    if countsUses {
      let used = usedMarks[Int(mark.bits)]
      place(slot, in: mark.queue, uses: used.uses, birth: mark.birth, in: table)
    } else {
      put(slot, into: .main, uses: 0, in: table)
    }
    writtenSlot = slot
    if record.hash & writtenSampleMask == 0 {
      noteSampledWrite(record, cost: cost(of: slot), isUse: true)
    }
  }

  /// Prepares for making room for an entry.
  ///
  /// - Returns: Whether ghost and shadows have to be adjusted first.
  @usableFromInline
  mutating func expect(
    hash: UInt32, granules: UInt32, byteLimit: Int, in table: SlotColumns
  ) -> Bool {
    noteFull()
    let queue: EvictionQueue = !countsUses || ghost.contains(hash) ? .main : .small
    let bytes = byteCount(ofGranules: granules)
    newcomer = Newcomer(byteCount: bytes, octave: octave(ofNewcomer: bytes), queue: queue)
    isNewcomerRefused = false
    if countsUses { balance(coming: queue == .small ? bytes : 0, in: table) }
    (expectedHash, expectedQueue) = (hash, queue)
    return !isAdjusted(byteLimit: byteLimit)
  }

  /// Ends making room.
  @usableFromInline
  mutating func forgetNewcomer() { newcomer = nil }

  /// Has the entry leave that room is made for.
  mutating func refuseNewcomer() { isNewcomerRefused = true }

  /// Notes an entry that leaves at once.
  @usableFromInline
  mutating func noteLeavingAtOnce(hash: UInt32, granules: UInt32) {
    (isNewcomerRefused, expectedHash, writtenSlot) = (false, nil, 0)
    loadCosts?.learn(hash: hash)
    if !ghost.remove(hash) { ghost.insert(hash) }
    if hash & writtenSampleMask == 0 {
      noteSampledWrite(
        SlotRecord(hash: hash, heapGranules: granules),
        cost: loadCosts?.cost(replacing: nil) ?? .none, isUse: false)
    }
  }

  mutating func noteSampledWrite(_ record: SlotRecord, cost: LoadCost, isUse: Bool) {
    let (size, limit) = (size(ofGranules: record.heapGranules), samples.byteCount)
    duel?.noteWrite(record.hash, size: size, cost: cost, limit: limit, isUse: isUse)
    setSample()
  }

  /// Takes note of an entry that has left the ring, or is about to.
  ///
  /// - Parameters:
  ///   - slot: Its slot, whose links are still those it had.
  ///   - isEvicted: Whether it had to leave for others.
  @usableFromInline
  mutating func noteRemoval(_ slot: Slot, isEvicted: Bool, in table: SlotColumns) {
    let record = table.records[Int(slot)]
    let bytes = byteCount(ofGranules: record.heapGranules)
    samples.add(-bytes, hash: record.hash)
    forget(slot, marks[Int(slot)].queue, byteCount: bytes, in: table)
    if writtenSlot == slot { writtenSlot = 0 }
    if keptSlot == slot { keptSlot = 0 }
    if !isEvicted, record.hash & writtenSampleMask == 0 { duel?.noteRemoval(record.hash) }
  }

  /// Follows an entry that has moved from one slot to another.
  mutating func move(from source: Slot, to target: Slot, in table: SlotColumns) {
    let mark = marks[Int(source)]
    marks[Int(target)] = mark
    if let loadCosts { loadCosts[target] = loadCosts[source] }
    let octave = octave(
      of: target, byteCount: byteCount(ofGranules: table.records[Int(target)].heapGranules))
    lists.replace(source, by: target, queue: mark.queue, octave: octave)
    if writtenSlot == source { writtenSlot = target }
    if keptSlot == source { keptSlot = target }
  }

  /// Notes that an entry has to leave for others.
  @usableFromInline
  mutating func noteFull() {
    guard !isFull else { return }
    isFull = true
    sampleMask = writtenSampleMask
    adjusted = AdjustedMemory()
  }
}
