/// A message that is not HTTP/1.1 (RFC 9112), or that exceeds a limit.
enum HTTPSyntaxError: Error, Equatable {
  case malformedStatusLine(String)
  case malformedRequestLine(String)
  case malformedField(String)
  case malformedContentLength(String)
  case unsupportedTransferCoding(String)
  case unexpectedStatus(Int)
  case malformedChunk(String)
  case headTooLarge(limit: Int)
  case bodyTooLarge(limit: Int)
  case truncated
}

extension HTTPSyntaxError: CustomStringConvertible {
  var description: String {
    switch self {
    case .malformedStatusLine(let line): "malformed status line '\(line)'"
    case .malformedRequestLine(let line): "malformed request line '\(line)'"
    case .malformedField(let line): "malformed header field '\(line)'"
    case .malformedContentLength(let value): "malformed Content-Length '\(value)'"
    case .unsupportedTransferCoding(let value): "unsupported Transfer-Encoding '\(value)'"
    case .unexpectedStatus(let status): "unexpected status \(status)"
    case .malformedChunk(let line): "malformed chunk '\(line)'"
    case .headTooLarge(let limit): "header of more than \(limit) bytes"
    case .bodyTooLarge(let limit): "body of more than \(limit) bytes"
    case .truncated: "the connection was closed before the message was complete"
    }
  }

  /// The beginning of a faulty line, fit for a log: at most 80 characters, control characters
  /// replaced.
  static func excerpt(of line: some Sequence<UInt8>) -> String {
    let visible = line.prefix(80).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
    return String(decoding: visible, as: UTF8.self)
  }
}
