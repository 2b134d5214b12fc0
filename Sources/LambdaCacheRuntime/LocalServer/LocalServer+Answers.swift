import LambdaCache
internal import LambdaCacheTransport

/// Answers in the form of Lambda's `Invoke`: 200 also for a handler's error, which the field
/// `X-Amz-Function-Error` distinguishes from a result.
extension LocalServer {
  func complete(_ requestID: String, with response: [UInt8]) {
    guard response.count <= PayloadLimit.byteCount else {
      return fail(requestID, with: .responseTooLarge(byteCount: response.count))
    }
    answer(requestID, body: response)
  }

  func fail(_ requestID: String, with report: ErrorReport) {
    report.log(of: requestID)
    answer(requestID, fields: [("X-Amz-Function-Error", "Unhandled")], body: report.json)
  }

  private func answer(
    _ requestID: String, fields: [(name: String, value: String)] = [], body: [UInt8]
  ) {
    guard let exchange = takeExchange() else { return }
    let answer = LocalAnswer(
      fields: [("Content-Type", "application/json"), ("X-Amzn-RequestId", requestID)] + fields,
      body: body)
    send(answer, on: exchange.connection, keeps: exchange.keepsConnection)
  }

  private func takeExchange() -> Exchange? {
    defer { exchange = nil }
    return exchange
  }

  /// Sends a whole answer, without waiting for the client to take it; the failure of a client that
  /// has gone affects no other.
  private func send(_ answer: LocalAnswer, on connection: LocalConnection, keeps: Bool) {
    guard send(answer.bytes(keepsConnection: keeps), on: connection) else { return }
    if !keeps { connection.beginClosing() }
  }

  /// - Returns: `false` if the client has gone.
  private func send(_ bytes: [UInt8], on connection: LocalConnection) -> Bool {
    do throws(SystemError) {
      try connection.send(bytes, patience: timeouts.inactivity)
      return true
    } catch {
      Log.write("local server: connection lost: \(error)", level: .warn)
      drop(connection)
      return false
    }
  }
}

// MARK: - Streams

extension LocalServer {
  func openStream(
    _ requestID: String, contentType: String, _ piece: ArraySlice<UInt8>
  ) throws(LambdaRuntimeError) {
    guard let exchange else { preconditionFailure("no invocation is in progress") }
    var fields = [("Content-Type", contentType), ("X-Amzn-RequestId", requestID)]
    if exchange.takesChunks {
      fields += [("Transfer-Encoding", "chunked"), StreamField.announcement]
    }
    let isKept = exchange.keepsConnection && exchange.takesChunks
    var bytes = LocalAnswer(fields: fields, body: nil).bytes(keepsConnection: isKept)
    append(piece, to: &bytes, exchange)
    try sendStreamed(bytes, exchange)
  }

  func sendStream(_ piece: ArraySlice<UInt8>) throws(LambdaRuntimeError) {
    guard let exchange else { preconditionFailure("no invocation is in progress") }
    var bytes: [UInt8] = []
    append(piece, to: &bytes, exchange)
    try sendStreamed(bytes, exchange)
  }

  func closeStream(_ report: ErrorReport?) throws(LambdaRuntimeError) {
    guard let exchange = takeExchange() else { preconditionFailure("no invocation is in progress") }
    if exchange.takesChunks {
      try sendStreamed(ChunkedCoding.end(trailers: StreamField.trailers(report)), exchange)
    }
    if !exchange.keepsConnection || !exchange.takesChunks { exchange.connection.beginClosing() }
  }

  func endBrokenStream(_ error: LambdaRuntimeError) {
    Log.write("local server: \(error)", level: .error)
    exchange = nil
  }

  private func append(
    _ piece: ArraySlice<UInt8>, to bytes: inout [UInt8], _ exchange: Exchange
  ) {
    if exchange.takesChunks {
      ChunkedCoding.append(piece, to: &bytes)
    } else {
      bytes.append(contentsOf: piece)
    }
  }

  /// Sends a part of a response, and waits only while more is unsent than a whole response may
  /// have.
  private func sendStreamed(_ bytes: [UInt8], _ exchange: Exchange) throws(LambdaRuntimeError) {
    let (connection, patience) = (exchange.connection, timeouts.inactivity)
    let reason: LambdaRuntimeError.Reason
    do throws(SystemError) {
      try connection.send(bytes, patience: patience)
      while connection.unsentByteCount > PayloadLimit.byteCount,
        try connection.socket.waitUntilWritable(within: patience) == .ready
      {
        try connection.flush(patience: patience)
      }
      if connection.unsentByteCount <= PayloadLimit.byteCount { return }
      reason = .timedOut(after: patience)
    } catch {
      reason = .connectionLost(error.description)
    }
    drop(connection)
    throw LambdaRuntimeError(operation: .response, reason: reason)
  }
}

// MARK: - Refusals

extension LocalServer {
  /// A request that is none for the function.
  enum Refusal {
    case notFound(path: String)
    case methodNotAllowed
    /// The text is the authority, which is none.
    case malformedHost(String)
    /// The text is the authority, whose host is another.
    case misdirected(String)
    /// The text is the origin of the page that asks, which is none of this machine.
    case foreignPage(String)
  }

  func refuse(
    _ refusal: Refusal, _ head: HTTPRequestHead, on connection: LocalConnection, keeps: Bool
  ) {
    var answer =
      switch refusal {
      case .notFound(let path):
        LocalAnswer(status: "404 Not Found", message: "events are posted to \(path)")
      case .methodNotAllowed:
        LocalAnswer(
          status: "405 Method Not Allowed", fields: [("Allow", "POST")],
          message: "events are posted; the method was \(head.method)")
      case .malformedHost(let authority):
        LocalAnswer(
          status: "400 Bad Request",
          message: "the host is '\(authority)'; accepted: a name or an address, and perhaps a port")
      case .misdirected(let authority):
        LocalAnswer(
          status: "421 Misdirected Request",
          message:
            "the host is '\(authority)'; accepted: localhost, loopback addresses, the host of "
            + "LOCAL_LAMBDA_HOST, and those of LOCAL_LAMBDA_ALLOWED_HOSTS")
      case .foreignPage(let origin):
        LocalAnswer(
          status: "403 Forbidden",
          message:
            "the request comes from a page of '\(origin)'; accepted: pages of this machine, and of "
            + "the hosts of LOCAL_LAMBDA_ALLOWED_HOSTS")
      }
    answer.isHeadOnly = head.method == "HEAD"
    send(answer, on: connection, keeps: keeps)
  }

  func refuse(_ fault: HTTPSyntaxError, on connection: LocalConnection) {
    let status =
      switch fault {
      case .bodyTooLarge: "413 Content Too Large"
      case .headTooLarge: "431 Request Header Fields Too Large"
      case .unsupportedTransferCoding: "501 Not Implemented"
      default: "400 Bad Request"
      }
    send(LocalAnswer(status: status, message: "\(fault)"), on: connection, keeps: false)
  }

  func permitBody(on connection: LocalConnection) {
    _ = send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), on: connection)
  }
}
