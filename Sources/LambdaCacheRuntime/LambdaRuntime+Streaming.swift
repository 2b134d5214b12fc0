import LambdaCache

extension LambdaRuntime {
  /// Serves events until the environment ends, with responses that are sent while the handler makes
  /// them.
  ///
  /// <!-- with: report -->
  /// ```swift
  /// await LambdaRuntime.main { runtime in
  ///   try await runtime.runStreaming { event, context, response in
  ///     try await response.start(LambdaHTTPResponseHead(headers: ["Content-Type": "text/plain"]))
  ///     for try await line in report(for: event) { try await response.write(line) }
  ///   }
  /// }
  /// ```
  ///
  /// The function URL or the caller must request streaming; others receive the same bytes at once.
  /// It returns when `run(_:)` would.
  ///
  /// - Parameter handler: Answers one event by writing the response. The response ends when the
  ///   handler returns, if it has not ended it before. An error thrown before anything was sent is
  ///   the invocation's answer; one thrown later is appended to what was sent (the trailers
  ///   `Lambda-Runtime-Function-Error-Type` and `-Body`).
  /// - Throws: `LambdaRuntimeError`, as `run(_:)` does.
  public nonisolated(nonsending) func runStreaming(
    _ handler:
      nonisolated(nonsending) ([UInt8], LambdaContext, LambdaResponseWriter) async throws
      -> Void
  ) async throws(LambdaRuntimeError) {
    try await withChannel { channel in
      await Self.serveStreams(channel, handler)
    }.get()
  }

  /// Takes events, runs the handler and ends its responses, one after the other.
  nonisolated(nonsending) static func serveStreams(
    _ channel: any InvocationChannel,
    _ handler:
      nonisolated(nonsending) ([UInt8], LambdaContext, LambdaResponseWriter) async throws
      -> Void
  ) async -> Result<Void, LambdaRuntimeError> {
    do throws(LambdaRuntimeError) {
      while let invocation = try await channel.next() {
        let writer = LambdaResponseWriter(channel, serial: await channel.stream.serial)
        let scope = InvocationScope(
          deadlineInMilliseconds: invocation.context.deadlineMilliseconds)
        var report: ErrorReport?
        do {
          try await invocation.withTaskLocals(scope) {
            try await handler(invocation.event, invocation.context, writer)
          }
        } catch {
          report = ErrorReport(error)
        }
        try await channel.conclude(report)
        await scope.finish()
      }
      return .success(())
    } catch {
      return .failure(error)
    }
  }
}
