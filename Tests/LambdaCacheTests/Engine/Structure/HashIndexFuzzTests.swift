import LambdaCache
import TestSupport
import Testing

/// The index against a dictionary, with hashes that collide wherever a table can be weak.
private final class HashIndexSubject: FuzzSubject {
  /// How hashes are made.
  enum Family: CaseIterable {
    case random
    /// Homes around the end of every table, so that clusters wrap.
    case aroundTheEnd
    /// A few homes, a few fingerprints, and whole hashes that are equal.
    case saturated
    /// Consecutive homes, fingerprint 0.
    case sequential
  }

  struct Configuration {
    var family: Family
    var bulk: Int
  }

  enum Operation {
    case insert([UInt32], allowance: Int)
    case remove(Int, count: Int)
    case exchange(Int, [UInt32])
    case findAbsent(UInt32)
    case dropHighest(Int)
    /// Removes all but a few, and makes the slots of those dense.
    case thinOut(leaving: Int)
    case shrink(allowance: Int)
    case moveSome
    case releaseAll
  }

  static func configuration(using random: inout SplitMix64) -> Configuration {
    Configuration(family: random.pick(Family.allCases), bulk: random.pick([1, 4, 30, 30, 30, 80]))
  }

  static func operation(
    in configuration: Configuration, using random: inout SplitMix64
  ) -> Operation {
    // Entries that are far from each other and then come together, too.
    let isSaturated = configuration.family == .saturated
    let family: Family = isSaturated && random.oneIn(3) ? .random : configuration.family
    let hashes = (0..<random.number(1...configuration.bulk)).map { _ in
      hash(family, using: &random)
    }
    switch random.number(0...33) {
    case 0...10: return .insert(hashes, allowance: random.pick([0, 0, 300, Int.max / 2]))
    case 30...33: return .exchange(random.number(0...9_999), hashes)
    case 11...19:
      return .remove(random.number(0...9_999), count: random.number(1...configuration.bulk))
    case 20...22: return .findAbsent(hash(configuration.family, using: &random))
    case 23...25: return .dropHighest(random.number(1...configuration.bulk * 2))
    case 26...27: return .shrink(allowance: random.pick([0, 100, Int.max / 2]))
    case 28: return .moveSome
    default:
      return random.oneIn(3) ? .releaseAll : .thinOut(leaving: random.number(0...12))
    }
  }

  private static func hash(_ family: Family, using random: inout SplitMix64) -> UInt32 {
    let fingerprint = UInt32(random.number(0...2)) << 22
    let home: UInt32
    switch family {
    case .random: home = UInt32(truncatingIfNeeded: random.next())
    case .aroundTheEnd: home = UInt32(bitPattern: Int32(random.number(-4...2))) ^ fingerprint
    case .saturated: home = UInt32(random.pick([5, 6, 21, 68])) | fingerprint
    case .sequential: home = UInt32(random.number(0...400))
    }
    // A table finds the block of a home by the low bits of a hash, the place in it by the top six.
    return home << 26 | home & 0x3FF_FFFF
  }

  private struct Entry {
    var id: Int
    var hash: UInt32
  }

  private static let capacity = 1 << 12
  private let records: UnsafeMutablePointer<SlotRecord>
  private var index = HashIndex()
  private(set) var coverage: [String: Int] = [:]

  /// The model: which entry has which slot, which slots have one, in order, and which are free.
  private var entries = [Entry?](repeating: nil, count: capacity)
  private var slots: [Slot] = []
  private var freed: [Slot] = []
  private var highest: Slot = 0
  private var made = 0

  init(_ configuration: Configuration) {
    records = .allocate(capacity: HashIndexSubject.capacity)
    records.initialize(
      repeating: SlotRecord(hash: 0, heapGranules: 0),
      count: HashIndexSubject.capacity)
  }

  deinit {
    records.deallocate()
  }

  func perform(_ operation: Operation) -> [String] {
    var violations: [String] = []
    switch operation {
    case .insert(let hashes, let allowance):
      for hash in hashes where Int(highest) + 1 < HashIndexSubject.capacity {
        violations += insert(hash, allowance: allowance)
      }
    case .remove(let pick, let count):
      for _ in 0..<count where !slots.isEmpty { remove(pick) }
    case .exchange(let pick, let hashes):
      for (number, hash) in hashes.enumerated() where index.oldCells == nil && !slots.isEmpty {
        exchange(pick + number, hash)
      }
    case .findAbsent(let hash):
      if find(hash: hash, id: 0, violations: &violations) != 0 {
        violations.append("a key that was never inserted was found")
      }
    case .dropHighest(let count):
      for _ in 0..<count where !freed.isEmpty { dropHighest() }
    case .thinOut(let leaving):
      while slots.count > leaving { remove(leaving) }
      while !freed.isEmpty { dropHighest() }
    case .shrink(let allowance):
      let before = index.byteCount
      index.shrinkIfSparse(highWater: highest, byteAllowance: allowance, records: records)
      if index.byteCount > before { coverage["shrunk", default: 0] += 1 }
      if index.byteCount - before > allowance {
        violations.append("shrinking took \(index.byteCount - before) bytes of \(allowance)")
      }
    case .moveSome: index.moveSome(records: records)
    case .releaseAll:
      index.releaseAll()
      for slot in slots { entries[Int(slot)] = nil }
      (slots, freed, highest) = ([], [], 0)
    }
    if index.oldCells != nil { coverage["steps with two tables", default: 0] += 1 }
    if index.hasSaturatedDistance { coverage["steps with a saturated table", default: 0] += 1 }
    return violations
  }

