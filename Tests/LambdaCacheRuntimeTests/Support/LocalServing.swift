@testable import LambdaCacheRuntime

/// A function served locally on a free port, for as long as a test needs it.
struct LocalServing {
  let port: UInt16
  let line: String

  struct Unexpected: Error { var line: String }

  /// Serves until the body returns, and then stops as a cancelled task does.
  static func serving<Value: Sendable>(
    environment: [String: String] = [:],
    _ serve: @escaping @Sendable (LambdaRuntime) async throws -> Void,
    asking body: (LocalServing) async throws -> Value
  ) async throws -> Value {
    let (lines, continuation) = AsyncStream.makeStream(of: String.self)
    var runtime = try LambdaRuntime(
      environment: ["LOCAL_LAMBDA_PORT": "0"].merging(environment) { $1 })
    runtime.timeouts = .patient()
    runtime.announce = { line in
      continuation.yield(line)
      continuation.finish()
    }
    let task = Task { [runtime] in
      defer { continuation.finish() }
      try await serve(runtime)
    }
    var line = ""
    for await announced in lines { line = announced }
    guard let colon = line.lastIndex(of: ":"),
      let port = UInt16(line[line.index(after: colon)...].prefix { $0.isNumber })
    else {
      try await task.value
      throw Unexpected(line: line)
    }
    let value = try await body(LocalServing(port: port, line: line))
    task.cancel()
    try await task.value
    return value
  }

  /// Serves a handler that answers with what it got.
  static func echoing<Value: Sendable>(
    environment: [String: String] = [:], _ body: (LocalServing) async throws -> Value
  ) async throws -> Value {
    try await serving(
      environment: environment,
      { runtime in try await runtime.run { (event: [UInt8], _) in event } }, asking: body)
  }
}
