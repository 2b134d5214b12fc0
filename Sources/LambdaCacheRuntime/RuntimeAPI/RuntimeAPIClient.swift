internal import LambdaCacheTransport

/// The Runtime API, version 2018-06-01, over one connection.
///
/// The actor's executor is a thread of its own, so its methods block without holding up the tasks
/// of the program; ``advance(after:)`` alone works on the thread that asks, and does not block. One
/// client serves one invocation at a time.
actor RuntimeAPIClient: InvocationChannel {
  nonisolated let thread: IOThread
  let connection: Connection
  let endpoint: Endpoint
  private let function: FunctionInfo
  let timeouts: Timeouts
  /// The signals that end the wait for an event.
  let stops: [StopSignal]
  /// Whether this is the only client, so that the trace of its invocation is the process's.
  let isAlone: Bool
  let nextRequest: HTTPRequest
  var stream = ResponseStream()
  /// The limit on streaming the present invocation's response.
  var streamLimit: ExchangeLimit
  /// Whether an attempt to begin the present invocation's response has failed and may have arrived.
  var streamMayHaveArrived = false

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.executor.asUnownedSerialExecutor()
  }

  static let root = "/2018-06-01/runtime"

  /// Starts the client's thread.
  ///
  /// A connection is made at the first request.
  init(
    endpoint: Endpoint, function: FunctionInfo, timeouts: Timeouts, stops: [StopSignal],
    isAlone: Bool = true
  ) throws(SystemError) {
    self.thread = try IOThread()
    self.connection = Connection(endpoint: endpoint, timeouts: timeouts)
    self.endpoint = endpoint
    self.function = function
    self.timeouts = timeouts
    self.stops = stops
    self.isAlone = isAlone
    self.streamLimit = ExchangeLimit(total: timeouts.exchange, inactivity: nil)
    self.nextRequest = HTTPRequest(
      method: "GET", path: "\(Self.root)/invocation/next", authority: endpoint.authority)
  }
}

// MARK: - Next

extension RuntimeAPIClient {
  /// Waits for the next event, without limit, and makes its trace the process's.
  ///
  /// The trace is not set while others are being handled at the same time.
  ///
  /// A connection that fails is replaced, also within an event, which Lambda gives again:
  /// `Attempts`.
  ///
  /// - Returns: The invocation, or `nil` when a stop signal has fired.
  func next() throws(LambdaRuntimeError) -> Invocation? {
    guard let response = try awaitEvent() else { return nil }
    guard response.isSuccess else {
      throw LambdaRuntimeError(operation: .next, reason: .refused(response))
    }
    let invocation = try Invocation(response, function: function)
    if isAlone { TraceVariable.set(invocation.context.traceID) }
    stream.begin(invocation.context.requestID)
    // A deadline that is past, or a wall clock that is wrong, leaves the time of any exchange.
    streamLimit = ExchangeLimit(
      total: max(invocation.context.remainingTime, timeouts.exchange), inactivity: nil)
    return invocation
  }

  private func awaitEvent() throws(LambdaRuntimeError) -> HTTPResponse? {
    // Once stopped, request nothing: an event that is delivered and not answered is a failed
    // invocation.
    if connection.begun == nil, try pause(.zero, before: .next) { return nil }
    var attempts = Attempts(delays: timeouts.retryDelays)
    while true {
      do throws(TransportError) {
        return try connection.exchange(nextRequest, patience: .unlimited(stops: stops))
      } catch {
        if error == .stopped { return nil }
        guard let delay = attempts.pause(after: error) else {
          throw LambdaRuntimeError(.next, error)
        }
        if try pause(delay, before: .next) { return nil }
      }
    }
  }

  /// - Returns: Whether a stop signal has fired.
  func pause(
    _ delay: Duration, before operation: LambdaRuntimeError.Operation
  ) throws(LambdaRuntimeError) -> Bool {
    do throws(SystemError) {
      return try StopSignal.pause(for: delay, orUntil: operation == .next ? stops : [])
    } catch {
      throw LambdaRuntimeError(operation, .failed(error))
    }
  }
}

// MARK: - Answers

