/// Streamed responses: one request each, sent in chunks on a connection that is closed afterwards,
/// as Lambda asks for.
extension RuntimeAPIClient {
  func openStream(
    _ requestID: String, contentType: String, _ piece: ArraySlice<UInt8>
  ) throws(LambdaRuntimeError) {
    let request = HTTPRequest(
      method: "POST", path: "\(Self.root)/invocation/\(requestID)/response",
      authority: endpoint.authority,
      fields: [
        ("Content-Type", contentType), (StreamField.responseMode, "streaming"),
        StreamField.announcement, ("Connection", "close"),
      ], isChunked: true)
    var bytes = request.head
    ChunkedCoding.append(piece, to: &bytes)
    try connectingPatiently { () throws(TransportError) in
      try connection.beginUpload(bytes, limit: streamLimit)
    }
  }

  func sendStream(_ piece: ArraySlice<UInt8>) throws(LambdaRuntimeError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(piece.count + 16)
    ChunkedCoding.append(piece, to: &bytes)
    do throws(TransportError) {
      try connection.continueUpload(bytes, limit: streamLimit)
    } catch {
      throw LambdaRuntimeError(.response, error)
    }
  }

  func closeStream(_ report: ErrorReport?) throws(LambdaRuntimeError) {
    let end = ChunkedCoding.end(trailers: StreamField.trailers(report))
    let answer: HTTPResponse
    do throws(TransportError) {
      answer = try connection.finishUpload(end, limit: streamLimit)
    } catch {
      throw LambdaRuntimeError(.response, error)
    }
    guard answer.isSuccess else {
      throw LambdaRuntimeError(operation: .response, reason: .refused(answer))
    }
  }

  /// Lets the service go on after a response that Lambda found too large, cut, and told its caller of.
  ///
  /// Everything else means that the API cannot be talked to.
  func endBrokenStream(_ error: LambdaRuntimeError) throws(LambdaRuntimeError) {
    guard case .refused(status: 413, _) = error.reason else { throw error }
    Diagnostics.log("\(stream.requestID) \(error)")
  }

  /// Connects again, as `Timeouts.retryDelays` say, as long as nothing has been sent.
  private func connectingPatiently(
    _ action: () throws(TransportError) -> Void
  ) throws(LambdaRuntimeError) {
    var delays = timeouts.retryDelays[...]
    while true {
      do throws(TransportError) {
        return try action()
      } catch {
        guard case .unreachable = error, let delay = delays.popFirst() else {
          throw LambdaRuntimeError(.response, error)
        }
        _ = try pause(delay, before: .response)
      }
    }
  }
}
