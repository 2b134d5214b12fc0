import LambdaCache
internal import LambdaCacheText
internal import LambdaCacheTransport

/// A Lambda function's runtime: takes events from the Runtime API and hands them to a handler.
///
/// A whole function, without any other package:
///
/// ```swift
/// import LambdaCache
/// import LambdaCacheRuntime
///
/// let cache = Cache<String, [UInt8]>(byteLimit: 32 << 20)
/// await LambdaRuntime.main { runtime in
///   try await runtime.run { (event: [UInt8], context: LambdaContext) in
///     let name = String(decoding: event, as: UTF8.self)
///     return try await cache.value(forKey: name) { name in Array("hello, \(name)".utf8) }
///   }
/// }
/// ```
///
/// Build the program for Amazon Linux under the name `bootstrap` and upload it as a function with
/// an OS-only runtime (`provided.al2023`). It needs neither Foundation nor SwiftNIO.
///
/// | | one invocation at a time | several at once |
/// |---|---|---|
/// | whole responses | `run(_:)` | `runConcurrently(_:)` |
/// | streamed responses | `runStreaming(_:)` | `runStreamingConcurrently(_:)` |
///
/// **Outside Lambda** the same program is a server on the loopback interface, for trying a handler:
/// `POST http://127.0.0.1:7000/invoke` takes an event and answers as Lambda would. See
/// `init(environment:servesLocally:)`.
///
/// **Threads.** Waiting for an event is a blocking call on a thread that the runtime keeps for
/// itself; Lambda freezes the environment meanwhile. Only the receipt of an answer and an event
/// that follows, if each comes within two or three milliseconds, are awaited on the thread of the
/// handler, which saves two hand-overs between threads. The handler runs in the task, and on the
/// actor if there is one, that called `run`, so it may use values that are not `Sendable`, and even
/// mutate captured variables. Handlers run one at a time, except in the concurrent forms.
///
/// **Failures.** An error that the handler throws is that invocation's answer, and the next event
/// is awaited. A `LambdaRuntimeError` ends `run`, and with it `main`, which logs it and ends the
/// process with status 1. Every wait except that for the next event is bounded.
public struct LambdaRuntime: Sendable {
  /// The source of events.
  enum Source: Equatable, Sendable {
    case runtimeAPI(Endpoint)
    case localServer(LocalServerOptions)
  }

  /// Lambda's limit on an event and on a buffered response, in bytes: 6 MB and 100 bytes.
  ///
  /// AWS states 6,291,556 bytes in the error that it reports for a larger response.
  public static let maximumPayloadByteCount = PayloadLimit.byteCount

  /// The number of invocations that Lambda sends to this process at once:
  /// `AWS_LAMBDA_MAX_CONCURRENCY`, which is set on Managed Instances, or 1.
  public let maximumConcurrency: Int

  static let endpointVariable = "AWS_LAMBDA_RUNTIME_API"

  let source: Source
  let function: FunctionInfo
  let progress = FunctionProgress()
  var timeouts = Timeouts.standard
  /// Announces the address of the local server.
  var announce: @Sendable (String) -> Void = { Log.write($0, level: .info) }

  /// Creates a runtime from the environment variables that Lambda sets.
  ///
  /// Nothing is connected yet. From here on each line that `print` writes leaves the process at its
  /// end, so that none is lost in a crash; see also `log(_:level:)`.
  ///
  /// | variable | meaning | default |
  /// |---|---|---|
  /// | `AWS_LAMBDA_RUNTIME_API` | `host`, `host:port` or `[IPv6 address]:port` | not set: see below |
  /// | `AWS_LAMBDA_MAX_CONCURRENCY` | 1 to 10000 invocations at once | 1 |
  ///
  /// If the first is not set, these are read, whose names are those of the official Swift runtime:
  ///
  /// | variable | meaning | default |
  /// |---|---|---|
  /// | `LOCAL_LAMBDA_SERVER_ENABLED` | `true`, `1`, `false` or `0` | `true` |
  /// | `LOCAL_LAMBDA_HOST` | the name or address to listen on | `127.0.0.1` |
  /// | `LOCAL_LAMBDA_PORT` | 0 to 65535; 0 takes any free one | 7000 |
  /// | `LOCAL_LAMBDA_INVOCATION_ENDPOINT` | the path that events are posted to | `/invoke` |
  /// | `LOCAL_LAMBDA_ALLOWED_HOSTS` | hosts, separated by commas, or `*` | see below |
  ///
  /// The local server answers only requests for hosts that are always this machine (`localhost`,
  /// `127.0.0.0/8`, `::1`), for the host it listens on and for those named; for every host when it
  /// listens on all addresses (`0.0.0.0` or `::`). Others, such as those of a page in a browser
  /// whose name was given this machine's address, are refused with status 421.
  ///
  /// - Parameters:
  ///   - environment: Environment variables; `nil` for those of the process.
  ///   - servesLocally: Whether to be a local server where `AWS_LAMBDA_RUNTIME_API` is not set.
  /// - Throws: `LambdaRuntimeError` when a variable is malformed, or when there is no Runtime API
  ///   and the local server is not wanted.
  public init(
    environment: [String: String]? = nil, servesLocally: Bool = true
  ) throws(LambdaRuntimeError) {
    StandardOutput.bufferLines()
    Log.setRequestIDSource { LambdaContext.current?.requestID }
    let environment = environment ?? ProcessEnvironment.current
    source = try Self.source(environment, servesLocally)
    maximumConcurrency = try Self.maximumConcurrency(environment)
    function = FunctionInfo(environment: environment)
  }

  private static func source(
    _ environment: [String: String], _ servesLocally: Bool
  ) throws(LambdaRuntimeError) -> Source {
    let variable = Self.endpointVariable
    let value = environment[variable]
    if let endpoint = value.flatMap(Self.endpoint) { return .runtimeAPI(endpoint) }
    if value == nil, servesLocally,
      let options = try LocalServerOptions(environment: environment)
    {
      return .localServer(options)
    }
    throw .invalidVariable(variable, value, accepted: Endpoint.acceptedForm(defaultPort: httpPort))
  }

  /// The port of an address without one.
  static let httpPort: UInt16 = 80

  static func endpoint(_ text: String) -> Endpoint? {
    Endpoint(text, defaultPort: httpPort)
  }

  private static func maximumConcurrency(
    _ environment: [String: String]
  ) throws(LambdaRuntimeError) -> Int {
    let variable = "AWS_LAMBDA_MAX_CONCURRENCY"
    guard let value = environment[variable] else { return 1 }
    guard let number = ASCII.decimal(value.utf8), (1...10_000).contains(number) else {
      throw .invalidVariable(variable, value, accepted: "a whole number from 1 to 10000")
    }
    return number
  }
}
