internal import LambdaCacheText

/// A response of the local server.
struct LocalAnswer {
  /// The status and its reason.
  var status = "200 OK"
  var fields: [(name: String, value: String)]
  /// The whole body, or `nil` when it is streamed.
  var body: [UInt8]?
  /// Whether the body is only described, as in the answer to `HEAD` (RFC 9110, section 9.3.2).
  var isHeadOnly = false

  init(fields: [(name: String, value: String)], body: [UInt8]?) {
    self.fields = fields
    self.body = body
  }

  /// An answer that says what was wrong with the request.
  init(status: String, fields: [(name: String, value: String)] = [], message: String) {
    var json = JSONWriter()
    json.append(literal: #"{"message":"#)
    json.append(string: message)
    json.append(literal: "}")
    self.init(fields: [("Content-Type", "application/json")] + fields, body: json.bytes)
    self.status = status
  }

  /// Head and body.
  ///
  /// - Parameter keepsConnection: Whether the client may send another request.
  func bytes(keepsConnection: Bool) -> [UInt8] {
    var output = Array("HTTP/1.1 \(status)\r\n".utf8)
    for field in fields { HTTPFieldLine.append(field.name, field.value, to: &output) }
    if let body { HTTPFieldLine.append("Content-Length", String(body.count), to: &output) }
    // The word is needed by clients of HTTP/1.0 in one case, and by all others in the other.
    HTTPFieldLine.append("Connection", keepsConnection ? "keep-alive" : "close", to: &output)
    output.append(contentsOf: "\r\n".utf8)
    if !isHeadOnly { output.append(contentsOf: body ?? []) }
    return output
  }
}
