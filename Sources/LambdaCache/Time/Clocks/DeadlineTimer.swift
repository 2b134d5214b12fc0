/// An action at an instant, unless it is cancelled before.
///
/// A cancelled `Task.sleep` stays in the system's queue of timers until the instant it was set to,
/// with everything that its task holds. So all actions wait here, in one heap for the process, and
/// tasks that are never cancelled sleep for them: until the earliest instant, and a second at the
/// most. A timer that is cancelled leaves nothing behind, and a second after the last one nothing
/// sleeps.
package final class DeadlineTimer: @unchecked Sendable {
  private let instant: ContinuousClock.Instant
  // Both are guarded by the lock of the queue.

  /// `nil` when it has been done or cancelled.
  private var action: (@Sendable () -> Void)?
  /// The place in the heap; -1 outside of it.
  private var place = -1

  private init(_ instant: ContinuousClock.Instant, _ action: @escaping @Sendable () -> Void) {
    self.instant = instant
    self.action = action
  }

  /// The lateness that a timer may have, so that two instants that lie together need one sleep.
  private static var tolerance: Duration { .milliseconds(2) }

  /// The longest sleep, so that none outlives its need for long, nor a thaw that it does not
  /// notice.
  private static var longestSleep: Duration { .seconds(1) }

  private static let queue = Locked(Queue())

  /// The number of timers that wait.
  package static var count: Int { queue.withLock { $0.heap.count } }

  /// The number of tasks that sleep.
  package static var sleeperCount: Int { queue.withLock { $0.wakes.count } }

  /// Schedules an action at an instant, at once if that is past.
  ///
  /// - Parameters:
  ///   - instant: The instant.
  ///   - action: The action, which runs outside of any lock; it must not block.
  /// - Complexity: O(log *n*) in the number of timers.
  package static func schedule(
    at instant: ContinuousClock.Instant, _ action: @escaping @Sendable () -> Void
  ) -> DeadlineTimer {
    let timer = DeadlineTimer(instant, action)
    let now = ContinuousClock.now
    guard instant > now else {
      timer.take()?()
      return timer
    }
    let wake = queue.withLock { queue in
      queue.insert(timer)
      return queue.nextWake(now: now)
    }
    // Detached, so that it holds nothing of the caller's.
    if let wake { Task.detached { await sleep(until: wake) } }
    return timer
  }

  /// Prevents the action from being begun.
  ///
  /// - Complexity: O(log *n*) in the number of timers.
  package func cancel() { withExtendedLifetime(take()) {} }

  /// Takes the action, unless that was done or it is cancelled.
  private func take() -> (@Sendable () -> Void)? {
    DeadlineTimer.queue.withLock { queue in
      if place >= 0 { queue.remove(self) }
      return action.take()
    }
  }

  /// Waits until an instant, or until the task is cancelled.
  ///
  /// - Throws: `CancellationError` if the task is cancelled before.
  package static func wait(until instant: ContinuousClock.Instant) async throws {
    let wait = InstantWait()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { wait.begin($0, until: instant) }
    } onCancel: {
      wait.end(with: .failure(CancellationError()))
    }
  }

  /// Sleeps and runs due actions, as long as there is a timer.
  private static func sleep(until first: ContinuousClock.Instant) async {
    var wake = first
    while true {
      // This task cannot be cancelled; if it is woken early, it sleeps again.
      try? await Task.sleep(until: wake, clock: .continuous)
      let now = ContinuousClock.now
      let (due, next) = queue.withLock { queue in
        queue.noteWake(at: wake)
        return (queue.takeDue(now: now), queue.nextWake(now: now))
      }
      for action in due { action() }
      guard let next else { return }
      wake = next
    }
  }

  /// The timers that wait, the earliest first, and the instants at which the tasks wake that sleep
  /// for them.
  private struct Queue {
    /// Each timer is not later than the two at twice its place, plus one and plus two.
    var heap: [DeadlineTimer] = []
    var wakes: [ContinuousClock.Instant] = []

    /// Returns whether a task wakes soon enough for an instant.
    func isCovered(_ instant: ContinuousClock.Instant) -> Bool {
      let latest = instant + DeadlineTimer.tolerance
      return wakes.contains { $0 <= latest }
    }

    /// Notes that one more task is to sleep, if that is needed.
    ///
    /// - Returns: The instant until which; `nil` if there is no timer, or another task wakes soon
    ///   enough.
    mutating func nextWake(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
      guard let earliest = heap.first?.instant, !isCovered(earliest) else { return nil }
      let wake = min(earliest, now + DeadlineTimer.longestSleep)
      wakes.append(wake)
      return wake
    }

    mutating func noteWake(at wake: ContinuousClock.Instant) {
      guard let index = wakes.firstIndex(of: wake) else {
        preconditionFailure("a sleep ended that had not begun")
      }
      wakes.swapAt(index, wakes.count - 1)
      wakes.removeLast()
    }

    mutating func takeDue(now: ContinuousClock.Instant) -> [@Sendable () -> Void] {
      var due: [@Sendable () -> Void] = []
      while let first = heap.first, first.instant <= now {
        remove(first)
        if let action = first.action.take() { due.append(action) }
      }
      return due
    }

    mutating func insert(_ timer: DeadlineTimer) {
      heap.append(timer)
      timer.place = heap.count - 1
      rise(from: heap.count - 1)
    }

    mutating func remove(_ timer: DeadlineTimer) {
      let place = timer.place
      swap(place, heap.count - 1)
      heap.removeLast()
      timer.place = -1
      if heap.isEmpty, heap.capacity > 64 { heap = [] }
      guard place < heap.count else { return }
      rise(from: place)
      sink(from: place)
    }

    private mutating func rise(from start: Int) {
      var place = start
      while place > 0, heap[place].instant < heap[(place - 1) / 2].instant {
        swap(place, (place - 1) / 2)
        place = (place - 1) / 2
      }
    }

    private mutating func sink(from start: Int) {
      var place = start
      while true {
        var least = place
        for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
          if heap[child].instant < heap[least].instant { least = child }
        }
        guard least != place else { return }
        swap(place, least)
        place = least
      }
    }

    private mutating func swap(_ first: Int, _ second: Int) {
      heap.swapAt(first, second)
      heap[first].place = first
      heap[second].place = second
    }
  }
}

/// One task that waits for an instant.
private final class InstantWait: Sendable {
  private struct State {
    var outcome: Result<Void, any Error>?
    var waiter: CheckedContinuation<Void, any Error>?
    var timer: DeadlineTimer?
  }

  private let state = Locked(State())

  func begin(
    _ waiter: CheckedContinuation<Void, any Error>, until instant: ContinuousClock.Instant
  ) {
    let outcome = state.withLock { state in
      if state.outcome == nil { state.waiter = waiter }
      return state.outcome
    }
    if let outcome {
      waiter.resume(with: outcome)
      return
    }
    let timer = DeadlineTimer.schedule(at: instant) { self.end(with: .success(())) }
    let isOver = state.withLock { state in
      if state.outcome == nil { state.timer = timer }
      return state.outcome != nil
    }
    if isOver { timer.cancel() }
  }

  func end(with outcome: Result<Void, any Error>) {
    let (waiter, timer) = state.withLock { state in
      guard state.outcome == nil else {
        return (CheckedContinuation<Void, any Error>?.none, DeadlineTimer?.none)
      }
      state.outcome = outcome
      return (state.waiter.take(), state.timer.take())
    }
    timer?.cancel()
    waiter?.resume(with: outcome)
  }
}
