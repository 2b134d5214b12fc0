import LambdaCacheTransport
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

@Suite("A peer that falls silent", .timeLimit(.minutes(10)))
struct TimeLimitTests {
  private static let limit = Duration.milliseconds(50)

  private func serve(_ server: FakeRuntimeAPI) async throws {
    try await LambdaRuntime(server, inactivity: Self.limit).run { (event: [UInt8], _) in event }
  }

  @Test("A peer that falls silent after a post is reported when the time is up")
  func silentPost() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .silence], [.silence], [.answer(Answer.accepted)],
    ])
    let expected = LambdaRuntimeError(operation: .response, reason: .timedOut(after: Self.limit))
    await #expect(throws: expected) { try await serve(server) }
    // Once more on a new connection, in case the old one was dead, and no third time.
    await server.waitUntilClosed(connection: 1)
    #expect(server.requests.map(\.connection) == [0, 0, 1])
  }

  @Test(
    "A peer that falls silent after a post or within an event is asked again on a new connection")
  func silentOnce() async throws {
    let partial = Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart".utf8)
    for milliseconds in [50, 500, 5000, 50_000] {
      let server = try FakeRuntimeAPI(connections: [
        [.answerThenSilence(partial)], [.answer(Answer.event("a")), .silence],
        [
          .answer(Answer.plain(status: "400 Bad Request", body: "answered")), .answer(Answer.final),
        ],
      ])
      do {
        let runtime = try LambdaRuntime(server, inactivity: .milliseconds(milliseconds))
        try await runtime.run { (event: [UInt8], _) in event }
      } catch {
        if error as? LambdaRuntimeError == Answer.end {
          #expect(server.requests.map(\.connection) == [0, 1, 1, 2, 2])
          return
        }
      }
      // A server that had no time to answer in time has been asked all the same. Without
      // that, this is the third connection.
      if let probe = try? LoopbackPeer.connect(to: server.port) { close(probe) }
      await server.waitUntilClosed(connection: 2)
      #expect(server.requests.map(\.connection) == [0, 1, 1, 2])
      if server.requests.count != 4 { return }
    }
    Issue.record("no second answer was waited for")
  }

  @Test("A peer that falls silent while a response is sent is reported when the time is up")
  func silentTaking() async throws {
    let server = try FakeRuntimeAPI(connections: [[.answer(Answer.event("a")), .hold]])
    defer { server.release() }
    var runtime = try LambdaRuntime(server, inactivity: Self.limit)
    runtime.timeouts.retryDelays = []
    let expected = LambdaRuntimeError(operation: .response, reason: .timedOut(after: Self.limit))
    await #expect(throws: expected) {
      try await runtime.run { (_: [UInt8], _) in
        // As much as there may be, and more than the system keeps for the peer.
        [UInt8](repeating: 0x78, count: LambdaRuntime.maximumPayloadByteCount)
      }
    }
  }

  @Test("A peer that falls silent within an answer is reported when the time is up")
  func silentWithinAnswer() async throws {
    let partial = Array("HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\npart".utf8)
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .answerThenSilence(partial)], [.answerThenSilence(partial)],
    ])
    let expected = LambdaRuntimeError(operation: .response, reason: .timedOut(after: Self.limit))
    await #expect(throws: expected) { try await serve(server) }
  }

  @Test("A peer that falls silent within an event is reported when the time is up")
  func silentWithinEvent() async throws {
    let partial = Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart".utf8)
    let server = try FakeRuntimeAPI(connections: [
      [.answerThenSilence(partial)], [.answerThenSilence(partial)],
    ])
    let expected = LambdaRuntimeError(operation: .next, reason: .timedOut(after: Self.limit))
    await #expect(throws: expected) { try await serve(server) }
  }

  @Test("A peer that is silent before an event is awaited beyond every limit, until a cancellation")
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

  @Test("A peer that is silent after an interim response is awaited beyond every limit, too")
  func silentAfterInterim() async throws {
    let interim = Array("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n".utf8)
    let server = try FakeRuntimeAPI(connections: [[.answerInTwo(interim, Answer.final)]])
    defer { server.release() }
    var runtime = try LambdaRuntime(server, inactivity: .milliseconds(1))
    runtime.timeouts.exchange = .milliseconds(1)
    runtime.timeouts.retryDelays = []
    let serving = Task { [runtime] in try await runtime.run { (event: [UInt8], _) in event } }
    await server.waitUntilReceived("/next")
    // By then a wait with limits has thrown.
    try await Task.sleep(for: .milliseconds(100))
    server.release()
    await #expect(throws: Answer.end) { try await serving.value }
  }

  @Test("A peer is not read from for longer than an exchange may take, silent or not")
  func flood() throws {
    // More than is read at once, and all of it here.
    let pair = try SocketPair()
    defer { close(pair.peer) }
    LoopbackPeer.send(
      Answer.event([UInt8](repeating: 0x78, count: 70_000)), to: pair.peer, pieceSize: nil)
    let connection = Connection(
      endpoint: try #require(Endpoint("127.0.0.1:1", defaultPort: 80)), timeouts: .patient())
    connection.begun = Connection.Exchange(
      socket: pair.socket, isReused: false,
      limit: ExchangeLimit(total: .zero, inactivity: nil), unsent: [])
    #expect(throws: TransportError.timedOut(after: .zero)) {
      try connection.exchange(HTTPRequest(method: "GET", path: "/next", authority: "x"))
    }
  }

  /// An answer that takes minutes, a byte every millisecond, of which no pause is long.
  private static let trickle = Answer.plain(
    status: "202 Accepted", body: String(repeating: "x", count: 200_000))

  @Test("A peer that pauses now and then is not waited for longer than a whole exchange may take")
  func trickle() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .trickle(Self.trickle)], [.trickle(Self.trickle)],
    ])
    var runtime = try LambdaRuntime(server)
    runtime.timeouts.onHandlerThread = .zero
    runtime.timeouts.exchange = .milliseconds(200)
    let expected = LambdaRuntimeError(
      operation: .response, reason: .timedOut(after: .milliseconds(200)))
    await #expect(throws: expected) {
      try await runtime.run { (event: [UInt8], _) in event }
    }
  }

  @Test(
    "A peer that pauses within an event is not waited for longer than a whole exchange may take")
  func trickledEvent() async throws {
    let event = Answer.event([UInt8](repeating: 0x78, count: 200_000))
    let server = try FakeRuntimeAPI(connections: [[.trickle(event)], [.trickle(event)]])
    var runtime = try LambdaRuntime(server)
    runtime.timeouts.exchange = .milliseconds(200)
    let expected = LambdaRuntimeError(
      operation: .next, reason: .timedOut(after: .milliseconds(200)))
    await #expect(throws: expected) {
      try await runtime.run { (event: [UInt8], _) in event }
    }
  }

  @Test("A peer that pauses while it takes a response is waited for at most an exchange's time")
  func slowTaking() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("a")), .readSlowly], [.readSlowly],
    ])
    var runtime = try LambdaRuntime(server)
    runtime.timeouts.exchange = .milliseconds(200)
    let expected = LambdaRuntimeError(
      operation: .response, reason: .timedOut(after: .milliseconds(200)))
    await #expect(throws: expected) {
      try await runtime.run { (_: [UInt8], _) in
        // As much as there may be, and more than the system keeps for the peer.
        [UInt8](repeating: 0x78, count: LambdaRuntime.maximumPayloadByteCount)
      }
    }
  }
}

