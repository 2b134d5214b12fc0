import LambdaCache
internal import LambdaCacheTransport

/// Streamed responses: one request each, sent in chunks on a connection that is closed afterwards,
/// as Lambda requires.
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
    var attempts = Attempts(delays: timeouts.retryDelays)
    defer { streamMayHaveArrived = attempts.mayHaveArrived }
    while true {
      do throws(TransportError) {
        return try connection.beginUpload(bytes, limit: streamLimit)
      } catch {
        guard let delay = attempts.pause(after: error) else {
          throw LambdaRuntimeError(.response, error)
        }
        _ = try pause(delay, before: .response)
      }
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

  /// Lets the service go on after a response that broke off.
  ///
  /// Lambda has reported one that it found too large to the caller. One whose connection was lost
  /// cannot be sent again, for nothing is kept of it: its invocation's error is reported, unless
  /// Lambda has taken what came for the whole response. Everything else means that the API cannot
  /// be talked to.
  func endBrokenStream(_ error: LambdaRuntimeError) throws(LambdaRuntimeError) {
    guard error.operation == .response else { throw error }
    switch error.reason {
    case .refused(status: 413, _):
      Log.write("\(error)", level: .error, requestID: stream.requestID)
    case .refused(let status, _) where streamMayHaveArrived && (400..<500).contains(status):
      Log.write("\(error)", level: .error, requestID: stream.requestID)
    case .connectionLost, .timedOut:
      let report = ErrorReport(type: "Runtime.TruncatedResponse", message: "\(error)")
      var answer = try post(error: report, stream.requestID)
      answer.mayComeTooLate = true
      try check(answer, of: .error)
    default:
      throw error
    }
  }
}
