internal import LambdaCacheText

/// The status and the header fields of a response.
struct HTTPResponseHead: HTTPMessageHead {
  var minorVersion = 1
  var status = 0
  var fields = HTTPFields()

  /// Reads `HTTP/1.x`, the status of three digits, and the reason, which is ignored and may be
  /// absent (RFC 9112, section 4).
  mutating func readStartLine(_ line: [UInt8]) throws(HTTPSyntaxError) -> Bool {
    guard line.count >= 12, let minorVersion = Self.minorVersion(line[..<8]),
      line[8] == ASCII.space, line.count == 12 || line[12] == ASCII.space,
      let status = ASCII.decimal(line[9..<12]), (100...599).contains(status)
    else { throw .malformedStatusLine(HTTPSyntaxError.excerpt(of: line)) }
    self.minorVersion = minorVersion
    self.status = status
    return true
  }

  func framing() throws(HTTPSyntaxError) -> HTTPFraming {
    guard status >= 200 else {
      guard status != 101 else { throw .unexpectedStatus(status) }
      return .interim
    }
    let length = try fields.contentLength()
    if status == 204 || status == 304 { return .fixed(0) }
    if try fields.isChunked() { return .chunked }
    return length.map { .fixed($0) } ?? .untilClose
  }
}

typealias HTTPResponse = HTTPMessage<HTTPResponseHead>
typealias HTTPResponseParser = HTTPMessageParser<HTTPResponseHead>

extension HTTPMessage where Head == HTTPResponseHead {
  var status: Int { head.status }
}
