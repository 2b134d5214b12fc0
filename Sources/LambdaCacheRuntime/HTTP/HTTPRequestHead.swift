internal import LambdaCacheText

/// The method, the target and the header fields of a request that a server has received.
struct HTTPRequestHead: HTTPMessageHead {
  var minorVersion = 1
  var method = ""
  /// The target as it was sent: a path with an optional query, a whole URI, or `*`.
  var target = ""
  var fields = HTTPFields()

  /// Reads method, target and version, with one space between them (RFC 9112, section 3).
  ///
  /// An empty line before them is ignored (section 2.2).
  mutating func readStartLine(_ line: [UInt8]) throws(HTTPSyntaxError) -> Bool {
    if line.isEmpty { return false }
    let parts = line.split(separator: ASCII.space, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(ASCII.isTokenByte),
      !parts[1].isEmpty, parts[1].allSatisfy(ASCII.isVisible),
      let minorVersion = Self.minorVersion(parts[2])
    else { throw .malformedRequestLine(HTTPSyntaxError.excerpt(of: line)) }
    self.minorVersion = minorVersion
    method = String(decoding: parts[0], as: UTF8.self)
    target = String(decoding: parts[1], as: UTF8.self)
    return true
  }

  /// The framing of the body; a request without length or chunks has none.
  ///
  /// A request with both is refused: requests are smuggled in this way (RFC 9112, section
  /// 6.1). So is one for HTTP/1.1 that does not name exactly one host (section 3.2).
  func framing() throws(HTTPSyntaxError) -> HTTPFraming {
    let hosts = fields.count(named: "Host")
    guard hosts == 1 || hosts == 0 && minorVersion == 0 else {
      throw .malformedField("Host, \(hosts) times instead of once")
    }
    let length = try fields.contentLength()
    guard try fields.isChunked() else { return .fixed(length ?? 0) }
    guard length == nil, minorVersion >= 1 else {
      throw .unsupportedTransferCoding("chunked, with a Content-Length or in HTTP/1.0")
    }
    return .chunked
  }

  /// The path of the target, without query, scheme and authority.
  var path: String { splitTarget.path }

  /// The authority that the target names, or `nil` if it is no whole URI.
  var targetAuthority: String? { splitTarget.authority }

  private var splitTarget: (authority: String?, path: String) {
    let bytes = Array(target.utf8)
    let end = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
    let path = bytes[..<end]
    // A whole URI has two slashes before the authority, and the next begins the path.
    if path.first != UInt8(ascii: "/") {
      let parts = path.split(
        separator: UInt8(ascii: "/"), maxSplits: 3, omittingEmptySubsequences: false)
      if parts.count > 2, parts[0].last == UInt8(ascii: ":"), parts[1].isEmpty {
        let rest = path[parts[2].endIndex...]
        return (
          String(decoding: parts[2], as: UTF8.self),
          rest.isEmpty ? "/" : String(decoding: rest, as: UTF8.self)
        )
      }
    }
    return (nil, String(decoding: path, as: UTF8.self))
  }

  /// Whether the client waits for permission to send the body (RFC 9110, section 10.1.1).
  var expectsContinue: Bool {
    minorVersion >= 1 && fields.list(named: "Expect", contains: "100-continue")
  }
}

typealias HTTPServerRequest = HTTPMessage<HTTPRequestHead>
typealias HTTPRequestParser = HTTPMessageParser<HTTPRequestHead>
