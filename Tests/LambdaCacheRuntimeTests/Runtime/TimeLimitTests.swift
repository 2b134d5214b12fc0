import Testing

@testable import LambdaCacheRuntime

@Suite("A peer that falls silent", .timeLimit(.minutes(15)))
struct TimeLimitTests {
  private static let limit = Duration.milliseconds(50)

  private func serve(_ server: FakeRuntimeAPI) async throws {
    try await LambdaRuntime(server, inactivity: Self.limit).run { (event: [UInt8], _) in event }
  }

  @Test("after a post is reported when the time is up")
  func silentPost() async throws {
    let server = try FakeRuntimeAPI(connections: [[.answer(Answer.event("a")), .silence]])
    let expected = LambdaRuntimeError(operation: .response, reason: .timedOut(after: Self.limit))
    await #expect(throws: expected) { try await serve(server) }
  }

  @Test("within an answer is reported when the time is up")
  func silentWithinAnswer() async throws {
    let partial = Array("HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\npart".utf8)
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .answerThenSilence(partial)]
    ])
    let expected = LambdaRuntimeError(operation: .response, reason: .timedOut(after: Self.limit))
    await #expect(throws: expected) { try await serve(server) }
  }

  @Test("within an event is reported when the time is up")
  func silentWithinEvent() async throws {
    let partial = Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart".utf8)
    let server = try FakeRuntimeAPI(connections: [[.answerThenSilence(partial)]])
    let expected = LambdaRuntimeError(operation: .next, reason: .timedOut(after: Self.limit))
    await #expect(throws: expected) { try await serve(server) }
  }

  @Test("before an event is waited for beyond every limit, until the task is cancelled")
  func silentNext() async throws {
    let server = try FakeRuntimeAPI(connections: [[.silence]])
    var runtime = try LambdaRuntime(server, inactivity: .microseconds(1))
    runtime.timeouts.exchange = .microseconds(1)
    runtime.timeouts.retryDelays = []
    // With limits this short, a wait that was bounded would have thrown before it was cancelled.
    let serving = Task { [runtime] in try await runtime.run { (event: [UInt8], _) in event } }
    await server.waitUntilReceived("/next")
    for _ in 0..<100 { await Task.yield() }
    serving.cancel()
    try await serving.value
  }

  @Test("now and then is not waited for longer than a whole exchange may take")
  func trickle() async throws {
    let partial = Array("HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\npart".utf8)
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .answerThenSilence(partial)]
    ])
    var runtime = try LambdaRuntime(server)
    // No single wait is long enough to count, so only the limit on their sum can end this.
    runtime.timeouts.exchange = .zero
    let expected = LambdaRuntimeError(operation: .response, reason: .timedOut(after: .zero))
    await #expect(throws: expected) {
      try await runtime.run { (event: [UInt8], _) in event }
    }
  }
}
