#if canImport(Testing)
  import LambdaCache
  import Synchronization
  import Testing

  /// Holds tasks up until it is opened with what they are to return; cancellation does not open it.
  ///
  /// A test that waits for a task behind a gate which it would open only afterwards fails: the gate
  /// opens by itself when ``patience`` is over, and records an issue.
  package final class Gate<Value: Sendable>: Sendable {
    private struct State {
      var outcome: Result<Value, any Error>?
      var waiters: [CheckedContinuation<Value, any Error>] = []
      var watchdog: Task<Void, any Error>?
      var isForgotten = false
    }

    private let state = Locked(State())

    package init() {}

    /// Waits for the gate to be opened.
    package func pass() async throws -> Value {
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
        guard let self, state.withLock({ $0.outcome == nil && !$0.isForgotten }) else { return }
        Issue.record("a task behind a gate was waited for before the gate was opened")
        self.open(throwing: TimedOut())
      }
      let isOpen = state.withLock { state in
        state.watchdog = watchdog
        return state.outcome != nil
      }
      if isOpen { watchdog.cancel() }
    }

    /// Notes that the test waits for nothing behind the gate, which may stay closed.
    package func forget() {
      let watchdog = state.withLock { state in
        state.isForgotten = true
        return state.watchdog.take()
      }
      watchdog?.cancel()
    }

    package func open(with outcome: Result<Value, any Error>) {
      let (waiters, watchdog) = state.withLock { state in
        state.outcome = outcome
        defer { (state.waiters, state.watchdog) = ([], nil) }
        return (state.waiters, state.watchdog)
      }
      watchdog?.cancel()
      for waiter in waiters { waiter.resume(with: outcome) }
    }

    package func open(returning value: Value) { open(with: .success(value)) }

    package func open(throwing error: any Error) { open(with: .failure(error)) }
  }

  extension Gate<Void> {
    package func open() { open(returning: ()) }
  }

  /// Loads that a test ends, in the order in which they began.
  package final class GatedLoads<Key: Sendable, Value: Sendable>: Sendable {
    /// A load that has begun.
    package struct Load: Sendable {
      package let key: Key
      package let gate = Gate<Value>()
      /// Whether its task has been cancelled.
      package let cancellation = Flag()
    }

    private let begun = Locked<[Load]>([])

    package init() {}

    /// How many have begun.
    package var count: Int { begun.withLock { $0.count } }

    /// One that has begun, by its place in the order.
    package subscript(place: Int) -> Load { begun.withLock { $0[place] } }

    /// The loading closure.
    @Sendable package func load(_ key: Key) async throws -> Value {
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

  /// A flag that is raised once and stays up.
  package final class Flag: Sendable {
    private let state = Atomic<Bool>(false)

    package init() {}

    package var isRaised: Bool { state.load(ordering: .acquiring) }

    package func raise() { state.store(true, ordering: .releasing) }
  }
#endif
