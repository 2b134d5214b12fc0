/// A cache of sampled keys without values: what it hits says what a whole cache in the same mode
/// would hit.
///
/// It follows the rules of ``AdaptivePolicy`` in any mode, with exact worths. Entries are numbered
/// from 1 in one block of memory, found through chains of hashes, and 24 bytes each.
struct ShadowCache {
  struct Entry {
    var hash: UInt32 = 0
    /// Its size in bytes.
    var size: UInt32 = 0
    /// Its worth, modulo 2³²; compared by difference.
    var worth: UInt32 = 0
    /// Bytes that had come into the small queue before it, modulo 2³².
    var birth: UInt32 = 0
    var previous: UInt8 = 0
    var next: UInt8 = 0
    /// The next entry of the same chain, or of the free list.
    var chained: UInt8 = 0
    var uses: UInt8 = 0
    /// The list that it is in.
    var list: UInt8 = 0
    /// The time that its load took.
    var cost = LoadCost.none
  }

  struct Ends {
    var first: UInt8 = 0
    var last: UInt8 = 0
  }

  /// The most entries of a shadow.
  static let largestCapacity = 128
  private static let walkLimit = 32

  let mode: EvictionMode
  let capacity: Int
  let entries: UnsafeMutablePointer<Entry>
  /// The first entry of each chain: there are twice as many chains as entries, so that most have
  /// none or one.
  let chains: UnsafeMutablePointer<UInt8>
  /// The bits of a hash that do not choose its chain.
  let chainShift: UInt32
  let ends: UnsafeMutablePointer<Ends>
  var nonempty: UInt64 = 0
  var firstFree: UInt8 = 0
  var sizes = (small: 0, main: 0)
  var counts = (small: 0, main: 0)
  var clocks: (small: UInt32, main: UInt32) = (0, 0)
  private var smallInsertions: UInt32 = 0
  private var ghost = GhostTable()
  /// The sizes of all entries together that it may have.
  var limit = 0

  var count: Int { counts.small + counts.main }

  /// The sizes of all entries together.
  var size: Int { sizes.small + sizes.main }

  /// - Parameters:
  ///   - mode: The mode that is tried.
  ///   - capacity: The most entries, up to ``largestCapacity``.
  init(mode: EvictionMode, capacity: Int) {
    self.mode = mode
    self.capacity = capacity
    entries = .allocate(capacity: capacity + 1)
    entries.initialize(repeating: Entry(), count: capacity + 1)
    let chainCount = Self.chainCount(forCapacity: capacity)
    chains = .allocate(capacity: chainCount)
    chains.initialize(repeating: 0, count: chainCount)
    chainShift = UInt32(UInt32.bitWidth - chainCount.trailingZeroBitCount)
    ends = .allocate(capacity: 2 * SizeOctave.count)
    ends.initialize(repeating: Ends(), count: 2 * SizeOctave.count)
    for number in 1..<capacity { entries[number].chained = UInt8(number + 1) }
    firstFree = 1
    if mode.countsUses { ghost.resize(toCapacity: capacity / 2) }
  }

  /// Gives the memory back.
  mutating func release() {
    entries.deallocate()
    chains.deallocate()
    ends.deallocate()
    ghost.resize(toCapacity: 0)
  }

  /// Twice the power of two that is not below the number of entries.
  private static func chainCount(forCapacity capacity: Int) -> Int {
    2 << (Int.bitWidth - (capacity - 1).leadingZeroBitCount)
  }

  /// Bytes that three shadows with this capacity take.
  static func byteCount(ofThreeWithCapacity capacity: Int) -> Int {
    let each =
      Allocator.allocationByteCount(forRequest: (capacity + 1) * MemoryLayout<Entry>.stride)
      + Allocator.allocationByteCount(forRequest: chainCount(forCapacity: capacity))
      + Allocator.allocationByteCount(forRequest: 2 * SizeOctave.count * MemoryLayout<Ends>.stride)
    return 3 * each + 2 * GhostTable.byteCount(forCapacity: capacity / 2)
  }

  // MARK: Operations

