import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("A context")
struct LambdaContextTests {
  @Test(
    "A context has no time left once its deadline is past", arguments: [0, 1, 1_542_409_706_888])
  func pastDeadline(milliseconds: Int64) {
    let context = LambdaContext(requestID: "1", deadlineMilliseconds: milliseconds)
    #expect(context.remainingTime == .zero)
  }

  @Test("A context has the time left until its deadline by the wall clock")
  func futureDeadline() {
    let deadline = Int64((Self.now() + .seconds(86_400)) / .milliseconds(1))
    let context = LambdaContext(requestID: "1", deadlineMilliseconds: deadline)
    let before = Self.now()
    let remaining = context.remainingTime
    let after = Self.now()
    // Between two readings of the clock, to the nanosecond.
    #expect(remaining <= .milliseconds(deadline) - before)
    #expect(remaining >= .milliseconds(deadline) - after)
  }

  @Test("What has to be done before a handler is done in its invocation, each time")
  func starts() async throws {
    final class Owner {}
    let owner = Owner()
    let count = Locked(0)
    let scope = InvocationScope(deadline: nil)
    let invocation = Invocation(
      event: [], context: LambdaContext(requestID: "1", deadlineMilliseconds: 1))
    // Other tests have invocations as well.
    InvocationStarts.add(owner) {
      if InvocationScope.current === scope { count.withLock { $0 += 1 } }
    }
    for round in 1...2 {
      try await invocation.withTaskLocals(scope) { #expect(count.withLock { $0 } == round) }
    }
    InvocationStarts.remove(owner)
    try await invocation.withTaskLocals(scope) { #expect(count.withLock { $0 } == 2) }
  }

  private static func now() -> Duration {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
  }

  @Test("A context has the function's facts from the environment that Lambda sets")
  func function() {
    let context = LambdaContext(
      requestID: "1", deadlineMilliseconds: 0,
      environment: [
        "AWS_LAMBDA_FUNCTION_NAME": "users", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/users",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]abc",
      ])
    #expect(context.functionName == "users")
    #expect(context.functionVersion == "$LATEST")
    #expect(context.memorySize == 128)
    #expect(context.logGroupName == "/aws/lambda/users")
    #expect(context.logStreamName == "2026/01/01/[$LATEST]abc")
  }

  @Test("A context has no facts of the function outside Lambda")
  func noFunction() {
    let context = LambdaContext(
      requestID: "1", deadlineMilliseconds: 0,
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "much"])
    #expect(context == LambdaContext(requestID: "1", deadlineMilliseconds: 0))
    #expect(context.functionName == nil)
    #expect(context.memorySize == nil)
  }
}

@Suite("The trace variable", .prompt)
struct TraceVariableTests {
  // The environment belongs to the process, so each of these runs in one of its own.

  @Test("The trace variable follows its values, short and long, and goes when there is none")
  func values() async {
    await #expect(processExitsWith: .success) {
      func current() -> String? { ProcessEnvironment.current["_X_AMZN_TRACE_ID"] }
      for length in [0, 1, 100, 494, 495, 496, 5000, 3, 20_000, 100] {
        let value = String(repeating: "x", count: length) + "é"
        TraceVariable.set(value)
        guard current() == value else { fatalError("\(length): \(current() ?? "nil")") }
      }
      TraceVariable.set(nil)
      guard current() == nil else { fatalError("still set") }
      TraceVariable.set("again")
      guard current() == "again" else { fatalError("not set again") }
    }
  }

  @Test("The trace variable leaves the other variables alone")
  func otherVariables() async {
    await #expect(processExitsWith: .success) {
      setenv("LAMBDA_CACHE_TEST_OTHER", "kept", 1)
      var before = ProcessEnvironment.current
      for index in 0..<100 { TraceVariable.set("Root=\(index)") }
      before["_X_AMZN_TRACE_ID"] = "Root=99"
      guard ProcessEnvironment.current == before else { fatalError("changed") }
    }
  }
}
