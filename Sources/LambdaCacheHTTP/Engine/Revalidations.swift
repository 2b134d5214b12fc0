internal import LambdaCache

/// The revalidations of responses that were served stale (RFC 5861, section 3): at most one at a
/// time for each key.
final class Revalidations: Sendable {
  /// The treatment of a request for a stale response.
  enum Decision {
    /// It is answered with the response, which is revalidated by another request or later.
    case serveStale
    /// It revalidates the response itself, and calls ``Revalidations/finish(_:)`` afterwards.
    case revalidate
  }

  private struct State {
    var running: Set<String> = []
    /// The invocations after whose responses a key will be revalidated.
    var scheduled: [String: InvocationScope.Liveness] = [:]
  }

  private let state = Locked(State())

  /// The most keys that may be scheduled; one more is revalidated by its request.
  static let scheduleLimit = 1000

  /// The number of keys that are scheduled by invocations that are still running.
  var scheduledCount: Int { state.withLock { $0.scheduled.values.count(where: \.isOpen) } }

  /// Decides about a response that is about to be served stale, if nothing can run after it: the
  /// next request for it revalidates.
  ///
  /// - Parameters:
  ///   - key: The key of the response.
  ///   - record: The response, which remembers that it was served stale.
  func decide(_ key: String, _ record: ResponseRecord) -> Decision {
    state.withLock { state in
      if state.running.contains(key) || !record.noteStaleUse() { return .serveStale }
      state.running.insert(key)
      return .revalidate
    }
  }

  /// Decides about a response that is about to be served stale, if its invocation can revalidate it
  /// after its own response.
  ///
  /// An invocation may end without having had the time for it; then the next request revalidates,
  /// so that the response does not stay stale.
  ///
  /// - Parameters:
  ///   - key: The key of the response.
  ///   - scope: The invocation.
  ///   - revalidate: Revalidates the response.
  func decide(
    _ key: String, after scope: InvocationScope, revalidate: @escaping @Sendable () async -> Void
  ) -> Decision {
    let decision = state.withLock { state -> Decision? in
      if state.running.contains(key) { return .serveStale }
      if let invocation = state.scheduled[key] {
        if invocation.isOpen { return .serveStale }
        state.scheduled[key] = nil
        state.running.insert(key)
        return .revalidate
      }
      if state.scheduled.count >= Self.scheduleLimit {
        state.scheduled = state.scheduled.filter(\.value.isOpen)
      }
      guard state.scheduled.count < Self.scheduleLimit else {
        state.running.insert(key)
        return .revalidate
      }
      state.scheduled[key] = scope.liveness
      return nil
    }
    if let decision { return decision }
    let isScheduled = scope.afterResponse {
      self.begin(key)
      await revalidate()
      self.finish(key)
    }
    if isScheduled { return .serveStale }
    begin(key)
    return .revalidate
  }

  private func begin(_ key: String) {
    state.withLock { state in
      state.scheduled[key] = nil
      state.running.insert(key)
    }
  }

  /// Notes that a revalidation has ended.
  func finish(_ key: String) {
    state.withLock { _ = $0.running.remove(key) }
  }
}