  private func insert(_ hash: UInt32, allowance: Int) -> [String] {
    let allowance = max(allowance, index.requiredByteCount)
    let before = index.byteCount
    let isLastCellUsed = before > 0 && index.cells[index.shape.cellCount - 1] != 0
    if index.wantsRoom, !index.makeRoom(byteAllowance: allowance, records: records) {
      preconditionFailure("the system has no memory for a small index")
    }
    let taken = index.byteCount - before
    if taken > 0, index.oldCells != nil {
      coverage["grown", default: 0] += 1
      if isLastCellUsed { coverage["grown with the last cell in use", default: 0] += 1 }
    }
    made += 1
    let slot = freed.popLast() ?? highest + 1
    highest = max(highest, slot)
    entries[Int(slot)] = Entry(id: made, hash: hash)
    slots.insert(slot, at: place(of: slot))
    records[Int(slot)].hash = hash
    index.insert(slot, hash: hash, records: records)
    return taken <= allowance ? [] : ["growth took \(taken) bytes of \(allowance)"]
  }

  private func remove(_ pick: Int) {
    let slot = slots.remove(at: pick % slots.count)
    guard let entry = entries[Int(slot)].take() else { return }
    index.remove(slot, hash: entry.hash, records: records)
    records[Int(slot)].hash = 0
    freed.append(slot)
  }

  private func exchange(_ pick: Int, _ hash: UInt32) {
    let slot = slots[pick % slots.count]
    guard let old = entries[Int(slot)] else { return }
    let wasSaturated = index.hasSaturatedDistance
    made += 1
    entries[Int(slot)] = Entry(id: made, hash: hash)
    records[Int(slot)].hash = hash
    index.move(slot, from: old.hash, to: hash, records: records)
    if index.hasSaturatedDistance != wasSaturated {
      coverage["saturated by an exchange", default: 0] += 1
    }
  }

  /// Where a slot is among those that have an entry, or would be.
  private func place(of slot: Slot) -> Int {
    var (low, high) = (0, slots.count)
    while low < high {
      let middle = (low + high) / 2
      if slots[middle] < slot { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func dropHighest() {
    let source = highest
    highest -= 1
    guard let entry = entries[Int(source)].take() else {
      freed.removeAll { $0 == source }
      return
    }
    let target = freed.removeLast()
    slots.removeLast()
    slots.insert(target, at: place(of: target))
    entries[Int(target)] = entry
    records[Int(target)].hash = entry.hash
    records[Int(source)].hash = 0
    index.replace(source, by: target, hash: entry.hash, records: records)
    if index.oldCells != nil { coverage["replaced with two tables", default: 0] += 1 }
  }

  private func find(hash: UInt32, id: Int, violations: inout [String]) -> Slot {
    func isMatch(_ slot: Slot) -> Bool {
      guard let entry = entries[Int(slot)] else {
        violations.append("slot \(slot), which is not in the index, was compared")
        return false
      }
      return entry.id == id
    }
    let candidate = HashIndex.candidate(hash: hash, cells: index.cells, shape: index.shape)
    if candidate != 0, isMatch(candidate) { return candidate }
    let found = index.probe.find(hash: hash, where: isMatch)
    if candidate == 0, found != 0, index.lacks(hash: hash) {
      violations.append("slot \(found) is in the index, which is said to lack its hash")
    }
    return found
  }

  var size: Int { slots.count }

  func audit() -> [String] {
    var violations = index.checkInvariants(slots: slots, records: records)
    guard violations.isEmpty else { return violations }
    if index.count != slots.count {
      violations.append("count is \(index.count), not \(slots.count)")
    }
    for slot in slots {
      guard let entry = entries[Int(slot)] else { continue }
      let found = find(hash: entry.hash, id: entry.id, violations: &violations)
      if found != slot { violations.append("entry of slot \(slot) was found in \(found)") }
      let home = Int(index.shape.home(of: entry.hash))
      if home >= 64, home >= index.shape.homeCount - 64, index.cells[0] & index.shape.mask == slot {
        coverage["wrapped around", default: 0] += 1
      }
    }
    return violations
  }
}

@Suite("Hash index")
struct HashIndexFuzzTests {
  @Test("Look-ups, growth, shrinking and backward shifts agree with a dictionary")
  func agreesWithDictionary() {
    let coverage = Fuzz.run(HashIndexSubject.self, histories: 80, steps: 120)
    guard Fuzz.isThorough else { return }
    let places = [
      "steps with two tables", "steps with a saturated table", "grown", "shrunk",
      "replaced with two tables", "wrapped around", "grown with the last cell in use",
      "saturated by an exchange",
    ]
    for place in places {
      #expect(coverage[place, default: 0] > 0, "\(place): never")
    }
  }
}
