import TestSupport
import Testing

@testable import LambdaCache

/// A member whose limit and sample a test sets, and which counts the looks at it.
private final class ScriptedMember: BudgetMember {
  private struct State {
    var limit = 0
    var held = 0
    var sample = BudgetSample()
    var lookCount = 0
    var isStubborn = false
  }

  private let state = Locked(State())
  let share: BudgetShare

  init(_ budget: MemoryBudget, _ request: BudgetRequest = BudgetRequest()) {
    share = budget.register(name: "scripted", request: request)
    share.attach(self)
  }

  var byteLimit: Int { state.withLock { $0.limit } }

  /// How often the sample was read.
  var lookCount: Int { state.withLock { $0.lookCount } }

  /// Has the member use all that it has, and from now on tell this of itself.
  func script(count: Int, writes: Int, hits: Int = 0) {
    state.withLock { state in
      state.held = state.limit
      state.sample.count = count
      state.sample.writes = writes
      state.sample.hits = hits
      state.sample.byteCount = state.held
    }
  }

  /// Has the member give nothing any more.
  func refuse() { state.withLock { $0.isStubborn = true } }

  func grow(by byteCount: Int) { state.withLock { $0.limit += byteCount } }

  func give(upTo byteCount: Int, from source: BudgetSource) -> Int {
    state.withLock { state in
      if state.isStubborn { return 0 }
      let given = min(byteCount, source == .unused ? state.limit - state.held : state.limit)
      state.limit -= given
      state.held = min(state.held, state.limit)
      return given
    }
  }

  var budgetSample: BudgetSample {
    state.withLock { state in
      state.lookCount += 1
      return state.sample
    }
  }
}

/// Counts of a cache's requests, of their addressees, and of their cost to others.
@Suite("Questions to a budget")
struct BudgetQuestionTests {
  private func cache(
    in budget: MemoryBudget, maximum: Int? = nil
  ) throws -> Cache<Int, Int> {
    Cache(named: "any", in: budget) { $0.maximumSize = maximum.map { .bytes($0) } }
  }

  @Test("Requests to a budget that were refused are not repeated at each insertion")
  func pause() throws {
    let budget = MemoryBudget(byteLimit: 1 << 20)
    let other = ScriptedMember(budget, BudgetRequest(minimumByteCount: 1 << 19))
    let cache = try cache(in: budget)
    other.script(count: 1_000, writes: 1_000)
    for key in 0..<15_000 { cache[key] = key }
    #expect(cache.byteLimit <= 1 << 19 && other.byteLimit == 1 << 19)
    let before = other.lookCount
    for key in 15_000..<18_000 { cache[key] = key }
    // About 170 KB: a look and a question for each 8 KiB.
    let looks = other.lookCount - before
    #expect((10...100).contains(looks), "\(looks) looks for 3,000 insertions")
  }

  @Test("Requests to a budget by a small cache come whenever it has been filled once")
  func smallCache() throws {
    let budget = MemoryBudget(byteLimit: 1 << 30)
    let other = ScriptedMember(budget)
    let cache = try cache(in: budget, maximum: 16 << 10)
    let before = other.lookCount
    for key in 0..<3_000 { cache[key] = key }
    #expect(cache.byteLimit == 16 << 10)
    // About 170 KB, far less than a step.
    let looks = other.lookCount - before
    #expect((6...30).contains(looks), "\(looks) looks for 3,000 insertions")
  }

  @Test(
    "Requests to a budget take another member's entries if colder by more than a quarter",
    arguments: [(1_000, false), (1_250, false), (1_300, true)])
  func equallyCold(count: Int, isTaken: Bool) throws {
    let budget = MemoryBudget(byteLimit: 1 << 20)
    let (asking, other) = (ScriptedMember(budget), ScriptedMember(budget))
    #expect(asking.byteLimit == 1 << 19 && other.byteLimit == 1 << 19)
    // Asked more than its share, by look-ups that do not reach its cold end; it has its share
    // already.
    asking.script(count: 1_000, writes: 2_000, hits: 900)
    other.script(count: count, writes: 2_000)
    let got = asking.share.acquire(wanted: 10_000, required: 0)
    #expect((got > 0) == isTaken)
    #expect(other.byteLimit == (1 << 19) - got)
  }

