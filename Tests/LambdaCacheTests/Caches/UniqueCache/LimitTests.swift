import LambdaCache
import Testing

/// A named limit of entries.
enum EntryLimit: Int, CaseIterable, CustomTestStringConvertible {
  case zero = 0
  case one = 1
  case ten = 10
  case full = 100
  case unreachable = 9_223_372_036_854_775_807

  var testDescription: String { "\(self)" }
}

/// The bytes of one entry of `Int` to `Int` alone in a small cache.
private let leastByteCount = CacheModel.leastByteCount(byteLimit: 0, slotByteCount: 16 + 16 + 14)

/// The heap bytes that one entry of `Int` to `Int` may own alone in a cache.
private func largestSize(byteLimit: Int) -> Int {
  (byteLimit - CacheModel.leastByteCount(byteLimit: byteLimit, slotByteCount: 16 + 16 + 14)) & ~15
}

@Suite("UniqueCache: limits")
struct UniqueCacheLimitTests {
  @Test(
    "A cache holds the most recent entries up to its entry limit, however many are set",
    arguments: EntryLimit.allCases)
  func holdsUpToEntryLimit(limit: EntryLimit) {
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, entryLimit: limit.rawValue)
    for key in 0..<100 {
      let outcome = cache.setValue(key * 2, forKey: key)
      #expect(outcome == (limit == .zero ? .rejected : .inserted))
      #expect(cache.count == min(key + 1, limit.rawValue))
      #expect(cache.byteCount <= cache.byteLimit)
    }
    let held = 0..<100 - min(100, limit.rawValue)
    #expect(held.allSatisfy { cache.peekValue(forKey: $0) == nil })
    #expect((held.upperBound..<100).allSatisfy { cache.peekValue(forKey: $0) == $0 * 2 })
    #expect(cache.statistics.removals.size == (limit == .zero ? 0 : held.count))
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "The byte limit is kept at every step",
    arguments: [0, 1, 100, leastByteCount - 1, leastByteCount, 200, 1_000, 65_536, Int.max])
  func keepsByteLimit(limit: Int) {
    var cache = UniqueCache<Int, Int>(byteLimit: limit) { key, _ in key % 40 }
    for key in 0..<500 {
      let outcome = cache.setValue(key, forKey: key)
      let fits = (key % 40 + 15) / 16 * 16 <= largestSize(byteLimit: limit)
      #expect(outcome == (fits ? .inserted : .rejected))
      #expect(cache.byteCount <= limit)
    }
    #expect(cache.isEmpty == (limit < leastByteCount))
    #expect(cache.checkInvariants() == [])
    cache.removeAll()
    #expect(cache.byteCount == 0)
    #expect(cache.statistics.peakByteCount <= limit)
  }

  @Test("An empty cache takes no bytes")
  func isFreeWhenEmpty() {
    var cache = UniqueCache<String, String>(byteLimit: 1 << 20, timeToLive: .seconds(1))
    #expect(cache.byteCount == 0)
    #expect(cache.isEmpty == true)
    #expect(cache.value(forKey: "nothing") == nil)
    #expect(cache.removeValue(forKey: "nothing") == nil)
    #expect(cache.byteCount == 0)
    cache["key"] = "value"
    #expect(cache.byteCount > 0)
    cache.removeAll()
    #expect(cache.byteCount == 0)
  }

  @Test("A byte limit of 0 turns caching off: nothing is held and every look-up misses")
  func isOffAtZero() {
    var cache = UniqueCache<String, Int>(byteLimit: 0)
    #expect(cache.setValue(1, forKey: "a") == .rejected)
    #expect(cache.value(forKey: "a") == nil)
    #expect(cache.isEmpty == true)
    #expect(cache.byteCount == 0)
    #expect(cache.statistics.misses == 1)
    #expect(cache.statistics.rejections == 1)
  }

  @Test("A value that is too large is rejected, and removes the old value of its key and no other")
  func rejectsOversizedUpdate() {
    var departed: [Departed] = []
    var cache = UniqueCache<Int, Int>(
      byteLimit: 10_000, heapByteCount: { $1 },
      configure: { $0.onRemoval = { departed.append(Departed(key: $0, serial: $1, cause: $2)) } })
    for key in 0..<5 { cache[key] = key }
    #expect(cache.setValue(20_000, forKey: 2) == .rejected)
    #expect(cache.peekValue(forKey: 2) == nil)
    #expect(departed == [Departed(key: 2, serial: 2, cause: .explicit)])
    #expect(cache.setValue(20_000, forKey: 77) == .rejected)
    #expect([0, 1, 3, 4].allSatisfy { cache.contains($0) })
    #expect(cache.count == 4)
    #expect(cache.statistics.rejections == 2)
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "A size that no entry can have is rejected, and the ledger is untouched",
    arguments: [1 << 37, (64 << 30) - 31, Int.max - 16, Int.max - 15, Int.max - 1, Int.max],
    [1_000, Int.max])
  func rejectsAbsurdSize(size: Int, limit: Int) {
    var cache = UniqueCache<Int, Int>(byteLimit: limit)
    cache[1] = 1
    let byteCount = cache.byteCount
    #expect(cache.setValue(2, forKey: 2, heapByteCount: size) == .rejected)
    #expect(cache.byteCount == byteCount)
    #expect(cache.count == 1)
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "The largest entry allowed is stored, one byte more is rejected", arguments: [0, 10, 16, 500])
  func keepsEntryByteLimit(limit: Int) {
    var cache = UniqueCache<Int, Int>(
      byteLimit: 1 << 20, heapByteCount: { _, size in size },
      configure: { $0.entryByteLimit = limit })
    #expect(cache.setValue(limit, forKey: 1) == .inserted)
    #expect(cache.setValue(limit + 1, forKey: 2) == .rejected)
    #expect(cache.setValue(limit + 1, forKey: 1) == .rejected)
    #expect(cache.isEmpty == true)
  }

  @Test("Lowering what an entry may have evicts the larger ones, and no others")
  func evictsOversized() {
    let left = Locked<[Int]>([])
    let cache = Cache<Int, Int>(
      byteLimit: 1 << 20, heapByteCount: { _, size in size },
      configure: {
        $0.onRemoval = { key, _, cause in
          if cause == .size { left.withLock { $0.append(key) } }
        }
      })
    for key in 0..<100 { cache[key] = key * 16 }
    cache.entryByteLimit = 800
    #expect(left.withLock { $0 } == Array(51..<100))
    #expect(cache.count == 51)
    #expect(cache.statistics.removals.size == 49)
    #expect(cache.byteAudit.drift == 0)
    // A present entry counts in granules, and fits; a new one counts to the byte, and does not.
    cache.entryByteLimit = 785
    #expect(cache.contains(50))
    #expect(cache.setValue(786, forKey: 50) == .rejected)
    cache.entryByteLimit = nil
    #expect(cache.count == 50)
    cache.entryByteLimit = 0
    #expect(cache.coldest().map(\.key) == [0])
  }

  @Test("An entry that fills the byte limit alone evicts all others and is stored")
  func storesWhatFitsAlone() {
    // Too little for a timing wheel: nothing is kept free for one.
    let limit = 16_000
    var cache = UniqueCache<Int, Int>(byteLimit: limit) { _, size in size }
    for key in 0..<200 { cache[key] = 16 }
    #expect(cache.count == 200)
    let largest = largestSize(byteLimit: limit)
    #expect(cache.setValue(largest, forKey: 1_000) == .inserted)
    #expect(cache.count == 1)
    #expect(cache.byteCount <= limit)
    #expect(cache.setValue(largest + 16, forKey: 1_000) == .rejected)
    #expect(cache.checkInvariants() == [])
  }

  @Test("A value that grows in the place of a small one to fill the limit alone keeps the limit")
  func replacesByWhatFitsAlone() {
    let limit = 60_000
    var cache = UniqueCache<Int, Int>(byteLimit: limit) { _, size in size }
    for key in 0..<400 { cache[key] = 16 }
    #expect(cache.setValue(largestSize(byteLimit: limit), forKey: 399) == .replaced)
    #expect(cache.count == 1)
    #expect(cache.byteCount <= limit, "\(cache.byteCount) bytes")
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "Deadlines out of order keep the smallest limits", arguments: [300, 400, 1_000, 2_100, 2_500])
  func keepsLimitWithDeadlinesOutOfOrder(limit: Int) {
    var cache = UniqueCache<Int, Int>(byteLimit: limit) { $0.clock = ManualClock() }
    var peak = 0
    for key in 0..<60 {
      cache.setValue(key, forKey: key, timeToLive: .seconds(100 - key))
      peak = max(peak, cache.byteCount)
      #expect(cache.peekValue(forKey: key) == key)
    }
    #expect(peak <= limit)
    #expect(cache.checkInvariants() == [])
  }

  @Test("A limit lowered below what a timing wheel is worth is kept by what is set afterwards")
  func keepsLimitLoweredBelowWheel() {
    var cache = UniqueCache<Int, Int>(
      byteLimit: 40_000, heapByteCount: { _, size in size }, configure: { $0.clock = ManualClock() }
    )
    cache.setValue(64, forKey: 1, timeToLive: .seconds(60))
    cache.setValue(0, forKey: 2, timeToLive: .seconds(40))
    cache.byteLimit = 2_500
    #expect(cache.count == 2)
    #expect(cache.setValue(32, forKey: 3, timeToLive: .seconds(1)) == .inserted)
    #expect(cache.setValue(800, forKey: 3, timeToLive: .seconds(9)) == .replaced)
    #expect(cache.byteCount <= 2_500)
    #expect(cache.checkInvariants() == [])
  }

  @Test("Lowering the entry limit evicts the least recently used at once", arguments: [0, 1, 3, 9])
  func evictsWhenEntryLimitDrops(limit: Int) {
    var departed: [Departed] = []
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20) {
      $0.onRemoval = {
        departed.append(Departed(key: $0, serial: $1, cause: $2))
      }
    }
    for key in 0..<10 { cache[key] = key }
    _ = cache[0]
    cache.entryLimit = limit
    let order = Array(1..<10) + [0]
    #expect(
      departed == order.prefix(10 - limit).map { Departed(key: $0, serial: $0, cause: .size) })
    #expect(cache.count == limit)
    #expect(cache.entryLimit == limit)
    cache.entryLimit = nil
    #expect(cache.entryLimit == nil)
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "Lowering the byte limit evicts at once, and no more than a smaller cache would not hold",
    arguments: [60_000, 20_000, 5_000, 1_000, 0])
  func evictsWhenByteLimitDrops(limit: Int) {
    var cache = UniqueCache<Int, Int>(byteLimit: 100_000) { _, _ in 32 }
    var small = UniqueCache<Int, Int>(byteLimit: limit) { _, _ in 32 }
    for key in 0..<5_000 {
      cache[key] = key
      small[key] = key
    }
    cache.byteLimit = limit
    #expect(cache.byteCount <= limit)
    #expect(cache.count >= small.count / 2, "\(cache.count) entries of \(small.count)")
    let held = 5_000 - cache.count..<5_000
    #expect(held.allSatisfy { cache.contains($0) })
    #expect(cache.checkInvariants() == [])
  }

  @Test("Raising the byte limit evicts nothing and gives room")
  func holdsMoreWhenByteLimitRises() {
    var cache = UniqueCache<Int, Int>(byteLimit: 1_000)
    for key in 0..<100 { cache[key] = key }
    let count = cache.count
    cache.byteLimit = 1 << 20
    #expect(cache.count == count)
    for key in 100..<1_000 { cache[key] = key }
    #expect(cache.count == count + 900)
    #expect(cache.checkInvariants() == [])
  }

  @Test("Values of no bytes are stored, counted and evicted like others")
  func storesVoid() {
    var cache = UniqueCache<Int, Void>(
      byteLimit: 1 << 20, entryLimit: 3, heapByteCount: { _, _ in 0 })
    for key in 0..<5 { #expect(cache.setValue((), forKey: key) == .inserted) }
    #expect(cache.setValue((), forKey: 4) == .replaced)
    #expect(cache.count == 3)
    #expect(cache.value(forKey: 4) != nil)
    #expect(cache.value(forKey: 1) == nil)
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "Large values are stored inline, charged in full, and moved whole when slots are given back")
  func storesLargeInlineValues() {
    typealias Block = InlineArray<512, UInt64>
    var cache = UniqueCache<Int, Block>(byteLimit: 1 << 20, heapByteCount: { _, _ in 0 })
    for key in 0..<100 { cache[key] = Block(repeating: UInt64(key)) }
    #expect(cache.byteCount >= 100 * 4_096)
    for key in 0..<100 where key % 10 != 9 { cache.removeValue(forKey: key) }
    #expect(cache.byteCount < 50 * 4_200, "the memory of freed slots was not given back")
    for key in 0..<100 {
      let block = cache.peekValue(forKey: key)
      #expect((block != nil) == (key % 10 == 9))
      if let block { #expect(block.indices.allSatisfy { block[$0] == UInt64(key) }) }
    }
    #expect(cache.checkInvariants() == [])
  }
}
