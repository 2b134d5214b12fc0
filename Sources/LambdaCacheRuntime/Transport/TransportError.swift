/// Why an exchange did not yield a response.
enum TransportError: Error, Equatable {
  /// No connection could be made; nothing was sent.
  case unreachable(String)
  /// The connection ended before any byte of the response.
  case closedBeforeAnswer(reason: String, reusedConnection: Bool)
  /// The connection ended within the response.
  case closedWithinAnswer(reason: String)
  /// The response came before the request was complete.
  case answeredEarly(HTTPResponse)
  /// No progress for this long.
  case timedOut(after: Duration)
  /// The response is not HTTP.
  case malformed(HTTPSyntaxError)
  /// A system call that has nothing to do with the peer failed.
  case failed(SystemError)
  /// The wait was ended by a `StopSignal`.
  case stopped
}

extension TransportError {
  /// The failure in words.
  var reason: LambdaRuntimeError.Reason {
    switch self {
    case .unreachable(let text): .unreachable(text)
    case .closedBeforeAnswer(let text, _), .closedWithinAnswer(let text): .connectionLost(text)
    case .answeredEarly(let answer) where answer.isSuccess:
      .malformedAnswer("status \(answer.status) came before the response was complete")
    case .answeredEarly(let answer): .refused(answer)
    case .timedOut(let duration): .timedOut(after: duration)
    case .malformed(let fault): .malformedAnswer(fault.description)
    case .failed(let failure): .systemFailure(failure.description)
    case .stopped: preconditionFailure("a stop is not a failure")
    }
  }
}
