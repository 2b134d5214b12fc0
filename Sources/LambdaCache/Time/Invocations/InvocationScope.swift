import Synchronization

/// One invocation of the function, as caches see it: the time it has left, and the tasks to run
/// after its response.
///
/// `LambdaCacheRuntime` and the adapters of `LambdaCacheHandlers` make one for each invocation.
/// With another runtime, do it around the handler:
///
/// <!-- with: handle -->
/// ```swift
/// func answer(
///   _ event: [UInt8], _ context: some InvocationContext, respond: ([UInt8]) async throws -> Void
/// ) async throws {
///   let scope = InvocationScope(deadlineInMilliseconds: context.deadlineInMilliseconds)
///   let response = try await InvocationScope.$current.withValue(scope) {
///     try await handle(event)
///   }
///   try await respond(response)
///   await scope.finish()
/// }
/// ```
///
/// Nothing runs while Lambda has an environment frozen, and a task that was begun before the freeze
/// goes on after it with outdated connections and signatures. So tasks that may run after the
/// response are kept here, and ``finish()`` runs them while the invocation is not over.
public final class InvocationScope: Sendable {
  /// The invocation that the present task belongs to; `nil` outside of one.
  @TaskLocal public static var current: InvocationScope?

  /// The end of the invocation; `nil` if that is not known.
  package let deadline: ContinuousClock.Instant?

  private struct State {
    var isOpen = true
    var isFinishing = false
    /// The tasks to run, by their numbers.
    var tasks: [Int: @Sendable () async -> Void] = [:]
    var lastTask = 0
    /// The time that the present tasks had when they were begun.
    var timeForTasks: Duration?
    /// The time since the invocation was over.
    var sinceEnd: Timekeeper?

    mutating func end() {
      isOpen = false
      sinceEnd = Timekeeper()
    }
  }

  private let state = Locked(State())
  private let isRunningTasks: Bool
  /// Its number in ``InvocationClock``.
  private let number: Int
  /// The count of pauses before this one began.
  private let pausesBefore: Int
  /// Whether the invocation is going on, in an object of its own: caches that keep it must not keep
  /// the invocation's tasks alive.
  package let liveness = Liveness()

  @usableFromInline
  package final class Liveness: Sendable {
    private let state = Atomic<Bool>(true)

    package var isOpen: Bool { state.load(ordering: .relaxed) }

    fileprivate func end() { state.store(false, ordering: .relaxed) }
  }

  /// The time before its deadline at which an invocation ends at the latest.
  package static var margin: Duration { .milliseconds(50) }

  /// The time for tasks after a response where no deadline is known.
  private static var timeWithoutDeadline: Duration { .seconds(60) }

  /// The most tasks that an invocation may have after its response.
  private static var taskLimit: Int { 1024 }

  /// Begins an invocation, and announces it to caches.
  ///
  /// - Parameters:
  ///   - deadlineInMilliseconds: Its end, in milliseconds since 1970, as in the header
  ///     `Lambda-Runtime-Deadline-Ms`; `nil` if that is not known.
  ///   - runsRefreshes: Whether ``finish()`` will be called after the response. If not, a value
  ///     that was served stale is loaded again by the next look-up of its key.
  public convenience init(deadlineInMilliseconds: Int64? = nil, runsRefreshes: Bool = true) {
    InvocationClock.beginInvocation(deadlineInMilliseconds: deadlineInMilliseconds)
    let deadline = deadlineInMilliseconds.map { deadline in
      let (left, isHuge) = deadline.subtractingReportingOverflow(SystemClocks.wall / 1_000_000)
      return ContinuousClock.now + .milliseconds(isHuge ? 0 : min(max(left, 0), 1 << 40))
    }
    self.init(deadline: deadline, runsRefreshes: runsRefreshes)
  }

  /// Begins an invocation whose deadline is not compared with the clocks.
  package init(deadline: ContinuousClock.Instant?, runsRefreshes: Bool = true) {
    number = InvocationClock.noteOpenedScope(deadline: deadline)
    isRunningTasks = runsRefreshes
    pausesBefore = InvocationCounts.pauseCount
    self.deadline = deadline
  }

  deinit {
    guard isOpen else { return }
    liveness.end()
    InvocationClock.noteClosedScope(number)
  }

  /// The time that the invocation may still take; zero when its time is over, and `nil` if that is
  /// not known.
  public var remainingTime: Duration? {
    deadline.map { max(.zero, $0 - ContinuousClock.now) }
  }

  /// Whether the invocation is going on.
  package var isOpen: Bool { liveness.isOpen }

  /// Whether refreshes may be left to ``finish()``.
  package var takesRefreshes: Bool { isRunningTasks && isOpen }

