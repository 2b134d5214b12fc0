import LambdaCache

/// How long what a test does not wait for takes, unless there is a fault: an hour, or as many
/// seconds as `LAMBDA_CACHE_TEST_PATIENCE` says, so that the fault shows soon.
let patience: Duration = .seconds(
  ProcessEnvironment.current["LAMBDA_CACHE_TEST_PATIENCE"].flatMap(Int.init) ?? 3_600)
