public import LambdaCache

/// Wraps a handler closure so that its outputs are cached by a key taken from the event.
///
/// <!-- with: AWSLambdaRuntime, Request, database, profiles -->
/// ```swift
/// let runtime = LambdaRuntime(
///   body: cached(by: { (request: Request) in request.username }, in: profiles) {
///     (request, context: LambdaContext) in
///     try await database.profile(of: request.username)
///   })
/// ```
///
/// - Parameters:
///   - key: The key of an event, or `nil` for one that must not be cached. Everything that decides
///     the output must be in it.
///   - cache: The cache of the outputs.
///   - timeToLive: The time to live of an output; `nil` for the cache's own.
///   - handler: Makes the output of an event if the cache has none.
/// - Returns: A handler of the same shape; see ``CachedHandler/handle(_:context:)``.
public func cached<Event: Sendable, Context: Sendable, Key, Output: Sendable>(
  by key: @escaping @Sendable (Event) -> Key?, in cache: Cache<Key, Output>,
  timeToLive: Duration? = nil,
  _ handler: @escaping @Sendable (Event, Context) async throws -> Output
) -> @Sendable (Event, Context) async throws -> Output where Key: Hashable & Sendable {
  let handler = CachedHandler(cache: cache, timeToLive: timeToLive, key: key, handler: handler)
  return { event, context in try await handler.handle(event, context: context) }
}

/// Wraps a handler closure so that caches and a memory budget see the beginning and the end of
/// every invocation.
///
/// It is for handlers that use caches in their own way; `cached(by:in:timeToLive:_:)` and
/// ``CachedHandler`` do the same.
///
/// - Parameters:
///   - budget: The budget of the caches; see `MemoryBudget.invocationDidEnd()`.
///   - handler: The handler.
/// - Returns: A handler of the same shape.
public func guarded<Event: Sendable, Context: Sendable, Output: Sendable>(
  by budget: MemoryBudget,
  _ handler: @escaping @Sendable (Event, Context) async throws -> Output
) -> @Sendable (Event, Context) async throws -> Output {
  return { event, context in
    try await withInvocation(context as? any InvocationContext, budget: budget) { _ in
      try await handler(event, context)
    }
  }
}
