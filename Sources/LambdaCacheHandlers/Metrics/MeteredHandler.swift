/// Wraps a handler closure so that metrics are told of the end of every invocation, whether it
/// returns or throws.
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
