import LambdaCache

/// Renewals of responses that were served stale, one for each key.
final class RefreshQueue: Sendable {
  /// A renewal; returns why it failed, if it did.
  typealias Refresh = @Sendable () async -> (any Error)?

  /// What a request for a stale response does.
  enum Admission {
    /// It serves the response; somebody renews it, or will.
    case serveStale
    /// It renews the response itself, and calls ``RefreshQueue/finished(_:)`` afterwards.
    case refreshNow
  }

  private struct Queued {
    let time: Int64
    let refresh: Refresh
  }

  private struct State {
    var queued: [String: Queued] = [:]
    var running: Set<String> = []
  }

  private let state = Locked(State())

  /// What is queued longer than an invocation may last, 15 minutes, was left by an earlier one: its
  /// context is not to be used any more.
  private static var longestInvocation: Int64 { 900_000 }

  /// How many renewals wait.
  var count: Int { state.withLock { $0.queued.count } }

  /// How many renewals may wait; a caller that does not run them must not pay with its memory.
  static let capacity = 1000

  /// Asks for the renewal of a response that is about to be served stale, by the next request for
  /// it.
  ///
  /// - Parameters:
  ///   - key: The key of the response.
  ///   - record: The response, which remembers that it was served stale.
  func admit(_ key: String, _ record: ResponseRecord) -> Admission {
    state.withLock { state in
      if state.running.contains(key) || !record.noteStaleUse() { return .serveStale }
      state.running.insert(key)
      return .refreshNow
    }
  }

  /// Asks for the renewal of a response that is about to be served stale, after the response.
  ///
  /// A renewal that is queued again takes the place of the former: its context is of an invocation
  /// that is still running.
  ///
  /// - Parameters:
  ///   - key: The key of the response.
  ///   - now: The time in milliseconds.
  ///   - refresh: The renewal.
  func enqueue(_ key: String, now: Int64, refresh: @escaping Refresh) -> Admission {
    state.withLock { state in
      if state.running.contains(key) { return .serveStale }
      guard state.queued[key] != nil || state.queued.count < Self.capacity else {
        state.running.insert(key)
        return .refreshNow
      }
      state.queued[key] = Queued(time: now, refresh: refresh)
      return .serveStale
    }
  }

  /// Notes that a renewal is over.
  func finished(_ key: String) {
    state.withLock { _ = $0.running.remove(key) }
  }

  /// Runs all that is queued.
  ///
  /// - Parameter now: The time in milliseconds.
  /// - Returns: How many ran, and why those failed that did.
  func run(now: Int64) async -> (count: Int, errors: [any Error]) {
    let batch = state.withLock { state in
      let batch = state.queued.filter { now - $0.value.time <= Self.longestInvocation }
      state.queued = [:]
      state.running.formUnion(batch.keys)
      return batch
    }
    if batch.isEmpty { return (0, []) }
    let errors = await withTaskGroup(of: (any Error)?.self) { group in
      for (key, queued) in batch {
        group.addTask {
          let error = await queued.refresh()
          self.finished(key)
          return error
        }
      }
      return await group.reduce(into: [any Error]()) { errors, error in
        if let error { errors.append(error) }
      }
    }
    return (batch.count, errors)
  }
}
