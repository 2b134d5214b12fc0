/// The function that runs, as the environment variables of Lambda describe it.
///
/// Outside Lambda most are not set; each is `nil` then.
public struct LambdaFunctionInfo: Sendable, Equatable {
  /// The name of the function, from `AWS_LAMBDA_FUNCTION_NAME`.
  public var name: String?
  /// The version, `$LATEST` or a number, from `AWS_LAMBDA_FUNCTION_VERSION`.
  public var version: String?
  /// The memory in units of 1024 KB, from `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`; `nil` also when the
  /// value is not a number.
  public var memorySize: Int?
  /// The log group, from `AWS_LAMBDA_LOG_GROUP_NAME`.
  public var logGroupName: String?
  /// The log stream, one per execution environment, from `AWS_LAMBDA_LOG_STREAM_NAME`.
  public var logStreamName: String?

  /// Reads the variables from a dictionary.
  ///
  /// - Parameter environment: Names and values.
  public init(environment: [String: String]) {
    name = environment["AWS_LAMBDA_FUNCTION_NAME"]
    version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
    memorySize = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"].flatMap(Int.init)
    logGroupName = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
    logStreamName = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
  }
}
