internal import LambdaCacheTransport

/// The reason why an exchange did not yield a response.
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
  init(_ error: SocketError) {
    switch error {
    case .unreachable(let text): self = .unreachable(text)
    case .failed(let failure): self = .failed(failure)
    }
  }
}
