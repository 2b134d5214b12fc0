import TestSupport
import Testing

@testable import LambdaCacheRuntime

@Suite("An invocation", .prompt, .timeLimit(.minutes(10)))
struct InvocationTests {
  @Test("An invocation is asked for, handled, and answered, on one kept-alive connection")
  func wholeConversation() async throws {
    let second = "11111111-e9f4-11e8-9739-2dfe598c3fcd"
    let server = try FakeRuntimeAPI(connections: [
      [
        .answer(Answer.event("one")), .answer(Answer.accepted),
        .answer(Answer.event("two", requestID: second)), .answer(Answer.accepted),
        .answer(Answer.final),
      ]
    ])
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run { (event: [UInt8], context: LambdaContext) in
        event + Array(" done".utf8)
      }
    }
    let root = "/2018-06-01/runtime/invocation"
    #expect(
      server.requests.map(\.line) == [
        "GET \(root)/next HTTP/1.1", "POST \(root)/\(Answer.requestID)/response HTTP/1.1",
        "GET \(root)/next HTTP/1.1", "POST \(root)/\(second)/response HTTP/1.1",
        "GET \(root)/next HTTP/1.1",
      ])
    #expect(
      server.requests.map { String(decoding: $0.body, as: UTF8.self) } == [
        "", "one done", "", "two done", "",
      ])
    #expect(server.requests.allSatisfy { $0.connection == 0 })
    #expect(server.requests.allSatisfy { $0.fields["host"] == "127.0.0.1:\(server.port)" })
  }

  @Test(
    "An invocation has its event whole, plain or in chunks, in any pieces",
    arguments: [
      ("", nil), ("", 1), (#"{"name":"Grace"}"#, nil), (#"{"name":"Grace"}"#, 1),
      (#"{"name":"Grace"}"#, 1000),
    ] as [(String, Int?)], [1, 7, nil])
  func eventFraming(event: (text: String, chunkSize: Int?), pieceSize: Int?) async throws {
    let body = Array(event.text.utf8)
    let answer =
      event.chunkSize.map { Answer.chunkedEvent(body, chunkSize: $0) } ?? Answer.event(body)
    let server = try FakeRuntimeAPI(connections: [
      [
        .answer(answer, pieceSize: pieceSize),
        .answer(Answer.accepted, pieceSize: pieceSize), .answer(Answer.final),
      ]
    ])
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run { (event: [UInt8], _) in event }
    }
    #expect(try server.request(1).body == body)
  }

  @Test("An invocation has a context of all that its header fields and the environment say")
  func context() async throws {
    let fields = """
      lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:1:function:users:live\r
      LAMBDA-RUNTIME-TRACE-ID: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1\r
      Lambda-Runtime-Client-Context: {"client":{}}\r
      Lambda-Runtime-Cognito-Identity: {"cognitoIdentityId":"x"}\r
      Lambda-Runtime-Aws-Tenant-Id: tenant-7\r\n
      """
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("", fields: fields)), .answer(Answer.accepted), .answer(Answer.final)]
    ])
    let variables = ["AWS_LAMBDA_FUNCTION_NAME": "users", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"]
    let runtime = try LambdaRuntime(server, environment: variables)
    var seen: LambdaContext?
    await #expect(throws: Answer.end) {
      try await runtime.run { (event: [UInt8], context: LambdaContext) in
        seen = context
        return event
      }
    }
    #expect(
      seen
        == LambdaContext(
          requestID: Answer.requestID, deadlineMilliseconds: Answer.deadline,
          traceID: "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1",
          invokedFunctionARN: "arn:aws:lambda:eu-west-1:1:function:users:live",
          clientContext: #"{"client":{}}"#, cognitoIdentity: #"{"cognitoIdentityId":"x"}"#,
          tenantID: "tenant-7", environment: variables))
  }

  @Test("An invocation has no optional fact that Lambda did not state")
  func bareContext() async throws {
    let server = try FakeRuntimeAPI(sending: "")
    var seen: LambdaContext?
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run { (event: [UInt8], context: LambdaContext) in
        seen = context
        return event
      }
    }
    let bare = LambdaContext(
      requestID: Answer.requestID, deadlineMilliseconds: Answer.deadline)
    #expect(seen == bare)
  }

  @Test(
    "An invocation without a request identifier or deadline ends the loop with the field's name")
  func missingFields() async throws {
    let requestID = "Lambda-Runtime-Aws-Request-Id"
    let deadline = "Lambda-Runtime-Deadline-Ms"
    let long = String(repeating: "x", count: 256)
    let cases: [(fields: String, name: String, value: String?)] = [
      ("\(deadline): 1\r\n", requestID, nil),
      ("\(deadline): 1\r\n\(requestID):\r\n", requestID, ""),
      ("\(deadline): 1\r\n\(requestID): a/b\r\n", requestID, "a/b"),
      ("\(deadline): 1\r\n\(requestID): a b\r\n", requestID, "a b"),
      ("\(deadline): 1\r\n\(requestID): .\r\n", requestID, "."),
      ("\(deadline): 1\r\n\(requestID): ..\r\n", requestID, ".."),
      ("\(deadline): 1\r\n\(requestID): %2e%2e\r\n", requestID, "%2e%2e"),
      ("\(deadline): 1\r\n\(requestID): a?b\r\n", requestID, "a?b"),
      ("\(deadline): 1\r\n\(requestID): a#b\r\n", requestID, "a#b"),
      ("\(deadline): 1\r\n\(requestID): a\\b\r\n", requestID, "a\\b"),
      ("\(deadline): 1\r\n\(requestID): a\u{1}b\r\n", requestID, "a\u{1}b"),
      ("\(deadline): 1\r\n\(requestID): a\u{7F}b\r\n", requestID, "a\u{7F}b"),
      ("\(deadline): 1\r\n\(requestID): \u{E9}\r\n", requestID, "\u{E9}"),
      ("\(deadline): 1\r\n\(requestID): \(long)x\r\n", requestID, long + "x"),
      ("\(requestID): a\r\n", deadline, nil),
      ("\(requestID): a\r\n\(deadline): soon\r\n", deadline, "soon"),
      ("\(requestID): a\r\n\(deadline): -1\r\n", deadline, "-1"),
    ]
    for (fields, name, value) in cases {
      let server = try FakeRuntimeAPI(connections: [
        [.answer(Answer.plain(status: "200 OK", fields: fields, body: ""))]
      ])
      let error = await #expect(throws: LambdaRuntimeError.self) {
        try await LambdaRuntime(server).run { (event: [UInt8], _) in event }
      }
      guard case .invalidValue(name, value, _) = error?.reason else {
        Issue.record("\(fields): \(String(describing: error))")
        continue
      }
    }
  }

  @Test(
    "An invocation may have any identifier that a path can hold",
    arguments: ["a", "...", "..a", "a..", "-", "A_b~c:d.e", String(repeating: "x", count: 256)])
  func unusualIdentifier(_ requestID: String) async throws {
    let server = try FakeRuntimeAPI(connections: [
      [
        .answer(Answer.event("", requestID: requestID)), .answer(Answer.accepted),
        .answer(Answer.final),
      ]
    ])
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run { (event: [UInt8], _) in event }
    }
    #expect(try server.request(1).line.contains("/invocation/\(requestID)/response "))
  }

  @Test("An invocation can be handled as a text")
  func text() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("\"é\"")), .answer(Answer.accepted), .answer(Answer.final)]
    ])
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run(as: String.self) { event, context in
        "[\(event)]"
      }
    }
    #expect(try server.request(1).body == Array("[\"é\"]".utf8))
  }

  @Test("An invocation that is no text is answered with an error, without the handler")
  func invalidText() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event([0xFF, 0x22])), .answer(Answer.accepted), .answer(Answer.final)]
    ])
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run(as: String.self) { _, _ in
        Issue.record("the handler was called")
        return ""
      }
    }
    #expect(try server.request(1).line.contains("/\(Answer.requestID)/error "))
    #expect(
      try server.request(1).fields["lambda-runtime-function-error-type"] == "Runtime.InvalidEvent")
  }

  @Test("An invocation can change what its handler captured, and use values that are not Sendable")
  func capturedState() async throws {
    final class Unsendable { var total = 0 }
    struct Unique: ~Copyable { var count = 0 }
    let server = try FakeRuntimeAPI(sending: "a", "b")
    let object = Unsendable()
    var unique = Unique()
    let runtime = try LambdaRuntime(server)
    do {
      try await runtime.run { (event: [UInt8], _) in
        unique.count += 1
        object.total += unique.count
        return Array("\(unique.count)".utf8)
      }
    } catch {
      #expect(error == Answer.end)
    }
    #expect(unique.count == 2)
    #expect(object.total == 3)
    #expect(try server.request(3).body == Array("2".utf8))
  }

  @MainActor
  @Test("An invocation is handled on the actor that called run")
  func isolation() async throws {
    let server = try FakeRuntimeAPI(sending: "a")
    let runtime = try LambdaRuntime(server)
    var calls = 0
    do {
      try await runtime.run { (event: [UInt8], _) in
        MainActor.assertIsolated()
        calls += 1
        return event
      }
    } catch {
      #expect(error == Answer.end)
    }
    #expect(calls == 1)
  }

  @MainActor
  @Test("An invocation is handled on the caller's actor by a function that follows its caller, too")
  func followedIsolation() async throws {
    let server = try FakeRuntimeAPI(sending: "a")
    let runtime = try LambdaRuntime(server)
    await #expect(throws: Answer.end) { try await runtime.run(Self.answerWithIsolation) }
    #expect(try server.request(1).body == Array("MainActor".utf8))
  }

  /// Answers with the type of the actor it runs on.
  private nonisolated(nonsending) static func answerWithIsolation(
    _: [UInt8], _: LambdaContext
  ) async throws -> [UInt8] {
    Array(#isolation.map { "\(type(of: $0))" }?.utf8 ?? "none".utf8)
  }

  @Test("An invocation sets the trace of the process, or removes the last one's")
  func traceVariable() async {
    await #expect(processExitsWith: .success) {
      let trace = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"
      let server = try FakeRuntimeAPI(connections: [
        [
          .answer(Answer.event("", fields: "Lambda-Runtime-Trace-Id: \(trace)\r\n")),
          .answer(Answer.accepted), .answer(Answer.event("")), .answer(Answer.accepted),
          .answer(Answer.final),
        ]
      ])
      var seen: [String?] = []
      do {
        try await LambdaRuntime(server).run { (event: [UInt8], _) in
          seen.append(EnvironmentProbe.trace)
          return event
        }
      } catch {
        guard error as? LambdaRuntimeError == Answer.end else { fatalError("\(error)") }
      }
      guard seen == [trace, nil] else { fatalError("\(seen)") }
    }
  }

  @Test("An invocation leaves the tasks of the program running while the next one is awaited")
  func otherTasks() async throws {
    let server = try FakeRuntimeAPI(connections: [[.silence]])
    let runtime = try LambdaRuntime(server)
    let serving = Task { try await runtime.run { (event: [UInt8], _) in event } }
    await server.waitUntilReceived("/next")
    // More tasks than any pool has threads, each of which must run while the wait goes on.
    let sum = await withTaskGroup(of: Int.self) { group in
      for index in 0..<256 {
        group.addTask {
          await Task.yield()
          return index
        }
      }
      return await group.reduce(0, +)
    }
    #expect(sum == 256 * 255 / 2)
    serving.cancel()
    try await serving.value
  }
}
