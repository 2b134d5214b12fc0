internal import LambdaCacheText

/// The parts of a request that a cache uses.
public struct HTTPRequestParts: Sendable, Hashable {
  /// The method, such as `GET`.
  public var method: String
  /// The host, with a port if there is one; `nil` for that of `Host`.
  public var authority: String?
  /// The stage of the gateway, if the path does not name it and it may decide the response.
  public var stage: String?
  /// The path, percent-encoded or not.
  public var path: String
  /// The query without its question mark, percent-encoded; `nil` or empty if there is none.
  public var query: String?
  /// Other properties of the target that a handler may read from the event, such as the route and
  /// the parts of the path by name, as a text that only the same properties make; `nil` if there
  /// are none.
  ///
  /// A stored response is given only to requests with the same text.
  public var routing: String?
  /// The header fields, with cookies as `Cookie`.
  public var fields: HTTPHeaderFields
  /// Whether the request has a body, which makes a `GET` one that is not cached.
  public var hasBody: Bool
  /// Whether the gateway has identified the caller, by an authorizer, a signature, a certificate or
  /// a key.
  ///
  /// `Authorization` counts anyway, as do `X-Api-Key` and the fields by which load balancers
  /// identify the caller.
  public var isAuthorized: Bool

  /// Creates the parts of a request.
  ///
  /// - Parameters:
  ///   - method: The method.
  ///   - authority: The host; `nil` for that of `Host`.
  ///   - stage: The stage of the gateway, if the path does not name it.
  ///   - path: The path.
  ///   - query: The query without its question mark, percent-encoded.
  ///   - routing: Other properties of the target.
  ///   - fields: The header fields.
  ///   - hasBody: Whether the request has a body.
  ///   - isAuthorized: Whether the gateway has identified the caller.
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

  /// Whether another request has the same path and query, byte for byte.
  func hasSameTarget(as other: HTTPRequestParts) -> Bool {
    path.utf8.elementsEqual(other.path.utf8)
      && (query ?? "").utf8.elementsEqual((other.query ?? "").utf8)
  }
}

/// The parts of a response that a cache stores.
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
