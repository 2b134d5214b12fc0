// Stands for awslabs/swift-aws-lambda-runtime in checks of documents. The declarations that
// documents use have the signatures of version 2.9; nothing is behind them.

public struct LambdaClock {
  public struct Instant: Sendable {
    private let milliseconds: Int64

    public init(millisecondsSinceEpoch milliseconds: Int64) { self.milliseconds = milliseconds }
    public func millisecondsSinceEpoch() -> Int64 { milliseconds }
  }
}

public struct LambdaContext: Sendable {
  public var requestID: String { "" }
  public var traceID: String { "" }
  public var tenantID: String? { nil }
  public var invokedFunctionARN: String { "" }
  public var deadline: LambdaClock.Instant { LambdaClock.Instant(millisecondsSinceEpoch: 0) }
  public func getRemainingTime() -> Duration { .zero }
}

public protocol LambdaHandler {
  associatedtype Event
  associatedtype Output

  func handle(_ event: Event, context: LambdaContext) async throws -> Output
}

public protocol LambdaWithBackgroundProcessingHandler {
  associatedtype Event
  associatedtype Output

  func handle(
    _ event: Event, outputWriter: some LambdaResponseWriter<Output>, context: LambdaContext
  ) async throws
}

public protocol LambdaResponseWriter<Output> {
  associatedtype Output
  func write(_ output: Output) async throws
}

public struct ClosureHandler<Event: Decodable, Output>: LambdaHandler {
  let body: (Event, LambdaContext) async throws -> Output

  public func handle(_ event: Event, context: LambdaContext) async throws -> Output {
    try await body(event, context)
  }
}

/// What the official runtime's adapters between events in bytes and handlers are here.
public struct CodableAdapter<Event, Output> {}

public final class LambdaRuntime<Handler>: Sendable {
  public convenience init<Event: Decodable, Output: Encodable>(
    body: sending @escaping (Event, LambdaContext) async throws -> Output
  ) where Handler == CodableAdapter<Event, Output> {
    self.init()
  }

  public convenience init<Event: Decodable>(
    body: sending @escaping (Event, LambdaContext) async throws -> Void
  ) where Handler == CodableAdapter<Event, Void> {
    self.init()
  }

  public convenience init<Event: Decodable, Output: Encodable, LHandler: LambdaHandler>(
    lambdaHandler: sending LHandler
  )
  where
    Handler == CodableAdapter<Event, Output>, LHandler.Event == Event, LHandler.Output == Output
  {
    self.init()
  }

  public func run() async throws {}
}

public final class LambdaManagedRuntime<Handler>: Sendable {
  public convenience init<Event: Decodable, Output: Encodable>(
    body: @Sendable @escaping (Event, LambdaContext) async throws -> Output
  ) where Handler == CodableAdapter<Event, Output> {
    self.init()
  }

  public func run() async throws {}
}
