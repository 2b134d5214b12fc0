internal import LambdaCacheText

extension HTTPMessageParser {
  /// Moves input into `line` up to the next line feed, which ends it; a carriage return before it
  /// is dropped (RFC 9112, section 2.2).
  ///
  /// - Returns: `true` when the line is complete, `false` when more input is needed.
  mutating func collectLine(
    from input: UnsafeRawBufferPointer, _ offset: inout Int
  ) throws(HTTPSyntaxError) -> Bool {
    let rest = UnsafeRawBufferPointer(rebasing: input[offset...])
    let end = rest.firstIndex(of: ASCII.lineFeed)
    let count = end.map { $0 + 1 } ?? rest.count
    try charge(count)
    line.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<(end ?? count)]))
    offset += count
    guard end != nil else { return false }
    if line.last == ASCII.carriageReturn { line.removeLast() }
    return true
  }

  /// Counts bytes of a line against the limit that applies to it.
  private mutating func charge(_ count: Int) throws(HTTPSyntaxError) {
    switch state {
    case .chunkSizeLine, .chunkEndLine:
      guard line.count + count <= limits.chunkLineByteCount else {
        throw .malformedChunk("a line of more than \(limits.chunkLineByteCount) bytes")
      }
    default:
      headByteCount += count
      guard headByteCount <= limits.headByteCount else {
        throw .headTooLarge(limit: limits.headByteCount)
      }
    }
  }

  /// Acts on the line that is complete.
  mutating func endLine() throws(HTTPSyntaxError) {
    switch state {
    case .startLine:
      if try head.readStartLine(line) { state = .fieldLine }
    case .fieldLine:
      if line.isEmpty {
        try beginBody()
      } else if ASCII.isWhitespace(line[0]) {
        try head.fields.extendLast(line: line)
      } else {
        try head.fields.append(line: line)
      }
    case .chunkSizeLine:
      try beginChunk()
    case .chunkEndLine:
      guard line.isEmpty else { throw .malformedChunk(HTTPSyntaxError.excerpt(of: line)) }
      state = .chunkSizeLine
    case .trailerLine:
      if line.isEmpty { state = .complete }
    case .fixedBody, .bodyUntilClose, .chunkData, .complete:
      preconditionFailure("this state has no lines")
    }
  }
}
