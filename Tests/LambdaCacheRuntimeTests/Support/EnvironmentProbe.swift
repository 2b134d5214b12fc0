import LambdaCache

enum EnvironmentProbe {
  /// What a handler that asks the process finds.
  static var trace: String? { ProcessEnvironment.current["_X_AMZN_TRACE_ID"] }
}
