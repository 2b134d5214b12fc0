/// A reply that is not RESP, or that exceeds a limit.
enum RESPSyntaxError: Error, Equatable {
  /// A reply begins with a byte that announces no type.
  case unknownType(UInt8)
  /// A line is not what its type demands; the text is its beginning.
  case malformedLine(String)
  /// A text is not followed by the end of a line.
  case missingLineEnd
  case lineTooLong(limit: Int)
  case textTooLong(limit: Int)
  case tooManyValues(limit: Int)
  case tooDeep(limit: Int)
  case replyTooLarge(limit: Int)
  /// A reply came that no command asked for.
  case unexpectedReply
}

extension RESPSyntaxError: CustomStringConvertible {
  var description: String {
    switch self {
    case .unknownType(let byte): "no type of reply begins with the byte \(byte)"
    case .malformedLine(let line): "malformed line '\(line)'"
    case .missingLineEnd: "a text without the end of a line behind it"
    case .lineTooLong(let limit): "a line of more than \(limit) bytes"
    case .textTooLong(let limit): "a text of more than \(limit) bytes"
    case .tooManyValues(let limit): "a reply of more than \(limit) values"
    case .tooDeep(let limit): "a reply of more than \(limit) levels"
    case .replyTooLarge(let limit): "a reply of more than \(limit) bytes"
    case .unexpectedReply: "a reply that no command asked for"
    }
  }

  /// The beginning of a faulty line, fit for a log: at most 80 characters, control characters
  /// replaced.
  static func excerpt(of line: some Sequence<UInt8>) -> String {
    let visible = line.prefix(80).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
    return String(decoding: visible, as: UTF8.self)
  }
}
