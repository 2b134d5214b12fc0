internal import LambdaCache

/// One call of an engine that is given up when its time is over, also by one that never returns.
final class TierCall<Answer: Sendable>: Sendable {
  private struct State {
    var outcome: Result<Answer, any Error>?
    var waiter: CheckedContinuation<Answer, any Error>?
    var task: Task<Void, Never>?
    var timer: DeadlineTimer?
  }

  private let state = Locked(State())

  /// Calls a closure.
  ///
  /// - Parameters:
  ///   - limit: How long it may take.
  ///   - body: The call; it is cancelled when its time is over, and not waited for then.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws; ``SharedTierError/timedOut(limit:)``; `CancellationError` if
  ///   the present task is cancelled.
  static func run(
    within limit: Duration, _ body: @escaping @Sendable () async throws -> Answer
  ) async throws -> Answer {
    let call = TierCall()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { waiter in
        call.begin(waiter, within: limit, body)
      }
    } onCancel: {
      call.end(.failure(CancellationError()))
    }
  }

  private func begin(
    _ waiter: CheckedContinuation<Answer, any Error>, within limit: Duration,
    _ body: @escaping @Sendable () async throws -> Answer
  ) {
    let early = state.withLock { state in
      if state.outcome == nil { state.waiter = waiter }
      return state.outcome
    }
    if let early { return waiter.resume(with: early) }
    let task = Task {
      do {
        end(.success(try await body()))
      } catch {
        end(.failure(error))
      }
    }
    let timer = DeadlineTimer.schedule(at: .now + limit) {
      self.end(.failure(SharedTierError.timedOut(limit: limit)))
    }
    let isOver = state.withLock { state in
      guard state.outcome == nil else { return true }
      (state.task, state.timer) = (task, timer)
      return false
    }
    guard isOver else { return }
    timer.cancel()
    task.cancel()
  }

  /// Ends the call with its first outcome.
  private func end(_ outcome: Result<Answer, any Error>) {
    let ended = state.withLock { state -> State? in
      guard state.outcome == nil else { return nil }
      state.outcome = outcome
      defer { (state.waiter, state.task, state.timer) = (nil, nil, nil) }
      return state
    }
    guard let ended else { return }
    ended.timer?.cancel()
    ended.task?.cancel()
    ended.waiter?.resume(with: outcome)
  }
}
