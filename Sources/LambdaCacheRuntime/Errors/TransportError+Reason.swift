internal import LambdaCacheTransport

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
