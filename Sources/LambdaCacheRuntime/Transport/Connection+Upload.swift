internal import LambdaCacheTransport

/// Requests whose bodies are sent piece by piece while they are made.
extension Connection {
  /// Begins a request.
  ///
  /// - Parameters:
  ///   - bytes: The head, and as much of the body as there is.
  ///   - limit: The limits of the whole exchange.
  func beginUpload(_ bytes: [UInt8], limit: ExchangeLimit) throws(TransportError) {
    let (socket, _) = try openSocket()
    upload = socket
    try continueUpload(bytes, limit: limit)
  }

  /// Sends a further part of the body, waiting while the peer takes none.
  ///
  /// - Throws: `TransportError`, also when the peer has closed or answered already:
  ///   `answeredEarly` has the answer then. The upload is over after any error.
  func continueUpload(_ bytes: [UInt8], limit: ExchangeLimit) throws(TransportError) {
    guard let socket = upload else { preconditionFailure("no upload is in progress") }
    upload = nil
    while socket.isStale {
      _ = try receive(on: socket, limit: limitFromNow, isReused: false, sendFailure: nil)
      if parser.isComplete { throw .answeredEarly(takeResponse()) }
      // After an interim response the rest is still wanted.
    }
    if let failure = try socket.sendAll(bytes, limit: limit) {
      // The answer, if the peer sent one before it closed.
      throw .answeredEarly(try response(on: socket, limit: limitFromNow, sendFailure: failure))
    }
    upload = socket
  }

  /// Sends the rest of the body, takes the answer and closes the connection.
  func finishUpload(_ bytes: [UInt8], limit: ExchangeLimit) throws(TransportError) -> HTTPResponse {
    try continueUpload(bytes, limit: limit)
    guard let socket = upload else { preconditionFailure("no upload is in progress") }
    upload = nil
    return try response(on: socket, limit: limit, sendFailure: nil)
  }

  /// Receives the answer, behind any interim responses.
  private func response(
    on socket: Socket, limit: ExchangeLimit, sendFailure: SystemError?
  ) throws(TransportError) -> HTTPResponse {
    while !parser.isComplete {
      _ = try receive(on: socket, limit: limit, isReused: false, sendFailure: sendFailure)
    }
    return takeResponse()
  }
}
