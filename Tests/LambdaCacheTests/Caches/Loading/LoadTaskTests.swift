import LambdaCache
import Synchronization
import TestSupport
import Testing

private enum Trace {
  @TaskLocal static var id = "none"
}

/// Runs its jobs where they are handed in, and counts them.
private final class CountingExecutor: SerialExecutor {
  /// Never destroyed: a job may end the last task that knows of its executor.
  static let shared = CountingExecutor()

  private let queue = Locked<(jobs: [UnownedJob], isRunning: Bool)>(([], false))
  private let jobCount = Atomic<Int>(0)

  var count: Int { jobCount.load(ordering: .relaxed) }

  func enqueue(_ job: consuming ExecutorJob) {
    jobCount.add(1, ordering: .relaxed)
    let job = UnownedJob(job)
    let isFirst = queue.withLock { queue in
      queue.jobs.append(job)
      defer { queue.isRunning = true }
      return !queue.isRunning
    }
    guard isFirst else { return }
    while let job = next() { job.runSynchronously(on: asUnownedSerialExecutor()) }
  }

  private func next() -> UnownedJob? {
    queue.withLock { queue in
      guard !queue.jobs.isEmpty else {
        queue.isRunning = false
        return nil
      }
      return queue.jobs.removeFirst()
    }
  }
}

/// An actor that knows how often it was entered.
private actor Counted {
  private let cache = Cache<Int, Int>(byteLimit: 1 << 20)
  private var passed = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    CountingExecutor.shared.asUnownedSerialExecutor()
  }

  /// How often the actor was left and entered again during look-ups.
  func reentries(hits: Int, misses: Int) async throws -> Int {
    for key in 0..<hits { cache[key] = key }
    let before = CountingExecutor.shared.count
    for key in 0..<(hits + misses) {
      _ = try await cache.value(forKey: key) { await self.pass($0) }
    }
    return CountingExecutor.shared.count - before
  }

  /// Can only run while the look-up that waits for it has left the actor.
  private func pass(_ key: Int) -> Int {
    passed += 1
    return key
  }
}

@Suite("A load's task", .timeLimit(.minutes(15)))
struct LoadTaskTests {
  @Test(
    "A load's task gets the key and runs with the task-local values of the caller that began it")
  func taskLocals() async throws {
    let cache = Cache<String, String>(byteLimit: 1 << 20)
    let value = try await Trace.$id.withValue("request 17") {
      try await cache.value(forKey: "key") { key in key + " in " + Trace.id }
    }
    #expect(value == "key in request 17")
  }

  @Test(
    "A load's task has the priority of the caller that began it",
    arguments: [TaskPriority.low, .medium, .high])
  func priority(priority: TaskPriority) async throws {
    let cache = Cache<Int, TaskPriority>(byteLimit: 1 << 20, heapByteCount: { _, _ in 0 })
    let asked = Task.detached(priority: priority) {
      try await cache.value(forKey: 1) { _ in Task.currentPriority }
    }
    // Waiting for the task itself would lend it the waiter's priority.
    try await eventually("the load ends") { cache.contains(1) }
    #expect(cache[1] == priority)
    #expect(try await asked.answer() == priority)
  }

  @Test("A load's task is not cancelled when the caller's work ends")
  func outlivesTheStarter() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let loads = GatedLoads<Int, Int>()
    let stage = Stage()
    let starter = try await stage.ask(cache, for: 1, orLoad: loads.load)
    let other = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    starter.cancel()
    #expect(try await starter.isCancelledAnswer())
    #expect(!loads[0].cancellation.isRaised)
    loads[0].gate.open(returning: 4)
    #expect(try await other.answer() == 4)
  }

  @Test("A load's task is not needed by a hit, which does not even leave its actor")
  func hitsStayOnTheActor() async throws {
    #expect(try await Counted().reentries(hits: 100, misses: 0) == 0)
    #expect(try await Counted().reentries(hits: 100, misses: 1) > 0, "the count counts nothing")
  }

  @Test("A load's task holds no lock: it may use every member of the cache for other keys")
  func mayUseTheCache() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 10)
    let value = try await bounded {
      try await cache.value(forKey: 1) { key in
        cache[2] = 2
        cache.removeValue(forKey: 3)
        cache.entryLimit = 9
        let four = try await cache.value(forKey: 4) { $0 }
        return key + four + cache.count
      }
    }
    #expect(value == 1 + 4 + 2)
    #expect(cache[1] == 7)
  }
}
