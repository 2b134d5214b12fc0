import LambdaCache

extension LambdaRuntime {
  /// Sets the function up: makes the resources of the handler for all invocations, such as a
  /// database or a client.
  ///
  /// If the closure throws, the error is posted to Lambda as the reason why the function could not
  /// be initialised, and is then thrown again; let it leave `main`, and the process ends with a
  /// status other than 0, as Lambda expects.
  ///
  /// <!-- with: connect, credentials, answer -->
  /// ```swift
  /// let runtime = try LambdaRuntime()
  /// let connection = try await runtime.initialize {
  ///   try await connect(with: credentials("database"))
  /// }
  /// try await runtime.run { (event: [UInt8], context: LambdaContext) in
  ///   try await answer(event, by: connection)
  /// }
  /// ```
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
      throw error
    }
  }

  /// Posts the failure of a set-up; without a Runtime API the log is all there is.
  ///
  /// A failure to post it is only logged, because the caller is about to throw the set-up's own
  /// error.
  private nonisolated(nonsending) func reportInitializationFailure(_ report: ErrorReport) async {
    guard case .runtimeAPI(let endpoint) = source else {
      return Log.write(
        "initialization: \(report.type): \(report.message)", level: .fatal)
    }
    do {
      let client = try RuntimeAPIClient(
        endpoint: endpoint, function: function, timeouts: timeouts, stops: [])
      try await client.failInitialization(with: report)
    } catch {
      Log.write("\(error)", level: .error)
    }
  }
}
