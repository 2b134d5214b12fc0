import LambdaCache
import Testing

@testable import LambdaCacheRuntime

/// How long a test waits for what nothing but a fault can hold up.
///
/// Beside all other tests, on a machine with other things to do, what comes at once on an idle one
/// may take minutes: an hour is never over in a test that passes. `LAMBDA_CACHE_TEST_PATIENCE` says
/// how many seconds where a fault is to show soon.
enum Patience {
  static let seconds: Int = {
    let told = ProcessEnvironment.current["LAMBDA_CACHE_TEST_PATIENCE"].flatMap { Int($0) }
    return told ?? 3600
  }()

  static let duration = Duration.seconds(seconds)

  /// Waits for a service that must end by itself, and has it end by cancellation if it does not.
  static func awaitEnd<Value>(
    of service: Task<Value, any Error>, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Value {
    let watchdog = Task {
      try await Task.sleep(for: duration)
      Issue.record("the service does not end", sourceLocation: sourceLocation)
      service.cancel()
    }
    defer { watchdog.cancel() }
    return try await service.value
  }
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
