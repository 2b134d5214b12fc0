import LambdaCache
internal import LambdaCacheText

/// An event with its context.
struct Invocation: Sendable {
  let event: [UInt8]
  let context: LambdaContext

  init(event: [UInt8], context: LambdaContext) {
    self.event = event
    self.context = context
  }

  /// Takes an invocation out of the answer to `next`.
  ///
  /// - Throws: `LambdaRuntimeError` when the request identifier or the deadline is missing or
  ///   malformed; the other fields are optional.
  init(_ response: HTTPResponse, function: FunctionInfo) throws(LambdaRuntimeError) {
    let head = response.head
    let requestID = head.firstValue(named: Field.requestID)
    guard let requestID, Self.isPathSegment(requestID) else {
      throw Self.invalid(Field.requestID, requestID, accepted: Self.acceptedRequestID)
    }
    let deadline = head.firstValue(named: Field.deadline)
    guard let deadline, let milliseconds = ASCII.decimal(deadline.utf8) else {
      throw Self.invalid(Field.deadline, deadline, accepted: "milliseconds since 1970 as digits")
    }
    event = response.body
    context = LambdaContext(
      requestID: requestID,
      deadlineMilliseconds: Int64(milliseconds),
      traceID: head.firstValue(named: Field.traceID),
      invokedFunctionARN: head.firstValue(named: Field.invokedFunctionARN),
      clientContext: head.firstValue(named: Field.clientContext),
      cognitoIdentity: head.firstValue(named: Field.cognitoIdentity),
      tenantID: head.firstValue(named: Field.tenantID),
      function: function)
  }

  /// Runs a handler with the task-local values of the invocation, for the handler and for caches.
  ///
  /// - Parameter isolation: The actor that the handler runs on: the caller's.
  func withTaskLocals<Answer>(
    _ scope: InvocationScope, isolation: isolated (any Actor)? = #isolation,
    _ handler: nonisolated(nonsending) () async throws -> Answer
  ) async throws -> Answer {
    try await InvocationScope.$current.withValue(scope) {
      _ = isolation
      return try await LambdaContext.$current.withValue(context) {
        _ = isolation
        await InvocationStarts.prepare()
        return try await handler()
      }
    }
  }

  /// The header fields of an event.
  private enum Field {
    static let requestID = "Lambda-Runtime-Aws-Request-Id"
    static let deadline = "Lambda-Runtime-Deadline-Ms"
    static let traceID = "Lambda-Runtime-Trace-Id"
    static let invokedFunctionARN = "Lambda-Runtime-Invoked-Function-Arn"
    static let clientContext = "Lambda-Runtime-Client-Context"
    static let cognitoIdentity = "Lambda-Runtime-Cognito-Identity"
    static let tenantID = "Lambda-Runtime-Aws-Tenant-Id"
  }

  private static let acceptedRequestID =
    "1 to \(maximumRequestIDByteCount) letters, digits and any of -._~:, but not . or .."

  private static let maximumRequestIDByteCount = 256

  /// Whether a text can stand in a path as it is.
  ///
  /// Lambda's identifiers are UUIDs; an emulator's need not be. One or two dots alone are special
  /// segments (RFC 3986, section 5.2.4).
  private static func isPathSegment(_ text: String) -> Bool {
    (1...maximumRequestIDByteCount).contains(text.utf8.count) && text != "." && text != ".."
      && text.utf8.allSatisfy { byte in
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || "-._~:".utf8.contains(byte)
      }
  }

  private static func invalid(
    _ name: String, _ value: String?, accepted: String
  ) -> LambdaRuntimeError {
    LambdaRuntimeError(
      operation: .next,
      reason: .invalidValue(name: name, value: value, accepted: accepted))
  }
}
