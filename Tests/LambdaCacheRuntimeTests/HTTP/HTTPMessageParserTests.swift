import Testing

@testable import LambdaCacheRuntime

@Suite("A parser of several messages")
struct HTTPMessageParserTests {
  @Test("A parser of several messages holds each message to its limits, not only the first")
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

  @Test("A parser of several messages has begun a message once a byte of it has arrived")
  func begun() throws {
    var parser = HTTPMessageParser<HTTPResponseHead>()
    #expect(try [UInt8]("H".utf8).withUnsafeBytes { try parser.consume($0) } == 1)
    #expect(parser.hasBegun)
  }
}
