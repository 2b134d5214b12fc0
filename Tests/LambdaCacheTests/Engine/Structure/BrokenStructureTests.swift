import LambdaCache
import Testing

/// Breaks structures on purpose: what says that they are sound must see each of it.
@Suite("Broken slots")
struct BrokenSlotTests {
  /// Slots 5, 3 and 1 in the ring, and 4 and 2 on the free list.
  private func table() -> SlotTable {
    var table = SlotTable(payloadStride: 8)
    let isReserved = table.reserve(slots: 100)
    precondition(isReserved, "the system lends no address space for a small table")
    table.slotLimit = 100
    for _ in 0..<5 {
      let slot = table.takeSlot()
      table.records[Int(slot)] = SlotRecord(hash: slot, heapGranules: 0)
      table.linkFirst(slot)
    }
    for slot in [Slot(2), 4] {
      table.unlink(slot)
      table.freeSlot(slot)
    }
    return table
  }

  @Test("The check notices a ring that is broken backward")
  func ring() {
    let table = table()
    #expect(table.checkInvariants() == [])
    table.links[3].previous = 1
    #expect(table.checkInvariants() == ["S2: slot 3 follows 5, but names 1"])
    table.links[3].previous = 5
    table.links[0].previous = 3
    #expect(table.checkInvariants() == ["S2: the coldest slot is 3, the ring ends with 1"])
  }

  @Test("The check notices a free list that is broken backward, and a mark that is missing")
  func freeList() {
    let table = table()
    table.links[2].previous = 0
    #expect(table.checkInvariants() == ["S3: free slot 2 follows 4, but names 0"])
    table.links[2].previous = 4
    table.records[4].heapGranules = 0
    #expect(table.checkInvariants() == ["S3: slot 4 is listed, but not marked"])
  }

  @Test("The check notices a slot that is in no list, and slots above the limit")
  func partition() {
    var table = table()
    table.touchedCount = 102
    #expect(table.checkInvariants() == ["S4: highest slot 5, 102 touched, limit 100"])
    table.touchedCount = 6
    table.unlink(3)
    #expect(
      table.checkInvariants() == [
        "S2: the ring has 2 slots, 3 are in use",
        "S1: slot 3 is in 0 places of ring and free list",
      ])
  }
}

@Suite("A broken index")
struct BrokenIndexTests {
  /// An index, and the records that it reads.
  private final class Subject {
    let records: UnsafeMutablePointer<SlotRecord>
    var index = HashIndex()
    var slots: [Slot] = []

    init(hashes: [UInt32]) {
      records = .allocate(capacity: 1_000)
      records.initialize(repeating: SlotRecord(hash: 0, heapGranules: 0), count: 1_000)
      for hash in hashes { insert(hash) }
    }

    deinit { records.deallocate() }

    func insert(_ hash: UInt32) {
      let slot = Slot(slots.count + 1)
      slots.append(slot)
      records[Int(slot)].hash = hash
      if index.wantsRoom {
        let hasRoom = index.makeRoom(byteAllowance: 1 << 20, records: records)
        precondition(hasRoom, "the system has no memory for a small index")
      }
      index.insert(slot, hash: hash, records: records)
    }

    var violations: [String] { index.checkInvariants(slots: slots, records: records) }
  }

  @Test("The check notices a slot without a cell, and a wrong count of cells or bytes")
  func counts() {
    let subject = Subject(hashes: [1 << 26, 9 << 26])
    #expect(subject.violations == [])
    subject.index.count = 3
    #expect(subject.violations == ["I1: 2 cells are in use, count is 3"])
    subject.index.count = 2
    let bytes = subject.index.byteCount
    subject.index.byteCount += 16
    #expect(
      subject.violations == ["M1: the tables take \(bytes) bytes, the index says \(bytes + 16)"])
    subject.index.byteCount = bytes
    subject.index.cells[9] = 0
    subject.index.count = 1
    #expect(subject.violations == ["I1: slot 2 has 0 cells"])
  }

  @Test("The check notices a fingerprint of another slot, and a cell behind an empty one")
  func cells() {
    let subject = Subject(hashes: [1 << 26])
    subject.records[1].hash ^= 1 << 10
    #expect(subject.violations == ["I2: cell 1 of the newer table has not slot 1's fingerprint"])
    subject.records[1].hash ^= 1 << 10
    let cells = subject.index.cells
    (cells[1], cells[5]) = (0, cells[1])
    #expect(subject.violations == ["I2: cell 5 of the newer table lies 4 from home, not 0"])
  }

  @Test("The check notices a table that is not marked as saturated")
  func crowding() {
    let subject = Subject(hashes: [UInt32](repeating: 0, count: 70))
    #expect(subject.violations == [] && subject.index.hasSaturatedDistance)
    subject.index.hasSaturatedDistance = false
    #expect(
      subject.violations.first == "I5: cell 63 lies 63 from home in an unsaturated table")
  }

  @Test("The check notices a cell that the move to a larger table has left behind")
  func cursor() throws {
    let subject = Subject(hashes: [])
    while subject.index.oldCells == nil || subject.index.oldShape.homeCount < 64 {
      subject.insert(UInt32(subject.slots.count) &* 0x9E37_79B9)
    }
    subject.index.moveSome(records: subject.records)
    let oldCells = subject.index.oldCells
    let old = try #require(oldCells)
    #expect(subject.violations == [] && old[0] == 0)
    old[0] = 1
    #expect(subject.violations.contains { $0.hasPrefix("I4: old cell 0, before cursor") })
  }
}

