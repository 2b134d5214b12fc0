/// Where events come from and answers go: the Runtime API, or a client of the local server.
///
/// A channel serves one invocation at a time. What it throws ends the service; what concerns only
/// one invocation it deals with itself.
protocol InvocationChannel: Actor {
  /// The response of the present invocation, as far as it is streamed.
  var stream: ResponseStream { get set }

  /// Waits for the next event, without limit.
  ///
  /// - Returns: The invocation, or `nil` when a stop signal has fired.
  func next() throws(LambdaRuntimeError) -> Invocation?

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

  /// Judges a stream that broke, once its handler has returned: throws if the service is to end.
  func endBrokenStream(_ error: LambdaRuntimeError) throws(LambdaRuntimeError)
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
