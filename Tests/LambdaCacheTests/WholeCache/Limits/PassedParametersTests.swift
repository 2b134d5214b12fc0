import Dispatch
import LambdaCache
import TestSupport
import Testing

/// Counts how often tasks go on.
private final class CountingExecutor: TaskExecutor {
  private let jobs = Locked(0)

  var count: Int { jobs.withLock { $0 } }

  func enqueue(_ job: consuming ExecutorJob) {
    jobs.withLock { $0 += 1 }
    let job = UnownedJob(job)
    DispatchQueue.global().async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

/// An argument that is not passed on has no effect that shows at once.
@Suite("Every argument changes something", .timeLimit(.minutes(10)))
struct PassedParametersTests {
  private let clock = ManualClock()
  private let twoSeconds: @Sendable (Int, Int) -> Duration? = { _, _ in .seconds(2) }

  private func cache() -> Cache<Int, Int> {
    Cache(byteLimit: 1 << 20) {
      $0.clock = clock
      $0.entryTimeToLive = twoSeconds
    }
  }

  @Test("The time to live of a call precedes that of the entry, and that the cache's")
  func orderOfLifetimes() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(1)) {
      $0.clock = clock
      $0.entryTimeToLive = { key, _ in key >= 100 ? .seconds(2) : nil }
    }
    cache[1] = 1
    cache[100] = 1
    cache.setValue(1, forKey: 101, timeToLive: .seconds(3))
    _ = try await cache.value(forKey: 2) { $0 }
    _ = try await cache.value(forKey: 102) { $0 }
    _ = try await cache.value(forKey: 103, timeToLive: .seconds(3)) { $0 }
    _ = try await cache.values(forKeys: [104], timeToLive: .seconds(3)) { _ in [104: 1] }
    _ = try await cache.value(
      forKey: 105, timeToLive: .seconds(3), orReload: { _, _ in .modified(1) })
    _ = try await cache.optionalValue(forKey: 106, timeToLive: .seconds(3)) { $0 }
    let keys = [1, 100, 101, 2, 102, 103, 104, 105, 106]
    let seconds: [Int64] = [1, 2, 3, 1, 2, 3, 3, 3, 3]
    for (key, expected) in zip(keys, seconds) {
      #expect(cache.remainingTimeToLive(forKey: key) == .seconds(expected), "key \(key)")
    }
  }

