import Testing

@testable import LambdaCacheRuntime

@Suite("A response parser")
struct HTTPResponseParserTests {
  private func response(_ text: String) throws -> (response: HTTPResponse, surplus: Int) {
    guard
      case .message(let response, let surplus) = HTTPResponseParser.outcome(of: Array(text.utf8))
    else { throw Unexpected(outcome: HTTPResponseParser.outcome(of: Array(text.utf8))) }
    return (response, surplus)
  }

  private struct Unexpected: Error {
    var outcome: ParseOutcome<HTTPResponseHead>
  }

  struct Framing: Sendable, CustomTestStringConvertible {
    var name: String
    var head: String
    var payload: String
    var body: String
    var keepsConnection: Bool
    var testDescription: String { name }
  }

  static let framings: [Framing] = [
    Framing(
      name: "a length", head: "HTTP/1.1 200 OK\r\nContent-Length: 5",
      payload: "hello", body: "hello", keepsConnection: true),
    Framing(
      name: "a length of zero", head: "HTTP/1.1 202 Accepted\r\nContent-Length: 0",
      payload: "", body: "", keepsConnection: true),
    Framing(
      name: "a length stated twice alike",
      head: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: 5, 5",
      payload: "hello", body: "hello", keepsConnection: true),
    Framing(
      name: "chunks", head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
      payload: "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", body: "hello", keepsConnection: true),
    Framing(
      name: "chunks with extensions and trailers",
      head: "HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED",
      payload: "0005 ;a=\"b\"\r\nhello\r\n000\r\nDigest: x\r\nMore: y\r\n\r\n", body: "hello",
      keepsConnection: true),
    Framing(
      name: "a chunk size in upper-case hexadecimal",
      head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
      payload: "A\r\n0123456789\r\n0\r\n\r\n", body: "0123456789", keepsConnection: true),
    Framing(
      name: "bare line feeds", head: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked",
      payload: "5\nhello\n0\n\n", body: "hello", keepsConnection: true),
    Framing(
      name: "the end of the connection", head: "HTTP/1.1 200 OK\r\nX: y",
      payload: "hello", body: "hello", keepsConnection: false),
    Framing(
      name: "the absence of a body with 204", head: "HTTP/1.1 204 No Content\r\nX: y",
      payload: "", body: "", keepsConnection: true),
    Framing(
      name: "chunks rather than a length",
      head: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked",
      payload: "5\r\nhello\r\n0\r\n\r\n", body: "hello", keepsConnection: false),
    Framing(
      name: "a length, closing", head: "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 5",
      payload: "hello", body: "hello", keepsConnection: false),
    Framing(
      name: "a length, closing among other options",
      head: "HTTP/1.1 200 OK\r\nConnection: foo , close\r\nContent-Length: 5",
      payload: "hello", body: "hello", keepsConnection: false),
    Framing(
      name: "a length in HTTP/1.0", head: "HTTP/1.0 200 OK\r\nContent-Length: 5",
      payload: "hello", body: "hello", keepsConnection: false),
    Framing(
      name: "a length in HTTP/1.0 that stays open",
      head: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5",
      payload: "hello", body: "hello", keepsConnection: true),
    Framing(
      name: "a length after interim responses",
      head: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nContent-Length: 5",
      payload: "hello", body: "hello", keepsConnection: true),
  ]

  @Test(
    "A response parser delimits a body by its length, its chunks or the end of the connection",
    arguments: framings)
  func framing(_ framing: Framing) throws {
    let (response, surplus) = try response(framing.head + "\r\n\r\n" + framing.payload)
    #expect(response.body == Array(framing.body.utf8))
    #expect(response.keepsConnection == framing.keepsConnection)
    #expect(surplus == 0)
  }

