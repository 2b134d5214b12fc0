import Foundation
import Testing

@testable import LambdaCacheRuntime

private struct UserNotFound: LambdaFunctionError {
  var username: String
  var errorMessage: String { "no user named \(username)" }
}

private struct Unexplained: Error {}

@Suite("A handler's error", .timeLimit(.minutes(10)))
struct HandlerErrorTests {
  @Test("A handler's error is posted as Lambda's error JSON, and the next event is served")
  func posted() async throws {
    let server = try FakeRuntimeAPI(sending: "1", "2", "3")
    await #expect(throws: Answer.end) {
      try await LambdaRuntime(server).run { (event: [UInt8], _) in
        switch event {
        case Array("1".utf8): throw UserNotFound(username: "\"Grace\"\n")
        case Array("2".utf8): throw Unexplained()
        default: return event
        }
      }
    }
    let posts = server.requests.filter { $0.line.hasPrefix("POST") }
    let path = "/2018-06-01/runtime/invocation/\(Answer.requestID)"
    #expect(
      posts.map(\.line) == [
        "POST \(path)/error HTTP/1.1", "POST \(path)/error HTTP/1.1",
        "POST \(path)/response HTTP/1.1",
      ])
    #expect(
      posts.map { $0.fields["lambda-runtime-function-error-type"] } == [
        "Function.UserNotFound", "Function.Unexplained", nil,
      ])
    #expect(posts.allSatisfy { $0.fields["content-type"] == "application/json" })
    let body = try JSONSerialization.jsonObject(with: Data(posts[0].body)) as? [String: Any]
    #expect(body?["errorType"] as? String == "UserNotFound")
    #expect(body?["errorMessage"] as? String == "no user named \"Grace\"\n")
    #expect(body?["stackTrace"] as? [String] == [])
  }

  @Test("A handler's error whose report is refused ends the loop with the API's words")
  func refused() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("")), .answer(Answer.plain(status: "403 Forbidden", body: "late"))]
    ])
    let expected = LambdaRuntimeError(
      operation: .error, reason: .refused(status: 403, message: "late"))
    await #expect(throws: expected) {
      try await LambdaRuntime(server).run { (_: [UInt8], _) -> [UInt8] in throw Unexplained() }
    }
  }
}

@Suite("A failed set-up", .timeLimit(.minutes(10)))
struct InitializationTests {
  @Test("A failed set-up is posted as the initialisation error and thrown on, without an event")
  func posted() async throws {
    let server = try FakeRuntimeAPI(connections: [[.answer(Answer.accepted)]])
    await #expect(throws: UserNotFound.self) {
      let runtime = try LambdaRuntime(server)
      try await runtime.initialize { throw UserNotFound(username: "root") }
      try await runtime.run { (event: [UInt8], _: LambdaContext) in event }
    }
    #expect(server.requests.map(\.line) == ["POST /2018-06-01/runtime/init/error HTTP/1.1"])
    #expect(
      server.requests.first?.fields["lambda-runtime-function-error-type"]
        == "Function.UserNotFound")
    #expect(
      server.requests.first?.body
        == Array(
          #"{"errorMessage":"no user named root","errorType":"UserNotFound","stackTrace":[]}"#.utf8)
    )
  }

  @Test("A failed set-up is thrown on also when it cannot be posted")
  func notPosted() async throws {
    let server = try FakeRuntimeAPI(connections: [[.answer(Answer.final)]])
    await #expect(throws: Unexplained.self) {
      let runtime = try LambdaRuntime(server)
      try await runtime.initialize { throw Unexplained() }
      try await runtime.run { (event: [UInt8], _: LambdaContext) in event }
    }
  }

  @Test("A set-up that succeeds serves every invocation")
  func success() async throws {
    final class Unsendable { var count = 0 }
    let server = try FakeRuntimeAPI(sending: "", "")
    await #expect(throws: Answer.end) {
      let runtime = try LambdaRuntime(server)
      let resource = try await runtime.initialize { Unsendable() }
      try await runtime.run { (_: [UInt8], _: LambdaContext) async throws -> [UInt8] in
        resource.count += 1
        return Array("\(resource.count)".utf8)
      }
    }
    let posts = server.requests.filter { $0.line.hasPrefix("POST") }
    #expect(posts.map(\.body) == [Array("1".utf8), Array("2".utf8)])
  }
}
