extension LambdaRuntime {
  /// Sets the function up: makes what the handler needs for all invocations, such as a database or
  /// a client.
  ///
  /// If the closure throws, the error is posted to Lambda as the reason why the function could not
  /// be initialised, and is then thrown on; let it leave `main`, and the process ends with a status
  /// other than 0, as Lambda expects.
  ///
  /// ```swift
  /// let runtime = try LambdaRuntime()
  /// let database = try await runtime.initialize { try Database(path: "/opt/users.sqlite") }
  /// try await runtime.runStreaming { event, context, response in … }
  /// ```
  ///
  /// - Parameter body: Makes what the handler needs, once, before the first event is asked for.
  ///   Lambda allows 10 seconds for it.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws.
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

  /// Sets the function up and serves events until the environment ends: `initialize(_:)` and
  /// `run(_:)`.
  ///
  /// ```swift
  /// try await LambdaRuntime().run(
  ///   initializing: { try Database(path: "/opt/users.sqlite") },
  ///   handler: { database, event, context in … })
  /// ```
  ///
  /// - Parameters:
  ///   - initialize: Makes what the handler needs, as in `initialize(_:)`.
  ///   - handler: Answers one event, as in `run(_:)`.
  /// - Throws: What `initialize` throws, or `LambdaRuntimeError` as `run(_:)` does.
  public nonisolated(nonsending) func run<Resource>(
    initializing initialize: nonisolated(nonsending) () async throws -> Resource,
    handler: nonisolated(nonsending) (Resource, [UInt8], LambdaContext) async throws -> [UInt8]
  ) async throws {
    let resource = try await self.initialize(initialize)
    try await run { (event: [UInt8], context: LambdaContext) async throws -> [UInt8] in
      try await handler(resource, event, context)
    }
  }

  /// Posts the failure of a set-up; without a Runtime API the log is all there is.
  ///
  /// That it could not be posted is logged; the set-up's own error, which the caller is about to
  /// throw, matters more.
  private nonisolated(nonsending) func reportInitializationFailure(_ report: ErrorReport) async {
    guard case .runtimeAPI(let endpoint) = source else {
      return Diagnostics.log("initialization: \(report.type): \(report.message)")
    }
    do {
      let client = try RuntimeAPIClient(
        endpoint: endpoint, function: function, timeouts: timeouts, stops: [])
      try await client.failInitialization(with: report)
    } catch {
      Diagnostics.log("\(error)")
    }
  }
}
