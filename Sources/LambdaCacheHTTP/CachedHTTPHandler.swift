internal import LambdaCache

/// A handler of HTTP events whose responses are cached.
struct CachedHTTPHandler<
  Event: HTTPCacheableRequest, Context: Sendable, Output: HTTPCacheableResponse
>: Sendable {
  let responses: HTTPResponseCache
  let handler: @Sendable (Event, Context) async throws -> Output

  /// The response to an event: from the cache, from a call of the handler that is in progress and
  /// may be shared, or from a call of its own.
  ///
  /// - Throws: Any error of the handler, if no stale response may be served instead;
  ///   `CancellationError` if the caller was cancelled while it waited; `CacheLoadError` if the
  ///   handler requests its own response.
  func handle(_ event: Event, context: Context) async throws -> Output {
    defer { responses.cache.budget?.invocationDidEnd() }
    let (event, request) = spelled(event)
    switch responses.route(request) {
    case .cached(let cached):
      let origin = Origin(
        ask: { [handler] change in
          let asked = change.flatMap { change in
            var parts = request
            parts.method = change.method
            parts.fields = change.fields
            return event.replacing(parts)
          }
          return try await handler(asked ?? event, context).httpResponseParts
        },
        canChange: { event.replacing(request) != nil })
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

  /// An event with the spelling of its target that the policy chooses, if it can be changed, so
  /// that the handler sees the spelling of the key.
  private func spelled(_ event: Event) -> (Event, HTTPRequestParts) {
    let request = event.httpRequestParts
    guard request.method == "GET" || request.method == "HEAD" else { return (event, request) }
    let wanted = responses.policy.normalized(request)
    guard !wanted.hasSameTarget(as: request), let changed = event.replacing(wanted) else {
      return (event, request)
    }
    return (changed, changed.httpRequestParts)
  }

  /// A response of the handler's, with a `Cache-Status` if the policy wants one.
  private func marked(_ output: Output, _ reason: CacheStatus.Forwarding.Reason) -> Output {
    guard responses.policy.cacheStatusName != nil else { return output }
    var parts = output.httpResponseParts
    responses.mark(&parts, .forwarded(CacheStatus.Forwarding(reason: reason)))
    return Output(httpResponseParts: parts)
  }
}

/// Wraps a handler closure of HTTP events so that its responses are cached by RFC 9111.
///
/// <!-- with: AWSLambdaRuntime, page -->
/// ```swift
/// let responses = HTTPResponseCache(in: Cache(byteLimit: 32 << 20))
/// let runtime = LambdaRuntime(
///   body: cachedHTTP(in: responses) { (event: HTTPAPIEvent, context: LambdaContext) in
///     HTTPAPIResponse(
///       statusCode: 200, headers: ["cache-control": "max-age=60"], body: page(event.rawPath))
///   })
/// ```
///
/// It wraps any `(Event, Context) async throws -> Output` and needs no particular runtime. With a
/// handler type of the official runtime that continues after its response, responses that were
/// served stale are revalidated then. `InvocationContext` says how the official context conforms.
///
/// <!-- with: AWSLambdaRuntime, LambdaContext+InvocationContext -->
/// ```swift
/// import LambdaCacheHandlers
///
/// struct Pages: LambdaWithBackgroundProcessingHandler {
///   typealias Event = HTTPAPIEvent
///   typealias Output = HTTPAPIResponse
///
///   let cached: @Sendable (HTTPAPIEvent, LambdaContext) async throws -> HTTPAPIResponse
///
///   func handle(
///     _ event: HTTPAPIEvent, outputWriter: some LambdaResponseWriter<HTTPAPIResponse>,
///     context: LambdaContext
///   ) async throws {
///     let invocation = Invocation(context)
///     try await invocation.run {
///       try await outputWriter.write(try await cached(event, context))
///     }
///     await invocation.finish()
///   }
/// }
/// ```
///
/// - Parameters:
///   - responses: The cache of the responses.
///   - handler: Makes the response to an event if the cache has none.
/// - Returns: A handler of the same shape. It throws any error of `handler` if no stale response
///   may be served instead, `CancellationError` if the caller was cancelled while it waited, and
///   `CacheLoadError` if `handler` requests its own response.
public func cachedHTTP<
  Event: HTTPCacheableRequest, Context: Sendable, Output: HTTPCacheableResponse
>(
  in responses: HTTPResponseCache,
  _ handler: @escaping @Sendable (Event, Context) async throws -> Output
) -> @Sendable (Event, Context) async throws -> Output {
  let handler = CachedHTTPHandler(responses: responses, handler: handler)
  return { event, context in try await handler.handle(event, context: context) }
}
