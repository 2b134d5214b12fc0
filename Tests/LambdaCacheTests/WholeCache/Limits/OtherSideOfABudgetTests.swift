import LambdaCache
import TestSupport
import Testing

/// Just below what a budget and its guard allow, at it, above it, long after it, and back again.
@Suite("The other side of a budget's limits", .timeLimit(.minutes(10)))
struct OtherSideOfABudgetTests {
  private typealias Bytes = Cache<Int, [UInt8]>

  private func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 1, count: count) }

  private func cache(
    in budget: MemoryBudget, _ name: String = "any", minimum: Int? = nil, maximum: Int? = nil
  ) throws -> Bytes {
    Bytes(named: name, in: budget) {
      $0.minimumSize = minimum.map { .bytes($0) }
      $0.maximumSize = maximum.map { .bytes($0) }
    }
  }

  // MARK: Budget

  @Test("A cache at its greatest size leaves idle neighbours what they have")
  func greatestSize() throws {
    let budget = MemoryBudget(byteLimit: 4 << 20)
    let (idle, busy) = (try cache(in: budget), try cache(in: budget, maximum: 512 << 10))
    for key in 0..<780 { idle[key] = bytes(4_000) }
    let before = idle.count
    for key in 0..<5_000 { busy[key] = bytes(1_000) }
    #expect(busy.byteLimit <= 512 << 10)
    #expect(busy.byteCount <= 512 << 10)
    // The busy cache takes what it may have, and no more.
    #expect(idle.count >= before - 200, "\(idle.count) of \(before) entries are left")
    #expect(budget.assignedByteCount <= 4 << 20)
  }

  @Test("An entry that may not be kept takes nothing from other caches")
  func rejectedEntry() throws {
    let budget = MemoryBudget(byteLimit: 4 << 20)
    let (idle, strict) = (try cache(in: budget), try cache(in: budget))
    for key in 0..<2_000 { idle[key] = bytes(4_000) }
    strict[0] = bytes(10)
    strict.entryByteLimit = 1_000
    let before = idle.count
    for key in 0..<10 { #expect(strict.setValue(bytes(1 << 20), forKey: key) == .rejected) }
    #expect(idle.count == before)
  }

  @Test("A cache full by its number of entries asks for no more bytes than its victim leaves")
  func fullByEntries() throws {
    let budget = MemoryBudget(byteLimit: 4 << 20)
    let (idle, few) = (try cache(in: budget), try cache(in: budget))
    few.entryLimit = 4
    for key in 0..<4 { few[key] = bytes(100_000) }
    for key in 0..<2_000 { idle[key] = bytes(4_000) }
    let limit = few.byteLimit
    for key in 10..<60 { few[key] = bytes(100_000) }
    #expect(few.count == 4)
    #expect(few.byteLimit <= max(limit, 4 * 100_000) + 2 * 100_000)
  }

  @Test("A least size above the greatest one counts as that one, and traps nowhere")
  func leastAboveGreatest() throws {
    let configuration = try CacheConfiguration(environment: [
      "LAMBDA_CACHE_ANY_MIN_SIZE": "2MiB", "LAMBDA_CACHE_ANY_MAX_SIZE": "1MiB",
      "LAMBDA_CACHE_BOTH_MIN_SIZE": "2MiB", "LAMBDA_CACHE_BOTH_SIZE": "1MiB",
    ])
    let budget = MemoryBudget(byteLimit: 4 << 20, configuration: configuration)
    let cache = try cache(in: budget)
    #expect(cache.byteLimit <= 1 << 20)
    for key in 0..<2_000 { cache[key] = bytes(1_000) }
    #expect(cache.byteCount <= 1 << 20)
    let both = try self.cache(in: budget, "both")
    #expect(both.byteLimit >= 2 << 20)
  }

  @Test("A limit that is set below the least size counts")
  func belowLeast() throws {
    let budget = MemoryBudget(byteLimit: 8 << 20)
    let cache = try cache(in: budget, minimum: 4 << 20)
    #expect(cache.byteLimit >= 4 << 20)
    cache.byteLimit = 1 << 20
    #expect(cache.byteLimit <= 1 << 20)
    for key in 0..<3_000 { cache[key] = bytes(1_000) }
    #expect(cache.byteCount <= 1 << 20)
  }

  @Test("More is never lent again than the whole budget")
  func lending() throws {
    let budget = MemoryBudget(byteLimit: 1 << 20)
    let cache = try cache(in: budget)
    budget.restore(upTo: 10 << 20)
    for key in 0..<5_000 { cache[key] = bytes(1_000) }
    #expect(budget.assignedByteCount <= 1 << 20)
    #expect(cache.byteCount <= 1 << 20)
    #expect(cache.byteCount > 900_000)
  }

  @Test("A load reserves bytes above least sizes, and none of those")
  func loadsAndLeastSizes() throws {
    let budget = MemoryBudget(byteLimit: 10 << 20)
    let (kept, other) = (try cache(in: budget, minimum: 4 << 20), try cache(in: budget))
    for key in 0..<3_000 { kept[key] = bytes(4_000) }
    #expect(kept.byteLimit > 6 << 20)
    let share = try #require(other.budgetShare)
    let got = share.reserveNow(9 << 20)
    #expect(got > 2 << 20)
    #expect(kept.byteLimit >= 4 << 20)
    share.release(got)
  }

  @Test("Least sizes are shed only when there is nothing else")
  func shedding() throws {
    let budget = MemoryBudget(byteLimit: 8 << 20)
    let (kept, other) = (try cache(in: budget, minimum: 3 << 20), try cache(in: budget))
    for key in 0..<700 { kept[key] = bytes(4_000) }
    for key in 0..<900 { other[key] = bytes(4_000) }
    // The other one is warmer by far.
    for _ in 0..<20 { for key in 0..<900 { _ = other[key] } }
    let before = kept.count
    _ = budget.shed(1 << 20)
    #expect(kept.count == before)
    _ = budget.shed(8 << 20)
    #expect(kept.count < before)
  }

  @Test("A read of several keys reserves once for all, and gives all of it back")
  func bulkReservation() async throws {
    let budget = MemoryBudget(byteLimit: 4 << 20)
    let cache = try cache(in: budget)
    for round in 0..<3 {
      let keys = (0..<7).map { round * 10 + $0 }
      let values = try await cache.values(forKeys: keys) { keys in
        Dictionary(uniqueKeysWithValues: keys.map { ($0, [UInt8](repeating: 1, count: 1_000)) })
      }
      #expect(values.count == 7)
      #expect(budget.reservedByteCount == 0)
    }
    #expect(cache.count == 21)
  }

  @Test(
    "A cache that got nothing asks again after some writes, and gets what is free then"
  )
  func askingAgain() throws {
    let budget = MemoryBudget(byteLimit: 2 << 20)
    let asking = try cache(in: budget)
    do {
      let minimal = try cache(in: budget, minimum: 2 << 20)
      for key in 0..<1_000 { minimal[key] = bytes(4_000) }
      for key in 0..<100 { asking[key] = bytes(4_000) }
      #expect(asking.byteCount < 1 << 20)
    }
    for key in 0..<2_000 { asking[key] = bytes(4_000) }
    #expect(asking.byteCount > 1 << 20)
  }

  @Test("A load that waits goes on when the cache that held its bytes has ended")
  func endedHolder() async throws {
    let budget = MemoryBudget(byteLimit: 2 << 20, loadWaitLimit: .seconds(3_600))
    let holder = OwningMember(Ledger(limit: 2 << 20), budget)
    let waiting = try cache(in: budget)
    let share = try #require(waiting.budgetShare)
    _ = holder.share.reserveNow(1 << 20)
    let load = Task { await share.reserve(1 << 20, for: BudgetWaiter.alone()) }
    try await eventually("the load waits") { budget.waitingLoadCount == 1 }
    holder.share.withdraw()
    let got = try await bounded { await load.value }
    #expect(got == 1 << 20)
    share.release(got)
  }

  // MARK: Guard

  private func guarded(
    memory: Int, groupLimit: Int, others: Int
  ) throws -> (MemoryBudget, Bytes, SimulatedProcess, pressed: Locked<Int>) {
    let process = SimulatedProcess()
    let budget = try MemoryBudget(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(memory)"],
      process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil),
      readings: process.readings(groupLimit: groupLimit) { process.resident.map { $0 + others } })
    let pressed = Locked(0)
    let cache = Bytes(named: "any", in: budget) {
      $0.onRemoval = { _, _, cause in if cause == .pressure { pressed.withLock { $0 += 1 } } }
    }
    process.follow { cache.byteCount }
    return (budget, cache, process, pressed)
  }

  @Test(
    "A group's limit above the memory leaves some to others, one below takes from caches")
  func groupLimits() throws {
    let (roomy, roomyCache, _, roomyPressed) = try guarded(
      memory: 128, groupLimit: 256 << 20, others: 100 << 20)
    let (tight, tightCache, process, tightPressed) = try guarded(
      memory: 128, groupLimit: 90 << 20, others: 0)
    for number in 0..<700 {
      for (budget, cache) in [(roomy, roomyCache), (tight, tightCache)] {
        budget.invocationDidEnd()
        cache[number] = bytes(100_000)
      }
    }
    #expect(roomyPressed.withLock { $0 } == 0)
    #expect(roomyCache.byteCount > 40 << 20)
    #expect(tightPressed.withLock { $0 } > 0)
    #expect(try #require(process.resident) < 64 << 20)
  }

  @Test("A process that cannot be read for a while is read again when it can")
  func readableAgain() throws {
    let isReadable = Locked(false)
    let budget = try MemoryBudget(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"],
      process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil),
      readings: MemoryReadings(
        resident: { isReadable.withLock { $0 } ? 20 << 20 : nil }, peakResident: { nil },
        group: { nil }, groupLimit: nil, trim: nil, nanoseconds: { 0 }))
    for _ in 0..<3 { budget.invocationDidEnd() }
    #expect(budget.guardStatistics.readings == 0)
    isReadable.withLock { $0 = true }
    for _ in 0..<3 { budget.invocationDidEnd() }
    #expect(budget.guardStatistics.readings == 3)
    isReadable.withLock { $0 = false }
    for _ in 0..<3 { budget.invocationDidEnd() }
    isReadable.withLock { $0 = true }
    budget.invocationDidEnd()
    #expect(budget.guardStatistics.readings == 4)
  }

  @Test("The memory is read once in so many bytes, and not at each insertion once that was due")
  func readingInterval() throws {
    let (budget, cache, _, _) = try guarded(memory: 128, groupLimit: 256 << 20, others: 0)
    for key in 0..<10_000 { cache[key] = bytes(1_000) }
    // Ten megabytes, a reading every two.
    #expect((3...12).contains(budget.guardStatistics.readings))
  }

  @Test("A guard that has long been right waits less again than after its mistakes")
  func patience() {
    var memory = MemoryPressurePolicy(limit: 1 << 30, reserve: 100 << 20)
    func reading(_ use: Int) -> MemoryPressurePolicy.Reading {
      .init(resident: use, peak: use, cached: use / 2)
    }
    let (low, high) = (memory.lowMark / 2, memory.highMark + (1 << 20))
    func note(_ use: Int, isHoldingBack: Bool) -> MemoryPressurePolicy.Action {
      memory.note(reading(use), at: .boundary, isHoldingBack: isHoldingBack)
    }
    /// The boundaries until something is lent again.
    func wait() -> Int {
      for count in 1...5_000 {
        if case .recover = note(low, isHoldingBack: true) { return count }
      }
      return 5_000
    }
    var waits: [Int] = []
    for _ in 0..<3 {
      _ = note(high, isHoldingBack: true)
      waits.append(wait())
    }
    #expect(waits[1] > waits[0])
    #expect(waits[2] > waits[1])
    for _ in 0..<2_000 { _ = note(low, isHoldingBack: false) }
    _ = note(high, isHoldingBack: true)
    #expect(wait() == waits[0])
  }

  @Test("The memory left to the handler is never more than the reserve")
  func handlerAndReserve() throws {
    let process = ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil)
    func terms(_ reserve: String) throws -> MemoryTerms {
      try MemoryTerms(
        environment: [
          "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "LAMBDA_CACHE_RESERVE": reserve,
        ], process: process)
    }
    for reserve in ["0%", "4MiB", "8MiB", "20MiB", "40MiB", "90MiB"] {
      let terms = try terms(reserve)
      #expect(terms.handlerByteCount <= terms.reserve.byteCount, "\(reserve)")
    }
  }

  @Test("A group outside of the namespace is not looked for inside of it")
  func groupsOutside() {
    let files = [
      "/proc/self/cgroup": "0::/../other\n", "/sys/fs/cgroup/memory.max": "200000000\n",
      "/sys/fs/cgroup/../other/memory.max": "100000000\n",
      "/sys/fs/cgroup/../memory.max": "50000000\n",
    ]
    let limit = ProcessMemory.containerLimit { files[$0] }
    #expect(limit?.byteCount == 200_000_000)
  }
}
