import LambdaCache

enum EnvironmentProbe {
  /// The trace that a handler finds in the environment of the process.
  static var trace: String? { ProcessEnvironment.current["_X_AMZN_TRACE_ID"] }
}
