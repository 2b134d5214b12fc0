import Testing

@testable import LambdaCacheRuntime

@Suite("A request parser")
struct HTTPRequestParserTests {
  private struct Unexpected: Error {
    var outcome: ParseOutcome<HTTPRequestHead>
  }

  private func request(_ text: String) throws -> (HTTPServerRequest, surplus: Int) {
    let outcome = HTTPRequestParser.outcome(of: Array(text.utf8))
    guard case .message(let request, let surplus) = outcome else {
      throw Unexpected(outcome: outcome)
    }
    return (request, surplus)
  }

  @Test("A request parser reads method, target, fields and body, and leaves what follows alone")
  func wholeRequest() throws {
    let (request, surplus) = try request(
      "POST /invoke?a=1 HTTP/1.1\r\nHost: localhost\r\nX-A:  b \r\nContent-Length: 3\r\n\r\nabcGET")
    #expect(request.head.method == "POST")
    #expect(request.head.target == "/invoke?a=1")
    #expect(request.head.path == "/invoke")
    #expect(request.head.firstValue(named: "x-a") == "b")
    #expect(request.body == Array("abc".utf8))
    #expect(request.keepsConnection)
    #expect(surplus == 3)
  }

  @Test(
    "A request parser finds the path in any form of the target",
    arguments: [
      ("/", "/"), ("/a/b", "/a/b"), ("/a?b/c", "/a"), ("http://host/a", "/a"),
      ("http://host:7000/a?b", "/a"), ("http://host", "/"), ("http://host?b", "/"), ("*", "*"),
      ("host:443", "host:443"),
      ("/http://host/a", "/http://host/a"),
    ])
  func path(target: String, path: String) throws {
    #expect(try request("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n").0.head.path == path)
  }

  @Test("A request parser takes no body unless one is announced, and skips empty lines before it")
  func noBody() throws {
    let (request, surplus) = try request("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nbody")
    #expect(request.body.isEmpty)
    #expect(surplus == 4)
  }

  @Test(
    "A request parser reports whether the client keeps the connection",
    arguments: [
      ("HTTP/1.1\r\nHost: x", true), ("HTTP/1.1\r\nHost: x\r\nConnection: a, Close", false),
      ("HTTP/1.0", false), ("HTTP/1.0\r\nConnection: keep-alive", true),
      ("HTTP/1.2\r\nHost: x", true),
    ])
  func keepsConnection(head: String, keeps: Bool) throws {
    #expect(try request("GET / \(head)\r\n\r\n").0.keepsConnection == keeps)
  }

  @Test(
    "A request parser reports a client that waits for permission",
    arguments: [("HTTP/1.1", true), ("HTTP/1.0", false)])
  func expectation(version: String, waits: Bool) throws {
    let text = "POST / \(version)\r\nHost: x\r\nExpect: 100-Continue\r\n\r\n"
    #expect(try request(text).0.head.expectsContinue == waits)
  }

  static let faults: [(input: String, error: HTTPSyntaxError)] = [
    ("GET /\r\n", .malformedRequestLine("GET /")),
    ("GET  / HTTP/1.1\r\n", .malformedRequestLine("GET  / HTTP/1.1")),
    (" GET / HTTP/1.1\r\n", .malformedRequestLine(" GET / HTTP/1.1")),
    ("GET / HTTP/1.1 \r\n", .malformedRequestLine("GET / HTTP/1.1 ")),
    ("GET / HTTP/2.0\r\n", .malformedRequestLine("GET / HTTP/2.0")),
    ("GET / http/1.1\r\n", .malformedRequestLine("GET / http/1.1")),
    ("GET / HTTP/1.10\r\n", .malformedRequestLine("GET / HTTP/1.10")),
    ("G(T / HTTP/1.1\r\n", .malformedRequestLine("G(T / HTTP/1.1")),
    ("GET /\t HTTP/1.1\r\n", .malformedRequestLine("GET /? HTTP/1.1")),
    ("GET /\u{E9} HTTP/1.1\r\n", .malformedRequestLine("GET /?? HTTP/1.1")),
    ("PRI * HTTP/2.0\r\n\r\nSM", .malformedRequestLine("PRI * HTTP/2.0")),
    ("GET / HTTP/1.1\r\n\r\n", .malformedField("Host, 0 times instead of once")),
    (
      "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
      .malformedField("Host, 2 times instead of once")
    ),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .malformedField("Host : a")),
    ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .malformedField(" Host: a")),
    (
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      .malformedContentLength("2")
    ),
    (
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      .unsupportedTransferCoding("chunked, with a Content-Length or in HTTP/1.0")
    ),
    (
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      .unsupportedTransferCoding("chunked, with a Content-Length or in HTTP/1.0")
    ),
    (
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
      .unsupportedTransferCoding("chunked chunked")
    ),
    (
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
      .malformedChunk("-1")
    ),
    (
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
      .malformedChunk("b")
    ),
  ]

  @Test(
    "A request parser names the fault of a malformed request, wherever it is split",
    arguments: faults)
  func fault(input: String, error: HTTPSyntaxError) {
    let bytes = Array(input.utf8)
    #expect(HTTPRequestParser.outcome(of: bytes) == .failure(error))
    #expect(HTTPRequestParser.outcome(of: bytes, splitAt: Array(bytes.indices)) == .failure(error))
  }

  @Test("A request parser bounds a body, whether its length is stated or not")
  func bodyLimit() {
    let limits = HTTPLimits(bodyByteCount: 4)
    let head = "POST / HTTP/1.1\r\nHost: x\r\n"
    for framing in [
      "Content-Length: 5\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\n",
    ] {
      let input = Array((head + framing).utf8)
      #expect(
        HTTPRequestParser.outcome(of: input, limits: limits) == .failure(.bodyTooLarge(limit: 4)))
    }
  }

  @Test("A request parser reports a head that is complete while the body is not")
  func withinBody() throws {
    var parser = HTTPRequestParser()
    let head = Array("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n".utf8)
    for (index, byte) in (head + Array("ab".utf8)).enumerated() {
      #expect(parser.isWithinBody == (index >= head.count))
      try [byte].withUnsafeBytes { _ = try parser.consume($0) }
    }
    #expect(parser.isComplete)
    #expect(!parser.isWithinBody)
  }
}
