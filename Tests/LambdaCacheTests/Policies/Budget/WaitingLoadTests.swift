import LambdaCache
import TestSupport
import Testing

/// A budget of 1 MiB, half of which is reserved for a load that does not end by itself.
private struct Queue {
  let budget: MemoryBudget
  let holder: OwningMember
  let share: BudgetShare
  private let others: OwningMember
  private let done = Locked<[Int]>([])

  init(patience: Duration = .seconds(1_000_000)) {
    budget = MemoryBudget(byteLimit: 1 << 20, loadWaitLimit: patience)
    let ledger = Ledger(limit: 1 << 20)
    holder = OwningMember(ledger, budget)
    others = OwningMember(ledger, budget)
    share = others.share
  }

  /// The loads that have gone on, in order.
  var gone: [Int] { done.withLock { $0 } }

  /// Has a load wait.
  @discardableResult
  func wait(
    _ number: Int, byteCount: Int = 400 << 10, _ waiter: BudgetWaiter = BudgetWaiter.alone()
  ) async throws -> Task<Int, Never> {
    let before = budget.waitingLoadCount
    let task = Task {
      let got = await share.reserve(byteCount, for: waiter)
      done.withLock { $0.append(number) }
      return got
    }
    try await eventually("load \(number) waits") { budget.waitingLoadCount > before }
    return task
  }
}

/// Whether any reference to a load is left.
private final class Trace: @unchecked Sendable {
  weak var waiter: BudgetWaiter?
}

@Suite("Loads that wait for room", .timeLimit(.minutes(10)))
struct WaitingLoadTests {
  @Test("Loads that wait for bytes go on one, two and four at a time if no load before them does")
  func stalled() async throws {
    let queue = Queue()
    let held = queue.holder.share.reserveNow(500 << 10)
    var tasks: [Task<Int, Never>] = []
    for number in 0..<8 { tasks.append(try await queue.wait(number)) }
    queue.budget.admitStalledLoads()
    #expect(queue.budget.waitingLoadCount == 8)
    for (waiting, left) in [(8, 7), (7, 5), (5, 1), (1, 0)] {
      // A load that goes on wakes the next one, which checks whether it fits.
      try await eventually("the others wait") { queue.budget.waitingLoadCount == waiting }
      queue.budget.admitStalledLoads()
      #expect(queue.budget.waitingLoadCount == left)
      try await eventually("they go on") { queue.gone.count == 8 - left }
    }
    #expect(Set(queue.gone.prefix(1)) == [0] && Set(queue.gone.prefix(3)) == [0, 1, 2])
    // They have what could be had, and no bound is exceeded.
    for task in tasks { #expect(await task.value == 0) }
    #expect(queue.budget.reservedByteCount == held)
    queue.holder.share.release(held)
  }

  @Test("Loads that wait for bytes do not go on while the first of them is another one each time")
  func moving() async throws {
    let queue = Queue()
    let held = queue.holder.share.reserveNow(500 << 10)
    for number in 0..<5 { try await queue.wait(number) }
    queue.budget.admitStalledLoads()
    queue.holder.share.release(held)
    for number in 0..<4 {
      try await eventually("the next one goes on") { queue.gone == Array(0...number) }
      try await eventually("the others wait") { queue.budget.waitingLoadCount == 4 - number }
      queue.budget.admitStalledLoads()
      #expect(queue.budget.waitingLoadCount == 4 - number)
      queue.share.release(400 << 10)
    }
    try await eventually("the last one goes on") { queue.gone == Array(0..<5) }
    queue.share.release(400 << 10)
    #expect(queue.budget.reservedByteCount == 0)
  }

  @Test("Loads that wait for bytes keep their place if they are woken in vain")
  func place() async throws {
    let queue = Queue()
    let (small, large) = (
      queue.holder.share.reserveNow(100 << 10), queue.holder.share.reserveNow(390 << 10)
    )
    let first = try await queue.wait(0, byteCount: 400 << 10)
    try await queue.wait(1, byteCount: 400 << 10)
    // It is woken, has no room, and waits again.
    queue.holder.share.release(small)
    try await eventually("it waits again") { queue.budget.waitingLoadCount == 2 }
    queue.holder.share.release(large)
    #expect(await first.value == 400 << 10)
    #expect(queue.gone == [0])
    queue.share.release(400 << 10)
    try await eventually("the second goes on") { queue.gone == [0, 1] }
  }

  @Test("Loads that wait for bytes are considered a few times each, however many they are")
  func linear() async throws {
    let queue = Queue()
    let count = 1_000
    let held = queue.holder.share.reserveNow(500 << 10)
    let hurried = (0..<count).map { _ in BudgetWaiter.alone() }
    let loads = hurried.map { waiter in
      Task {
        let got = await queue.share.reserve(100 << 10, for: waiter)
        queue.share.release(got)
      }
    }
    let cancelled = (0..<count).map { _ in
      Task { queue.share.release(await queue.share.reserve(100 << 10, for: BudgetWaiter.alone())) }
    }
    try await eventually("all wait") { queue.budget.waitingLoadCount == 2 * count }
    for task in cancelled.reversed() { task.cancel() }
    for task in cancelled { await task.value }
    for waiter in hurried.suffix(count / 2).reversed() { queue.budget.hurry(waiter) }
    queue.holder.share.release(held)
    for load in loads { _ = try await bounded { await load.value } }
    #expect(queue.budget.waitingLoadCount == 0 && queue.budget.reservedByteCount == 0)
    let visits = queue.budget.waitingLoadVisits
    #expect(visits < 20 * count, "\(visits) looks at \(2 * count) loads")
  }

  @Test("Loads go on although others wait for them unseen, in tasks of their own")
  func detached() async throws {
    let budget = MemoryBudget(byteLimit: 1 << 20, loadWaitLimit: .milliseconds(1))
    let cache = Cache<Int, String>(named: "texts", in: budget)
    let value = String(repeating: "v", count: 400 << 10)
    cache[-1] = value
    @Sendable func load(_ key: Int) async throws -> String {
      guard key > 0 else { return value }
      // A task that knows nothing of the load that it is for.
      return try await Task.detached { try await cache.value(forKey: key - 1, orLoad: load) }.value
    }
    #expect(try await bounded { try await cache.value(forKey: 6, orLoad: load) } == value)
    try await eventually("nothing stays reserved") { budget.reservedByteCount == 0 }
    #expect(cache.byteCount <= 1 << 20 && budget.waitingLoadCount == 0)
  }

  @Test("Loads cancelled before or while they wait for bytes leave nothing behind")
  func cancelled() async throws {
    let queue = Queue()
    let held = queue.holder.share.reserveNow(500 << 10)
    let (early, late) = (Trace(), Trace())
    do {
      let waiter = BudgetWaiter.alone()
      early.waiter = waiter
      let begin = Gate<Void>()
      let task = Task {
        try? await begin.pass()
        return await queue.share.reserve(400 << 10, for: waiter)
      }
      task.cancel()
      begin.open()
      #expect(await task.value == 0)
    }
    do {
      let waiter = BudgetWaiter.alone()
      late.waiter = waiter
      let task = try await queue.wait(1, waiter)
      task.cancel()
      #expect(await task.value == 0)
    }
    #expect(queue.budget.waitingLoadCount == 0)
    try await eventually("they are gone") { early.waiter == nil && late.waiter == nil }
    queue.holder.share.release(held)
  }
}
