#if canImport(Testing)
  public import Testing

  /// Runs the tests of a suite ahead of others: those that wait for processes, and those in which
  /// something must happen before a time is over.
  ///
  /// From the end of an exit test's process until the test asks for it, the testing library asks
  /// the system over and over, on a thread of its own. Beside a thousand tests of the same priority
  /// that takes seconds, in which one processor does nothing else.
  public struct PromptTrait: SuiteTrait, TestTrait, TestScoping {
    /// It holds for suites within a suite as well.
    public var isRecursive: Bool { true }

    /// Runs a test, or one of its cases, in a task of high priority.
    ///
    /// - Parameters:
    ///   - test: The test.
    ///   - testCase: The case.
    ///   - function: Runs it.
    /// - Throws: What the test throws.
    public func provideScope(
      for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
      try await withoutActuallyEscaping(function) { function in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask(priority: .high) { try await function() }
          try await group.waitForAll()
        }
      }
    }
  }

  extension Trait where Self == PromptTrait {
    /// Has tests run ahead of others.
    public static var prompt: Self { Self() }
  }
#endif
