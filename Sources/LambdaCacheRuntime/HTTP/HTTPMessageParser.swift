/// An incremental parser of HTTP/1.1 messages: a pure state machine over bytes.
///
/// It takes bytes in pieces of any size and does no input or output. The differences of requests
/// and responses are in their `Head`. A body is delimited by `Content-Length`, by chunks, or, in a
/// response, by the end of the connection (RFC 9112, section 6.3). Interim responses (1xx) are
/// skipped, trailers are ignored.
///
/// Every byte is looked at a constant number of times, and the memory is bounded by `HTTPLimits`.
struct HTTPMessageParser<Head: HTTPMessageHead> {
  enum State: Equatable {
    case startLine
    case fieldLine
    case fixedBody(remaining: Int)
    case bodyUntilClose
    case chunkSizeLine
    case chunkData(remaining: Int)
    case chunkEndLine
    case trailerLine
    case complete
  }

  let limits: HTTPLimits
  var state = State.startLine
  var head = Head()
  var body: [UInt8] = []
  var keepsConnection = true
  /// The line being collected, without its terminator.
  var line: [UInt8] = []
  var headByteCount = 0

  /// Whether any byte of the message has arrived, interim responses not counted.
  var hasBegun = false

  init(limits: HTTPLimits = HTTPLimits()) {
    self.limits = limits
  }

  var isComplete: Bool { state == .complete }

  /// Whether the head is complete and bytes of the body are still to come.
  var isWithinBody: Bool {
    switch state {
    case .startLine, .fieldLine, .complete: false
    default: true
    }
  }

  /// Takes bytes in, up to the end of the message.
  ///
  /// - Returns: The number of bytes that belong to this message; the rest does not.
  /// - Throws: `HTTPSyntaxError` at the first fault. The parser is of no use afterwards, until it
  ///   is `reset`.
  mutating func consume(_ input: UnsafeRawBufferPointer) throws(HTTPSyntaxError) -> Int {
    var offset = 0
    while state != .complete, offset < input.count {
      hasBegun = true
      switch state {
      case .startLine, .fieldLine, .trailerLine, .chunkSizeLine, .chunkEndLine:
        if try collectLine(from: input, &offset) {
          try endLine()
          line.removeAll(keepingCapacity: true)
        }
      case .fixedBody(let remaining):
        let taken = takeBody(from: input, &offset, atMost: remaining)
        state = taken == remaining ? .complete : .fixedBody(remaining: remaining - taken)
      case .chunkData(let remaining):
        let taken = takeBody(from: input, &offset, atMost: remaining)
        state = taken == remaining ? .chunkEndLine : .chunkData(remaining: remaining - taken)
      case .bodyUntilClose:
        guard input.count - offset <= limits.bodyByteCount - body.count else {
          throw .bodyTooLarge(limit: limits.bodyByteCount)
        }
        _ = takeBody(from: input, &offset, atMost: input.count - offset)
      case .complete:
        break
      }
    }
    return offset
  }

  /// Notes that the connection has ended.
  ///
  /// - Throws: `HTTPSyntaxError.truncated` when the message is not complete.
  mutating func finish() throws(HTTPSyntaxError) {
    switch state {
    case .complete, .bodyUntilClose: state = .complete
    default: throw .truncated
    }
  }

  /// Hands out the message that is complete and makes the parser ready for the next one.
  mutating func takeMessage() -> HTTPMessage<Head> {
    precondition(isComplete, "the message is not complete")
    let message = HTTPMessage(head: head, body: body, keepsConnection: keepsConnection)
    reset()
    return message
  }

  /// Forgets everything about the message so far.
  mutating func reset() {
    self = HTTPMessageParser(limits: limits)
  }

  private mutating func takeBody(
    from input: UnsafeRawBufferPointer, _ offset: inout Int, atMost limit: Int
  ) -> Int {
    let count = min(limit, input.count - offset)
    body.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[offset..<(offset + count)]))
    offset += count
    return count
  }
}

/// Bounds on the memory that a peer can make the parser use.
struct HTTPLimits: Sendable {
  /// All lines of the message except its chunks, interim responses included, in bytes.
  var headByteCount = 65_536
  /// The body without its framing, in bytes.
  ///
  /// Lambda's largest event is 6 MB; four times that keeps a raised quota from being a failure
  /// and a senseless length from being an allocation.
  var bodyByteCount = 4 * PayloadLimit.byteCount
  /// One line that announces a chunk, extensions included, in bytes.
  var chunkLineByteCount = 1024
}
