/// What a cache looks at in a request.
public struct HTTPRequestParts: Sendable, Hashable {
  /// The method, such as `GET`.
  public var method: String
  /// The host that was asked, with a port if there is one; `nil` for what `Host` says.
  public var authority: String?
  /// The stage of the gateway, if the path does not name it and it may decide the response.
  public var stage: String?
  /// The path, percent-encoded or not.
  public var path: String
  /// The query without its question mark, percent-encoded; `nil` or empty if there is none.
  public var query: String?
  /// What else of the event a handler may read that tells targets apart, such as the route and the
  /// parts of the path by name, as a text that only the same make; `nil` if there is nothing.
  ///
  /// A stored response is given only to requests that have the same.
  public var routing: String?
  /// The header fields, with cookies as `Cookie`.
  public var fields: HTTPHeaderFields
  /// Whether the request has a body, which makes a `GET` one that is not cached.
  public var hasBody: Bool
  /// Whether the gateway knows who asks, by an authorizer, a signature, a certificate or a key.
  ///
  /// `Authorization` counts anyway, as do `X-Api-Key` and the fields by which load balancers tell
  /// the caller.
  public var isAuthorized: Bool

  /// Creates the parts of a request.
  ///
  /// - Parameters:
  ///   - method: The method.
  ///   - authority: The host that was asked; `nil` for what `Host` says.
  ///   - stage: The stage of the gateway, if the path does not name it.
  ///   - path: The path.
  ///   - query: The query without its question mark, percent-encoded.
  ///   - routing: What else tells targets apart.
  ///   - fields: The header fields.
  ///   - hasBody: Whether the request has a body.
  ///   - isAuthorized: Whether the gateway knows who asks.
  public init(
    method: String, authority: String? = nil, stage: String? = nil, path: String,
    query: String? = nil, routing: String? = nil, fields: HTTPHeaderFields = [:],
    hasBody: Bool = false, isAuthorized: Bool = false
  ) {
    self.method = method
    self.authority = authority
    self.stage = stage
    self.path = path
    self.query = query
    self.routing = routing
    self.fields = fields
    self.hasBody = hasBody
    self.isAuthorized = isAuthorized
  }
}

/// What a cache keeps of a response.
public struct HTTPResponseParts: Sendable, Hashable {
  /// The status code.
  public var status: Int
  /// The header fields, with cookies to set as `Set-Cookie`.
  public var fields: HTTPHeaderFields
  /// The body; `nil` if there is none.
  public var body: String?
  /// Whether the body is in Base64.
  public var isBase64Encoded: Bool

  /// Creates the parts of a response.
  ///
  /// - Parameters:
  ///   - status: The status code.
  ///   - fields: The header fields.
  ///   - body: The body.
  ///   - isBase64Encoded: Whether the body is in Base64.
  public init(
    status: Int, fields: HTTPHeaderFields = [:], body: String? = nil, isBase64Encoded: Bool = false
  ) {
    self.status = status
    self.fields = fields
    self.body = body
    self.isBase64Encoded = isBase64Encoded
  }

  /// The length of the body in bytes, decoded.
  var contentLength: Int {
    guard let body else { return 0 }
    guard isBase64Encoded else { return body.utf8.count }
    // Base64 may be wrapped, and may leave out its padding: four digits stand for three bytes.
    let digits = body.utf8.reduce(0) { count, byte in
      byte == ASCII.equals || byte <= ASCII.space ? count : count + 1
    }
    return digits * 3 / 4
  }
}
