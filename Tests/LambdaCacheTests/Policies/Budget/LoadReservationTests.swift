import LambdaCache
import TestSupport
import Testing

@Suite("Loads under way reserve their bytes", .timeLimit(.minutes(10)))
struct LoadReservationTests {
  private struct Refused: Error {}

  @Test("The first load reserves a part of the budget, later ones what entries are like")
  func expectation() async throws {
    let household = try Household(byteLimit: 16 << 20)
    let cache = household.cache()
    let budget = household.budget
    #expect(budget.reservedByteCount == 0)
    let first = Locked(0)
    _ = try await cache.value(forKey: 0) { _ in
      first.withLock { $0 = budget.reservedByteCount }
      return []
    }
    #expect((64 << 10...65 << 10).contains(first.withLock { $0 }))
    cache.fill(0..<1000, byteCount: 10_000)
    let later = Locked(0)
    _ = try await cache.value(forKey: -1) { _ in
      later.withLock { $0 = budget.reservedByteCount }
      return []
    }
    #expect((10_000...11_000).contains(later.withLock { $0 }))
    #expect(budget.reservedByteCount == 0)
  }

  @Test("A reservation ends with its load, however that ends", arguments: 0..<5)
  func everyExit(way: Int) async throws {
    let household = try Household(byteLimit: 4 << 20)
    let cache = household.cache()
    let budget = household.budget
    let stage = Stage()
    let loads = GatedLoads<Int, [UInt8]>()
    let asking = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    #expect(budget.reservedByteCount > 0)
    switch way {
    case 0: loads[0].gate.open(returning: [1])
    case 1: loads[0].gate.open(throwing: Refused())
    case 2:
      asking.cancel()
      loads[0].gate.open(throwing: CancellationError())
    case 3:
      cache[1] = [2]
      loads[0].gate.open(returning: [1])
    default:
      cache.removeAll()
      loads[0].gate.open(returning: [UInt8](repeating: 1, count: 8 << 20))
    }
    _ = await asking.result
    try await eventually("the reservation ends") { budget.reservedByteCount == 0 }
    #expect(budget.assignedByteCount <= 4 << 20)
    if way == 0 { #expect(cache.peekValue(forKey: 1) == [1]) }
    if way == 3 { #expect(cache.peekValue(forKey: 1) == [2]) }
  }

  @Test("A burst of misses waits for bytes instead of taking more than there are")
  func burst() async throws {
    let household = try Household(byteLimit: 1 << 20)
    let cache = household.cache()
    cache.fill(0..<20, byteCount: 200_000)
    let running = Locked((now: 0, most: 0))
    let budget = household.budget
    let isIntact = Locked(true)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for key in 100..<160 {
        group.addTask {
          _ = try await cache.value(forKey: key) { _ in
            running.withLock { running in
              running.now += 1
              running.most = max(running.most, running.now)
            }
            if budget.assignedByteCount > 1 << 20 { isIntact.withLock { $0 = false } }
            for _ in 0..<5 { await Task.yield() }
            running.withLock { $0.now -= 1 }
            return [UInt8](repeating: 1, count: 200_000)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(running.withLock { $0.most } <= 2)
    #expect(isIntact.withLock { $0 })
    #expect(budget.reservedByteCount == 0 && budget.assignedByteCount <= 1 << 20)
    #expect(cache.byteCount <= 1 << 20 && cache.count >= 4)
  }

  @Test("A load that loads does not wait for itself")
  func nested() async throws {
    let household = try Household(byteLimit: 1 << 20)
    let (outer, inner) = (household.cache("outer"), household.cache("inner"))
    outer.fill(0..<5, byteCount: 900_000)
    inner.fill(0..<5, byteCount: 900_000)
    let value = try await bounded {
      try await outer.value(forKey: -1) { _ in
        try await inner.value(forKey: -1) { _ in [UInt8](repeating: 1, count: 900_000) }
      }
    }
    #expect(value.count == 900_000)
    #expect(household.budget.reservedByteCount == 0)
  }

  @Test("A load that joins one which waits for its bytes does not wait for ever")
  func joined() async throws {
    let budget = MemoryBudget(byteLimit: 1 << 20, loadWaitLimit: .seconds(3_600))
    let cache = Cache<String, String>(named: "texts", in: budget)
    let value = String(repeating: "v", count: 400 << 10)
    #expect(try await cache.value(forKey: "first") { _ in value } == value)
    let isLoading = Gate<Void>()
    let outer = Task {
      try await cache.value(forKey: "outer") { _ in
        try await isLoading.pass()
        _ = try await cache.value(forKey: "inner") { _ in value }
        return value
      }
    }
    try await eventually("the outer load has its room") { budget.reservedByteCount > 0 }
    let inner = Task { try await cache.value(forKey: "inner") { _ in value } }
    try await eventually("the inner load waits for room") { budget.waitingLoadCount == 1 }
    isLoading.open()
    #expect(try await outer.answer() == value)
    #expect(try await inner.answer() == value)
    #expect(budget.reservedByteCount == 0)
  }

  @Test("A load that was abandoned has no reservation, even if it never ends")
  func abandoned() async throws {
    let household = try Household(byteLimit: 1 << 20)
    let cache = household.cache()
    cache.fill(0..<5, byteCount: 400_000)
    let stage = Stage()
    let loads = GatedLoads<Int, [UInt8]>()
    let asking = try await stage.ask(cache, for: 100, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    #expect(household.budget.reservedByteCount > 400_000)
    asking.cancel()
    _ = await asking.result
    #expect(household.budget.reservedByteCount == 0)
    // Fits only without the one that still runs.
    let others = try await stage.ask(cache, for: 101, orLoad: loads.load)
    try await eventually("another begins") { loads.count == 2 }
    for number in 0..<2 { loads[number].gate.open(returning: [1]) }
    #expect(try await others.answer() == [1])
    #expect(cache.peekValue(forKey: 100) == nil)
    try await eventually("the reservation ends") { household.budget.reservedByteCount == 0 }
    #expect(household.budget.assignedByteCount <= 1 << 20)
  }

  @Test("A caller that is cancelled while it waits for bytes leaves, and the others go on")
  func cancelledWaiter() async throws {
    let household = try Household(byteLimit: 1 << 20)
    let cache = household.cache()
    cache.fill(0..<5, byteCount: 900_000)
    let stage = Stage()
    let loads = GatedLoads<Int, [UInt8]>()
    let first = try await stage.ask(cache, for: 100, orLoad: loads.load)
    try await eventually("the first load begins") { loads.count == 1 }
    let second = try await stage.ask(cache, for: 101, orLoad: loads.load)
    let third = try await stage.ask(cache, for: 102, orLoad: loads.load)
    #expect(loads.count == 1)
    second.cancel()
    #expect(try await second.isCancelledAnswer())
    loads[0].gate.open(returning: [1])
    #expect(try await first.answer() == [1])
    try await eventually("the third begins") { loads.count == 2 }
    #expect(loads[1].key == 102, "what nobody waits for is loaded")
    loads[1].gate.open(returning: [2])
    #expect(try await third.answer() == [2])
    try await eventually("nothing stays reserved") { household.budget.reservedByteCount == 0 }
  }

  @Test("The expected size of a load is a high one, and follows what entries become")
  func sizes() {
    var sizes = EntrySizes()
    #expect(sizes.expected == nil)
    sizes.learn(1000)
    #expect(sizes.expected == 1000)
    for _ in 0..<1000 { sizes.learn(1000) }
    for step in 0..<400 { sizes.learn(step % 8 == 0 ? 50_000 : 1000) }
    #expect((20_000...50_000).contains(sizes.expected ?? 0))
    for _ in 0..<1000 { sizes.learn(100) }
    #expect((100...200).contains(sizes.expected ?? 0))
    for _ in 0..<100 { sizes.learn(0) }
    #expect((sizes.expected ?? -1) >= 0)
  }
}
