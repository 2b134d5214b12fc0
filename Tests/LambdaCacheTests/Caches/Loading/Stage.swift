import LambdaCache
import TestSupport
import Testing

/// An actor on which tasks ask a cache.
///
/// A hit or a wait begins without leaving the actor, so a task that has asked here and is not
/// running any more waits in the cache: tests know the waiting tasks by that, without asking the
/// cache and without a clock.
actor Stage {
  /// How many have asked.
  private(set) var askedCount = 0
  /// How many of them have their answer.
  private(set) var answeredCount = 0

  /// Asks for a key in a task of its own, and returns when that task waits or has its answer.
  nonisolated func ask<Key: Sendable, Value: Sendable>(
    _ cache: Cache<Key, Value>, for key: Key, timeToLive: Duration? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Task<Value, any Error> {
    let before = await askedCount
    let task = Task { try await answer(cache, key, timeToLive, load) }
    try await eventually("a task asks") { await self.askedCount > before }
    return task
  }

  /// Has many tasks ask for a key, and returns when each of them waits or has its answer.
  nonisolated func ask<Key: Sendable, Value: Sendable>(
    _ cache: Cache<Key, Value>, for key: Key, times count: Int,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> [Task<Value, any Error>] {
    let before = await askedCount
    let tasks = (0..<count).map { _ in Task { try await answer(cache, key, nil, load) } }
    try await eventually("\(count) tasks ask") { await self.askedCount == before + count }
    return tasks
  }

  /// Begins anything else in a task of its own, and returns when that task waits or is done.
  nonisolated func begin<Success: Sendable>(
    _ body: @escaping @Sendable (isolated Stage) async throws -> Success
  ) async throws -> Task<Success, any Error> {
    let before = await askedCount
    let task = Task { try await run(body) }
    try await eventually("a task asks") { await self.askedCount > before }
    return task
  }

  private func run<Success: Sendable>(
    _ body: @Sendable (isolated Stage) async throws -> Success
  ) async throws -> Success {
    askedCount += 1
    defer { answeredCount += 1 }
    return try await body(self)
  }

  private func answer<Key: Sendable, Value: Sendable>(
    _ cache: Cache<Key, Value>, _ key: Key, _ timeToLive: Duration?,
    _ load: @escaping @Sendable (Key) async throws -> Value
  ) async throws -> Value {
    askedCount += 1
    defer { answeredCount += 1 }
    return try await cache.value(forKey: key, timeToLive: timeToLive, orLoad: load)
  }
}

extension Task where Failure == any Error {
  /// The value or error of the task, if it ends at all.
  func answer(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Success {
    try await bounded(sourceLocation: sourceLocation) { try await value }
  }

  /// Whether the task ends with a `CancellationError`.
  func isCancelledAnswer(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Bool {
    do {
      _ = try await answer(sourceLocation: sourceLocation)
      return false
    } catch is CancellationError {
      return true
    }
  }
}
