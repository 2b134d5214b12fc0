import LambdaCache

extension LambdaRuntime {
  /// Serves events until the environment ends.
  ///
  /// It returns after cancellation of the task or SIGTERM, when the invocation in progress has been
  /// answered. SIGTERM has no effect if the program handles it itself.
  ///
  /// - Parameter handler: Answers one event. Its input and output are the bytes that Lambda
  ///   transports, usually JSON. An error that it throws is reported to the caller of the function;
  ///   see `LambdaFunctionError`. An answer of more than `maximumPayloadByteCount` bytes is
  ///   reported as an error too.
  /// - Throws: `LambdaRuntimeError` when the Runtime API cannot be reached, answers with an error,
  ///   or does not keep to its protocol.
  public nonisolated(nonsending) func run(
    _ handler: nonisolated(nonsending) ([UInt8], LambdaContext) async throws -> [UInt8]
  ) async throws(LambdaRuntimeError) {
    try await withChannel { channel in
      await Self.serve(channel, handler)
    }.get()
  }

  /// Serves events as texts until the environment ends.
  ///
  /// It is `run(_:)` for a handler that takes and returns a `String`. An event that is not UTF-8,
  /// which no JSON is, is answered with an error of the type `Runtime.InvalidEvent`.
  ///
  /// - Parameters:
  ///   - type: `String.self`.
  ///   - handler: Answers one event.
  /// - Throws: `LambdaRuntimeError`, as `run(_:)` does.
  public nonisolated(nonsending) func run(
    as type: String.Type,
    _ handler: nonisolated(nonsending) (String, LambdaContext) async throws -> String
  ) async throws(LambdaRuntimeError) {
    try await run { (event: [UInt8], context: LambdaContext) async throws -> [UInt8] in
      guard let text = String(validating: event, as: UTF8.self) else { throw InvalidEvent() }
      return Array(try await handler(text, context).utf8)
    }
  }

  /// Takes events, runs the handler and delivers its answers, one after the other.
  nonisolated(nonsending) static func serve(
    _ channel: any InvocationChannel,
    _ handler: nonisolated(nonsending) ([UInt8], LambdaContext) async throws -> [UInt8]
  ) async -> Result<Void, LambdaRuntimeError> {
    do throws(LambdaRuntimeError) {
      var answer: InvocationAnswer?
      // Taken, so that no handler runs beside the bytes of the answer before.
      while let invocation = try await channel.next(after: answer.take()) {
        let context = invocation.context
        let scope = InvocationScope(deadlineInMilliseconds: context.deadlineMilliseconds)
        do {
          let response = try await invocation.withTaskLocals(scope) {
            try await handler(invocation.event, context)
          }
          answer = .response(response, requestID: context.requestID)
        } catch {
          answer = .failure(ErrorReport(error), requestID: context.requestID)
        }
        if let given = answer, !scope.finishIfIdle() {
          try await channel.deliver(given)
          answer = nil
          await scope.finish()
        }
      }
      return .success(())
    } catch {
      return .failure(error)
    }
  }
}

/// An event that is not a text.
private struct InvalidEvent: LambdaFunctionError {
  var errorType: String { "Runtime.InvalidEvent" }
  var errorMessage: String { "the event is not valid UTF-8" }
}
