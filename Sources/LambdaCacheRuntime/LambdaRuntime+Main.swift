import LambdaCache
internal import LambdaCacheTransport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension LambdaRuntime {
  /// Runs a whole function: sets it up, serves events, and ends the process in order if either
  /// fails.
  ///
  /// It is the only statement that a main program needs:
  ///
  /// <!-- with: connect, credentials, answer -->
  /// ```swift
  /// await LambdaRuntime.main { runtime in
  ///   let connection = try await connect(with: credentials("database"))
  ///   try await runtime.run { (event: [UInt8], context: LambdaContext) in
  ///     try await answer(event, by: connection)
  ///   }
  /// }
  /// ```
  ///
  /// An error, be it of a variable that cannot be used, of the set-up or of `run`, is one line of
  /// the log at the level FATAL, and the process ends with status 1. If no event has been awaited
  /// yet, it is posted to Lambda as well, as the reason why the function could not be initialised.
  /// An error that leaves the top level of a program ends it with a trap and without a report.
  ///
  /// - Parameters:
  ///   - environment: Environment variables; `nil` for those of the process.
  ///   - servesLocally: Whether to be a local server where `AWS_LAMBDA_RUNTIME_API` is not set.
  ///   - body: Makes the resources of the handler, and calls one of the forms of `run`. Lambda
  ///     allows 10 seconds until events are awaited.
  public nonisolated(nonsending) static func main(
    environment: [String: String]? = nil, servesLocally: Bool = true,
    _ body: nonisolated(nonsending) (LambdaRuntime) async throws -> Void
  ) async {
    guard await succeeds(environment: environment, servesLocally: servesLocally, body) else {
      exit(EXIT_FAILURE)
    }
  }

  /// Runs a whole function until the environment ends.
  ///
  /// - Returns: Whether it ended without an error; one has been reported.
  nonisolated(nonsending) static func succeeds(
    environment: [String: String]?, servesLocally: Bool = true,
    _ body: nonisolated(nonsending) (LambdaRuntime) async throws -> Void
  ) async -> Bool {
    let runtime: LambdaRuntime
    do throws(LambdaRuntimeError) {
      runtime = try LambdaRuntime(environment: environment, servesLocally: servesLocally)
    } catch {
      await reportInitializationFailure(
        ErrorReport(error), in: environment ?? ProcessEnvironment.current)
      return false
    }
    do {
      try await body(runtime)
      return true
    } catch {
      await runtime.reportEnd(by: ErrorReport(error))
      return false
    }
  }

  /// Reports the error that a function ends with, unless it has been reported.
  private nonisolated(nonsending) func reportEnd(by report: ErrorReport) async {
    switch progress.stage {
    case .settingUp: await reportInitializationFailure(report)
    case .hasFailed: break
    case .serving: Log.write("\(report.type): \(report.message)", level: .fatal)
    }
  }

  /// Posts an error of the environment, if that names a Runtime API all the same.
  private nonisolated(nonsending) static func reportInitializationFailure(
    _ report: ErrorReport, in environment: [String: String]
  ) async {
    let endpoint = environment[Self.endpointVariable].flatMap(Self.endpoint)
    await reportInitializationFailure(
      report, to: endpoint, of: FunctionInfo(environment: environment), .standard)
  }
}

/// How far a function has come.
final class FunctionProgress: Sendable {
  enum Stage {
    case settingUp
    /// The set-up has failed, and that has been reported.
    case hasFailed
    /// Events are awaited.
    case serving
  }

  private let state = Locked(Stage.settingUp)

  var stage: Stage {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}