  @Test("A request to a budget that is withdrawn lets a load go on that waits for its bytes")
  func givenBack() async throws {
    let budget = MemoryBudget(byteLimit: 1 << 20, loadWaitLimit: .seconds(1_000_000))
    let member = ScriptedMember(budget)
    let held = member.share.reserveNow(100_000)
    #expect(held == 100_000)
    member.refuse()
    let waiter = BudgetWaiter.alone()
    let load = Task { await member.share.reserve(300_000, for: waiter) }
    try await eventually("the load waits") { budget.waitingLoadCount == 1 }
    member.share.giveBack(400_000)
    #expect(budget.waitingLoadCount == 0)
    // In case no other load woke it.
    if budget.waitingLoadCount > 0 { budget.hurry(waiter) }
    #expect(await load.value == 300_000)
    member.share.release(held + 300_000)
    #expect(budget.reservedByteCount == 0)
  }

  @Test("A reservation for a load that was given up meanwhile leaves nothing reserved")
  func givenUp() async throws {
    let budget = MemoryBudget(byteLimit: 1 << 20)
    let cache = try cache(in: budget)
    let task = LoadTask()
    #expect(task.abandonLoad().reserved == 0)
    let isWanted = await cache.reserveForLoads(1, task: task)
    #expect(!isWanted && budget.reservedByteCount == 0)
    let wanted = LoadTask()
    #expect(await cache.reserveForLoads(1, task: wanted))
    let reserved = budget.reservedByteCount
    #expect(reserved > 0 && wanted.endLoad() == reserved)
    cache.budgetShare?.release(reserved)
  }

  @Test("A load that was cancelled before it came to the budget's queue does not wait")
  func withdrawn() async {
    let queue = Locked(BudgetQueue())
    for isCancelled in [false, true] {
      let waiter = BudgetWaiter.alone()
      let waits = Locked(false)
      await withCheckedContinuation { continuation in
        if isCancelled { queue.withLock { $0.withdraw(waiter) }?.resume() }
        let hasQueued = queue.withLock { $0.enqueue(waiter, continuation) }
        waits.withLock { $0 = hasQueued }
        if hasQueued { queue.withLock { $0.next() }?.resume() } else { continuation.resume() }
      }
      #expect(waits.withLock { $0 } == !isCancelled)
      #expect(queue.withLock { $0.count } == 0)
    }
  }
}

@Suite("The touches that a cache reports to its budget")
struct BudgetSampleTests {
  private let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 4)

  @Test("The touches that a cache reports are its writes, of which a replacement is one")
  func writes() {
    for key in 0..<3 { cache[key] = key }
    #expect(cache.budgetSample.writes == 3)
    for _ in 0..<5 { cache[0] = 1 }
    #expect(cache.budgetSample.writes == 8)
    #expect(cache.budgetSample.hits == 0 && cache.budgetSample.removals == 5)
  }

  @Test("A cache reports a new coldest entry although it lies in the slot of the last")
  func coldest() {
    #expect(cache.budgetSample.coldest == 0)
    var marks: [UInt64] = []
    for round in 0..<5 {
      for key in 0..<4 { cache[4 * round + key] = key }
      marks.append(cache.budgetSample.coldest)
    }
    #expect(Set(marks).count == 5, "\(marks)")
    #expect(
      Set(marks.map { $0 >> 32 }).count == 1, "the coldest entry lies in another slot each time")
    _ = cache[19]
    #expect(cache.budgetSample.coldest == marks.last)
    _ = cache[16]
    #expect(cache.budgetSample.coldest != marks.last)
  }
}
