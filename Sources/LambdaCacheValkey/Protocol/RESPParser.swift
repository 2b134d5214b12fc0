internal import LambdaCacheText

/// An incremental parser of replies: a pure state machine over bytes.
///
/// It takes bytes in pieces of any size and does no input or output. Version 2 is a part of version
/// 3, so that one parser reads both. Attributes are skipped. Texts and aggregates without a length
/// (`$?`, `*?`) are not read: no server sends them.
///
/// Every byte is looked at a constant number of times, and the memory is bounded by `RESPLimits`.
/// Nesting is kept in an array, not on the stack.
struct RESPParser {
  enum State: Equatable {
    case line
    /// Within a text, of which this many bytes are missing.
    case text(TextKind, remaining: Int)
    /// Behind a text, before this many bytes of the end of a line.
    case lineEnd(TextKind, remaining: Int)
  }

  enum TextKind {
    case bytes, error
    /// A text that begins with its format: three letters and a colon.
    case verbatim
  }

  /// An aggregate whose elements are being read.
  struct Aggregate {
    enum Kind { case array, map, push, attribute }
    let kind: Kind
    var remaining: Int
    var elements: [RESPValue] = []
  }

  let limits: RESPLimits
  var state = State.line
  /// The line being read, without its end.
  var line: [UInt8] = []
  /// The text being read.
  var text: [UInt8] = []
  /// The aggregates that are not complete, the outermost first.
  var open: [Aggregate] = []
  /// The bytes and the values of the present reply.
  private var byteCount = 0
  var valueCount = 0

  init(limits: RESPLimits = RESPLimits()) {
    self.limits = limits
  }

  /// Whether a part of a reply has been read.
  var isWithinReply: Bool { byteCount > 0 }

  /// Reads up to the end of the first reply.
  ///
  /// - Parameters:
  ///   - input: The bytes that have arrived.
  ///   - offset: The place of the first byte that is not read yet; moved behind what is.
  /// - Returns: The reply; `nil` when all bytes are read and it is not complete.
  /// - Throws: `RESPSyntaxError` at the first fault. The parser is of no use afterwards.
  mutating func next(
    in input: UnsafeRawBufferPointer, from offset: inout Int
  ) throws(RESPSyntaxError) -> RESPValue? {
    while offset < input.count {
      var value: RESPValue?
      switch state {
      case .line:
        guard try collectLine(from: input, &offset) else { return nil }
        value = try endLine()
        line.removeAll(keepingCapacity: true)
      case .text(let kind, let remaining):
        let taken = min(remaining, input.count - offset)
        try charge(taken)
        text.append(
          contentsOf: UnsafeRawBufferPointer(rebasing: input[offset..<(offset + taken)]))
        offset += taken
        state =
          taken == remaining
          ? .lineEnd(kind, remaining: 2) : .text(kind, remaining: remaining - taken)
      case .lineEnd(let kind, let remaining):
        let expected = remaining == 2 ? ASCII.carriageReturn : ASCII.lineFeed
        guard input[offset] == expected else { throw .missingLineEnd }
        try charge(1)
        offset += 1
        guard remaining == 1 else {
          state = .lineEnd(kind, remaining: 1)
          break
        }
        state = .line
        value = takeText(kind)
      }
      if let value, let reply = close(value) {
        byteCount = 0
        valueCount = 0
        return reply
      }
    }
    return nil
  }

  /// Counts bytes of the reply.
  mutating func charge(_ count: Int) throws(RESPSyntaxError) {
    byteCount += count
    guard byteCount <= limits.replyByteCount else {
      throw .replyTooLarge(limit: limits.replyByteCount)
    }
  }

  private mutating func takeText(_ kind: TextKind) -> RESPValue {
    let bytes = text
    text = []
    switch kind {
    case .bytes: return .bytes(bytes)
    case .error: return .error(bytes)
    case .verbatim: return .bytes(Array(bytes.dropFirst(4)))
    }
  }

  /// Adds a complete value to the aggregate that it belongs to, and closes those that it completes.
  ///
  /// - Returns: The reply, if that is complete.
  private mutating func close(_ value: RESPValue) -> RESPValue? {
    var value = value
    while var aggregate = open.popLast() {
      aggregate.elements.append(value)
      aggregate.remaining -= 1
      guard aggregate.remaining == 0 else {
        open.append(aggregate)
        return nil
      }
      switch aggregate.kind {
      case .array: value = .array(aggregate.elements)
      case .map: value = .map(aggregate.elements)
      case .push: value = .push(aggregate.elements)
      case .attribute: return nil
      }
    }
    return value
  }
}

/// The most that a reply may have.
struct RESPLimits: Sendable {
  /// The bytes of a line.
  var lineByteCount = 65_536
  /// The bytes of one text.
  var textByteCount = 64 << 20
  /// The bytes of a reply.
  var replyByteCount = 256 << 20
  /// The values in a reply, aggregates included.
  var valueCount = 1 << 20
  /// The aggregates within each other.
  var depth = 16
}
