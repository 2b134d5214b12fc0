import TestSupport
import Testing

@testable import LambdaCacheRuntime

enum Patience {
  /// Waits for a service that must end by itself, and has it end by cancellation if it does not.
  static func awaitEnd<Value>(
    of service: Task<Value, any Error>, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Value {
    let watchdog = Task {
      try await Task.sleep(for: unreachedTime)
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
    inactivity: Duration = unreachedTime, retryDelays: [Duration] = brief(3)
  ) -> Timeouts {
    Timeouts(
      connect: unreachedTime, inactivity: inactivity, exchange: unreachedTime,
      drain: unreachedTime, lastAnswers: unreachedTime, retryDelays: retryDelays)
  }

  /// A number of pauses of a millisecond.
  static func brief(_ count: Int) -> [Duration] {
    Array(repeating: .milliseconds(1), count: count)
  }
}
