import TestSupport
import Testing

@testable import LambdaCacheHTTP

/// Random histories of requests, changes and invalidations.
///
/// `LAMBDA_CACHE_FUZZ_ITERATIONS` sets how many there are, of fifty steps each, and
/// `LAMBDA_CACHE_FUZZ_SEED` the seed of the first. 5,000 of them make 200,000 requests.
@Suite("A store of responses against an oracle of RFC 9111", .timeLimit(.minutes(15)))
struct StoreFuzzTests {
  private static let stepsPerHistory = 50

  @Test("A store of responses serves only what the standard permits, and all that it promises")
  func histories() async {
    let iterations = FuzzEnvironment.iterations(orElse: 150)
    var coverage: [String: Int] = [:]
    for history in 0..<iterations {
      let seed = FuzzEnvironment.seed &+ UInt64(history) &* 0x9E37_79B9
      let model = StoreModel(seed: seed)
      for step in 1...Self.stepsPerHistory {
        let violations = await model.step() + model.audit()
        guard violations.isEmpty else {
          Issue.record(
            """
            seed \(seed), step \(step): \(violations.joined(separator: "\n"))
            \(model.configuration)
            \(model.history)
            replay: LAMBDA_CACHE_FUZZ_SEED=\(seed) LAMBDA_CACHE_FUZZ_ITERATIONS=1
            """)
          return
        }
      }
      coverage.merge(model.coverage, uniquingKeysWith: +)
    }
    guard iterations >= 100 else { return }
    for kind in [
      "answer", "hit", "stale", "confirmed", "instead of an error", "instead of a failure",
      "refusal", "error", "unsafe",
    ] {
      #expect(coverage[kind, default: 0] > 0, "no response of the kind '\(kind)' in \(coverage)")
    }
    #expect(coverage["hit", default: 0] * 20 > coverage.values.reduce(0, +))
  }
}