  /// Looks a key up.
  ///
  /// - Returns: Whether it was there; then its use is noted.
  mutating func access(_ hash: UInt32) -> Bool {
    let number = find(hash)
    guard number != 0 else { return false }
    let entry = entries + Int(number)
    guard mode.countsUses else {
      take(number)
      entry.pointee.uses = 0
      put(number, into: .main, uses: 1)
      return true
    }
    let isYoung =
      !isMain(number)
      && Int(smallInsertions &- entry.pointee.birth) * 20 < min(limit, size)
    if !isYoung, entry.pointee.uses < 3 { entry.pointee.uses += 1 }
    return true
  }

  /// Takes a key in, or gives one that is there another size.
  mutating func insert(_ hash: UInt32, size: UInt32, cost: LoadCost = .none) {
    var number = find(hash)
    let present = self.size
    if number != 0 {
      guard entries[Int(number)].size != size || entries[Int(number)].cost != cost else { return }
      let queue: EvictionQueue = isMain(number) ? .main : .small
      take(number)
      entries[Int(number)].size = size
      entries[Int(number)].cost = cost
      put(number, into: queue, uses: 1 + Int(entries[Int(number)].uses))
    } else {
      guard Int(size) <= limit else { return }
      if exchange(hash, size: size, cost: cost) {
        while self.size > limit { evict() }
        return
      }
      if firstFree == 0 { evict() }
      number = firstFree
      firstFree = entries[Int(number)].chained
      entries[Int(number)] = Entry(
        hash: hash, size: size, birth: smallInsertions, cost: cost)
      chain(number)
      if !mode.countsUses || ghost.remove(hash) {
        put(number, into: .main, uses: 1)
      } else {
        smallInsertions &+= size
        put(number, into: .small, uses: 1)
      }
    }
    if mode.countsUses { balance(within: min(present, limit)) }
    while self.size > limit { evict() }
  }

  /// The size and the load time of a key that is there.
  func sizeAndCost(of hash: UInt32) -> (size: UInt32, cost: LoadCost)? {
    let number = find(hash)
    return number == 0 ? nil : (entries[Int(number)].size, entries[Int(number)].cost)
  }

  /// Forgets a key.
  mutating func remove(_ hash: UInt32) {
    let number = find(hash)
    if number != 0 { drop(number) }
  }

  /// Forgets the keys that are not in a smaller sample.
  mutating func removeAll(notMatching mask: UInt32) {
    for chain in 0..<Self.chainCount(forCapacity: capacity) {
      var number = chains[chain]
      while number != 0 {
        let next = entries[Int(number)].chained
        if entries[Int(number)].hash & mask != 0 { drop(number) }
        number = next
      }
    }
  }

  /// A hash that distinguishes the coldest entry from others; 0 if there is none.
  var coldestHash: UInt32 {
    let list = nonempty & (1 << SizeOctave.count - 1)
    return list == 0 ? 0 : entries[Int(ends[list.trailingZeroBitCount].last)].hash
  }

  /// Recounts lists and chains.
  ///
  /// - Parameter sampleMask: The bits that are 0 in every hash.
  /// - Returns: What is wrong.
  func checkInvariants(sampleMask: UInt32) -> [String] {
    var violations: [String] = []
    var (count, size, chained, free) = (0, 0, 0, 0)
    for list in 0..<2 * SizeOctave.count {
      var (previous, number) = (UInt8(0), ends[list].first)
      while number != 0, count <= capacity {
        let entry = entries[Int(number)]
        if entry.previous != previous || Int(entry.list) != list || entry.hash & sampleMask != 0 {
          violations.append("entry \(number) does not belong into list \(list)")
        }
        count += 1
        size += Int(entry.size)
        (previous, number) = (number, entry.next)
      }
      if ends[list].last != previous || (previous != 0) != (nonempty & 1 << list != 0) {
        violations.append("list \(list) does not end with \(ends[list].last)")
      }
    }
    for chain in 0..<Self.chainCount(forCapacity: capacity) {
      var number = chains[chain]
      while number != 0, chained <= capacity {
        chained += 1
        number = entries[Int(number)].chained
      }
    }
    var number = firstFree
    while number != 0, free <= capacity {
      free += 1
      number = entries[Int(number)].chained
    }
    if count != self.count || count != chained || count + free != capacity {
      violations.append("\(count) entries listed, \(chained) chained, \(self.count) counted")
    }
    if size != self.size { violations.append("\(size) bytes listed, \(self.size) counted") }
    return violations
  }

  // MARK: Rules

