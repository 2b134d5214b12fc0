import LambdaCache
import Testing

/// Cases that are easily forgotten and rarely met.
@Suite("The small print")
struct SmallPrintTests {
  @Test("A budget of no bytes keeps its caches empty")
  func emptyBudget() throws {
    let budget = MemoryBudget(byteLimit: 0)
    #expect(budget.byteLimit == 0)
    let cache = Cache<Int, Int>(named: "none", in: budget)
    #expect(cache.setValue(1, forKey: 1) == .rejected)
    #expect(budget.assignedByteCount == 0)
  }

  @Test("A multiplier of hashes is odd, whatever was drawn")
  func multiplier() {
    for number in UInt64(0)..<8 {
      let even = KeyHasher(secret: 5, multiplier: 2 * number)
      let odd = KeyHasher(secret: 5, multiplier: 2 * number + 1)
      #expect(even.hash(7) == odd.hash(7) && even.hash(7) != even.hash(8))
    }
  }

  @Test("An error about variables says which, what they hold, and what is accepted")
  func configurationError() {
    let names = ConfigurationError.Issue(
      variable: "B", cacheNames: ["a b", "a-b"], accepted: "other names")
    #expect(
      names.description
        == "B does not belong to \"a b\" and \"a-b\" alone; accepted: other names")
    let value = ConfigurationError.Issue(variable: "A", value: "1\n2", accepted: "a size")
    #expect(value.description == "A=\"1\\n2\" cannot be used; accepted: a size")
    #expect(ConfigurationError(issues: [names, value]).issues == [value, names])
  }

  @Test("An error of a load names its key and its times")
  func loadErrors() {
    #expect(
      CacheLoadError.timedOut(key: "a", limit: .seconds(2)).description
        == "the load of key a took longer than the \(Duration.seconds(2)) that the caller "
        + "would wait")
    let late = CacheLoadError.tooLittleTime(
      key: "a", remaining: .zero, expected: .seconds(3))
    #expect(
      late.description
        == "no load of key a was begun: \(Duration.zero) is left of the invocation, and the last "
        + "load of the key has taken \(Duration.seconds(3))")
    let unknown = CacheLoadError.tooLittleTime(key: "a", remaining: .zero, expected: .zero)
    #expect(
      unknown.description
        == "no load of key a was begun: \(Duration.zero) is left of the invocation")
  }

  @Test("An error of a load is transient, fatal or a missing value")
  func loadErrorClasses() {
    #expect(
      CacheLoadError.timedOut(key: "a", limit: .zero).loadErrorClass == LoadErrorClass.transient)
    #expect(
      CacheLoadError.tooLittleTime(key: "a", remaining: .zero, expected: .zero).loadErrorClass
        == LoadErrorClass.transient)
    #expect(CacheLoadError.notFound(key: "a").loadErrorClass == LoadErrorClass.notFound)
    #expect(CacheLoadError.recursiveLoad(key: "a").loadErrorClass == LoadErrorClass.fatal)
    #expect(CacheLoadError.nothingToRenew(key: "a").loadErrorClass == LoadErrorClass.fatal)
  }

  @Test("A cache of one owner with a closure for sizes keeps to its time to live")
  func measuredLifetime() {
    let clock = ManualClock()
    var cache = UniqueCache<Int, Int>(
      byteLimit: 1 << 20, timeToLive: .seconds(5), heapByteCount: { _, _ in 0 },
      configure: { $0.clock = clock })
    cache[1] = 1
    clock.advance(by: .milliseconds(4_999))
    #expect(cache[1] == 1)
    clock.advance(by: .milliseconds(1))
    #expect(cache[1] == nil)
  }

  @Test("A look-up by the clocks of the system notes the use that idleness counts from")
  func notedUse() {
    let expiration = Expiration(idleTimeToLive: .seconds(36_000))
    let shared = Cache<Int, Int>(byteLimit: 1 << 20) { $0.expiration = expiration }
    var unique = UniqueCache<Int, Int>(byteLimit: 1 << 20) { $0.expiration = expiration }
    shared[1] = 1
    unique[1] = 1
    let clock = CoarseClock()
    let start = clock.nanoseconds
    while clock.nanoseconds - start < 30_000_000 {}
    shared[2] = 2
    unique[2] = 2
    // The most recently used entry must not have been used before all others.
    #expect(shared[1] == 1)
    #expect(unique[1] == 1)
    #expect(shared.checkInvariants() == [])
    #expect(unique.checkInvariants() == [])
  }

  @Test("Whole pages between two offsets become zero, and no other")
  func discarding() throws {
    let page = VirtualMemory.pageByteCount
    let region = try #require(VirtualMemory.reserve(byteCount: 3 * page))
    defer { VirtualMemory.release(region, byteCount: 3 * page) }
    for place in 0..<3 { region.storeBytes(of: 1, toByteOffset: place * page, as: UInt8.self) }
    VirtualMemory.discard(in: region, from: 10, to: page + 1)
    let left = (0..<3).map { region.load(fromByteOffset: $0 * page, as: UInt8.self) }
    #expect(left == [1, 0, 1])
  }

  @Test("The most bytes possible are rounded to whole pages as well")
  func rounding() {
    let page = VirtualMemory.pageByteCount
    #expect(VirtualMemory.roundedUpToPages(1) == page)
    #expect(VirtualMemory.roundedUpToPages(page) == page)
    #expect(VirtualMemory.roundedUpToPages(.max) == Int.max & ~(page - 1))
  }

  @Test("Deadlines of slots that are given back are given back as well")
  func deadlines() {
    var table = ExpiryTable()
    let isReserved = table.reserve(slots: 20_000, touched: 0)
    precondition(isReserved, "the system lends no address space for a small table")
    table.activate()
    table.schedule(15_000, deadline: 100, now: 1)
    table.releaseUntouched(from: 2_000, to: 16_000)
    #expect(table.deadline(of: 15_000) == 0)
  }

  @Test("A timing wheel that is given back counts no more")
  func wheel() {
    let clock = ManualClock()
    func filled(_ byteLimit: Int) -> UniqueCache<Int, Int> {
      var cache = UniqueCache<Int, Int>(byteLimit: byteLimit) { $0.clock = clock }
      cache.setValue(1, forKey: 1, timeToLive: .seconds(100))
      cache.setValue(2, forKey: 2, timeToLive: .seconds(10))
      return cache
    }
    var cache = filled(32 << 10)
    let small = filled(8 << 10)
    #expect(cache.byteCount > small.byteCount)
    cache.byteLimit = 8 << 10
    #expect(cache.byteCount == small.byteCount && cache.count == 2)
    #expect(cache.checkInvariants() == [])
  }
}
