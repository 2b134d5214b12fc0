import LambdaCache

/// Waits until the time of an invocation is over.
func untilOver(_ scope: InvocationScope) async throws {
  while let left = scope.remainingTime, left > .zero { try await Task.sleep(for: left) }
}

/// Runs a part of a test as an invocation.
func inside<Answer>(
  _ scope: InvocationScope, _ body: () async throws -> Answer
) async throws -> Answer {
  try await InvocationScope.$current.withValue(scope) { try await body() }
}