  /// Leaves a task to ``finish()``.
  ///
  /// - Returns: `false` if the invocation is over, or has too much to do already; the task is
  ///   dropped then.
  @discardableResult
  package func afterResponse(_ task: @escaping @Sendable () async -> Void) -> Bool {
    addTask(task) != nil
  }

  /// Leaves a task to ``finish()`` that may turn out not to be needed.
  ///
  /// - Returns: Its number for ``removeTask(_:)``; `nil` if the invocation is over, or has too much
  ///   to do already.
  func addTask(_ task: @escaping @Sendable () async -> Void) -> Int? {
    guard isRunningTasks else { return nil }
    return state.withLock { state in
      guard state.isOpen, state.tasks.count < Self.taskLimit else { return nil }
      state.lastTask += 1
      state.tasks[state.lastTask] = task
      return state.lastTask
    }
  }

  /// Takes back a task that was left to ``finish()``.
  func removeTask(_ number: Int) {
    let task = state.withLock { $0.tasks.removeValue(forKey: number) }
    withExtendedLifetime(task) {}
  }

  /// The time that tasks after the response had when they were begun, the same for all that are
  /// begun together; `nil` before.
  package var timeForTasks: Duration? { state.withLock { $0.timeForTasks } }

  /// Ends the invocation: runs the tasks that were left to be done after the response, as long as
  /// there is time: until 50 milliseconds before its deadline, or for a minute if it has none.
  ///
  /// Call it once, when the response has been sent and before the next event is requested. Another
  /// call does nothing.
  ///
  /// - Returns: The number of tasks that were run.
  @discardableResult
  public func finish() async -> Int {
    let isFirst = state.withLock { state in
      defer { state.isFinishing = true }
      return !state.isFinishing
    }
    guard isFirst else { return 0 }
    var count = 0
    let end = deadline.map { $0 - Self.margin } ?? .now + Self.timeWithoutDeadline
    // A task may leave further ones.
    while case let tasks = takeTasks(until: end), !tasks.isEmpty {
      count += tasks.count
      // Loads that begin here belong to this invocation like any other.
      await Self.$current.withValue(self) { await run(tasks, until: end) }
    }
    return count
  }

  /// Ends the invocation if no task is left to be done after the response.
  ///
  /// - Returns: Whether it is over; if not, ``finish()`` is to be called.
  @usableFromInline
  package func finishIfIdle() -> Bool {
    let isOver = state.withLock { state in
      guard !state.isFinishing, state.tasks.isEmpty else { return false }
      state.isFinishing = true
      state.end()
      return true
    }
    if isOver { noteEnd() }
    return isOver
  }

  private func noteEnd() {
    liveness.end()
    InvocationClock.noteClosedScope(number)
  }

  /// Takes the tasks; if there are none, or there is no time, the invocation is over.
  private func takeTasks(until end: ContinuousClock.Instant) -> [@Sendable () async -> Void] {
    let now = ContinuousClock.now
    let (tasks, isOpen, hasEnded) = state.withLock { state in
      let wasOpen = state.isOpen
      if wasOpen, state.tasks.isEmpty || end <= now { state.end() }
      state.timeForTasks = max(.zero, end - now)
      defer { state.tasks = [:] }
      return (state.tasks, state.isOpen, wasOpen && !state.isOpen)
    }
    if hasEnded { noteEnd() }
    // In the order in which they were left; tasks without time are destroyed here.
    return isOpen ? tasks.sorted { $0.key < $1.key }.map(\.value) : []
  }

  /// Runs tasks side by side, and cancels them when the time is over.
  private func run(
    _ tasks: [@Sendable () async -> Void], until end: ContinuousClock.Instant
  ) async {
    await withTaskGroup(of: Bool.self) { group in
      for task in tasks {
        group.addTask {
          await task()
          return true
        }
      }
      group.addTask {
        do {
          try await DeadlineTimer.wait(until: end)
        } catch {
          return true  // Everything else is done.
        }
        return false
      }
      var left = tasks.count
      while left > 0, let isTask = await group.next() {
        if !isTask { break }
        left -= 1
      }
      group.cancelAll()
    }
  }

  /// Whether the environment may have been frozen for a second or more since the invocation was
  /// over.
  ///
  /// - Parameter elapsed: The time that an injected clock has counted; `nil` to use the clocks of
  ///   the system.
  package func mayHaveBeenFrozenSince(elapsed: Duration?) -> Bool {
    // By the clocks of the system: while other invocations go on there is no freeze.
    guard !isOpen else { return false }
    if let elapsed { return elapsed >= .seconds(1) }
    guard InvocationCounts.pauseCount != pausesBefore else { return false }
    return state.withLock { state in
      guard state.sinceEnd != nil else { return false }
      _ = state.sinceEnd?.follow()
      return (state.sinceEnd?.elapsed ?? 0) >= 1_000_000_000
    }
  }
}
