import Foundation
import Testing

@testable import LambdaCacheRuntime

@Suite("A payload", .timeLimit(.minutes(10)))
struct PayloadLimitTests {
  private static let limit = 6_291_556

  @Test(
    "A payload of 6 MB arrives whole and is answered whole, plain or in chunks",
    arguments: [true, false])
  func largest(isChunked: Bool) async throws {
    let payload = Payload.pattern(Self.limit)
    let event =
      isChunked ? Answer.chunkedEvent(payload, chunkSize: 4096) : Answer.event(payload)
    let server = try FakeRuntimeAPI(connections: [
      [
        .answer(event), .answer(Answer.accepted), .answer(Answer.event("small")),
        .answer(Answer.accepted), .answer(Answer.final),
      ]
    ])
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run { (event: [UInt8], _) in event }
    }
    #expect(try server.request(1).line.contains("/response "))
    #expect(try Payload.areEqual(server.request(1).body, payload))
    #expect(try server.request(3).body == Array("small".utf8))
    #expect(server.requests.allSatisfy { $0.connection == 0 })
  }

  @Test("A payload over the limit is not sent, and reported as the invocation's error")
  func tooLarge() async throws {
    let server = try FakeRuntimeAPI(sending: "")
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run { (_: [UInt8], _) in
        [UInt8](repeating: 0, count: Self.limit + 1)
      }
    }
    let post = try server.request(1)
    #expect(post.line.contains("/\(Answer.requestID)/error "))
    #expect(
      post.fields["lambda-runtime-function-error-type"] == "Function.ResponseSizeTooLarge")
    let body = try JSONSerialization.jsonObject(with: Data(post.body)) as? [String: Any]
    #expect(body?["errorType"] as? String == "Function.ResponseSizeTooLarge")
    #expect(
      body?["errorMessage"] as? String == """
        Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).
        """)
  }

  @Test(
    "A payload that Lambda refuses as too large is reported, and the next event is served",
    arguments: [Answer.accepted, Answer.plain(status: "403 Forbidden", body: "already answered")])
  func refusedAsTooLarge(second: [UInt8]) async throws {
    let refusal = Answer.plain(status: "413 Payload Too Large", body: "{}")
    let server = try FakeRuntimeAPI(connections: [
      [
        .answer(Answer.event("1")), .answer(refusal), .answer(second),
        .answer(Answer.event("2")), .answer(Answer.accepted), .answer(Answer.final),
      ]
    ])
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run { (event: [UInt8], _) in event }
    }
    #expect(try server.request(1).line.contains("/response "))
    #expect(try server.request(2).line.contains("/error "))
    #expect(try server.request(4).line.contains("/response "))
  }

  @Test("A payload that Lambda refuses as too large ends the loop when the container has failed")
  func refusedByFailedContainer() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [
        .answer(Answer.event("1")),
        .answer(Answer.plain(status: "413 Payload Too Large", body: "{}")),
        .answer(Answer.plain(status: "500 Internal Server Error", body: "gone")),
      ]
    ])
    let expected = LambdaRuntimeError(
      operation: .error, reason: .refused(status: 500, message: "gone"))
    await #expect(throws: expected) {
      try await LambdaRuntime(server).run { (event: [UInt8], _) in event }
    }
  }

  @Test("A payload refused before it was read is still understood, though the connection breaks")
  func refusedEarly() async throws {
    let refusal = Answer.plain(
      status: "413 Payload Too Large", fields: "Connection: close\r\n", body: "{}")
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("1")), .answerWithoutReadingBody(refusal)],
      [.answer(Answer.accepted), .answer(Answer.final)],
    ])
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run { (_: [UInt8], _) in
        [UInt8](repeating: 0, count: Self.limit)
      }
    }
    #expect(try server.request(2).line.contains("/error "))
  }
}