  @Test("The order of times to live is the same in a cache of one owner")
  func uniqueOrderOfLifetimes() {
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(1)) {
      $0.clock = clock
      $0.entryTimeToLive = { key, _ in key >= 100 ? .seconds(2) : nil }
    }
    cache[1] = 1
    cache[100] = 1
    cache.setValue(1, forKey: 101, timeToLive: .seconds(3))
    #expect(cache.remainingTimeToLive(forKey: 1) == .seconds(1))
    #expect(cache.remainingTimeToLive(forKey: 100) == .seconds(2))
    #expect(cache.remainingTimeToLive(forKey: 101) == .seconds(3))
  }

  @Test(
    "The entry's own time to live and tags hold for changes in place and filled gaps")
  func inPlace() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20) {
      $0.clock = clock
      $0.entryTimeToLive = twoSeconds
      $0.tags = { _, value in ["value-\(value)"] }
    }
    _ = cache.value(forKey: 1) { 5 }
    cache.updateValue(forKey: 2) { $0 = 6 }
    cache.updateValue(forKey: 2) { $0 = 7 }
    for key in [1, 2] { #expect(cache.remainingTimeToLive(forKey: key) == .seconds(2)) }
    #expect(cache.tags(forKey: 1) == ["value-5"])
    #expect(cache.tags(forKey: 2) == ["value-7"])
  }

  @Test("The size that a caller gives comes before a measured one")
  func givenSize() {
    let measured = Cache<Int, [UInt8]>(byteLimit: 1 << 20)
    let value = [UInt8](repeating: 0, count: 1_000)
    measured.setValue(value, forKey: 1, heapByteCount: 100_000)
    #expect(measured.byteCount > 100_000)
    var unique = UniqueCache<Int, [UInt8]>(byteLimit: 1 << 20)
    unique.setValue(value, forKey: 1, heapByteCount: 100_000)
    #expect(unique.byteCount > 100_000)
  }

  private func household(
    _ variables: [String: String] = [:]
  ) throws -> MemoryBudget {
    var environment = ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024"]
    for (name, value) in variables { environment["LAMBDA_CACHE_" + name] = value }
    return try MemoryBudget(
      environment: environment,
      process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil))
  }

  @Test("Times in the environment hold for a cache and for one of one owner")
  func environmentTimes() throws {
    let budget = try household([
      "TTL": "7", "MAX_ENTRIES": "2", "MAX_ENTRY_SIZE": "1KiB",
    ])
    let cache = Cache<Int, [UInt8]>(named: "any", in: budget, timeToLive: .seconds(99)) {
      $0.clock = clock
    }
    cache[1] = []
    #expect(cache.remainingTimeToLive(forKey: 1) == .seconds(7))
    #expect(cache.entryLimit == 2)
    #expect(cache.entryByteLimit == 1024)
    #expect(cache.setValue([UInt8](repeating: 0, count: 2_000), forKey: 2) == .rejected)
    var unique = UniqueCache<Int, [UInt8]>(named: "own", in: budget, timeToLive: .seconds(99)) {
      $0.clock = clock
    }
    unique[1] = []
    #expect(unique.remainingTimeToLive(forKey: 1) == .seconds(7))
    #expect(unique.entryLimit == 2)
    #expect(unique.entryByteLimit == 1024)
  }

  @Test("Stale windows and negative results in the environment hold")
  func environmentWindows() async throws {
    struct Missing: ClassifiedError {
      var loadErrorClass: LoadErrorClass { .notFound }
    }
    struct Failure: Error {}
    let budget = try household([
      "TTL": "5", "STALE_IF_ERROR": "100", "NEGATIVE_TTL": "30",
    ])
    let cache = Cache<Int, Int>(named: "any", in: budget) { $0.clock = clock }
    cache[1] = 1
    clock.advance(by: .seconds(50))
    #expect(try await cache.value(forKey: 1) { _ in throw Failure() } == 1)
    let calls = Locked(0)
    for _ in 0..<3 {
      await #expect(throws: Missing.self) {
        try await cache.value(forKey: 2) { _ in
          calls.withLock { $0 += 1 }
          throw Missing()
        }
      }
    }
    #expect(calls.withLock { $0 } == 1)
  }

  @Test("The program's weight and least size of a cache hold")
  func programShares() throws {
    let budget = try household()
    func cache(weight: Double = 1, minimum: MemorySize? = nil) -> Cache<Int, [UInt8]> {
      Cache(named: "any", in: budget) {
        $0.minimumSize = minimum
        $0.weight = weight
      }
    }
    let (light, heavy) = (cache(), cache(weight: 3))
    #expect(heavy.byteLimit > 2 * light.byteLimit)
    let small = cache(weight: 0.01, minimum: .bytes(100 << 20))
    withExtendedLifetime((light, heavy)) {
      #expect(small.byteLimit >= 100 << 20)
    }
  }

  @Test("A time limit ends one wait for several keys, and does not begin again with each")
  func bulkTimeLimit() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let gate = Gate<Int>()
    // Each key is being loaded by another caller, so each is waited for by itself.
    let loads = (0..<100).map { key in
      Task { try await cache.value(forKey: key) { _ in try await gate.pass() } }
    }
    try await eventually("all loads have begun") { cache.loadsUnderWay == 100 }
    let executor = CountingExecutor()
    _ = await withTaskExecutorPreference(executor) {
      await #expect(throws: CacheLoadError.self) {
        try await cache.values(forKeys: 0..<100, within: .milliseconds(20)) { _ in [:] }
      }
    }
    // A new wait suspends the task, one whose time is over does not.
    #expect(executor.count < 50)
    gate.open(returning: 1)
    for load in loads { #expect(try await load.value == 1) }
  }

  @Test("A time limit ends the wait for a value that may be renewed")
  func reloadTimeLimit() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    await #expect(throws: CacheLoadError.self) {
      try await cache.value(
        forKey: 1, within: .milliseconds(5),
        orReload: { _, _ in
          try await Task.sleep(for: patience)
          return .modified(1)
        })
    }
    await #expect(throws: CacheLoadError.self) {
      try await cache.optionalValue(forKey: 2, within: .milliseconds(5)) { _ in
        try await Task.sleep(for: patience)
        return 1
      }
    }
  }
}
