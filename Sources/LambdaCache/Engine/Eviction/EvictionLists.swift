/// The ends of the lists that the ring consists of: those of the main queue, then those of the
/// small one; in each the list for any size first, and then by octaves.
@usableFromInline
struct EvictionLists {
  @usableFromInline
  struct Ends {
    @usableFromInline var first: Slot = 0
    @usableFromInline var last: Slot = 0
  }

  /// Those of each list; before ``open()``, when all are empty, those of no cache.
  @usableFromInline private(set) var ends = NoEnds.ends
  /// A bit for each list that is not empty.
  @usableFromInline private(set) var nonempty: UInt64 = 0

  fileprivate static var count: Int { 2 * SizeOctave.count }

  static func number(_ queue: EvictionQueue, _ octave: Int) -> Int {
    (queue == .main ? 0 : SizeOctave.count) + octave
  }

  mutating func open() {
    guard ends == NoEnds.ends else { return }
    ends = .allocate(capacity: Self.count)
    ends.initialize(repeating: Ends(), count: Self.count)
  }

  mutating func release() {
    if ends != NoEnds.ends { ends.deallocate() }
    ends = NoEnds.ends
    nonempty = 0
  }

  @inline(__always)
  subscript(list: Int) -> Ends { ends[list] }

  /// The octaves of a queue whose lists are not empty, as bits.
  @inline(__always)
  func octaves(of queue: EvictionQueue) -> UInt64 {
    let rest = queue == .main ? nonempty : nonempty &>> UInt64(SizeOctave.count)
    return rest & (1 << SizeOctave.count - 1)
  }

  /// Whether every entry of the small queue, and there is one, is in one of its lists.
  @inline(__always)
  func isWholeSmallQueue(_ list: Int) -> Bool {
    nonempty &>> UInt64(SizeOctave.count)
      == 1 &<< UInt64(truncatingIfNeeded: list &- SizeOctave.count)
  }

  /// The slot that comes behind the front of a list in the ring: its own first, or that of the next
  /// list which has one; 0 for the ring's end.
  @inline(__always)
  private func follower(ofFrontOf list: Int) -> Slot {
    let rest = nonempty &>> UInt64(truncatingIfNeeded: list)
    return rest == 0 ? 0 : self[list &+ rest.trailingZeroBitCount].first
  }

  /// Whether every entry is in the list for any size of the main queue, which then is the ring.
  @inlinable var isOneList: Bool { nonempty == 1 }

  /// Follows a slot that is about to become the first of the ring, and so of the only list.
  ///
  /// - Precondition: ``isOneList``.
  @inlinable @inline(__always)
  func noteMoveToFront(_ slot: Slot, _ links: UnsafeMutablePointer<SlotLinks>) {
    guard ends[0].first != slot else { return }
    if ends[0].last == slot { ends[0].last = links[Int(slot)].previous }
    ends[0].first = slot
  }

  /// Links a slot in as the first of a list.
  @inline(__always)
  mutating func insert(_ slot: Slot, first list: Int, in table: SlotColumns) {
    table.linkIntoRing(slot, before: follower(ofFrontOf: list))
    let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: list)
    if nonempty & bit == 0 { ends[list].last = slot }
    ends[list].first = slot
    nonempty |= bit
  }

  /// Makes the last slot of a list its first.
  @inline(__always)
  func turn(_ list: Int, in table: SlotColumns) {
    let (first, slot) = (ends[list].first, ends[list].last)
    guard first != slot else { return }
    ends[list] = Ends(first: slot, last: table.links[Int(slot)].previous)
    table.unlinkFromRing(slot)
    table.linkIntoRing(slot, before: first)
  }

  /// Takes a slot off the ends of its list, if it is one.
  ///
  /// - Parameters:
  ///   - slot: The slot, whose links are still those it had in the ring.
  ///   - queue: Its queue.
  ///   - octave: The octave of its size; it may be in the list for any size instead.
  ///   - table: The slots.
  @inline(__always)
  mutating func forget(
    _ slot: Slot, queue: EvictionQueue, octave: Int, in table: SlotColumns
  ) {
    if octave > 0 { forget(slot, list: Self.number(queue, octave), in: table) }
    forget(slot, list: Self.number(queue, 0), in: table)
  }

  @inline(__always)
  mutating func forget(_ slot: Slot, list: Int, in table: SlotColumns) {
    let end = ends[list]
    if end.last == slot {
      if end.first == slot {
        ends[list] = Ends()
        nonempty &= ~(1 &<< UInt64(truncatingIfNeeded: list))
      } else {
        ends[list].last = table.links[Int(slot)].previous
      }
    } else if end.first == slot {
      ends[list].first = table.links[Int(slot)].next
    }
  }

  /// Names another slot where one is the end of a list.
  mutating func replace(_ slot: Slot, by other: Slot, queue: EvictionQueue, octave: Int) {
    replace(slot, by: other, list: Self.number(queue, octave))
    replace(slot, by: other, list: Self.number(queue, 0))
  }

  private mutating func replace(_ slot: Slot, by other: Slot, list: Int) {
    if ends[list].first == slot { ends[list].first = other }
    if ends[list].last == slot { ends[list].last = other }
  }
}

/// The ends of empty lists, shared by every cache that has none yet, and never written.
private enum NoEnds {
  nonisolated(unsafe) static let ends: UnsafeMutablePointer<EvictionLists.Ends> = {
    let ends = UnsafeMutablePointer<EvictionLists.Ends>.allocate(capacity: EvictionLists.count)
    ends.initialize(repeating: EvictionLists.Ends(), count: EvictionLists.count)
    return ends
  }()
}

/// The entries of a queue together.
struct QueueTotal {
  var count = 0
  var byteCount = 0
  var clock = QueueClock()

  /// Counts an entry that comes.
  @inline(__always)
  mutating func add(_ bytes: Int) {
    count &+= 1
    byteCount &+= bytes
  }

  /// Counts an entry that goes.
  @inline(__always)
  mutating func take(_ bytes: Int) {
    count &-= 1
    byteCount &-= bytes
  }
}

/// The bytes that a cache holds of the keys of each sample.
///
/// The samples lie in one another: that of 2ⁿ is every other key of that of 2ⁿ⁻¹. So an entry
/// counts once, for the smallest sample that it is in, and the sum for the present one is kept.
struct SampleSizes {
  /// Zeros at the end of the hashes of the largest sample: one key in eight.
  static let leastBits = 3
  private var levels: UnsafeMutablePointer<Int>?
  /// Zeros at the end of the hashes of the present sample.
  private(set) var bits = leastBits
  /// The sizes of all entries of the present sample together.
  private(set) var byteCount = 0

  mutating func open() {
    guard levels == nil else { return }
    let levels = UnsafeMutablePointer<Int>.allocate(capacity: UInt32.bitWidth + 1)
    levels.initialize(repeating: 0, count: UInt32.bitWidth + 1)
    self.levels = levels
  }

  mutating func release() {
    levels?.deallocate()
    levels = nil
    byteCount = 0
  }

  /// Without a branch, which one key in eight would have mispredicted.
  @inline(__always)
  mutating func add(_ byteCount: Int, hash: UInt32) {
    let level = hash.trailingZeroBitCount
    guard let levels else { return }
    levels[level] &+= byteCount
    self.byteCount &+= level >= bits ? byteCount : 0
  }

  /// Makes the keys the present sample whose hashes end with so many zeros.
  mutating func select(_ bits: Int) {
    self.bits = bits
    byteCount = 0
    guard let levels else { return }
    for level in bits...UInt32.bitWidth { byteCount += levels[level] }
  }
}
