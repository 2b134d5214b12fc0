import Testing

@testable import LambdaCacheRuntime

@Suite("An error of the runtime")
struct RuntimeErrorTests {
  @Test("says what it was doing, and what was wrong with which values")
  func descriptions() {
    let missing = LambdaRuntimeError(
      operation: .next,
      reason: .invalidEventField(name: "Lambda-Runtime-Deadline-Ms", value: nil, accepted: "a time")
    )
    #expect(
      missing.description
        == "GET /runtime/invocation/next: Lambda-Runtime-Deadline-Ms is missing; accepted: a time")
    let refused = LambdaRuntimeError(
      operation: .response, reason: .refused(status: 500, message: "no"))
    #expect(
      refused.description
        == "POST /runtime/invocation/{id}/response: refused with status 500: no")
  }

  @Test("has as much of an answer's body as is worth logging")
  func refusal() {
    var head = HTTPResponseHead()
    head.status = 500
    for count in [1_024, 1_025, 100_000] {
      let answer = HTTPResponse(
        head: head, body: [UInt8](repeating: 0x78, count: count), keepsConnection: true)
      let message = String(repeating: "x", count: 1_024)
      #expect(LambdaRuntimeError.Reason.refused(answer) == .refused(status: 500, message: message))
    }
  }

  @Test("of a parser comes by the limits of each message, not only of the first")
  func limits() throws {
    var parser = HTTPMessageParser<HTTPResponseHead>(limits: HTTPLimits(bodyByteCount: 5))
    let message = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".utf8)
    #expect(!parser.hasBegun)
    for _ in 0..<2 {
      #expect(try message.withUnsafeBytes { try parser.consume($0) } == message.count)
      #expect(parser.hasBegun)
      #expect(parser.takeMessage().body == Array("hello".utf8))
      #expect(!parser.hasBegun)
    }
    let large = Array("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello!".utf8)
    #expect(throws: HTTPSyntaxError.bodyTooLarge(limit: 5)) {
      _ = try large.withUnsafeBytes { try parser.consume($0) }
    }
  }

  @Test("is not seen before a byte of a message has arrived")
  func begun() throws {
    var parser = HTTPMessageParser<HTTPResponseHead>()
    #expect(try [UInt8]("H".utf8).withUnsafeBytes { try parser.consume($0) } == 1)
    #expect(parser.hasBegun)
  }
}
