import LambdaCacheTransport
import TestSupport
import Testing

@testable import LambdaCacheRuntime

/// The exchanges on the handler's thread, on the client's, and those that begin on the one and end
/// on the other.
@Suite("An event that follows an answer", .timeLimit(.minutes(10)))
struct AdvanceTests {
  /// Never enough, always enough, and what functions have.
  static let patiences: [Duration] = [.zero, unreachedTime, Timeouts.standard.onHandlerThread]

  private func client(
    _ server: FakeRuntimeAPI, _ patience: Duration, isAlone: Bool = true, stops: [StopSignal] = []
  ) throws -> RuntimeAPIClient {
    var runtime = try LambdaRuntime(server)
    runtime.timeouts.onHandlerThread = patience
    guard case .runtimeAPI(let endpoint) = runtime.source else { preconditionFailure() }
    return try RuntimeAPIClient(
      endpoint: endpoint, function: runtime.function, timeouts: runtime.timeouts, stops: stops,
      isAlone: isAlone)
  }

  private func serve(_ server: FakeRuntimeAPI, _ patience: Duration) async throws {
    var runtime = try LambdaRuntime(server)
    runtime.timeouts.onHandlerThread = patience
    try await runtime.run { (event: [UInt8], _) in event }
  }

  /// Waits until the client's thread has left the method that the task has returned from.
  private func idle(_ client: RuntimeAPIClient) async {
    while client.thread.executor.lend({}) == nil { await Task.yield() }
  }

  private static let answer = InvocationAnswer.response([0x62], requestID: Answer.requestID)

  private static func leaves(_ client: RuntimeAPIClient) -> Bool {
    guard case .incomplete(nil) = client.advance(after: nil),
      case .incomplete(.response([0x62], Answer.requestID)) = client.advance(after: answer)
    else { return false }
    return true
  }

