// Stand-ins with the shapes of the official runtime, which this package does not depend on.

/// A runtime's context of an invocation.
struct LambdaContext: Sendable {
  let requestID: String
  var tenantID: String?
  /// In milliseconds since 1970.
  var deadline: Int64?
}

/// A runtime for handlers that run one at a time.
final class LambdaRuntime<Event: Decodable & Sendable, Output: Encodable & Sendable> {
  private let body: (Event, LambdaContext) async throws -> Output

  init(body: sending @escaping (Event, LambdaContext) async throws -> Output) {
    self.body = body
  }

  nonisolated(nonsending) func invoke(_ event: Event, requestID: String = "1") async throws
    -> Output
  {
    try await body(event, LambdaContext(requestID: requestID))
  }
}

/// A runtime for handlers that several invocations use at once.
final class LambdaManagedRuntime<Event: Decodable & Sendable, Output: Encodable & Sendable>:
  Sendable
{
  private let body: @Sendable (Event, LambdaContext) async throws -> Output

  init(body: @Sendable @escaping (Event, LambdaContext) async throws -> Output) {
    self.body = body
  }

  func invoke(_ event: Event, requestID: String = "1") async throws -> Output {
    try await body(event, LambdaContext(requestID: requestID))
  }
}

/// A handler type.
protocol LambdaHandler {
  associatedtype Event: Decodable
  associatedtype Output: Encodable

  func handle(_ event: Event, context: LambdaContext) async throws -> Output
}

/// Sends the response of an invocation.
protocol LambdaResponseWriter<Output> {
  associatedtype Output: Encodable

  func write(_ response: Output) async throws
}

/// A handler type that goes on after the response has been sent.
protocol LambdaWithBackgroundProcessingHandler {
  associatedtype Event: Decodable
  associatedtype Output: Encodable

  func handle(
    _ event: Event, outputWriter: some LambdaResponseWriter<Output>, context: LambdaContext
  ) async throws
}
