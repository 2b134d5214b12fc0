extension HTTPResponseParser {
  /// Decides, at the empty line that ends the header, how the body is delimited and whether the
  /// connection outlives it (RFC 9112, sections 6.3 and 9.3).
  mutating func beginBody() throws(HTTPSyntaxError) {
    guard head.status >= 200 else { return try skipInterimResponse() }
    keepsConnection = connectionPersists
    let codings = head.listElements(named: "Transfer-Encoding")
    let length = try contentLength()
    if head.status == 204 || head.status == 304 {
      state = .complete
    } else if !codings.isEmpty {
      guard codings.count == 1, ASCII.equalIgnoringCase(codings[0], "chunked".utf8) else {
        throw .unsupportedTransferCoding(
          HTTPSyntaxError.excerpt(of: codings.joined(separator: [ASCII.space])))
      }
      // Both ways of framing at once is how smuggled messages look: read the chunks, trust no more.
      if length != nil { keepsConnection = false }
      state = .chunkSizeLine
    } else if let length {
      guard length <= limits.bodyByteCount else { throw .bodyTooLarge(limit: limits.bodyByteCount) }
      body.reserveCapacity(length)
      state = length == 0 ? .complete : .fixedBody(remaining: length)
    } else {
      keepsConnection = false
      state = .bodyUntilClose
    }
  }

  private mutating func skipInterimResponse() throws(HTTPSyntaxError) {
    guard head.status != 101 else { throw .unexpectedStatus(head.status) }
    head = HTTPResponseHead()
    state = .statusLine
  }

  private var connectionPersists: Bool {
    if head.list(named: "Connection", contains: "close") { return false }
    return head.minorVersion >= 1 || head.list(named: "Connection", contains: "keep-alive")
  }

  /// The length that the header states, or `nil` when it states none.
  ///
  /// Repeated equal values count as one (RFC 9110, section 8.6).
  private func contentLength() throws(HTTPSyntaxError) -> Int? {
    var length: Int?
    for element in head.listElements(named: "Content-Length") {
      guard let value = ASCII.decimal(element), length == nil || length == value else {
        throw .malformedContentLength(HTTPSyntaxError.excerpt(of: element))
      }
      length = value
    }
    return length
  }

  /// Reads the line before a chunk: its size in hexadecimal, and extensions, which are ignored (RFC
  /// 9112, section 7.1).
  mutating func beginChunk() throws(HTTPSyntaxError) {
    let digits = ASCII.trimmed(line.prefix { $0 != UInt8(ascii: ";") })
    guard !digits.isEmpty else { throw .malformedChunk(HTTPSyntaxError.excerpt(of: line)) }
    var size = 0
    for digit in digits {
      guard let value = ASCII.hexValue(digit) else {
        throw .malformedChunk(HTTPSyntaxError.excerpt(of: line))
      }
      size = size << 4 | value
      guard size <= limits.bodyByteCount - body.count else {
        throw .bodyTooLarge(limit: limits.bodyByteCount)
      }
    }
    state = size == 0 ? .trailerLine : .chunkData(remaining: size)
  }
}
