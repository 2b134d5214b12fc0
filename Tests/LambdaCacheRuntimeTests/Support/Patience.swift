import LambdaCache

@testable import LambdaCacheRuntime

/// How long a test waits for what nothing but a fault can hold up.
///
/// Beside all other tests, on a machine with other things to do, what comes at once on an idle one may
/// take minutes: an hour is never over in a test that passes. `LAMBDA_CACHE_TEST_PATIENCE` says how
/// many seconds where a fault is to show soon, of which the module's tests together need some.
enum Patience {
  static let seconds: Int = {
    let told = ProcessEnvironment.current["LAMBDA_CACHE_TEST_PATIENCE"].flatMap { Int($0) }
    return told.map { max(60, $0) } ?? 3600
  }()

  static let duration = Duration.seconds(seconds)
}

extension Timeouts {
  /// Limits that no healthy exchange reaches, and pauses that do not make tests slow.
  static func patient(
    inactivity: Duration = Patience.duration, retryDelays: [Duration] = brief(3)
  ) -> Timeouts {
    Timeouts(
      connect: Patience.duration, inactivity: inactivity, exchange: Patience.duration,
      drain: Patience.duration, lastAnswers: Patience.duration, retryDelays: retryDelays)
  }

  /// A number of pauses of a millisecond.
  static func brief(_ count: Int) -> [Duration] {
    Array(repeating: .milliseconds(1), count: count)
  }
}