  private mutating func balance(within size: Int) {
    var steps = 0
    while counts.small > 1, sizes.small * 5 > size, steps < Self.walkLimit {
      let number = last(of: .small)
      guard (sizes.main + Int(entries[Int(number)].size)) * 5 <= size * 4 else { return }
      take(number)
      entries[Int(number)].uses = 0
      put(number, into: .main, uses: 1)
      steps += 1
    }
  }

  /// Has one entry leave.
  private mutating func evict() {
    var steps = 0
    while true {
      let isSmallFirst =
        counts.small > 0
        && (!mode.countsUses || counts.main == 0 || sizes.small * 5 > min(size, limit))
      let number = last(of: isSmallFirst ? .small : .main)
      let uses = entries[Int(number)].uses
      guard uses > 0, steps < Self.walkLimit else {
        if isSmallFirst { ghost.insert(entries[Int(number)].hash) }
        drop(number)
        return
      }
      steps += 1
      take(number)
      entries[Int(number)].uses = isSmallFirst || !mode.countsUses ? 0 : uses - 1
      put(number, into: .main, uses: 1 + Int(entries[Int(number)].uses))
    }
  }

  /// The entry of a queue that is worth least, and the queue's clock advanced to it.
  private mutating func last(of queue: EvictionQueue) -> UInt8 {
    guard mode.separatesSizes else { return ends[Self.list(queue, 0)].last }
    var octaves = lists(of: queue)
    let clock = clock(of: queue)
    var best: UInt8 = 0
    var least = Int32.max
    while octaves != 0 {
      let number = ends[Self.list(queue, octaves.trailingZeroBitCount)].last
      let distance = Int32(bitPattern: entries[Int(number)].worth &- clock)
      if best == 0 || distance < least { (best, least) = (number, distance) }
      octaves &= octaves &- 1
    }
    advanceClock(of: queue, to: clock &+ UInt32(bitPattern: least))
    return best
  }

  @inline(__always)
  private func clock(of queue: EvictionQueue) -> UInt32 {
    queue == .main ? clocks.main : clocks.small
  }

  @inline(__always)
  private mutating func advanceClock(of queue: EvictionQueue, to worth: UInt32) {
    guard Int32(bitPattern: worth &- clock(of: queue)) > 0 else { return }
    if queue == .main { clocks.main = worth } else { clocks.small = worth }
  }

  /// The worth of an entry that is put into a queue now.
  @inline(__always)
  func worth(uses: Int, octave: Int, in queue: EvictionQueue) -> UInt32 {
    // With 20 bits behind the point.
    clock(of: queue) &+ UInt32(truncatingIfNeeded: uses) &<< UInt32(20 - octave)
  }

  /// Takes a key in that is not there, if one of the same size and list leaves for it, as nearly
  /// always where all are of one size.
  ///
  /// All is as after an insertion, ``balance(within:)`` and ``evict()``.
  ///
  /// - Returns: `false` if it is not as simple, and nothing has changed.
  private mutating func exchange(_ hash: UInt32, size: UInt32, cost: LoadCost) -> Bool {
    let (bytes, present) = (Int(size), self.size)
    guard firstFree != 0, present &+ bytes > limit else { return false }
    let queue: EvictionQueue = mode.countsUses ? .small : .main
    let octave = octave(of: size, cost)
    let list = Self.list(queue, octave)
    let number = ends[list].last
    let entry = entries + Int(number)
    guard lists(of: queue) == 1 &<< UInt64(octave), entry.pointee.size == size,
      entry.pointee.uses == 0
    else { return false }
    if mode.countsUses {
      // The small queue has too much, and nothing of it has room in the main one.
      guard (sizes.small &+ bytes) &* 5 > limit,
        (sizes.main &+ bytes) &* 5 > min(present, limit) &* 4, !ghost.contains(hash)
      else { return false }
      ghost.insert(entry.pointee.hash)
    }
    let worth = worth(uses: 1, octave: octave, in: queue)
    if mode.separatesSizes { advanceClock(of: queue, to: entry.pointee.worth) }
    unchain(number)
    entry.pointee.hash = hash
    entry.pointee.cost = cost
    entry.pointee.worth = worth
    entry.pointee.birth = smallInsertions
    if mode.countsUses { smallInsertions &+= size }
    chain(number)
    turn(list)
    return true
  }
}
