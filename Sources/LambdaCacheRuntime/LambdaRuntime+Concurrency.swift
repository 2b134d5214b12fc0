internal import LambdaCacheTransport

extension LambdaRuntime {
  /// Serves events until the environment ends, up to `maximumConcurrency` at once.
  ///
  /// It is for functions on Lambda Managed Instances: each of the tasks requests events on a
  /// connection of its own. On other functions, and with the local server, there is one.
  ///
  /// `LambdaContext.current` is the invocation's own in each of the handlers. The environment
  /// variable `_X_AMZN_TRACE_ID` is only set when there is one at a time.
  ///
  /// Each task replaces its own connection if that is lost. When that fails for good, or the API
  /// refuses an answer, the other tasks answer the events that they have received, request no more,
  /// and then the error is thrown.
  ///
  /// It returns after cancellation of the task or SIGTERM, when all invocations in progress have
  /// been answered.
  ///
  /// - Parameter handler: Answers one event, as in `run(_:)`; it is called by several tasks.
  /// - Throws: `LambdaRuntimeError`, the first of the tasks'.
  public func runConcurrently(
    _ handler: @escaping @Sendable ([UInt8], LambdaContext) async throws -> [UInt8]
  ) async throws(LambdaRuntimeError) {
    try await serveConcurrently { channel in await Self.serve(channel, handler) }
  }

  /// Serves events with streamed responses until the environment ends, up to `maximumConcurrency`
  /// at once.
  ///
  /// It returns when `runConcurrently(_:)` would.
  ///
  /// - Parameter handler: Answers one event, as in `runStreaming(_:)`; it is called by several
  ///   tasks.
  /// - Throws: `LambdaRuntimeError`, as `runConcurrently(_:)` does.
  public func runStreamingConcurrently(
    _ handler:
      @escaping @Sendable ([UInt8], LambdaContext, LambdaResponseWriter) async throws ->
      Void
  ) async throws(LambdaRuntimeError) {
    try await serveConcurrently { channel in await Self.serveStreams(channel, handler) }
  }

  private func serveConcurrently(
    _ serve: @escaping @Sendable (any InvocationChannel) async -> Result<Void, LambdaRuntimeError>
  ) async throws(LambdaRuntimeError) {
    try await withChannels(count: maximumConcurrency) { channels, stop in
      if channels.count == 1 { return await serve(channels[0]) }
      return await withTaskGroup(of: Result<Void, LambdaRuntimeError>.self) { group in
        for channel in channels { group.addTask { await serve(channel) } }
        var outcome = Result<Void, LambdaRuntimeError>.success(())
        for await result in group {
          guard case .failure = result, case .success = outcome else { continue }
          outcome = result
          stop.fire()
        }
        return outcome
      }
    }.get()
  }
}
