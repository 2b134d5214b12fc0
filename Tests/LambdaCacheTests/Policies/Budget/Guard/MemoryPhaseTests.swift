import LambdaCache
import TestSupport
import Testing

@Suite("Values that change their sizes under a guard", .timeLimit(.minutes(10)))
struct MemoryPhaseTests {
  /// A function with one cache, on a heap that keeps pages as long as one block on them is in use.
  private final class Function {
    let heap = SimulatedHeap()
    let budget: MemoryBudget
    let cache: Cache<Int, ClaimedBytes>
    let limit: Int
    let pressed = Locked(0)
    private var random = SplitMix64(seed: 11)
    private(set) var nextKey = 0
    /// The most that was in use, with what the handler has or may still take.
    private(set) var highest = 0

    init(megabytes: Int) throws {
      limit = megabytes << 20
      let (heap, pressed) = (heap, pressed)
      budget = try MemoryBudget(
        environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(megabytes)"],
        process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil),
        readings: heap.readings)
      cache = Cache(named: "phases", in: budget) {
        $0.onRemoval = { key, _, cause in
          heap.free(key)
          if cause == .pressure { pressed.withLock { $0 += 1 } }
        }
      }
      let cache = cache
      heap.follow { cache.byteCount - heap.liveByteCount }
    }

    /// The bytes that the default reserve keeps for the handler.
    var reserve: Int { limit / 16 * 5 }

    /// The part of the budget that entries fill.
    var part: Double { Double(cache.byteCount) / Double(budget.byteLimit) }

    /// Writes so many budgets' worth, and ends an invocation after every so many values.
    ///
    /// - Parameters:
    ///   - handler: What the handler takes at the end of an invocation.
    ///   - inUse: What it has in use while it writes.
    ///   - isKept: Whether the allocator keeps that when the handler has freed it.
    func write(
      _ sizes: [Int], budgets: Double, per: Int, handler: Int = 0, inUse: Int = 0,
      isKept: Bool = false
    ) {
      var left = Int(Double(budget.byteLimit) * budgets)
      while left > 0 {
        if isKept { heap.leave(0) }
        heap.setHandler(inUse)
        for _ in 0..<per where left > 0 {
          let size = sizes[nextKey % sizes.count]
          heap.allocate(nextKey, byteCount: size)
          cache.setValue(ClaimedBytes(heapByteCount: size), forKey: nextKey)
          heap.enterCache(byteCount: size)
          nextKey += 1
          left -= size + 60
          note(handler)
        }
        heap.setHandler(0)
        if isKept { heap.leave(inUse) }
        end(handler: handler)
      }
    }

    /// Looks up at random, so that the entries are in no order of address.
    func shuffle(from first: Int = 0) {
      for _ in first..<nextKey {
        _ = cache.value(forKey: random.number(first...nextKey - 1))
      }
    }

    func end(handler: Int) {
      if handler > 0 {
        heap.setHandler(handler)
        note(0)
        heap.setHandler(0)
      }
      budget.invocationDidEnd()
    }