extension RuntimeAPIClient {
  /// Answers an invocation.
  ///
  /// An answer over the limit is reported as the invocation's error, under the type that Lambda
  /// uses for it; so is one that Lambda refuses with 413.
  func complete(_ requestID: String, with response: [UInt8]) throws(LambdaRuntimeError) {
    let limit = PayloadLimit.byteCount
    guard response.count <= limit else {
      return try fail(requestID, with: .responseTooLarge(byteCount: response.count))
    }
    let answer = try post(.response, responseRequest(requestID, response))
    guard answer.response.status == 413 else { return try check(answer, of: .response) }
    // AWS's emulator has answered the caller by then and refuses a second report; if Lambda has
    // not, this is the report.
    var report = try post(error: .responseTooLarge(byteCount: response.count), requestID)
    report.mayComeTooLate = true
    try check(report, of: .error)
  }

  /// Reports the error of an invocation.
  func fail(_ requestID: String, with report: ErrorReport) throws(LambdaRuntimeError) {
    try check(try post(error: report, requestID), of: .error)
  }

  /// Reports that the function could not be set up.
  func failInitialization(with report: ErrorReport) throws(LambdaRuntimeError) {
    let answer = try post(
      .initializationError,
      request(path: "\(Self.root)/init/error", fields: report.fields, body: report.json))
    try check(answer, of: .initializationError)
  }

  func post(
    error report: ErrorReport, _ requestID: String
  ) throws(LambdaRuntimeError) -> Answer {
    report.log(of: requestID)
    return try post(
      .error,
      request(
        path: "\(Self.root)/invocation/\(requestID)/error", fields: report.fields,
        body: report.json))
  }

  /// The request that answers an invocation.
  func responseRequest(_ requestID: String, _ response: [UInt8]) -> HTTPRequest {
    request(path: "\(Self.root)/invocation/\(requestID)/response", body: response)
  }

  private func request(
    path: String, fields: [(name: String, value: String)] = [], body: [UInt8]
  ) -> HTTPRequest {
    HTTPRequest(
      method: "POST", path: path, authority: endpoint.authority,
      fields: [("Content-Type", "application/json")] + fields, body: body)
  }

  /// The answer to a post.
  struct Answer {
    var response: HTTPResponse
    /// Whether the invocation may have been answered before this request, so that its refusal is
    /// not a failure.
    var mayComeTooLate: Bool
  }

  func check(
    _ answer: Answer, of operation: LambdaRuntimeError.Operation
  ) throws(LambdaRuntimeError) {
    if answer.response.isSuccess { return }
    // If the invocation is not over after all, the next event is refused, which is reported.
    if answer.mayComeTooLate, (400..<500).contains(answer.response.status) { return }
    throw LambdaRuntimeError(operation: operation, reason: .refused(answer.response))
  }

  /// Posts a body, and again on a new connection if one is lost: `Attempts`.
  private func post(
    _ operation: LambdaRuntimeError.Operation, _ request: HTTPRequest
  ) throws(LambdaRuntimeError) -> Answer {
    var attempts = Attempts(delays: timeouts.retryDelays)
    while true {
      do throws(TransportError) {
        let response = try connection.exchange(request)
        // The first of two posts may have arrived, though its answer did not.
        return Answer(response: response, mayComeTooLate: attempts.mayHaveArrived)
      } catch {
        guard let delay = attempts.pause(after: error) else {
          throw LambdaRuntimeError(operation, error)
        }
        _ = try pause(delay, before: operation)
      }
    }
  }
}

extension HTTPResponse {
  var isSuccess: Bool { head.isSuccess }
}

extension HTTPResponseHead {
  var isSuccess: Bool { (200..<300).contains(status) }
}

extension ErrorReport {
  fileprivate var fields: [(name: String, value: String)] {
    [("Lambda-Runtime-Function-Error-Type", category)]
  }

  /// Lambda's own report of an answer that is too large.
  static func responseTooLarge(byteCount: Int) -> ErrorReport {
    ErrorReport(
      type: "Function.ResponseSizeTooLarge",
      message: """
        Response payload size (\(byteCount) bytes) exceeded maximum allowed payload size \
        (\(PayloadLimit.byteCount) bytes).
        """)
  }
}
