extension LambdaRuntime {
  /// Sets the function up and serves events until the environment ends.
  ///
  /// What the handler needs for all invocations, such as a database, a client or a cache, is made
  /// in a closure of its own. If it throws, the error is posted to Lambda as the reason why the
  /// function could not be initialised, and is then thrown on; let it leave `main`, and the process
  /// ends with a status other than 0, as Lambda expects.
  ///
  /// ```swift
  /// try await LambdaRuntime().run(
  ///   initializing: { try Database(path: "/opt/users.sqlite") },
  ///   handler: { database, event, context in … })
  /// ```
  ///
  /// - Parameters:
  ///   - initialize: Makes what the handler needs, once, before the first event is asked for. Lambda
  ///     allows 10 seconds for it.
  ///   - handler: Answers one event, as in `run(_:)`.
  /// - Throws: What `initialize` throws, or `LambdaRuntimeError` as `run(_:)` does.
  public nonisolated(nonsending) func run<Resource>(
    initializing initialize: nonisolated(nonsending) () async throws -> Resource,
    handler: nonisolated(nonsending) (Resource, [UInt8], LambdaContext) async throws -> [UInt8]
  ) async throws {
    let resource: Resource
    do {
      resource = try await initialize()
    } catch {
      await reportInitializationFailure(ErrorReport(error))
      throw error
    }
    try await run { (event: [UInt8], context: LambdaContext) async throws -> [UInt8] in
      try await handler(resource, event, context)
    }
  }

  /// Posts the failure of a set-up.
  ///
  /// That it could not be posted is logged; the set-up's own error, which the caller is about to
  /// throw, matters more.
  private nonisolated(nonsending) func reportInitializationFailure(_ report: ErrorReport) async {
    let outcome = await withClient { client in
      do throws(LambdaRuntimeError) {
        try await client.failInitialization(with: report)
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    if case .failure(let error) = outcome { Diagnostics.log("\(error)") }
  }
}
