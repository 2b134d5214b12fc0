extension LambdaRuntime {
  /// Starts a client, whose wait for events ends with the task or with SIGTERM, and passes it on.
  nonisolated(nonsending) func withClient(
    _ body: nonisolated(nonsending) (RuntimeAPIClient) async -> Result<Void, LambdaRuntimeError>
  ) async -> Result<Void, LambdaRuntimeError> {
    let cancellation: StopSignal
    let client: RuntimeAPIClient
    do throws(SystemError) {
      cancellation = try StopSignal()
      client = try RuntimeAPIClient(
        endpoint: endpoint, function: function, timeouts: timeouts,
        stops: [cancellation, try TerminationSignal.stopSignal()])
    } catch {
      return .failure(LambdaRuntimeError(.start, .failed(error)))
    }
    return await withTaskCancellationHandler {
      await body(client)
    } onCancel: {
      cancellation.fire()
    }
  }
}
