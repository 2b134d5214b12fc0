internal import LambdaCacheText

/// The head of a message: the first line of a request or a response, and the header fields.
protocol HTTPMessageHead: Equatable, Sendable {
  init()

  /// The `1` of `HTTP/1.1`.
  var minorVersion: Int { get set }
  var fields: HTTPFields { get set }

  /// Reads the first line.
  ///
  /// - Returns: `false` when the line is to be ignored and another one is to come.
  mutating func readStartLine(_ line: [UInt8]) throws(HTTPSyntaxError) -> Bool

  /// The framing of the body (RFC 9112, section 6.3), once all fields are there.
  func framing() throws(HTTPSyntaxError) -> HTTPFraming
}

/// The framing of a body.
enum HTTPFraming: Equatable {
  case fixed(Int)
  case chunked
  case untilClose
  /// The head was an interim response, and another head follows.
  case interim
}

extension HTTPMessageHead {
  /// Whether the sender keeps the connection open after the message (RFC 9112, section 9.3).
  var connectionPersists: Bool {
    if fields.list(named: "Connection", contains: "close") { return false }
    return minorVersion >= 1 || fields.list(named: "Connection", contains: "keep-alive")
  }

  /// The value of the first field of a name, compared without regard to case, or `nil`.
  func firstValue(named name: String) -> String? { fields.firstValue(named: name) }

  /// The minor version that the bytes `HTTP/1.x` state, or `nil` for anything else.
  static func minorVersion(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count == 8, bytes.starts(with: "HTTP/1.".utf8), let digit = bytes.last,
      ASCII.isDigit(digit)
    else { return nil }
    return Int(digit - UInt8(ascii: "0"))
  }
}