/// The arithmetic of limits.
@Suite("A limit on an exchange")
struct ExchangeLimitTests {
  @Test("A limit on an exchange lets a wait take no longer than either of its parts")
  func pauses() {
    #expect(ExchangeLimit(total: .seconds(600), inactivity: .seconds(1)).pause == .seconds(1))
    let whole = ExchangeLimit(total: .seconds(600), inactivity: .seconds(900))
    #expect(whole.pause <= .seconds(600) && whole.pause > .seconds(300))
    let unbounded = ExchangeLimit(total: .seconds(600), inactivity: nil)
    #expect(unbounded.pause <= .seconds(600) && unbounded.pause > .seconds(300))
    #expect(ExchangeLimit(total: .zero, inactivity: .seconds(1)).pause == .zero)
    #expect(ExchangeLimit(total: .seconds(-1), inactivity: nil).pause == .zero)
  }

  @Test("A limit on an exchange names the part that is over, the whole first")
  func judgement() {
    #expect(throws: TransportError.timedOut(after: .zero)) {
      try ExchangeLimit(total: .zero, inactivity: .seconds(1)).checkPause()
    }
    #expect(throws: TransportError.timedOut(after: .seconds(1))) {
      try ExchangeLimit(total: .seconds(600), inactivity: .seconds(1)).checkPause()
    }
    #expect(throws: Never.self) {
      try ExchangeLimit(total: .seconds(600), inactivity: nil).checkPause()
      try ExchangeLimit(total: .seconds(600), inactivity: .zero).check()
    }
    #expect(throws: TransportError.timedOut(after: .zero)) {
      try ExchangeLimit(total: .zero, inactivity: nil).check()
    }
  }
}
