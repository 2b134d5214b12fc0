import LambdaCache
import Synchronization
import Testing

/// Holds tasks up until it is opened with what they are to return; cancellation does not open it.
///
/// A test that waits for a task behind a gate which it would open only afterwards fails: the gate
/// opens by itself when ``patience`` is over, and says so.
final class Gate<Value: Sendable>: Sendable {
  private struct State {
    var outcome: Result<Value, any Error>?
    var waiters: [CheckedContinuation<Value, any Error>] = []
    var watchdog: Task<Void, any Error>?
    var isForgotten = false
  }

  private let state = Locked(State())

  /// Waits for the gate to be opened.
  func pass() async throws -> Value {
    try await withCheckedThrowingContinuation { waiter in
      let (outcome, isFirst) = state.withLock { state in
        if state.outcome == nil { state.waiters.append(waiter) }
        return (state.outcome, state.outcome == nil && state.waiters.count == 1)
      }
      if let outcome { waiter.resume(with: outcome) }
      if isFirst { watch() }
    }
  }

  /// Opens the gate if the test does not.
  private func watch() {
    let watchdog = Task { [weak self] in
      try await Task.sleep(for: patience)
      guard let self, self.state.withLock({ $0.outcome == nil && !$0.isForgotten }) else { return }
      Issue.record("what is behind a gate was waited for before the gate was opened")
      self.open(throwing: TimedOut())
    }
    let isOpen = state.withLock { state in
      state.watchdog = watchdog
      return state.outcome != nil
    }
    if isOpen { watchdog.cancel() }
  }

  /// Notes that the test waits for nothing behind the gate, which may stay closed.
  func forget() {
    let watchdog = state.withLock { state in
      state.isForgotten = true
      return state.watchdog.take()
    }
    watchdog?.cancel()
  }

  func open(with outcome: Result<Value, any Error>) {
    let (waiters, watchdog) = state.withLock { state in
      state.outcome = outcome
      defer { (state.waiters, state.watchdog) = ([], nil) }
      return (state.waiters, state.watchdog)
    }
    watchdog?.cancel()
    for waiter in waiters { waiter.resume(with: outcome) }
  }

  func open(returning value: Value) { open(with: .success(value)) }

  func open(throwing error: any Error) { open(with: .failure(error)) }
}

extension Gate<Void> {
  func open() { open(returning: ()) }
}

/// Loads that a test ends, in the order in which they began.
final class GatedLoads<Key: Sendable, Value: Sendable>: Sendable {
  /// A load that has begun.
  struct Load: Sendable {
    let key: Key
    let gate = Gate<Value>()
    /// Whether its task has been cancelled.
    let cancellation = Flag()
  }

  private let begun = Locked<[Load]>([])

  /// How many have begun.
  var count: Int { begun.withLock { $0.count } }

  /// One that has begun, by its place in the order.
  subscript(place: Int) -> Load { begun.withLock { $0[place] } }

  /// The loading closure.
  @Sendable func load(_ key: Key) async throws -> Value {
    let load = Load(key: key)
    begun.withLock { $0.append(load) }
    return try await withTaskCancellationHandler {
      try await load.gate.pass()
    } onCancel: {
      load.cancellation.raise()
      load.gate.forget()
    }
  }
}

/// Goes up once.
final class Flag: Sendable {
  private let state = Atomic<Bool>(false)

  var isRaised: Bool { state.load(ordering: .acquiring) }

  func raise() { state.store(true, ordering: .releasing) }
}
