import LambdaCache

/// A handler of HTTP events whose responses are cached.
///
/// It wraps any `(Event, Context) async throws -> Output` and needs no particular runtime: hand its
/// ``handle(_:context:)`` to whatever calls handlers, or conform it to that runtime's handler
/// protocol. A handler that can go on after the response awaits ``finishRefreshes()`` then:
///
/// ```swift
/// struct Pages: LambdaWithBackgroundProcessingHandler {
///   let cached: CachedHTTPHandler<HTTPAPIEvent, LambdaContext, HTTPAPIResponse>
///
///   func handle(
///     _ event: HTTPAPIEvent, outputWriter: some LambdaResponseWriter<HTTPAPIResponse>,
///     context: LambdaContext
///   ) async throws {
///     try await outputWriter.write(try await cached.handle(event, context: context))
///     await cached.finishRefreshes()
///   }
/// }
/// ```
///
/// with ``HTTPCachePolicy/Refreshing/afterResponse`` in the policy.
public struct CachedHTTPHandler<
  Event: HTTPCacheableRequest, Context: Sendable, Output: HTTPCacheableResponse
>: Sendable {
  /// Where responses are kept.
  public let responses: HTTPResponseCache

  private let handler: @Sendable (Event, Context) async throws -> Output

  /// Wraps a handler.
  ///
  /// - Parameters:
  ///   - responses: Where responses are kept.
  ///   - handler: Makes the response to an event that the cache has no response for.
  public init(
    in responses: HTTPResponseCache,
    handler: @escaping @Sendable (Event, Context) async throws -> Output
  ) {
    self.responses = responses
    self.handler = handler
  }

  /// The response to an event: from the cache, from a call of the handler that is under way and may
  /// be shared, or from a call of its own.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - context: The context of the invocation, for the handler.
  /// - Returns: The response.
  /// - Throws: What the handler throws if no stale response may be served instead;
  ///   `CancellationError` if the caller was cancelled while it waited; `CacheLoadError` if the
  ///   handler asks for its own response.
  public func handle(_ event: Event, context: Context) async throws -> Output {
    defer { responses.cache.budget?.invocationDidEnd() }
    let (event, request) = spelled(event)
    switch responses.route(request) {
    case .cached(let cached):
      let origin = Origin(
        ask: { [handler] change in
          let asked = change.flatMap { event.replacing(method: $0.method, fields: $0.fields) }
          return try await handler(asked ?? event, context).httpResponseParts
        },
        canChange: { event.replacing(method: request.method, fields: request.fields) != nil })
      return Output(
        httpResponseParts: try await responses.respond(to: cached, origin: origin))
    case .pass(let reason):
      return marked(try await handler(event, context), reason)
    case .refuse:
      return Output(httpResponseParts: responses.refusal)
    case .invalidate:
      let output = try await handler(event, context)
      responses.noteUnsafe(request, response: output.httpResponseParts)
      return marked(output, .method)
    }
  }

  /// Renews what was served stale; see ``HTTPResponseCache/finishRefreshes()``.
  ///
  /// - Returns: What the handler threw instead of answering.
  @discardableResult
  public func finishRefreshes() async -> [any Error] { await responses.finishRefreshes() }

  /// An event with the spelling of its target that the policy chooses, if it can be changed, so
  /// that the handler sees what the response is kept under.
  private func spelled(_ event: Event) -> (Event, HTTPRequestParts) {
    let request = event.httpRequestParts
    guard request.method == "GET" || request.method == "HEAD" else { return (event, request) }
    let wanted = responses.policy.key.normalized(request)
    let isAsWanted =
      wanted.path.utf8.elementsEqual(request.path.utf8)
      && (wanted.query ?? "").utf8.elementsEqual((request.query ?? "").utf8)
    guard !isAsWanted, let changed = event.replacing(path: wanted.path, query: wanted.query) else {
      return (event, request)
    }
    return (changed, changed.httpRequestParts)
  }

  /// A response of the handler's, itself unless it has to tell how it came about.
  private func marked(_ output: Output, _ reason: CacheStatus.Forwarding.Reason) -> Output {
    guard responses.policy.cacheStatusName != nil else { return output }
    var parts = output.httpResponseParts
    responses.mark(&parts, .forwarded(CacheStatus.Forwarding(reason: reason)))
    return Output(httpResponseParts: parts)
  }
}

/// Wraps a handler closure of HTTP events so that its responses are cached as RFC 9111 describes.
///
/// ```swift
/// let responses = HTTPResponseCache(in: Cache(byteLimit: 32 << 20))
/// let runtime = LambdaRuntime(
///   body: cachedHTTP(in: responses) { (event: HTTPAPIEvent, context: LambdaContext) in
///     HTTPAPIResponse(
///       statusCode: 200, headers: ["cache-control": "max-age=60"], body: try await page(event))
///   })
/// ```
///
/// - Parameters:
///   - responses: Where responses are kept.
///   - handler: Makes the response to an event that the cache has no response for.
/// - Returns: A handler of the same shape; see ``CachedHTTPHandler/handle(_:context:)``.
public func cachedHTTP<
  Event: HTTPCacheableRequest, Context: Sendable, Output: HTTPCacheableResponse
>(
  in responses: HTTPResponseCache,
  _ handler: @escaping @Sendable (Event, Context) async throws -> Output
) -> @Sendable (Event, Context) async throws -> Output {
  let handler = CachedHTTPHandler(in: responses, handler: handler)
  return { event, context in try await handler.handle(event, context: context) }
}
