import LambdaCacheHTTP

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The origin of the suite on the loopback interface, asked by HTTP/1.1 with one connection for
/// each request.
struct SuiteOrigin: Sendable {
  let port: UInt16

  /// Why there is no response.
  enum Failure: Error {
    case cannotConnect
    case cannotSend
    case incompleteResponse
  }

  /// Sends a request and reads the response to its end.
  ///
  /// - Parameter event: The request.
  /// - Returns: The response, its body in Base64 if it is not UTF-8.
  /// - Throws: ``Failure`` if the origin ends the connection before its response is complete.
  func respond(to event: HTTPAPIEvent) throws -> HTTPResponseParts {
    let socket = try connect()
    defer { close(socket) }
    try send(request(for: event), on: socket)
    return try Self.response(
      from: socket, hasBody: event.method != "HEAD")
  }

  private func request(for event: HTTPAPIEvent) -> [UInt8] {
    let query = event.rawQueryString.isEmpty ? "" : "?" + event.rawQueryString
    var head = "\(event.method) \(event.rawPath)\(query) HTTP/1.1\r\n"
    var hasHost = false
    for field in event.httpRequestParts.fields where !Self.isOfTheConnection(field.name) {
      hasHost = hasHost || field.name.lowercased() == "host"
      head += "\(field.name): \(field.value)\r\n"
    }
    if !hasHost { head += "Host: 127.0.0.1:\(port)\r\n" }
    let body = event.body ?? ""
    if !body.isEmpty { head += "Content-Length: \(body.utf8.count)\r\n" }
    return Array("\(head)Connection: close\r\n\r\n\(body)".utf8)
  }

  private static func isOfTheConnection(_ name: String) -> Bool {
    ["connection", "content-length", "keep-alive", "transfer-encoding"].contains(name.lowercased())
  }

  // MARK: Response

  /// Reads a response, up to its length or to the end of the connection.
  private static func response(
    from socket: Int32, hasBody: Bool
  ) throws -> HTTPResponseParts {
    var bytes: [UInt8] = []
    while true {
      let hasEnded = !receive(into: &bytes, from: socket)
      if let response = try parse(bytes, hasBody: hasBody, hasEnded: hasEnded) { return response }
      if hasEnded { throw Failure.incompleteResponse }
    }
  }

  /// The response that bytes are, or `nil` if there must be more.
  private static func parse(
    _ bytes: [UInt8], hasBody: Bool, hasEnded: Bool
  ) throws -> HTTPResponseParts? {
    var rest = bytes[...]
    guard let words = line(&rest)?.split(separator: " ") else { return nil }
    guard words.count >= 2, let status = Int(words[1]) else { throw Failure.incompleteResponse }
    var fields: HTTPHeaderFields = [:]
    while true {
      guard let text = line(&rest) else { return nil }
      if text.isEmpty { break }
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      fields.append(name: String(parts[0]), value: trimmed(parts[1]))
    }
    guard hasBody, status != 204, status != 304 else {
      return HTTPResponseParts(status: status, fields: fields)
    }
    var body = Array(rest)
    if fields["transfer-encoding"]?.lowercased() == "chunked" {
      guard let whole = unchunked(rest) else { return nil }
      body = whole
      fields["transfer-encoding"] = nil
    } else if let length = fields.values(named: "content-length").first.flatMap({ Int($0) }) {
      guard rest.count >= length else { return nil }
      body = Array(rest.prefix(length))
    } else if !hasEnded {
      return nil
    }
    let text = String(validating: body, as: UTF8.self)
    return HTTPResponseParts(
      status: status, fields: fields, body: text ?? base64(body), isBase64Encoded: text == nil)
  }

  private static func line(_ rest: inout ArraySlice<UInt8>) -> String? {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = rest[..<end].filter { $0 != UInt8(ascii: "\r") }
    rest = rest[(end + 1)...]
    return String(decoding: line, as: UTF8.self)
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  private static func unchunked(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    var rest = bytes
    var body: [UInt8] = []
    while let size = line(&rest)?.split(separator: ";").first.flatMap({ Int($0, radix: 16) }) {
      if size == 0 { return body }
      guard rest.count >= size else { return nil }
      body += rest.prefix(size)
      rest = rest.dropFirst(size)
      _ = line(&rest)
    }
    return nil
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        text.append(
          place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: Connection

  private func connect() throws -> Int32 {
    #if canImport(Glibc)
      let type = Int32(SOCK_STREAM.rawValue)
    #else
      let type = SOCK_STREAM
    #endif
    let socket = socket(AF_INET, type, 0)
    guard socket >= 0 else { throw Failure.cannotConnect }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafeBytes(of: &address) { bytes in
      #if canImport(Glibc)
        Glibc.connect(
          socket, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!,
          socklen_t(bytes.count))
      #elseif canImport(Musl)
        Musl.connect(
          socket, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!,
          socklen_t(bytes.count))
      #else
        Darwin.connect(
          socket, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!,
          socklen_t(bytes.count))
      #endif
    }
    guard result == 0 else {
      close(socket)
      throw Failure.cannotConnect
    }
    return socket
  }

  private func send(_ bytes: [UInt8], on socket: Int32) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { write(socket, $0.baseAddress, $0.count) }
      guard count > 0 else { throw Failure.cannotSend }
      sent += count
    }
  }

  /// Receives what there is.
  ///
  /// - Returns: Whether there was anything.
  private static func receive(into bytes: inout [UInt8], from socket: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = buffer.withUnsafeMutableBytes { read(socket, $0.baseAddress, $0.count) }
    guard count > 0 else { return false }
    bytes += buffer[..<count]
    return true
  }
}
