internal import LambdaCache
internal import LambdaCacheTransport

/// Runs a closure that may suspend on the thread that waits for it, which may block.
///
/// The threads of tasks are few, and a closure that makes tokens may ask a service without
/// suspending.
final class WaitingThread: TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    /// Whether the thread does not wait any more: jobs that come then run elsewhere.
    var hasLeft = false
  }

  private let state = Locked(State())
  private let wakeUp: WakeUp

  private init() throws(SystemError) {
    wakeUp = try WakeUp()
  }

  /// Runs a closure on the present thread, and waits for its result.
  ///
  /// - Parameters:
  ///   - end: The end of the wait on the monotonic clock, in nanoseconds; the closure's task is
  ///     cancelled then.
  ///   - body: The closure.
  /// - Returns: What it returns; `nil` if time is up.
  /// - Throws: What it throws; `SystemError`.
  static func run<Answer: Sendable>(
    until end: Int64, _ body: @escaping @Sendable () async throws -> Answer
  ) throws -> Answer? {
    let thread = try WaitingThread()
    let result = Locked<Result<Answer, any Error>?>(nil)
    let task = Task(executorPreference: thread) {
      do {
        let answer = try await body()
        result.withLock { $0 = .success(answer) }
      } catch {
        result.withLock { $0 = .failure(error) }
      }
      thread.wakeUp.fire()
    }
    defer {
      task.cancel()
      thread.leave()
    }
    while true {
      thread.runJobs()
      if let result = result.withLock({ $0 }) { return try result.get() }
      guard SystemClocks.monotonic < end else { return nil }
      let readiness = try Readiness.wait(
        for: -1, orFor: thread.wakeUp.descriptor, until: end)
      if readiness.inbox { thread.wakeUp.clear() }
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let hasLeft = state.withLock { state in
      if !state.hasLeft { state.jobs.append(job) }
      return state.hasLeft
    }
    if hasLeft {
      globalConcurrentExecutor.enqueue(job)
    } else {
      wakeUp.fire()
    }
  }

  private func takeJobs(leaving: Bool) -> [UnownedJob] {
    state.withLock { state in
      if leaving { state.hasLeft = true }
      defer { state.jobs = [] }
      return state.jobs
    }
  }

  private func runJobs() {
    while case let jobs = takeJobs(leaving: false), !jobs.isEmpty {
      for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
  }

  /// Has others run what is left.
  private func leave() {
    for job in takeJobs(leaving: true) { globalConcurrentExecutor.enqueue(job) }
  }
}