  @Test(
    "A response parser yields the same response wherever the bytes are split", arguments: framings)
  func everySplit(_ framing: Framing) {
    let input = Array((framing.head + "\r\n\r\n" + framing.payload).utf8)
    let whole = HTTPResponseParser.outcome(of: input)
    for first in input.indices {
      #expect(HTTPResponseParser.outcome(of: input, splitAt: [first]) == whole, "split at \(first)")
    }
    #expect(HTTPResponseParser.outcome(of: input, splitAt: Array(input.indices)) == whole)
  }

  @Test("A response parser reports every beginning of a response as truncated", arguments: framings)
  func everyBeginning(_ framing: Framing) {
    let input = Array((framing.head + "\r\n\r\n" + framing.payload).utf8)
    let headEnd = framing.head.utf8.count + 4
    let endsWithConnection = framing.name.contains("end of the connection")
    for count in 0..<(endsWithConnection ? headEnd : input.count) {
      #expect(
        HTTPResponseParser.outcome(of: Array(input[..<count])) == .truncated, "\(count) bytes")
    }
  }

  static let faults: [(input: String, error: HTTPSyntaxError)] = [
    ("HTTP/2 200 OK\r\n\r\n", .malformedStatusLine("HTTP/2 200 OK")),
    ("HTTP/1.1 20 OK\r\n\r\n", .malformedStatusLine("HTTP/1.1 20 OK")),
    ("HTTP/1.1 2000 OK\r\n\r\n", .malformedStatusLine("HTTP/1.1 2000 OK")),
    ("HTTP/1.1 999 OK\r\n\r\n", .malformedStatusLine("HTTP/1.1 999 OK")),
    ("HTTP/1.1 099 OK\r\n\r\n", .malformedStatusLine("HTTP/1.1 099 OK")),
    ("HTTP/1.1  200\r\n\r\n", .malformedStatusLine("HTTP/1.1  200")),
    ("http/1.1 200 OK\r\n\r\n", .malformedStatusLine("http/1.1 200 OK")),
    ("\r\nHTTP/1.1 200 OK\r\n\r\n", .malformedStatusLine("")),
    ("GET / HTTP/1.1\r\n\r\n", .malformedStatusLine("GET / HTTP/1.1")),
    ("HTTP/1.1 101 Switching\r\n\r\n", .unexpectedStatus(101)),
    ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", .malformedField("no colon")),
    ("HTTP/1.1 200 OK\r\n: x\r\n\r\n", .malformedField(": x")),
    ("HTTP/1.1 200 OK\r\nName : x\r\n\r\n", .malformedField("Name : x")),
    ("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", .malformedField("X: a?b")),
    ("HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", .malformedField("X: a?b")),
    ("HTTP/1.1 200 OK\r\n folded\r\n\r\n", .malformedField(" folded")),
    ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .malformedContentLength("-1")),
    ("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", .malformedContentLength("+1")),
    ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", .malformedContentLength("")),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", .malformedContentLength("2")),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
      .malformedContentLength("99999999999999999999")
    ),
    ("HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n", .bodyTooLarge(limit: 25_166_224)),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      .unsupportedTransferCoding("gzip chunked")
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n", .unsupportedTransferCoding("")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", .malformedChunk("x")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", .malformedChunk("")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", .malformedChunk("-1")),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", .malformedChunk("b")),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
      .bodyTooLarge(limit: 25_166_224)
    ),
  ]

  @Test("A response parser names the fault of a malformed response", arguments: faults)
  func fault(input: String, error: HTTPSyntaxError) {
    let bytes = Array(input.utf8)
    #expect(HTTPResponseParser.outcome(of: bytes) == .failure(error))
    #expect(
      HTTPResponseParser.outcome(of: bytes, splitAt: Array(bytes.indices)) == .failure(error))
  }

  @Test("A response parser finds a field in any case, without the blanks around its value")
  func fieldNames() throws {
    let (response, _) = try response(
      "HTTP/1.1 200\r\nLAMBDA-runtime-Trace-ID:\t Root=1 \t\r\nA: 1\r\na: 2\r\nE:\r\n"
        + "Content-Length: 0\r\n\r\n")
    #expect(response.head.firstValue(named: "Lambda-Runtime-Trace-Id") == "Root=1")
    #expect(response.head.firstValue(named: "a") == "1")
    #expect(response.head.firstValue(named: "e") == "")
    #expect(response.head.firstValue(named: "Lambda-Runtime-Trace") == nil)
  }

  @Test("A response parser joins a folded field by one space")
  func foldedField() throws {
    let (response, _) = try response(
      "HTTP/1.1 200 OK\r\nA: one\r\n \t two\r\nB: x\r\nContent-Length: 0\r\n\r\n")
    #expect(response.head.firstValue(named: "A") == "one two")
    #expect(response.head.firstValue(named: "B") == "x")
  }

  @Test("A response parser leaves what follows a response alone")
  func surplus() throws {
    let (response, surplus) = try response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1")
    #expect(response.body == Array("hi".utf8))
    #expect(surplus == 6)
  }

  @Test(
    "A response parser bounds a header that never ends",
    arguments: ["A: b\r\n", "x", "A: b\r\n c\r\n"])
  func endlessHead(_ unit: String) {
    let input = Array(("HTTP/1.1 200 OK\r\n" + String(repeating: unit, count: 70_000)).utf8)
    #expect(HTTPResponseParser.outcome(of: input) == .failure(.headTooLarge(limit: 65_536)))
  }

  @Test("A response parser takes a header as large as the limit, and not one byte more")
  func largestHead() {
    let start = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: "
    let limits = HTTPLimits(headByteCount: 200)
    for (count, isTaken) in [(200, true), (201, false)] {
      let value = String(repeating: "x", count: count - start.utf8.count - 4)
      let outcome = HTTPResponseParser.outcome(
        of: Array("\(start)\(value)\r\n\r\n".utf8), limits: limits)
      #expect((outcome != .failure(.headTooLarge(limit: 200))) == isTaken)
    }
  }

  @Test("A response parser bounds interim responses and trailers that never end")
  func endlessRepetition() {
    let interim = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 3_000)
    let trailers =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
      + String(repeating: "A: b\r\n", count: 20_000)
    for input in [interim, trailers] {
      let outcome = HTTPResponseParser.outcome(of: Array(input.utf8))
      #expect(outcome == .failure(.headTooLarge(limit: 65_536)))
    }
  }

  @Test("A response parser bounds the line that announces a chunk")
  func endlessChunkLine() {
    let input =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"
      + String(repeating: "x", count: 2000)
    let outcome = HTTPResponseParser.outcome(of: Array(input.utf8))
    #expect(outcome == .failure(.malformedChunk("a line of more than 1024 bytes")))
  }

  @Test(
    "A response parser bounds a body, however it is delimited",
    arguments: [
      "Content-Length: 101\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n64\r\n" + String(repeating: "x", count: 100)
        + "\r\n1\r\nx",
      "\r\n" + String(repeating: "x", count: 101),
    ])
  func largeBody(_ rest: String) {
    let limits = HTTPLimits(bodyByteCount: 100)
    let input = Array(("HTTP/1.1 200 OK\r\n" + rest).utf8)
    #expect(
      HTTPResponseParser.outcome(of: input, limits: limits) == .failure(.bodyTooLarge(limit: 100)))
  }

  @Test(
    "A response parser takes 6 MB in small pieces in linear time", .timeLimit(.minutes(10)),
    arguments: [true, false])
  func largeBodyInPieces(isChunked: Bool) {
    let body = Payload.pattern(LambdaRuntime.maximumPayloadByteCount)
    let input =
      isChunked ? Answer.chunkedEvent(body, chunkSize: 1000) : Answer.event(body)
    let splits = Array(stride(from: 97, to: input.count, by: 97))
    guard case .message(let response, 0) = HTTPResponseParser.outcome(of: input, splitAt: splits)
    else {
      Issue.record("the response was not accepted")
      return
    }
    #expect(Payload.areEqual(response.body, body))
  }
}
