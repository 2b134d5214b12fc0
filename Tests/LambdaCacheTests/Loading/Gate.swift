import LambdaCache
import Synchronization

/// Holds tasks up until it is opened with what they are to return; cancellation does not open it.
final class Gate<Value: Sendable>: Sendable {
  private struct State {
    var outcome: Result<Value, any Error>?
    var waiters: [CheckedContinuation<Value, any Error>] = []
  }

  private let state = Locked(State())

  /// Waits for the gate to be opened.
  func pass() async throws -> Value {
    try await withCheckedThrowingContinuation { waiter in
      let outcome = state.withLock { state in
        if state.outcome == nil { state.waiters.append(waiter) }
        return state.outcome
      }
      if let outcome { waiter.resume(with: outcome) }
    }
  }

  func open(with outcome: Result<Value, any Error>) {
    let waiters = state.withLock { state in
      state.outcome = outcome
      defer { state.waiters = [] }
      return state.waiters
    }
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
    }
  }
}

/// Goes up once.
final class Flag: Sendable {
  private let state = Atomic<Bool>(false)

  var isRaised: Bool { state.load(ordering: .acquiring) }

  func raise() { state.store(true, ordering: .releasing) }
}
