internal import LambdaCacheText

extension HTTPMessageParser {
  /// Decides, at the empty line that ends the header, the framing of the body and whether the
  /// connection outlives it (RFC 9112, sections 6.3 and 9.3).
  mutating func beginBody() throws(HTTPSyntaxError) {
    keepsConnection = head.connectionPersists
    switch try head.framing() {
    case .interim:
      head = Head()
      state = .startLine
      hasBegun = false
    case .fixed(let length):
      guard length <= limits.bodyByteCount else { throw .bodyTooLarge(limit: limits.bodyByteCount) }
      body.reserveCapacity(length)
      state = length == 0 ? .complete : .fixedBody(remaining: length)
    case .chunked:
      // Both framings at once are typical of smuggled messages: the connection is not used again.
      if head.fields.count(named: "Content-Length") > 0 { keepsConnection = false }
      state = .chunkSizeLine
    case .untilClose:
      keepsConnection = false
      state = .bodyUntilClose
    }
  }

  /// Reads the line before a chunk: its size in hexadecimal, and extensions, which are ignored (RFC
  /// 9112, section 7.1).
  mutating func beginChunk() throws(HTTPSyntaxError) {
    let digits = ASCII.trimmed(line.prefix { $0 != UInt8(ascii: ";") })
    guard !digits.isEmpty else { throw .malformedChunk(HTTPSyntaxError.excerpt(of: line)) }
    var size = 0
    for digit in digits {
      guard let value = ASCII.hexDigit(digit) else {
        throw .malformedChunk(HTTPSyntaxError.excerpt(of: line))
      }
      size = size << 4 | Int(value)
      guard size <= limits.bodyByteCount - body.count else {
        throw .bodyTooLarge(limit: limits.bodyByteCount)
      }
    }
    state = size == 0 ? .trailerLine : .chunkData(remaining: size)
  }
}
