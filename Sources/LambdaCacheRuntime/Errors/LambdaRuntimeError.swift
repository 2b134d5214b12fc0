/// An error of the runtime: the environment does not allow it to start, the conversation with the
/// Runtime API has ended, or a part of a streamed response cannot be sent.
///
/// `LambdaRuntime.run` throws it when going on is pointless. Let it leave the closure of
/// `LambdaRuntime.main`: the process ends, and Lambda starts a new one for the next invocation. A
/// handler may also let an error of its `LambdaResponseWriter` leave: it is reported as far as that
/// is possible.
public struct LambdaRuntimeError: Error, Equatable, Sendable {
  /// An exchange of the runtime.
  enum Operation: String, Equatable, Sendable {
    /// Reading the environment and starting threads, before the first request.
    case start = "start"
    /// Opening the local server, where there is no Runtime API.
    case listen = "local server"
    case next = "GET /runtime/invocation/next"
    case response = "POST /runtime/invocation/{id}/response"
    case error = "POST /runtime/invocation/{id}/error"
    case initializationError = "POST /runtime/init/error"
    /// A call of a `LambdaResponseWriter`, before anything is sent.
    case write = "response"
  }

  /// The failure.
  public enum Reason: Equatable, Sendable {
    /// An environment variable, or a header field of an event, is missing (`nil`) or malformed.
    case invalidValue(name: String, value: String?, accepted: String)
    /// No connection could be made, after all retries; the text says why.
    case unreachable(String)
    /// The connection ended before the answer was complete; the text says how.
    case connectionLost(String)
    /// Nothing moved for this long.
    case timedOut(after: Duration)
    /// The answer is not HTTP/1.1, or exceeds a limit; the text says where.
    case malformedAnswer(String)
    /// The API answered with a status other than success; 413 means that a response is too large.
    ///
    /// AWS: after 500 "the runtime should exit promptly". The text is the answer's body, cut at
    /// 1,024 bytes.
    case refused(status: Int, message: String)
    /// A streamed response cannot take what was written: it has begun, it is finished, or its head
    /// is too large; the text says which.
    case notWritable(String)
    /// The operating system refused something; the text names the call and the failure.
    case systemFailure(String)
  }

  let operation: Operation
  /// The failure.
  public let reason: Reason
}

extension LambdaRuntimeError: CustomStringConvertible {
  /// One sentence with the operation and the failure.
  public var description: String {
    if operation == .start, case .invalidValue(let name, let value, let accepted) = reason {
      return "\(name) \(value.map { "is '\($0)'" } ?? "is not set"); accepted: \(accepted)"
    }
    return "\(operation.rawValue): \(reason.text)"
  }
}

extension LambdaRuntimeError.Reason {
  /// The failure in words, with the values that matter.
  var text: String {
    switch self {
    case .invalidValue(let name, let value, let accepted):
      "\(name) \(value.map { "is '\($0)'" } ?? "is missing"); accepted: \(accepted)"
    case .unreachable(let text): "cannot connect: \(text)"
    case .connectionLost(let text): "connection lost: \(text)"
    case .timedOut(let duration): "no progress for \(duration)"
    case .malformedAnswer(let text): text
    case .refused(let status, let message): "refused with status \(status): \(message)"
    case .notWritable(let text): text
    case .systemFailure(let text): text
    }
  }
}

extension LambdaRuntimeError {
  init(_ operation: Operation, _ error: TransportError) {
    self.init(operation: operation, reason: error.reason)
  }

  /// An environment variable that does not allow the runtime to start.
  static func invalidVariable(
    _ name: String, _ value: String?, accepted: String
  ) -> LambdaRuntimeError {
    LambdaRuntimeError(
      operation: .start, reason: .invalidValue(name: name, value: value, accepted: accepted))
  }

  /// A call of a `LambdaResponseWriter` that its response does not allow.
  static func notWritable(_ text: String) -> LambdaRuntimeError {
    LambdaRuntimeError(operation: .write, reason: .notWritable(text))
  }

  static var responseHasBegun: LambdaRuntimeError {
    .notWritable("the response has begun; start(…) must come before the first write")
  }

  static var responseIsFinished: LambdaRuntimeError {
    .notWritable("the response is finished; nothing can be written to it any more")
  }
}

extension LambdaRuntimeError.Reason {
  /// The refusal that an answer expresses, with as much of its body as is worth logging.
  static func refused(_ answer: HTTPResponse) -> Self {
    .refused(
      status: answer.status, message: String(decoding: answer.body.prefix(1024), as: UTF8.self))
  }
}
