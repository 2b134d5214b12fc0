import Foundation
import Testing

@testable import LambdaCacheRuntime

struct StreamBroke: LambdaFunctionError {
  var errorMessage = "the stream broke"
}

@Suite("A streamed response", .timeLimit(.minutes(10)))
struct StreamingTests {
  /// A server that expects one streamed response, and then ends the script.
  private func server() throws -> FakeRuntimeAPI {
    try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("go")), .answer(Answer.accepted)], [.answer(Answer.final)],
    ])
  }

  @Test(
    "A streamed response is one chunked request with Lambda's fields, and closes its connection")
  func wholeResponse() async throws {
    let server = try server()
    let end = try await LambdaRuntime(server).failureOfStreaming { event, context, response in
      #expect(context.requestID == Answer.requestID)
      try await response.start(contentType: "text/plain")
      try await response.write(event)
      try await response.write("")
      try await response.write(" on")
      try await response.finish()
    }
    #expect(end == Answer.end)
    let request = try server.request(1)
    #expect(
      request.line == "POST /2018-06-01/runtime/invocation/\(Answer.requestID)/response HTTP/1.1")
    #expect(request.fields["lambda-runtime-function-response-mode"] == "streaming")
    #expect(request.fields["transfer-encoding"] == "chunked")
    #expect(request.fields["content-type"] == "text/plain")
    #expect(
      request.fields["trailer"]
        == "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body")
    #expect(request.fields["connection"] == "close")
    #expect(request.fields["content-length"] == nil)
    #expect(request.message.chunks == [Array("go".utf8), Array(" on".utf8)])
    #expect(request.message.trailers.isEmpty)
    #expect(server.requests.map(\.connection) == [0, 0, 1])
  }

  @Test("A streamed response leaves piece by piece, while the handler runs")
  func pieceByPiece() async throws {
    let server = try server()
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      // Each piece is awaited at the other end before the next is written.
      for piece in ["one", "two", "three"] {
        try await response.write(piece)
        await server.waitUntilReceived(chunk: Array(piece.utf8))
      }
    }
    #expect(end == Answer.end)
    #expect(try server.request(1).message.text == "onetwothree")
    #expect(try server.request(1).fields["content-type"] == "application/octet-stream")
  }

  @Test("A streamed response goes on after an interim response")
  func interim() async throws {
    let interim = Array("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n".utf8)
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("go")), .answerBetweenChunks(interim, Answer.accepted)],
      [.answer(Answer.final)],
    ])
    let end = try await LambdaRuntime(server).failureOfStreaming { event, _, response in
      try await response.write(event)
      await server.waitUntilReceived(chunk: interim)
      try await response.write(" on")
    }
    #expect(end == Answer.end)
    #expect(server.requests.map(\.connection) == [0, 0, 1])
  }

  @Test("A streamed response begins, for HTTP, with its head as JSON and eight NUL bytes")
  func httpHead() async throws {
    let server = try server()
    let head = LambdaHTTPResponseHead(
      statusCode: 201, headers: ["Content-Type": "text/plain", "X-Quote": "\"\0\""],
      cookies: ["a=1", "b=2; Secure"])
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      try await response.start(head)
      try await response.write("body")
    }
    #expect(end == Answer.end)
    let request = try server.request(1)
    #expect(
      request.fields["content-type"] == "application/vnd.awslambda.http-integration-response")
    let json =
      #"{"statusCode":201,"headers":{"Content-Type":"text/plain","X-Quote":"\"\u0000\""},"#
      + #""cookies":["a=1","b=2; Secure"]}"#
    #expect(request.body == Array(json.utf8) + [UInt8](repeating: 0, count: 8) + Array("body".utf8))
    #expect(request.message.chunks.count == 2)
  }

  @Test("A streamed response of which nothing was written is empty")
  func empty() async throws {
    let server = try server()
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, _ in }
    #expect(end == Answer.end)
    #expect(try server.request(1).fields["transfer-encoding"] == "chunked")
    #expect(try server.request(1).body.isEmpty)
  }

  @Test(
    "A streamed response may be larger than a whole one, and is cut into chunks",
    arguments: [65_536, 65_537])
  func large(count: Int) async throws {
    let server = try server()
    let total = LambdaRuntime.maximumPayloadByteCount + 1
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      var rest = total
      while rest > 0 {
        try await response.write([UInt8](repeating: 7, count: min(count, rest)))
        rest -= min(count, rest)
      }
    }
    #expect(end == Answer.end)
    let message = try server.request(1).message
    #expect(message.body.count == total)
    #expect(message.chunks.allSatisfy { $0.count <= 65_536 })
  }

  @Test(
    "A streamed response can be finished before the handler is, which then delays no other event")
  func finishedEarly() async throws {
    let server = try server()
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      try await response.write("all")
      try await response.finish()
      // The answer to the response is there, and nothing else has been asked for.
      #expect(server.requests.count == 2)
      #expect(await failure(of: { try await response.write("more") }) == .responseIsFinished)
      #expect(await failure(of: { try await response.finish() }) == .responseIsFinished)
      #expect(await failure(of: { try await response.start() }) == .responseIsFinished)
      throw StreamBroke()
    }
    #expect(end == Answer.end)
    #expect(server.requests.count == 3)
    #expect(try server.request(1).message.text == "all")
    #expect(try server.request(1).message.trailers.isEmpty)
  }

  @Test("A streamed response takes neither a head nor a content type once it has begun")
  func startedTwice() async throws {
    let server = try server()
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      try await response.write("")
      let fault = await failure { try await response.start(LambdaHTTPResponseHead()) }
      #expect(fault == .responseHasBegun)
      try await response.write("go on")
    }
    #expect(end == Answer.end)
    #expect(try server.request(1).message.text == "go on")
  }

  @Test("A streamed response takes nothing from a writer of an earlier invocation")
  func staleWriter() async throws {
    let server = try FakeRuntimeAPI(connections: [
      [.answer(Answer.event("1")), .answer(Answer.accepted)],
      [.answer(Answer.event("2")), .answer(Answer.accepted)], [.answer(Answer.final)],
    ])
    var earlier: LambdaResponseWriter?
    let end = try await LambdaRuntime(server).failureOfStreaming { event, _, response in
      if let earlier {
        #expect(await failure(of: { try await earlier.write("late") }) == .responseIsFinished)
      }
      earlier = response
      try await response.write(event)
    }
    #expect(end == Answer.end)
    #expect(server.requests.filter { $0.line.hasPrefix("POST") }.map(\.message.text) == ["1", "2"])
  }

  @Test(
    "A streamed response may have a head of 16,384 bytes with its delimiter, and not of one more")
  func largestHead() throws {
    let empty = try LambdaHTTPResponseHead(headers: ["X": ""]).prelude().count
    let fitting = String(repeating: "x", count: 16_384 - empty)
    #expect(try LambdaHTTPResponseHead(headers: ["X": fitting]).prelude().count == 16_384)
    let error = #expect(throws: LambdaRuntimeError.self) {
      try LambdaHTTPResponseHead(headers: ["X": fitting + "x"]).prelude()
    }
    #expect(
      error?.description
        == "response: status, header fields and cookies take 16385 bytes; accepted are 16384")
  }

  @Test(
    "A streamed response with too large a head is refused with its size, and can begin otherwise")
  func largeHead() async throws {
    let server = try server()
    let head = LambdaHTTPResponseHead(headers: ["X": String(repeating: "x", count: 16_384)])
    let end = try await LambdaRuntime(server).failureOfStreaming { _, _, response in
      let error = await failure { try await response.start(head) }
      guard case .notWritable(let text) = error?.reason, text.contains("accepted are 16384") else {
        Issue.record("\(String(describing: error))")
        return
      }
      try await response.start(LambdaHTTPResponseHead(statusCode: 500))
    }
    #expect(end == Answer.end)
    #expect(try server.request(1).message.text.hasPrefix(#"{"statusCode":500,"#))
  }

  @Test("A streamed response can be used on the actor and with the values of the caller")
  @MainActor
  func isolation() async throws {
    final class Unsendable { var count = 0 }
    let server = try server()
    let object = Unsendable()
    let runtime = try LambdaRuntime(server)
    let end = await runtime.failureOfStreaming { _, _, response in
      MainActor.assertIsolated()
      object.count += 1
      try await response.write("x")
    }
    #expect(end == Answer.end)
    #expect(object.count == 1)
  }
}
