import LambdaCache

/// A Lambda function's runtime: takes events from the Runtime API and hands them to a handler.
///
/// A whole function, without any other package:
///
/// ```swift
/// import LambdaCache
/// import LambdaCacheRuntime
///
/// let cache = Cache<String, [UInt8]>(byteLimit: 32 << 20)
/// let runtime = try LambdaRuntime()
/// try await runtime.run { (event: [UInt8], context: LambdaContext) async throws -> [UInt8] in
///   …
/// }
/// ```
///
/// Build the program for Amazon Linux under the name `bootstrap` and upload it as a function with an
/// OS-only runtime (`provided.al2023`). It needs neither Foundation nor SwiftNIO.
///
/// **Threads.** Waiting for an event is a blocking call on a thread that the runtime keeps for
/// itself; Lambda freezes the environment meanwhile. The handler runs in the task, and on the
/// actor if there is one, that called `run`, so it may use values that are not `Sendable`, and even
/// mutate captured variables. Handlers run one at a time.
///
/// **Failures.** An error that the handler throws is that invocation's answer, and the next event is
/// awaited. A `LambdaRuntimeError` ends `run`. Every wait except that for the next event is bounded.
public struct LambdaRuntime: Sendable {
  /// Lambda's limit on an event and on a buffered response, in bytes: 6 MB and 100 bytes.
  ///
  /// AWS states 6,291,556 bytes in the error that it reports for a larger response.
  public static let maximumPayloadByteCount = 6_291_556

  let endpoint: Endpoint
  let function: LambdaFunctionInfo
  var timeouts = Timeouts.standard

  /// Creates a runtime from the environment variables that Lambda sets.
  ///
  /// Nothing is connected yet.
  ///
  /// - Parameter environment: Names and values; those of the process by default. Of them,
  ///   `AWS_LAMBDA_RUNTIME_API` must be there: `host`, `host:port` or `[IPv6 address]:port`, with
  ///   port 80 when there is none.
  /// - Throws: `LambdaRuntimeConfigurationError` when that variable is missing or malformed.
  public init(
    environment: [String: String] = ProcessEnvironment.current
  ) throws(LambdaRuntimeConfigurationError) {
    let variable = "AWS_LAMBDA_RUNTIME_API"
    guard let value = environment[variable], let endpoint = Endpoint(value) else {
      throw LambdaRuntimeConfigurationError(
        variable: variable, value: environment[variable], accepted: Endpoint.acceptedForm)
    }
    self.endpoint = endpoint
    self.function = LambdaFunctionInfo(environment: environment)
  }
}
