import Synchronization

/// Commands that a task waits for.
final class Operation: Sendable {
  private struct State {
    var waiter: CheckedContinuation<ServerConnection.Answer?, any Error>?
    var outcome: Result<ServerConnection.Answer?, any Error>?
  }

  let commands: MetaCommands
  let limit: Duration
  let deadline: ContinuousClock.Instant
  /// The only connection that it may be sent on; `nil` for any.
  let epoch: UInt64?
  private let state = Mutex(State())

  init(_ commands: MetaCommands, limit: Duration, epoch: UInt64?) {
    self.commands = commands
    self.limit = limit
    self.epoch = epoch
    deadline = .now + limit
  }

  /// Whether the task has its outcome; replies may still come, and are dropped.
  var isOver: Bool { state.withLock { $0.outcome != nil } }

  func wait(with waiter: CheckedContinuation<ServerConnection.Answer?, any Error>) {
    let outcome = state.withLock { state in
      if state.outcome == nil { state.waiter = waiter }
      return state.outcome
    }
    if let outcome { waiter.resume(with: outcome) }
  }

  /// Ends it with its first outcome.
  func end(_ outcome: Result<ServerConnection.Answer?, any Error>) {
    let waiter = state.withLock { state in
      guard state.outcome == nil else {
        return nil as CheckedContinuation<ServerConnection.Answer?, any Error>?
      }
      state.outcome = outcome
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(with: outcome)
  }
}
