/// Why a part of a streamed response could not be sent.
///
/// A handler may let it leave: what can be reported of it is, and a connection that is lost ends
/// `run` with the `LambdaRuntimeError`.
public enum LambdaResponseError: Error, Equatable, Sendable {
  /// The response has begun, so that neither its content type nor its head can be chosen any more.
  case alreadyStarted
  /// The response has been finished, or its invocation is over.
  case finished
  /// Status, header fields and cookies take more bytes than are looked at.
  case headTooLarge(byteCount: Int, limit: Int)
  /// The receiver cannot be reached any more, has taken nothing until the deadline, or refused the
  /// response, for instance because it is too large (413).
  case broken(LambdaRuntimeError)
}

extension LambdaResponseError: CustomStringConvertible {
  /// One sentence that says what was wrong.
  public var description: String {
    switch self {
    case .alreadyStarted: "the response has begun; start(…) must come before the first write"
    case .finished: "the response is finished; nothing can be written to it any more"
    case .headTooLarge(let byteCount, let limit):
      "status, header fields and cookies take \(byteCount) bytes; accepted are \(limit)"
    case .broken(let error): "the response broke off: \(error)"
    }
  }
}
