@testable import LambdaCacheRuntime

extension LambdaRuntime {
  /// Serves with streamed responses and returns what ended the service.
  nonisolated(nonsending) func failureOfStreaming(
    _ handler:
      nonisolated(nonsending) ([UInt8], LambdaContext, LambdaResponseWriter) async throws -> Void
  ) async -> LambdaRuntimeError? {
    do throws(LambdaRuntimeError) {
      try await runStreaming(handler)
      return nil
    } catch {
      return error
    }
  }
}

/// The error of a call, or `nil`.
nonisolated(nonsending) func failure(
  of body: nonisolated(nonsending) () async throws -> Void
) async -> LambdaRuntimeError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? LambdaRuntimeError
  }
}
