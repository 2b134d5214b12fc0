/// The function, as the environment variables of Lambda describe it; outside of Lambda most are not
/// set.
struct FunctionInfo: Sendable, Equatable {
  let name: String?
  let version: String?
  let memorySize: Int?
  let logGroupName: String?
  let logStreamName: String?

  init(environment: [String: String]) {
    name = environment["AWS_LAMBDA_FUNCTION_NAME"]
    version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
    memorySize = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"].flatMap(Int.init)
    logGroupName = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
    logStreamName = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
  }
}