    private func note(_ handler: Int) {
      guard nextKey % 16 == 0 || handler == 0 else { return }
      highest = max(highest, heap.resident + handler)
    }
  }

  /// The least part of its budget that a cache ends a phase with.
  ///
  /// The simulated heap never places a large block in the holes of small ones, so it keeps more
  /// than glibc's: a real process ends with 88 % and more (`Benchmarks/run MemoryPhases`).
  private static let leastPart = 0.7

  @Test(
    "Small values in random order of use make room for large ones within the limit",
    arguments: [(900, 20_000, 100_000), (700, 100_000, 20), (1_000, 2_000, 20)])
  func change(small: Int, large: Int, perInvocation: Int) throws {
    let function = try Function(megabytes: 128)
    function.write([small], budgets: 1.02, per: 500)
    function.shuffle()
    #expect(function.part > 0.9)
    function.write(
      [large], budgets: 1.1, per: perInvocation, handler: function.reserve - (2 << 20))
    #expect(function.highest <= function.limit)
    #expect(function.part >= Self.leastPart)
  }

  @Test("Phases that alternate keep the limit and at least half of the cache")
  func alternation() throws {
    let function = try Function(megabytes: 128)
    for _ in 0..<2 {
      let first = function.nextKey
      function.write([1_000], budgets: 1.02, per: 1000, handler: 30 << 20)
      function.shuffle(from: first)
      function.write([20_000], budgets: 1.1, per: 100_000, handler: 36 << 20)
      #expect(function.part >= 0.5)
    }
    #expect(function.highest <= function.limit)
  }

  @Test("A handler with memory in use while values are written is not counted twice for long")
  func handlerWhileWriting() throws {
    let function = try Function(megabytes: 128)
    function.write([20_000], budgets: 1.2, per: 50, inUse: 36 << 20)
    #expect(function.part >= 0.8)
    #expect(function.heap.peak <= function.limit)
  }

  @Test(
    "Memory that a handler has freed is trimmed between invocations, and no entry leaves for it")
  func freedByTheHandler() throws {
    let function = try Function(megabytes: 128)
    function.write([20_000], budgets: 1.2, per: 100)
    // Bytes that leave in the middle of an invocation are few, and lent again after it.
    for round in 0..<20 {
      function.write([20_000], budgets: 0.15, per: 500, inUse: 36 << 20, isKept: true)
      #expect(function.part >= 0.9, "\(round)")
    }
    #expect(function.heap.peak <= function.limit)
  }

  @Test("Bytes that were held back are lent again as soon as a trim has made room for them")
  func trimToLend() throws {
    let function = try Function(megabytes: 128)
    function.write([1_000], budgets: 1.02, per: 1000)
    function.shuffle()
    function.write([20_000], budgets: 1.2, per: 500, inUse: 36 << 20, isKept: true)
    #expect(function.part >= 0.8)
    #expect(function.heap.peak <= function.limit)
  }

  @Test("Memory that the allocator keeps is trimmed within an invocation, and nothing is shed")
  func trimAtInsertion() throws {
    let function = try Function(megabytes: 128)
    function.write([4000], budgets: 1.2, per: 1000)
    let trims = function.heap.trimCount
    // Once as much was evicted, it might be what evicted entries have left.
    function.heap.leave(45 << 20)
    function.write([4000], budgets: 0.5, per: 100_000)
    #expect(function.heap.trimCount > trims)
    #expect(function.pressed.withLock { $0 } == 0)
    #expect(function.budget.guardStatistics.sheds == 0)
    #expect(function.heap.peak <= function.limit)
  }

  @Test("Bytes are lent again in the middle of one invocation as soon as there is room")
  func recoveryAtInsertion() throws {
    let function = try Function(megabytes: 128)
    function.write([1_000], budgets: 1.02, per: 1000)
    function.shuffle()
    let boundaries = function.budget.guardStatistics
    // All of it in one invocation.
    function.write([20_000], budgets: 1.1, per: 1_000_000, handler: 36 << 20)
    let since = function.budget.guardStatistics - boundaries
    #expect(since.sheds > 0 && since.recoveries > 0)
    #expect(function.part >= Self.leastPart)
    #expect(function.highest <= function.limit)
  }

  @Test("A reading that fails once does not end the watch")
  func failingReading() throws {
    let function = try Function(megabytes: 128)
    function.heap.setBlind(true)
    function.budget.invocationDidEnd()
    function.heap.setBlind(false)
    function.write([1_000], budgets: 1.02, per: 1000)
    function.shuffle()
    function.heap.setBlind(true)
    function.budget.invocationDidEnd()
    function.budget.checkMemory(at: .insertion)
    function.heap.setBlind(false)
    let before = function.budget.guardStatistics.readings
    function.write([20_000], budgets: 1.1, per: 100_000, handler: 36 << 20)
    #expect(function.budget.guardStatistics.readings > before)
    #expect(function.highest <= function.limit)
    #expect(function.part >= Self.leastPart)
  }

  @Test("Trims that bring nothing become rarer, while blocks of the same size take turns")
  func futileTrims() throws {
    let function = try Function(megabytes: 128)
    function.write([1_000], budgets: 1.02, per: 1000)
    function.shuffle()
    // Until entries are shed for pages that small ones keep.
    for _ in 0..<30 where function.pressed.withLock({ $0 }) == 0 {
      function.write([20_000], budgets: 0.02, per: 100_000)
    }
    #expect(function.pressed.withLock { $0 } > 0)
    let before = function.budget.guardStatistics
    function.write([800], budgets: 1, per: 1_000_000)
    let since = function.budget.guardStatistics - before
    #expect(since.readings > 20 && since.trims <= since.readings * 2 / 5, "\(since)")
  }

  @Test("A budget that is used below its mark is neither shed nor trimmed")
  func noPressure() throws {
    let function = try Function(megabytes: 128)
    function.write([20_000], budgets: 0.5, per: 100, handler: 36 << 20)
    let statistics = function.budget.guardStatistics
    #expect(statistics.sheds == 0 && statistics.trims == 0 && statistics.readings > 10)
  }

  @Test("Many caches are sampled as often together as one alone")
  func manyCaches() throws {
    let heap = SimulatedHeap()
    let budget = try MemoryBudget(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"],
      process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil),
      readings: heap.readings)
    let caches = (0..<40).map { number in
      Cache<Int, ClaimedBytes>(named: "c\(number)", in: budget)
    }
    // One MiB each is below the 2 MiB after which one cache alone is looked at.
    for cache in caches {
      for key in 0..<128 { cache.setValue(ClaimedBytes(heapByteCount: 8192), forKey: key) }
    }
    #expect((15...25).contains(budget.guardStatistics.readings))
  }
}
