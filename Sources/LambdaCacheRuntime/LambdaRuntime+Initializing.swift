import LambdaCache
internal import LambdaCacheTransport

extension LambdaRuntime {
  /// Sets the function up: makes the resources of the handler for all invocations, such as a
  /// database or a client.
  ///
  /// If the closure throws, the error is posted to Lambda as the reason why the function could not
  /// be initialised, and is then thrown again; let it leave `main`, and the process ends with a
  /// status other than 0, as Lambda expects.
  ///
  /// `main(environment:servesLocally:_:)` does so for all that its closure throws; this is for a
  /// program that ends in another way.
  ///
  /// - Parameter body: Makes the resources of the handler, once, before the first event is
  ///   requested. Lambda allows 10 seconds for it.
  /// - Returns: The result of the closure.
  /// - Throws: Any error of the closure.
  public nonisolated(nonsending) func initialize<Resource>(
    _ body: nonisolated(nonsending) () async throws -> Resource
  ) async throws -> Resource {
    do {
      return try await body()
    } catch {
      await reportInitializationFailure(ErrorReport(error))
      progress.stage = .hasFailed
      throw error
    }
  }

  /// Logs the failure of this function's set-up, and posts it.
  nonisolated(nonsending) func reportInitializationFailure(_ report: ErrorReport) async {
    let endpoint: Endpoint? = if case .runtimeAPI(let endpoint) = source { endpoint } else { nil }
    await Self.reportInitializationFailure(report, to: endpoint, of: function, timeouts)
  }

  /// Logs the failure of a set-up, and posts it if there is a Runtime API.
  ///
  /// A failure to post it is only logged, because the set-up's own error ends the function.
  nonisolated(nonsending) static func reportInitializationFailure(
    _ report: ErrorReport, to endpoint: Endpoint?, of function: FunctionInfo, _ timeouts: Timeouts
  ) async {
    Log.write("initialization: \(report.type): \(report.message)", level: .fatal)
    guard let endpoint else { return }
    do {
      let client = try RuntimeAPIClient(
        endpoint: endpoint, function: function, timeouts: timeouts, stops: [])
      try await client.failInitialization(with: report)
    } catch {
      Log.write("\(error)", level: .error)
    }
  }
}
