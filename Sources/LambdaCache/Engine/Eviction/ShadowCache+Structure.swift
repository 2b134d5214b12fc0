/// The lists and chains of a shadow.
extension ShadowCache {
  @inline(__always)
  func chain(of hash: UInt32) -> Int {
    Int((hash &* 0x9E37_79B1) &>> chainShift)
  }

  func find(_ hash: UInt32) -> UInt8 {
    var number = chains[chain(of: hash)]
    while number != 0, entries[Int(number)].hash != hash { number = entries[Int(number)].chained }
    return number
  }

  /// Links a number into the chain of its hash.
  @inline(__always)
  func chain(_ number: UInt8) {
    let chain = chain(of: entries[Int(number)].hash)
    entries[Int(number)].chained = chains[chain]
    chains[chain] = number
  }

  @inline(__always)
  func unchain(_ number: UInt8) {
    let entry = entries[Int(number)]
    let chain = chain(of: entry.hash)
    if chains[chain] == number {
      chains[chain] = entry.chained
      return
    }
    var before = chains[chain]
    while entries[Int(before)].chained != number { before = entries[Int(before)].chained }
    entries[Int(before)].chained = entry.chained
  }

  @inline(__always)
  static func list(_ queue: EvictionQueue, _ octave: Int) -> Int {
    (queue == .main ? 0 : SizeOctave.count) &+ octave
  }

  /// The octaves of a queue whose lists are not empty, as bits.
  @inline(__always)
  func lists(of queue: EvictionQueue) -> UInt64 {
    (queue == .main ? nonempty : nonempty &>> UInt64(SizeOctave.count))
      & (1 &<< UInt64(SizeOctave.count) &- 1)
  }

  /// The octave whose list an entry is in.
  @inline(__always)
  func octave(of size: UInt32, _ cost: LoadCost) -> Int {
    // Of larger ones nothing would be left of a worth.
    mode.separatesSizes ? min(SizeOctave.octave(ofByteCount: cost.counted(Int(size))), 19) : 0
  }

  @inline(__always)
  func isMain(_ number: UInt8) -> Bool {
    Int(entries[Int(number)].list) < SizeOctave.count
  }

  mutating func put(_ number: UInt8, into queue: EvictionQueue, uses: Int) {
    let entry = entries + Int(number)
    let octave = octave(of: entry.pointee.size, entry.pointee.cost)
    let list = Self.list(queue, octave)
    entry.pointee.worth = worth(uses: uses, octave: octave, in: queue)
    entry.pointee.list = UInt8(list)
    let first = ends[list].first
    entry.pointee.previous = 0
    entry.pointee.next = first
    if first == 0 { ends[list].last = number } else { entries[Int(first)].previous = number }
    ends[list].first = number
    nonempty |= 1 << list
    add(Int(entry.pointee.size), count: 1, to: queue)
  }

  /// Makes the last entry of a list its first.
  @inline(__always)
  func turn(_ list: Int) {
    let (first, number) = (ends[list].first, ends[list].last)
    guard first != number else { return }
    let entry = entries + Int(number)
    ends[list] = Ends(first: number, last: entry.pointee.previous)
    entries[Int(entry.pointee.previous)].next = 0
    entry.pointee.previous = 0
    entry.pointee.next = first
    entries[Int(first)].previous = number
  }

  mutating func take(_ number: UInt8) {
    let entry = entries[Int(number)]
    let list = Int(entry.list)
    if entry.previous == 0 {
      ends[list].first = entry.next
    } else {
      entries[Int(entry.previous)].next = entry.next
    }
    if entry.next == 0 {
      ends[list].last = entry.previous
    } else {
      entries[Int(entry.next)].previous = entry.previous
    }
    if ends[list].first == 0 { nonempty &= ~(1 << list) }
    add(-Int(entry.size), count: -1, to: isMain(number) ? .main : .small)
  }

  @inline(__always)
  mutating func add(_ size: Int, count: Int, to queue: EvictionQueue) {
    if queue == .main {
      sizes.main += size
      counts.main += count
    } else {
      sizes.small += size
      counts.small += count
    }
  }

  /// Takes an entry out of its list and its chain.
  mutating func drop(_ number: UInt8) {
    take(number)
    unchain(number)
    entries[Int(number)].chained = firstFree
    firstFree = number
  }
}
