import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheRuntime

@Suite("A connection", .timeLimit(.minutes(10)))
struct ConnectionTests {
  private func serve(_ server: FakeRuntimeAPI) async throws {
    try await LambdaRuntime(server).run { (event: [UInt8], _) in event }
  }

  @Test(
    "A connection that breaks while an event is awaited is replaced",
    arguments: [FakeRuntimeAPI.Step.close, .reset])
  func brokenNext(_ step: FakeRuntimeAPI.Step) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [step],
      [.answer(Answer.event("a")), .answer(Answer.accepted), step],
      [.answer(Answer.event("b")), .answer(Answer.accepted), .answer(Answer.final)],
    ])
    await #expect(throws: Answer.end) { try await serve(server) }
    #expect(server.requests.map(\.connection) == [0, 1, 1, 1, 2, 2, 2])
    #expect(server.requests.filter { $0.line.hasPrefix("POST") }.map(\.body) == [[0x61], [0x62]])
  }

  @Test(
    "A connection that keeps breaking is reported after a bounded number of attempts",
    arguments: [FakeRuntimeAPI.Step.close, .reset])
  func hopelessNext(_ step: FakeRuntimeAPI.Step) async throws {
    let server = try FakeRuntimeAPI(connections: Array(repeating: [step], count: 10))
    let error = await #expect(throws: LambdaRuntimeError.self) { try await serve(server) }
    #expect(error?.operation == .next)
    guard case .connectionLost = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(server.requests.count == 4)
  }

  @Test("A connection that is not accepted is reported with the address")
  func refusedConnection() async throws {
    let server = try FakeRuntimeAPI(connections: [])
    for await _ in server.events {}
    let error = await #expect(throws: LambdaRuntimeError.self) { try await serve(server) }
    guard case .unreachable(let text) = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(text.hasPrefix("127.0.0.1:\(server.port): connect: "))
  }

  @Test("A connection to a host that does not exist is reported with its name")
  func unknownHost() async throws {
    var runtime = try LambdaRuntime(environment: ["AWS_LAMBDA_RUNTIME_API": "host.invalid:1"])
    runtime.timeouts.retryDelays = []
    let error = await #expect(throws: LambdaRuntimeError.self) {
      try await runtime.run { (event: [UInt8], _) in event }
    }
    guard case .unreachable(let text) = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(text.hasPrefix("host.invalid:1: "))
  }

  @Test("A connection can be made to a name")
  func hostName() async throws {
    let server = try FakeRuntimeAPI(connections: [[.answer(Answer.final)]])
    let runtime = try LambdaRuntime(
      server, environment: ["AWS_LAMBDA_RUNTIME_API": "localhost:\(server.port)"])
    await #expect(throws: Answer.end) {
      try await runtime.run { (event: [UInt8], _) in event }
    }
    #expect(server.requests.first?.fields["host"] == "localhost:\(server.port)")
  }

  @Test("A connection found closed before a post is replaced, and the post made once")
  func closedBeforePost() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a"))], [.answer(Answer.accepted), .answer(Answer.final)],
    ])
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run { (event: [UInt8], _) in
        await server.waitUntilClosed(connection: 0)
        return event
      }
    }
    #expect(server.requests.map(\.connection) == [0, 1, 1])
  }

  @Test("A connection found closed before a post leaves no doubt that a refusal is one")
  func refusedAfterClose() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a"))],
      [.answer(Answer.plain(status: "403 Forbidden", body: "")), .answer(Answer.final)],
    ])
    let expected = LambdaRuntimeError(
      operation: .response, reason: .refused(status: 403, message: ""))
    await #expect(throws: expected) {
      try await LambdaRuntime(server).run { (event: [UInt8], _) in
        await server.waitUntilClosed(connection: 0)
        return event
      }
    }
  }

  @Test(
    "A connection that breaks under a post is replaced, and the post made once more",
    arguments: [FakeRuntimeAPI.Step.close, .reset])
  func brokenPost(_ step: FakeRuntimeAPI.Step) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), step], [.answer(Answer.accepted), .answer(Answer.final)],
    ])
    await #expect(throws: Answer.end) { try await serve(server) }
    #expect(server.requests.map(\.connection) == [0, 0, 1, 1])
    #expect(try server.request(1).body == server.request(2).body)
  }

  @Test("A connection that breaks under an arrived post makes the refusal of the second harmless")
  func answeredTwice() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .close],
      [.answer(Answer.plain(status: "403 Forbidden", body: "")), .answer(Answer.final)],
    ])
    await #expect(throws: Answer.end) { try await serve(server) }
  }

  @Test(
    "A connection that breaks within the answer to a post is replaced, and the post made again",
    arguments: ["H", "HTTP/1.1 202 Acc", "HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{"],
    [200, 400, 403])
  func cutReceipt(_ part: String, status: Int) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .answer(Array(part.utf8))],
      [.answer(Answer.plain(status: "\(status) ?", body: "")), .answer(Answer.final)],
    ])
    await #expect(throws: Answer.end) { try await serve(server) }
    #expect(server.requests.map(\.connection) == [0, 0, 1, 1])
    #expect(try server.request(1).body == server.request(2).body)
  }

  @Test(
    "A connection that breaks under a post may do so as often as there are pauses",
    arguments: [FakeRuntimeAPI.Step.close, .reset])
  func brokenPosts(_ step: FakeRuntimeAPI.Step) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), step], [step], [step], [step],
      [.answer(Answer.accepted), .answer(Answer.final)],
    ])
    await #expect(throws: Answer.end) { try await serve(server) }
    // The first comes at once, for the connection may have been closed while it was idle.
    #expect(server.requests.map(\.connection) == [0, 0, 1, 2, 3, 4, 4])
  }

  @Test(
    "A connection that breaks under a post before it was refused with 500 leaves the refusal one")
  func refusedSecond() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .close],
      [.answer(Answer.plain(status: "500 No", body: "why"))],
    ])
    let expected = LambdaRuntimeError(
      operation: .response, reason: .refused(status: 500, message: "why"))
    await #expect(throws: expected) { try await serve(server) }
  }

  @Test("A connection that breaks under a post once more is reported")
  func brokenPostTwice() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .close], [.close], [.close], [.close], [.close],
      [.answer(Answer.accepted)],
    ])
    let error = await #expect(throws: LambdaRuntimeError.self) { try await serve(server) }
    #expect(error?.operation == .response)
    guard case .connectionLost = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(server.requests.map(\.connection) == [0, 0, 1, 2, 3, 4])
  }

  @Test(
    "A connection is given up after an answer that announces or requires it",
    arguments: [
      "Connection: close\r\nContent-Length: 1\r\n\r\na",
      "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
      "Content-Length: 1\r\n\r\nasurplus",
      "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    ])
  func notKept(_ rest: String) async throws {
    let event = Array("HTTP/1.1 200 OK\r\n\(Answer.eventFields())\(rest)".utf8)
    let server = try FakeRuntimeAPI(connections: [
      // The second step would take a request that came on this connection all the same.
      [.answer(event), .answer(Answer.accepted)],
      [.answer(Answer.accepted), .answer(Answer.final)],
    ])
    await #expect(throws: Answer.end) { try await serve(server) }
    #expect(server.requests.map(\.connection) == [0, 1, 1])
    #expect(try server.request(1).body == [0x61])
  }

  @Test("A connection whose end delimits the event is replaced")
  func untilClose() async throws {
    let event = Array("HTTP/1.1 200 OK\r\n\(Answer.eventFields())\r\nuntil the end".utf8)
    let server = try FakeRuntimeAPI(connections: [
      [.answer(event)], [.answer(Answer.accepted), .answer(Answer.final)],
    ])
    await #expect(throws: Answer.end) { try await serve(server) }
    #expect(try server.request(1).body == Array("until the end".utf8))
  }

  @Test(
    "A connection that ends within an event is replaced, and the event asked for again",
    arguments: [
      "H", "HTTP/1.1", "HTTP/1.1 200 OK\r\nContent-Le",
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ])
  func truncatedEvent(_ text: String) async throws {
    for step in [FakeRuntimeAPI.Step.answer(Array(text.utf8)), .answerThenReset(Array(text.utf8))] {
      let server = try FakeRuntimeAPI(connections: [
        [step], [step], [step],
        [.answer(Answer.event("a")), .answer(Answer.accepted), step],
        [.answer(Answer.event("b")), .answer(Answer.accepted), .answer(Answer.final)],
      ])
      await #expect(throws: Answer.end) { try await serve(server) }
      #expect(server.requests.map(\.connection) == [0, 1, 2, 3, 3, 3, 4, 4, 4])
      #expect(server.requests.filter { $0.line.hasPrefix("POST") }.map(\.body) == [[0x61], [0x62]])
    }
  }

  @Test(
    "A connection that keeps ending within events is reported after a bounded number of attempts")
  func truncatedEvents() async throws {
    let part = FakeRuntimeAPI.Step.answer(Array("HTTP/1.1 200 OK\r\nContent-Le".utf8))
    let server = try FakeRuntimeAPI(connections: Array(repeating: [part], count: 10))
    let expected = LambdaRuntimeError(
      operation: .next, reason: .connectionLost("closed by the peer"))
    await #expect(throws: expected) { try await serve(server) }
    #expect(server.requests.count == 4)
  }

  @Test(
    "A connection on which an event is under way when the service stops is read to the end of it")
  func eventAtStop() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answerAfterEnd(Answer.event("late"))], [.answer(Answer.accepted), .answer(Answer.final)],
    ])
    let runtime = try LambdaRuntime(server)
    let serving = Task { try await runtime.run { (event: [UInt8], _) in event } }
    await server.waitUntilReceived("/next")
    serving.cancel()
    try await serving.value
    // Answered on a new connection, for the old one takes no further request; and none is asked
    // for.
    #expect(server.requests.map(\.connection) == [0, 1])
    #expect(try server.request(1).body == Array("late".utf8))
  }

  @Test("A connection on which nothing is under way when the service stops is not waited for")
  func silenceAtStop() async throws {
    let server = try FakeRuntimeAPI(connections: [[.hold]])
    defer { server.release() }
    var runtime = try LambdaRuntime(server)
    runtime.timeouts.drain = .milliseconds(10)
    let serving = Task { [runtime] in try await runtime.run { (event: [UInt8], _) in event } }
    await server.waitUntilReceived("/next")
    serving.cancel()
    // Before the server closes the connection, which it does when its own patience is over.
    let hasEnded = Locked(false)
    let end = Task {
      defer { hasEnded.withLock { $0 = true } }
      try await serving.value
    }
    let limit = SuspendingClock.now + unreachedTime / 2
    while !hasEnded.withLock({ $0 }), SuspendingClock.now < limit { await Task.yield() }
    #expect(hasEnded.withLock { $0 })
    server.release()
    try await end.value
    #expect(server.requests.count == 1)
  }

  @Test(
    "A connection that carries something other than HTTP is reported with the fault",
    arguments: [
      ("SSH-2.0-OpenSSH\r\n", "malformed status line 'SSH-2.0-OpenSSH'"),
      ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "malformed header field 'no colon'"),
      (
        "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 20_000),
        "header of more than 65536 bytes"
      ),
      (
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        "body of more than 25166224 bytes"
      ),
    ])
  func malformedAnswer(text: String, fault: String) async throws {
    let server = try FakeRuntimeAPI(connections: [[.answer(Array(text.utf8))]])
    let expected = LambdaRuntimeError(operation: .next, reason: .malformedAnswer(fault))
    await #expect(throws: expected) { try await serve(server) }
  }

  @Test(
    "A connection that carries a refusal is reported with its status and words",
    arguments: [400, 403, 404, 500, 503])
  func refusedNext(status: Int) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.plain(status: "\(status) No", body: "not now"))]
    ])
    let expected = LambdaRuntimeError(
      operation: .next, reason: .refused(status: status, message: "not now"))
    await #expect(throws: expected) { try await serve(server) }
  }

  @Test(
    "A connection that carries a refusal of a response is reported", arguments: [400, 403, 500])
  func refusedResponse(status: Int) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .answer(Answer.plain(status: "\(status) No", body: "why"))]
    ])
    let expected = LambdaRuntimeError(
      operation: .response, reason: .refused(status: status, message: "why"))
    await #expect(throws: expected) { try await serve(server) }
  }
}
