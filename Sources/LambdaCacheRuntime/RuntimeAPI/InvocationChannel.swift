internal import LambdaCacheText

/// The source of events and the destination of answers: the Runtime API, or a client of the local
/// server.
///
/// A channel serves one invocation at a time. Its errors end the service; failures of a single
/// invocation are not among them.
protocol InvocationChannel: Actor {
  /// The response of the present invocation, as far as it is streamed.
  var stream: ResponseStream { get set }

  /// Waits for the next event, without limit.
  ///
  /// - Returns: The invocation, or `nil` when a stop signal has fired.
  func next() throws(LambdaRuntimeError) -> Invocation?

  /// Answers an invocation, if there is one, and takes the next event, as far as both can be done
  /// on the thread that asks without holding it up.
  nonisolated func advance(after answer: InvocationAnswer?) -> Advance

  /// Answers an invocation; an answer over the limit is reported as the invocation's error.
  func complete(_ requestID: String, with response: [UInt8]) throws(LambdaRuntimeError)

  /// Reports the error of an invocation.
  func fail(_ requestID: String, with report: ErrorReport) throws(LambdaRuntimeError)

  /// Begins a streamed response.
  ///
  /// - Parameters:
  ///   - requestID: The invocation.
  ///   - contentType: The value of `Content-Type`.
  ///   - piece: The first chunk; empty when there is none yet.
  func openStream(
    _ requestID: String, contentType: String, _ piece: ArraySlice<UInt8>
  ) throws(LambdaRuntimeError)

  /// Sends one chunk, waiting while the receiver takes none.
  func sendStream(_ piece: ArraySlice<UInt8>) throws(LambdaRuntimeError)

  /// Ends a streamed response, with an error in its trailers if there was one.
  func closeStream(_ report: ErrorReport?) throws(LambdaRuntimeError)

  /// Handles a stream that broke, once its handler has returned: throws if the service is to end.
  func endBrokenStream(_ error: LambdaRuntimeError) throws(LambdaRuntimeError)
}

/// The outcome of an invocation.
enum InvocationAnswer: Sendable {
  case response([UInt8], requestID: String)
  case failure(ErrorReport, requestID: String)
}

extension InvocationChannel {
  /// Answers an invocation, as ``complete(_:with:)`` and ``fail(_:with:)`` do.
  func deliver(_ answer: InvocationAnswer) throws(LambdaRuntimeError) {
    switch answer {
    case .response(let response, let requestID): try complete(requestID, with: response)
    case .failure(let report, let requestID): try fail(requestID, with: report)
    }
  }

  nonisolated func advance(after answer: InvocationAnswer?) -> Advance { .incomplete(answer) }

  /// Answers an invocation, if there is one, and waits for the next event.
  ///
  /// An event that follows at once is taken on the handler's own thread; else that thread hands
  /// over to the channel's, once for the answer and the wait together.
  ///
  /// - Returns: The invocation, or `nil` when a stop signal has fired.
  nonisolated(nonsending) func next(
    after answer: InvocationAnswer?
  ) async throws(LambdaRuntimeError) -> Invocation? {
    switch advance(after: answer) {
    case .invocation(let invocation): return invocation
    case .failure(let error): throw error
    case .incomplete(let unanswered): return try await waitForNext(after: unanswered)
    }
  }

  private func waitForNext(
    after answer: InvocationAnswer?
  ) throws(LambdaRuntimeError) -> Invocation? {
    if let answer { try deliver(answer) }
    return try next()
  }
}

/// The progress of an invocation channel without waiting.
enum Advance: Sendable {
  case invocation(Invocation?)
  case failure(LambdaRuntimeError)
  /// The channel must wait: for the next event, and before that for the end of this answer, if
  /// there is one.
  case incomplete(InvocationAnswer?)
}

/// The header fields and trailers of a streamed response (AWS Lambda developer guide, "Building a
/// custom runtime").
enum StreamField {
  static let responseMode = "Lambda-Runtime-Function-Response-Mode"
  static let errorType = "Lambda-Runtime-Function-Error-Type"
  static let errorBody = "Lambda-Runtime-Function-Error-Body"

  /// The announcement of the trailers, without which they may not be sent.
  static let announcement = (name: "Trailer", value: "\(errorType), \(errorBody)")

  /// The trailers of a report.
  static func trailers(_ report: ErrorReport?) -> [(name: String, value: String)] {
    guard let report = report?.shortened(toByteCount: maximumReportByteCount) else { return [] }
    return [(errorType, report.category), (errorBody, Base64.encode(report.json))]
  }

  /// The most that a report in trailers may have, in bytes of JSON.
  ///
  /// Lambda's side of the Runtime API is written in Go, whose HTTP server refuses trailers that do
  /// not fit into its buffer of 4,096 bytes; these bytes make at most 3,468 of Base64.
  static let maximumReportByteCount = 2600
}
