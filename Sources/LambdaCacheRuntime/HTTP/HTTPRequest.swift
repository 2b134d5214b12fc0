internal import LambdaCacheText

/// A request, ready to be sent: the bytes of its head, and its body.
struct HTTPRequest {
  /// Request line, header fields and the empty line.
  let head: [UInt8]
  let body: [UInt8]

  /// Creates a request that keeps its connection.
  ///
  /// - Parameters:
  ///   - method: The method, `GET` or `POST`.
  ///   - path: The absolute path.
  ///   - authority: The value of the `Host` field.
  ///   - fields: Further header fields. A byte that may not stand in a field becomes `?`.
  ///   - body: The body; a `POST` states its length even when it is 0.
  ///   - isChunked: Whether the body follows in chunks instead, so that its length is not stated.
  init(
    method: String, path: String, authority: String,
    fields: [(name: String, value: String)] = [], body: [UInt8] = [], isChunked: Bool = false
  ) {
    precondition(path.utf8.allSatisfy(ASCII.isVisible), "the path holds a byte no path can hold")
    var head: [UInt8] = []
    head.reserveCapacity(256)
    head.append(contentsOf: "\(method) \(path) HTTP/1.1\r\n".utf8)
    HTTPFieldLine.append("Host", authority, to: &head)
    HTTPFieldLine.append("User-Agent", "swift-lambda-cache", to: &head)
    for field in fields { HTTPFieldLine.append(field.name, field.value, to: &head) }
    if isChunked {
      HTTPFieldLine.append("Transfer-Encoding", "chunked", to: &head)
    } else if method == "POST" {
      HTTPFieldLine.append("Content-Length", String(body.count), to: &head)
    }
    head.append(contentsOf: "\r\n".utf8)
    self.head = head
    self.body = body
  }
}
