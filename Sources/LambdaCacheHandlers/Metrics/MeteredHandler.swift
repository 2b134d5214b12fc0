/// Wraps a handler closure so that metrics are written at the end of invocations, whether the
/// handler returns or throws; see ``SavingsMetrics/endInvocation()``.
///
/// - Parameters:
///   - metrics: The metrics of the caches that the handler uses.
///   - handler: The handler.
/// - Returns: A handler of the same shape.
public func metered<Event: Sendable, Context: Sendable, Output: Sendable>(
  by metrics: SavingsMetrics,
  _ handler: @escaping @Sendable (Event, Context) async throws -> Output
) -> @Sendable (Event, Context) async throws -> Output {
  return { event, context in
    defer { metrics.endInvocation() }
    return try await handler(event, context)
  }
}
