/// The end of the conversation with the Runtime API.
///
/// `LambdaRuntime.run` throws it when there is no point in going on. Let it leave `main`: the
/// process ends, and Lambda starts a fresh one for the next invocation.
public struct LambdaRuntimeError: Error, Equatable, Sendable {
  /// What the runtime was doing.
  public enum Operation: String, Equatable, Sendable {
    /// Starting its thread, before anything was asked.
    case start = "start"
    /// Opening the local server, where there is no Runtime API.
    case listen = "local server"
    /// Waiting for an event: `GET /runtime/invocation/next`.
    case next = "GET /runtime/invocation/next"
    /// Answering an invocation: `POST /runtime/invocation/{id}/response`.
    case response = "POST /runtime/invocation/{id}/response"
    /// Reporting a handler's error: `POST /runtime/invocation/{id}/error`.
    case error = "POST /runtime/invocation/{id}/error"
    /// Reporting a failed set-up: `POST /runtime/init/error`.
    case initializationError = "POST /runtime/init/error"
  }

  /// What went wrong.
  public enum Reason: Equatable, Sendable {
    /// No connection could be made, after all retries; the text says why.
    case unreachable(String)
    /// The connection ended before the answer was complete; the text says how.
    case connectionLost(String)
    /// Nothing moved for this long.
    case timedOut(after: Duration)
    /// The answer is not HTTP/1.1, or exceeds a limit; the text says where.
    case malformedAnswer(String)
    /// The API answered with a status other than success.
    ///
    /// AWS: after 500 "the runtime should exit promptly". The text is the answer's body, cut at
    /// 1,024 bytes.
    case refused(status: Int, message: String)
    /// An event came with a header field that is missing (`nil`) or malformed.
    case invalidEventField(name: String, value: String?, accepted: String)
    /// The operating system refused something; the text names the call and the failure.
    case systemFailure(String)
  }

  /// What the runtime was doing.
  public let operation: Operation
  /// What went wrong.
  public let reason: Reason

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - operation: What the runtime was doing.
  ///   - reason: What went wrong.
  public init(operation: Operation, reason: Reason) {
    self.operation = operation
    self.reason = reason
  }
}

extension LambdaRuntimeError: CustomStringConvertible {
  /// One sentence with the operation and the reason.
  public var description: String { "\(operation.rawValue): \(reason)" }
}

extension LambdaRuntimeError.Reason: CustomStringConvertible {
  /// The reason in words, with the values that matter.
  public var description: String {
    switch self {
    case .unreachable(let text): "cannot connect: \(text)"
    case .connectionLost(let text): "connection lost: \(text)"
    case .timedOut(let duration): "no progress for \(duration)"
    case .malformedAnswer(let text): text
    case .refused(let status, let message): "refused with status \(status): \(message)"
    case .invalidEventField(let name, let value, let accepted):
      "\(name) \(value.map { "is '\($0)'" } ?? "is missing"); accepted: \(accepted)"
    case .systemFailure(let text): text
    }
  }
}

extension LambdaRuntimeError {
  init(_ operation: Operation, _ error: TransportError) {
    self.init(operation: operation, reason: error.reason)
  }
}

extension LambdaRuntimeError.Reason {
  /// The refusal that an answer expresses, with as much of its body as is worth logging.
  static func refused(_ answer: HTTPResponse) -> Self {
    .refused(
      status: answer.status, message: String(decoding: answer.body.prefix(1024), as: UTF8.self))
  }
}