  @Test("An event that follows an answer at once is taken on the thread that asks")
  func taken() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .answer(Answer.accepted), .answer(Answer.event("c"))]
    ])
    let client = try client(server, unreachedTime)
    #expect(try await client.next()?.event == [0x61])
    await idle(client)
    guard case .invocation(let invocation) = client.advance(after: Self.answer) else {
      Issue.record("handed over")
      return
    }
    #expect(invocation?.event == [0x63])
    #expect(server.requests.map(\.body) == [[], [0x62], []])
  }

  @Test(
    "An event is left to the client's thread without a connection, and with several clients"
  )
  func left() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a"))],
      [.answer(Answer.event("b")), .answer(Answer.accepted), .answer(Answer.event("c"))],
    ])
    let one = try client(server, unreachedTime)
    #expect(Self.leaves(one))
    #expect(try await one.next()?.event == [0x61])
    #expect(server.requests.count == 1)
    // With a connection, too.
    let several = try client(server, unreachedTime, isAlone: false)
    #expect(try await several.next()?.event == [0x62])
    await idle(several)
    #expect(Self.leaves(several))
    #expect(server.requests.count == 2)
  }

  @Test("An event is left to the client's thread once the service is to stop, after the answer")
  func stopped() async throws {
    let server = try FakeRuntimeAPI(sending: "a")
    let stop = try StopSignal()
    let client = try client(server, unreachedTime, stops: [stop])
    #expect(try await client.next()?.event == [0x61])
    await idle(client)
    stop.fire()
    guard case .incomplete(nil) = client.advance(after: Self.answer) else {
      Issue.record("not left")
      return
    }
    #expect(try await client.next() == nil)
    #expect(server.requests.map(\.body) == [[], [0x62]])
  }

  @Test("An event that follows an answer is asked for once, on either thread", arguments: patiences)
  func conversation(_ patience: Duration) async throws {
    let events = (0..<50).map { Array("event \($0)".utf8) }
    let server = try FakeRuntimeAPI(connections: [
      events.flatMap { event -> [FakeRuntimeAPI.Step] in
        [.answer(Answer.event(event)), .answer(Answer.accepted)]
      } + [.answer(Answer.final)]
    ])
    await #expect(throws: Answer.end) { try await serve(server, patience) }
    #expect(server.requests.filter { $0.line.hasPrefix("POST") }.map(\.body) == events)
    #expect(server.requests.count == 101)
  }

  @Test(
    "An event that follows an answer may be of any size and come in any pieces",
    arguments: patiences, [3, 65_536, 6_291_556])
  func largeEvent(_ patience: Duration, byteCount: Int) async throws {
    let event = Payload.pattern(byteCount)
    let server = try FakeRuntimeAPI(connections: [
      [
        .answer(Answer.event("a")), .answer(Answer.accepted, pieceSize: 5),
        .answer(Answer.chunkedEvent(event, chunkSize: 100_000), pieceSize: 50_000),
        .answer(Answer.accepted), .answer(Answer.final),
      ]
    ])
    await #expect(throws: Answer.end) { try await serve(server, patience) }
    #expect(server.requests.count == 5)
    #expect(try Payload.areEqual(server.request(3).body, event))
  }

  @Test(
    "An event that follows an answer is asked for on a new connection if the old one breaks",
    arguments: patiences,
    [FakeRuntimeAPI.Step.close, .reset])
  func broken(_ patience: Duration, _ step: FakeRuntimeAPI.Step) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), step],
      [.answer(Answer.accepted), step],
      [.answer(Answer.event("b")), .answer(Answer.accepted), .answer(Answer.final)],
    ])
    await #expect(throws: Answer.end) { try await serve(server, patience) }
    #expect(server.requests.map(\.connection) == [0, 0, 1, 1, 2, 2, 2])
    #expect(
      server.requests.filter { $0.line.hasPrefix("POST") }.map(\.body) == [[0x61], [0x61], [0x62]])
  }

  @Test(
    "An event that follows an answer is not asked for where the answer is refused",
    arguments: patiences)
  func refused(_ patience: Duration) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [
        .answer(Answer.event("a")), .answer(Answer.plain(status: "403 Forbidden", body: "no")),
        .answer(Answer.final),
      ]
    ])
    let expected = LambdaRuntimeError(
      operation: .response, reason: .refused(status: 403, message: "no"))
    await #expect(throws: expected) { try await serve(server, patience) }
    #expect(server.requests.count == 2)
  }

  @Test(
    "An event is asked for after the report of an answer that was too large", arguments: patiences)
  func tooLarge(_ patience: Duration) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [
        .answer(Answer.event("a")),
        .answer(Answer.plain(status: "413 Payload Too Large", body: "")),
        .answer(Answer.accepted), .answer(Answer.final),
      ]
    ])
    await #expect(throws: Answer.end) { try await serve(server, patience) }
    #expect(server.requests.map(\.line).count { $0.contains("/error") } == 1)
  }

  @Test(
    "An event that was cut is asked for again, and reported malformed, as on the client's thread",
    arguments: patiences,
    [
      ("HTTP/1.1 200 OK\r\nContent-Le", Answer.end),
      (
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        LambdaRuntimeError(
          operation: .next, reason: .malformedAnswer("malformed header field 'no colon'"))
      ),
    ] as [(String, LambdaRuntimeError)])
  func damaged(_ patience: Duration, damage: (text: String, end: LambdaRuntimeError)) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [
        .answer(Answer.event("a")), .answer(Answer.accepted), .answer(Array(damage.text.utf8)),
      ], [.answer(Answer.final)],
    ])
    await #expect(throws: damage.end) { try await serve(server, patience) }
  }

  @Test("An event that comes a byte at a time is left to the client's own thread in time")
  func trickle() async throws {
    let event = [UInt8](repeating: 0x78, count: 20_000)
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .answer(Answer.accepted), .trickle(Answer.event(event))],
      [.answer(Answer.final)],
    ])
    let client = try client(server, .milliseconds(200))
    #expect(try await client.next()?.event == [0x61])
    await idle(client)
    try await client.deliver(Self.answer)
    await idle(client)
    // Each byte comes long before the patience is over, and all of them long after.
    guard case .incomplete(nil) = client.advance(after: nil) else {
      Issue.record("waited for")
      return
    }
    server.release()
    #expect(try await client.next()?.event == event)
  }

  @Test(
    "An event is taken behind an answer that was more than what is sent at once",
    arguments: patiences)
  func largeAnswer(_ patience: Duration) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [
        .answer(Answer.event([UInt8](repeating: 0x78, count: 100_000))), .answer(Answer.accepted),
        .answer(Answer.event("b")), .answer(Answer.accepted), .answer(Answer.final),
      ]
    ])
    await #expect(throws: Answer.end) { try await serve(server, patience) }
    #expect(try server.request(1).body.count == 100_000)
    #expect(server.requests.count == 5)
  }
}
