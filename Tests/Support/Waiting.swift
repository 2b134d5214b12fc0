#if canImport(Testing)
  import LambdaCache
  import Testing

  /// Something did not happen, although nothing but a fault can have held it up.
  package struct TimedOut: Error {
    package init() {}
  }

  /// Waits until something holds that other tasks bring about.
  ///
  /// - Throws: `TimedOut` after ``patience``, or `CancellationError`.
  package func eventually(
    _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: @Sendable () async -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + patience
    var looks = 0
    while await !condition() {
      try Task.checkCancellation()
      guard ContinuousClock.now < deadline else {
        Issue.record("never came true: \(comment)", sourceLocation: sourceLocation)
        throw TimedOut()
      }
      looks += 1
      // An event that is late waits for other tests, which hundreds of polls would hold up.
      if looks < 100 { await Task.yield() } else { try await Task.sleep(for: .milliseconds(1)) }
    }
  }

  /// Ever longer times for what must happen before one is over: a busy machine may need the next.
  package func times(from first: Duration) -> [Duration] {
    [first, first * 10, first * 100, first * 1_000]
  }

  /// Runs an operation in a task of its own, and leaves it behind if it hangs.
  ///
  /// - Returns: What the operation returns.
  /// - Throws: What the operation throws, or `TimedOut` after ``patience``.
  package func bounded<Answer: Sendable>(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ operation: @escaping @Sendable () async throws -> Answer
  ) async throws -> Answer {
    let race = Race<Answer>()
    let runner = Task {
      do {
        race.finish(.success(try await operation()))
      } catch {
        race.finish(.failure(error))
      }
    }
    let watchdog = Task {
      try await Task.sleep(for: patience)
      guard race.finish(.failure(TimedOut())) else { return }
      Issue.record("the operation hangs", sourceLocation: sourceLocation)
      runner.cancel()
    }
    defer { watchdog.cancel() }
    return try await withCheckedThrowingContinuation { race.wait($0) }
  }

  /// The first of several outcomes, for one that waits.
  private final class Race<Answer: Sendable>: Sendable {
    private struct State {
      var outcome: Result<Answer, any Error>?
      var waiter: CheckedContinuation<Answer, any Error>?
    }

    private let state = Locked(State())

    /// - Returns: Whether this outcome came first.
    @discardableResult
    func finish(_ outcome: Result<Answer, any Error>) -> Bool {
      let (isFirst, waiter) = state.withLock { state in
        guard state.outcome == nil else {
          return (false, CheckedContinuation<Answer, any Error>?.none)
        }
        state.outcome = outcome
        return (true, state.waiter)
      }
      waiter?.resume(with: outcome)
      return isFirst
    }

    func wait(_ waiter: CheckedContinuation<Answer, any Error>) {
      let outcome = state.withLock { state in
        state.waiter = waiter
        return state.outcome
      }
      if let outcome { waiter.resume(with: outcome) }
    }
  }
#endif
