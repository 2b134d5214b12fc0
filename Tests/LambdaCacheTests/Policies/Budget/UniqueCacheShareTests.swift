import LambdaCache
import Testing

@Suite("A UniqueCache on a budget")
struct UniqueCacheShareTests {
  private let budget: MemoryBudget

  init() throws {
    budget = MemoryBudget(
      byteLimit: 1 << 20,
      configuration: try CacheConfiguration(environment: ["LAMBDA_CACHE_SMALL_SIZE": "100KiB"]))
  }

  private func cache(_ name: String) -> UniqueCache<Int, [UInt8]> {
    UniqueCache(named: name, in: budget)
  }

  @Test("A UniqueCache alone on a budget has all of it, and gives it back")
  func alone() {
    do {
      var cache = cache("alone")
      #expect(cache.byteLimit == 1 << 20)
      for key in 0..<2000 { cache[key] = [UInt8](repeating: 1, count: 1000) }
      #expect(cache.byteCount > (1 << 20) * 9 / 10 && cache.byteCount <= 1 << 20)
      #expect(budget.assignedByteCount == 1 << 20)
    }
    #expect(budget.assignedByteCount == 0)
  }

  @Test("A UniqueCache on a budget has the size that it is configured to have, and no more")
  func sized() {
    var cache = cache("small")
    #expect(cache.byteLimit == 100 << 10)
    cache.byteLimit = 1 << 20
    #expect(cache.byteLimit == 100 << 10)
    cache.byteLimit = 50 << 10
    #expect(cache.byteLimit == 50 << 10)
    #expect(budget.assignedByteCount == 100 << 10)
  }

  @Test("A UniqueCache takes its share from a cache that uses everything, and keeps it")
  func besideFullCache() {
    let shared = Cache<Int, [UInt8]>(named: "shared", in: budget)
    shared.fill(0..<2000)
    var own = cache("own")
    #expect(own.byteLimit >= (1 << 20) / 2 && own.byteLimit < (1 << 20) * 3 / 4)
    #expect(budget.assignedByteCount <= 1 << 20)
    for key in 0..<2000 { own[key] = [UInt8](repeating: 1, count: 1000) }
    let limit = own.byteLimit
    shared.fill(3000..<5000)
    #expect(own.byteLimit == limit && own.byteCount <= limit)
    #expect(shared.byteCount + own.byteCount <= 1 << 20)
  }

  @Test("A UniqueCache on a budget that is turned off holds nothing and takes nothing")
  func turnedOff() throws {
    let budget = MemoryBudget(
      byteLimit: 1 << 20,
      configuration: try CacheConfiguration(environment: ["LAMBDA_CACHE_ENABLED": "false"]))
    var cache = UniqueCache<Int, Int>(named: "off", in: budget)
    #expect(cache.setValue(1, forKey: 1) == .rejected)
    #expect(cache.byteLimit == 0 && budget.assignedByteCount == 0)
    // Whatever the program wants.
    cache.byteLimit = 1 << 20
    #expect(cache.setValue(1, forKey: 1) == .rejected)
    #expect(cache.byteLimit == 0 && cache.isEmpty)
  }

  @Test("A UniqueCache reports insertions to the guard, which reads but sheds nothing within them")
  func guarded() throws {
    let process = SimulatedProcess()
    let guarded = try MemoryBudget(
      environment: [
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "LAMBDA_CACHE_SMALL_SIZE": "100KiB",
      ],
      process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil),
      readings: process.readings)
    let shared = Cache<Int, [UInt8]>(named: "shared", in: guarded)
    for key in 0..<20 { shared[key] = [UInt8](repeating: 1, count: 100_000) }
    var own = UniqueCache<Int, [UInt8]>(named: "small", in: guarded)
    guarded.invocationDidEnd()
    let before = guarded.guardStatistics.readings
    for key in 0..<60 { own[key % 3] = [UInt8](repeating: 1, count: 30_000) }
    for _ in 0..<60 { own.updateValue(forKey: 1) { $0?[0] += 1 } }
    let looks = guarded.guardStatistics.readings - before
    // 3.6 MB, and a 64th of the memory is 2 MiB.
    #expect((1...3).contains(looks), "\(looks) looks")
    // The handler takes what is left.
    process.grow(by: 117 << 20)
    for key in 0..<200 { own[key % 3] = [UInt8](repeating: 1, count: 30_000) }
    #expect(shared.count == 20)
    // The next portion of others' entries has them leave.
    for key in 0..<20 { shared[100 + key] = [UInt8](repeating: 1, count: 20_000) }
    #expect(shared.statistics.removals.pressure > 0)
  }

  @Test("A UniqueCache on a budget takes its time to live from the variables")
  func timeToLive() throws {
    let budget = MemoryBudget(
      byteLimit: 1 << 20,
      configuration: try CacheConfiguration(environment: ["LAMBDA_CACHE_TTL": "1m"]))
    let clock = ManualClock()
    var cache = UniqueCache<Int, Int>(named: "timed", in: budget) { $0.clock = clock }
    cache[1] = 1
    clock.advance(by: .seconds(59))
    #expect(cache[1] == 1)
    clock.advance(by: .seconds(1))
    #expect(cache[1] == nil)
  }
}
