#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The properties of one invocation.
///
/// They come from the header fields of the event (AWS Lambda developer guide, "Lambda runtime
/// API") and from the environment variables that Lambda defines.
public struct LambdaContext: Sendable, Equatable {
  /// The identifier of the invocation; a retry of an asynchronous one has the same.
  public var requestID: String
  /// The X-Ray tracing header, such as `Root=1-…;Parent=…;Sampled=1`; `nil` when there is none.
  public var traceID: String?
  /// The ARN that was invoked, with version or alias if the caller gave one; `nil` when there is
  /// none.
  public var invokedFunctionARN: String?
  /// The time at which Lambda ends the invocation, in milliseconds since 1970-01-01 00:00 UTC.
  public var deadlineMilliseconds: Int64
  /// The client's description as JSON, for calls by the AWS Mobile SDK; `nil` for others.
  public var clientContext: String?
  /// The caller's Amazon Cognito identity as JSON, for calls by the AWS Mobile SDK; `nil` for
  /// others.
  public var cognitoIdentity: String?
  /// The tenant, for a function with tenant isolation; `nil` for others.
  public var tenantID: String?
  /// The name of the function, from `AWS_LAMBDA_FUNCTION_NAME`; `nil` outside of Lambda, as the
  /// following.
  public var functionName: String? { function.name }
  /// The version of the function, `$LATEST` or a number, from `AWS_LAMBDA_FUNCTION_VERSION`.
  public var functionVersion: String? { function.version }
  /// The memory setting in units of 1,024 KB, from `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`; `nil` also if
  /// that is not a number.
  public var memorySize: Int? { function.memorySize }
  /// The log group, from `AWS_LAMBDA_LOG_GROUP_NAME`.
  public var logGroupName: String? { function.logGroupName }
  /// The log stream, one for each environment, from `AWS_LAMBDA_LOG_STREAM_NAME`.
  public var logStreamName: String? { function.logStreamName }

  private let function: FunctionInfo

  /// Creates a context, for a test of a handler or for a runtime of one's own.
  ///
  /// - Parameters:
  ///   - requestID: The identifier of the invocation.
  ///   - deadlineMilliseconds: The end of the invocation, in milliseconds since 1970-01-01 UTC.
  ///   - traceID: The X-Ray tracing header.
  ///   - invokedFunctionARN: The ARN that was invoked.
  ///   - clientContext: The client's description as JSON.
  ///   - cognitoIdentity: The caller's Amazon Cognito identity as JSON.
  ///   - tenantID: The tenant.
  ///   - environment: The environment variables that describe the function.
  public init(
    requestID: String,
    deadlineMilliseconds: Int64,
    traceID: String? = nil,
    invokedFunctionARN: String? = nil,
    clientContext: String? = nil,
    cognitoIdentity: String? = nil,
    tenantID: String? = nil,
    environment: [String: String] = [:]
  ) {
    self.init(
      requestID: requestID, deadlineMilliseconds: deadlineMilliseconds, traceID: traceID,
      invokedFunctionARN: invokedFunctionARN, clientContext: clientContext,
      cognitoIdentity: cognitoIdentity, tenantID: tenantID,
      function: FunctionInfo(environment: environment))
  }

  init(
    requestID: String, deadlineMilliseconds: Int64, traceID: String?, invokedFunctionARN: String?,
    clientContext: String?, cognitoIdentity: String?, tenantID: String?, function: FunctionInfo
  ) {
    self.requestID = requestID
    self.deadlineMilliseconds = deadlineMilliseconds
    self.traceID = traceID
    self.invokedFunctionARN = invokedFunctionARN
    self.clientContext = clientContext
    self.cognitoIdentity = cognitoIdentity
    self.tenantID = tenantID
    self.function = function
  }

  /// The time until Lambda ends the invocation, by the wall clock; zero when it is past.
  public var remainingTime: Duration {
    max(.zero, .milliseconds(deadlineMilliseconds) - Self.sinceEpoch)
  }

  /// The wall clock, in milliseconds since 1970-01-01 00:00 UTC.
  static var currentMilliseconds: Int64 { Int64(sinceEpoch / .milliseconds(1)) }

  private static var sinceEpoch: Duration {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
  }
}
