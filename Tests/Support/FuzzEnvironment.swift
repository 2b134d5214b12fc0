#if canImport(Testing)
  import LambdaCache
  import Testing

  /// The two variables that make a fuzz test run longer, or repeat a history.
  package enum FuzzEnvironment {
    /// The seed of the first history: `LAMBDA_CACHE_FUZZ_SEED`, or always the same one.
    package static let seed = number(named: "LAMBDA_CACHE_FUZZ_SEED") ?? 2_026

    /// The number of histories or samples of each test: `LAMBDA_CACHE_FUZZ_ITERATIONS`, or `nil`.
    package static let iterations = number(named: "LAMBDA_CACHE_FUZZ_ITERATIONS").map(Int.init)

    /// - Returns: The number of the environment, or that of a quick selection.
    package static func iterations(orElse count: Int) -> Int { iterations ?? count }

    private static func number(named name: String) -> UInt64? {
      guard let text = ProcessEnvironment.current[name] else { return nil }
      guard let number = UInt64(text) else {
        Issue.record("\(name) is \"\(text)\", not a number")
        return nil
      }
      return number
    }
  }
#endif