@Suite("Broken deadlines")
struct BrokenDeadlineTests {
  /// Slots 1 and 2, due at 100 and 200.
  private func table() -> ExpiryTable {
    var table = ExpiryTable()
    let isReserved = table.reserve(slots: 20, touched: 0)
    precondition(isReserved, "the system lends no address space for a small table")
    table.activate()
    table.schedule(1, deadline: 100, now: 1)
    table.schedule(2, deadline: 200, now: 1)
    return table
  }

  @Test("The check notices a deadline before the next one, and one that no entry has")
  func deadlines() {
    var table = table()
    #expect(table.checkInvariants(touchedCount: 3) { _ in true } == [])
    #expect(
      table.checkInvariants(touchedCount: 3) { $0 != 2 } == [
        "E1: slot 2 holds no entry, but has deadline 200"
      ])
    table.nextDue = 150
    #expect(
      table.checkInvariants(touchedCount: 3) { _ in true } == [
        "E4: 150 is next, slot 1 is due at 100"
      ])
  }

  @Test("The check notices a slot that is in a list twice, and lists of a table that has none")
  func lists() {
    var table = table()
    table.schedule(2, deadline: 300, now: 1)
    #expect(
      table.checkInvariants(touchedCount: 3) { _ in true }
        .contains("E1: slot 2 is in 2 lists, not 1"))
    table.isActive = false
    #expect(
      table.checkInvariants(touchedCount: 3) { _ in true } == [
        "E1: a table that is not active has lists"
      ])
  }
}

@Suite("A broken cache")
struct BrokenCacheTests {
  /// A key that changes while it is cached.
  private final class Changing: Hashable {
    var number: Int
    init(_ number: Int) { self.number = number }
    static func == (left: Changing, right: Changing) -> Bool { left.number == right.number }
    func hash(into hasher: inout Hasher) {}
  }

  @Test("The check notices keys that have become equal, and a hash that is not the key's")
  func keys() {
    var cache = UniqueCache<Changing, Int>(byteLimit: 1 << 16) { _, _ in 0 }
    let key = Changing(1)
    cache[key] = 1
    cache[Changing(2)] = 2
    #expect(cache.checkInvariants() == [])
    key.number = 2
    #expect(cache.checkInvariants() == ["K2: slots 2 and 1 hold equal keys"])
    key.number = 1
    let hash = cache.core.table.records[1].hash
    #expect(
      cache.core.checkInvariants { $0 == key ? hash &+ 1 : hash } == [
        "K1: slot 1 has hash \(hash), its key \(hash &+ 1)"
      ])
  }

  @Test("The check notices counts that differ from the entries'")
  func counts() {
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 16)
    cache[1] = 1
    cache.core.heapGranules = 3
    #expect(
      cache.checkInvariants().first
        == "M1: the entries own 0 granules, the policy 0, the ledger says 3")
    cache.core.heapGranules = 0
    cache.core.index.count = 2
    #expect(cache.checkInvariants().contains("S2: the ring has 1 slots, the index 2"))
    cache.core.index.count = 1
    #expect(cache.checkInvariants() == [])
  }

  @Test("The audit notices a passed size that a shared cache measures differently")
  func passedSize() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 16)
    cache.setValue(1, forKey: 1, heapByteCount: 100)
    #expect(cache.checkInvariants().first?.hasPrefix("M3: the ledger drifted") == true)
  }
}
