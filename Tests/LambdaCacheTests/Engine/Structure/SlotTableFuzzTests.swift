import LambdaCache
import TestSupport
import Testing

/// The slot table against an array of entries in order of use and a stack of free slots.
private final class SlotTableSubject: FuzzSubject {
  struct Configuration {
    var payloadStride: Int
    var slotLimit: Int
    var raises: [Int]
    var bulk: Int
  }

  enum Operation {
    case take(Int)
    case touch(Int)
    case free(Int, count: Int)
    case dropHighest(Int)
    case releaseUntouched(share: Int)
    /// Reserves more slots, by which columns may move.
    case reserve(Int)
    case releaseAll
  }

  static func configuration(using random: inout SplitMix64) -> Configuration {
    Configuration(
      payloadStride: random.pick([1, 8, 24, 40, 4_100]),
      slotLimit: random.pick([1, 5, 100, 1_000, 1 << 20]),
      raises: random.pick([[], [50, 600], [2, 40, 100, 5_000, 1 << 21]]),
      bulk: random.pick([1, 3, 40]))
  }

  static func operation(
    in configuration: Configuration, using random: inout SplitMix64
  ) -> Operation {
    let bulk = configuration.bulk
    switch random.number(0...19) {
    case 0...6: return .take(random.number(1...bulk))
    case 7...10: return .touch(random.number(0...10_000))
    case 11...14: return .free(random.number(0...10_000), count: random.number(1...bulk))
    case 15...17: return .dropHighest(random.number(1...bulk * 2))
    case 18:
      if random.oneIn(3), !configuration.raises.isEmpty {
        return .reserve(random.pick(configuration.raises))
      }
      return .releaseUntouched(share: random.pick([1, 8, Int.max]))
    default: return random.oneIn(4) ? .releaseAll : .touch(0)
    }
  }

  private struct Entry {
    var id: Int
    var slot: Slot
  }

  private let configuration: Configuration
  private var table: SlotTable
  private(set) var coverage: [String: Int] = [:]

  /// The model: entries in order of use, free slots in the order they were freed.
  private var order: [Entry] = []
  private var freed: [Slot] = []
  private var highest: Slot = 0
  private var touched = 0
  private var made = 0
  private var slotLimit = 0

  init(_ configuration: Configuration) {
    self.configuration = configuration
    table = SlotTable(payloadStride: configuration.payloadStride)
    reserve(configuration.slotLimit)
  }

  private func reserve(_ count: Int) {
    guard count > slotLimit else { return }
    let isReserved = table.reserve(slots: count)
    precondition(isReserved, "the system lends no address space for \(count) slots")
    table.slotLimit = count
    slotLimit = count
    if !order.isEmpty { coverage["slots added", default: 0] += 1 }
  }

  func perform(_ operation: Operation) -> [String] {
    var violations: [String] = []
    switch operation {
    case .take(let count):
      for _ in 0..<count where table.hasRoom { violations += take() }
    case .touch(let pick):
      guard !order.isEmpty else { break }
      let entry = order.remove(at: pick % order.count)
      order.insert(entry, at: 0)
      table.moveToFront(entry.slot)
    case .free(let pick, let count):
      for _ in 0..<count where !order.isEmpty {
        let entry = order.remove(at: pick % order.count)
        freed.append(entry.slot)
        table.unlink(entry.slot)
        table.freeSlot(entry.slot)
      }
    case .dropHighest(let count):
      for _ in 0..<count where table.freeCount > 0 { violations += dropHighest() }
    case .releaseUntouched(let share):
      let needed = Int(highest) + 1
      if touched - needed > touched / share {
        touched = needed
        coverage["memory given back", default: 0] += 1
      }
      table.releaseUntouched(beyondOneIn: share)
    case .reserve(let count): reserve(count)
    case .releaseAll:
      (order, freed, highest, touched, slotLimit) = ([], [], 0, 0, 0)
      table.releaseAll()
      if table.hasRoom || table.byteCount > 0 { violations.append("slots are left") }
      reserve(configuration.slotLimit)
    }
    return violations + table.checkInvariants() + compare()
  }

  private func take() -> [String] {
    let expected = freed.popLast() ?? highest + 1
    let bytes = table.byteCount + table.nextSlotByteCount
    let slot = table.takeSlot()
    highest = max(highest, expected)
    touched = max(touched, Int(highest) + 1)
    guard slot == expected else { return ["slot \(slot) was handed out, not \(expected)"] }
    made += 1
    table.records[Int(slot)] = SlotRecord(
      hash: UInt32(made) &* 0x9E37_79B9, heapGranules: UInt32(made % 1_000))
    table.payload(of: slot).storeBytes(of: UInt8(truncatingIfNeeded: made), as: UInt8.self)
    table.linkFirst(slot)
    order.insert(Entry(id: made, slot: slot), at: 0)
    return table.byteCount == bytes ? [] : ["taking slot \(slot) did not cost what was said"]
  }

  private func dropHighest() -> [String] {
    let isFree = freed.contains(highest)
    let expected: Slot = isFree ? 0 : freed.last ?? 0
    let target = table.dropHighestSlot()
    guard target == expected else { return ["slot \(highest) moved to \(target), not \(expected)"] }
    if isFree {
      freed.removeAll { $0 == highest }
    } else {
      freed.removeLast()
      table.payload(of: target).copyMemory(
        from: table.payload(of: highest), byteCount: configuration.payloadStride)
      for index in order.indices where order[index].slot == highest { order[index].slot = target }
      coverage["entries moved", default: 0] += 1
    }
    highest -= 1
    return []
  }

  private func compare() -> [String] {
    var violations: [String] = []
    func expect(_ condition: Bool, _ text: @autoclosure () -> String) {
      if !condition { violations.append(text()) }
    }
    expect(table.ringSlots == order.map(\.slot), "the ring is \(table.ringSlots), not \(order)")
    expect(table.freeSlots == freed.reversed(), "free are \(table.freeSlots), not \(freed)")
    expect(table.hottest == order.first?.slot ?? 0, "the hottest is \(table.hottest)")
    expect(table.coldest == order.last?.slot ?? 0, "the coldest is \(table.coldest)")
    expect(table.highWater == highest, "the highest is \(table.highWater), not \(highest)")
    expect(table.usedCount == order.count, "\(table.usedCount) are used, not \(order.count)")
    expect(
      table.byteCount == touched * (16 + configuration.payloadStride),
      "\(table.byteCount) bytes are said to be in use by \(touched) slots")
    expect(
      table.hasRoom == (!freed.isEmpty || Int(highest) < slotLimit),
      "hasRoom is \(table.hasRoom)")
    for entry in order {
      let record = table.records[Int(entry.slot)]
      let payload = table.payload(of: entry.slot).load(as: UInt8.self)
      expect(
        record.hash == UInt32(entry.id) &* 0x9E37_79B9
          && record.heapGranules == UInt32(entry.id % 1_000)
          && payload == UInt8(truncatingIfNeeded: entry.id),
        "slot \(entry.slot) lost entry \(entry.id)")
    }
    return violations
  }
}

@Suite("Slot table")
struct SlotTableFuzzTests {
  @Test("Ring, free list and dropping of the highest slot agree with an array")
  func agreesWithArray() {
    let coverage = Fuzz.run(SlotTableSubject.self, histories: 60, steps: 120)
    guard Fuzz.isThorough else { return }
    for place in ["entries moved", "memory given back", "slots added"] {
      #expect(coverage[place, default: 0] > 0, "\(place): never")
    }
  }
}
