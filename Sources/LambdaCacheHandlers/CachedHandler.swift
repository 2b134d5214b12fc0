public import LambdaCache

/// A handler whose outputs are cached by a key taken from the event.
///
/// It wraps any `(Event, Context) async throws -> Output` and needs no particular runtime: hand its
/// ``handle(_:context:)`` to whatever calls handlers, or conform it to that runtime's handler
/// protocol.
///
/// <!-- with: AWSLambdaRuntime, Request, database -->
/// ```swift
/// let cache = Cache<String, Profile>(byteLimit: 32 << 20, timeToLive: .seconds(300))
/// let handler = CachedHandler(cache: cache, key: { (request: Request) in request.username }) {
///   (request, context: LambdaContext) in
///   try await database.profile(of: request.username)
/// }
/// let runtime = LambdaRuntime(body: handler.handle)
/// ```
///
/// `LambdaManagedRuntime(body: handler.handle)` serves several invocations at the same time. It
/// fits the other forms of the official runtime as well: a handler type, and one that continues
/// after its response, when values that were served stale are loaded again. `InvocationContext`
/// says how the official context conforms.
///
/// <!-- with: AWSLambdaRuntime, LambdaContext+InvocationContext, Request, Profile -->
/// ```swift
/// extension CachedHandler: @retroactive LambdaHandler
/// where Context == LambdaContext, Event: Decodable, Output: Encodable {}
///
/// struct Profiles: LambdaWithBackgroundProcessingHandler {
///   typealias Event = Request
///   typealias Output = Profile
///
///   let cached: CachedHandler<Request, LambdaContext, String, Profile>
///
///   func handle(
///     _ event: Request, outputWriter: some LambdaResponseWriter<Profile>, context: LambdaContext
///   ) async throws {
///     let invocation = Invocation(context)
///     try await invocation.run {
///       try await outputWriter.write(try await cached.handle(event, context: context))
///     }
///     await invocation.finish()
///   }
/// }
/// ```
///
/// Everything that decides the output must be in the key: every later event with the same key gets
/// the same output, whatever its sender.
///
/// Each call is an invocation for caches (`InvocationScope`), unless the runtime has begun one
/// itself, with a deadline if the context is an `InvocationContext`. At its end the
/// `MemoryBudget` of the cache, if it has one, reads the memory.
public struct CachedHandler<Event: Sendable, Context: Sendable, Key, Output>: Sendable
where Key: Hashable & Sendable, Output: Sendable {
  /// The cache of the outputs.
  public let cache: Cache<Key, Output>

  @usableFromInline let key: @Sendable (Event) -> Key?
  @usableFromInline let timeToLive: Duration?
  @usableFromInline let handler: @Sendable (Event, Context) async throws -> Output
  /// Whether a context may be an ``InvocationContext``: a failing cast takes 60 ns each time.
  @usableFromInline let mayKnowDeadline =
    Context.self is any InvocationContext.Type || mayHideAnotherType(Context.self)

  /// Wraps a handler.
  ///
  /// - Parameters:
  ///   - cache: The cache of the outputs.
  ///   - timeToLive: The time to live of an output; `nil` for the cache's own.
  ///   - key: The key of an event, or `nil` for one that must not be cached.
  ///   - handler: Makes the output of an event if the cache has none.
  public init(
    cache: Cache<Key, Output>, timeToLive: Duration? = nil,
    key: @escaping @Sendable (Event) -> Key?,
    handler: @escaping @Sendable (Event, Context) async throws -> Output
  ) {
    self.cache = cache
    self.timeToLive = timeToLive
    self.key = key
    self.handler = handler
  }

  /// The output of an event: from the cache, from a call of the handler that is in progress for the
  /// same key, or from a call of its own.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - context: The context of the invocation, for the handler.
  /// - Returns: The output.
  /// - Throws: Any error of the handler, which is not cached; `CancellationError` if the caller was
  ///   cancelled while it waited; `CacheLoadError`.
  @inlinable
  public func handle(_ event: Event, context: Context) async throws -> Output {
    defer { cache.budget?.invocationDidEnd() }
    if InvocationScope.current != nil { return try await answer(event, context: context) }
    var scope = InvocationScope(
      deadlineInMilliseconds: mayKnowDeadline
        ? (context as? any InvocationContext)?.deadlineInMilliseconds : nil,
      runsRefreshes: false)
    // A load without waiters may still retain the scope; otherwise the scope ends in its deinit.
    defer { if !isKnownUniquelyReferenced(&scope) { _ = scope.finishIfIdle() } }
    return try await InvocationScope.$current.withValue(scope) {
      try await answer(event, context: context)
    }
  }

  @inlinable
  nonisolated(nonsending) func answer(_ event: Event, context: Context) async throws -> Output {
    guard let key = key(event) else {
      await InvocationStarts.prepare()
      return try await handler(event, context)
    }
    // Before there is a closure, which has to be allocated.
    if let value = cache.readyValue(forKey: key) { return value }
    return try await cache.unreadyValue(forKey: key, timeToLive: timeToLive) { [handler] _ in
      await InvocationStarts.prepare()
      return try await handler(event, context)
    }
  }
}
