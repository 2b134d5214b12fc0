/// A request to a function URL, whose JSON is that of ``HTTPAPIEvent``.
public typealias FunctionURLEvent = HTTPAPIEvent

/// The response to a function URL, whose JSON is that of ``HTTPAPIResponse``.
public typealias FunctionURLResponse = HTTPAPIResponse

/// A request to an HTTP API of API Gateway, payload format 2.0, or to a function URL.
public struct HTTPAPIEvent: Codable, Sendable, Hashable {
  /// The version of the format, `2.0`.
  public var version: String
  /// The route that was matched, such as `GET /users/{name}`.
  public var routeKey: String?
  /// The path.
  public var rawPath: String
  /// The query, percent-encoded; empty if there is none.
  public var rawQueryString: String
  /// Cookies, which are not among the headers.
  public var cookies: [String]?
  /// Header fields; several lines of a name are one, joined by commas.
  public var headers: HTTPHeaderFields
  /// Parameters of the query, decoded.
  public var queryStringParameters: [String: String]?
  /// Parts of the path by the names that the route gives them.
  public var pathParameters: [String: String]?
  /// Variables of the stage.
  public var stageVariables: [String: String]?
  /// What the gateway knows of the request.
  public var requestContext: RequestContext
  /// The body.
  public var body: String?
  /// Whether the body is in Base64.
  public var isBase64Encoded: Bool

  /// What the gateway knows of a request.
  public struct RequestContext: Codable, Sendable, Hashable {
    /// The request line.
    public struct HTTP: Codable, Sendable, Hashable {
      /// The method.
      public var method: String
      /// The path.
      public var path: String?
      /// The protocol, such as `HTTP/1.1`.
      public var `protocol`: String?
      /// The address that the request came from.
      public var sourceIp: String?
      /// The client's name.
      public var userAgent: String?
    }

    /// The account that owns the API, or the caller's.
    public var accountId: String?
    /// The API, or the function URL.
    public var apiId: String?
    /// What is known of the caller, if the request was authorized.
    public var authorizer: EventValue?
    /// The client's certificate.
    public var authentication: EventValue?
    /// The host that was asked.
    public var domainName: String?
    /// The first label of the host.
    public var domainPrefix: String?
    /// The request line.
    public var http: HTTP
    /// The request.
    public var requestId: String?
    /// The route that was matched.
    public var routeKey: String?
    /// The stage.
    public var stage: String?
    /// When the request came, as text.
    public var time: String?
    /// When the request came, in milliseconds since 1970.
    public var timeEpoch: Int64?
  }
}

extension HTTPAPIEvent: HTTPCacheableRequest {
  /// What a cache looks at.
  public var httpRequestParts: HTTPRequestParts {
    var fields = headers
    if let cookies, !cookies.isEmpty {
      fields.append(name: "cookie", value: cookies.joined(separator: "; "))
    }
    return HTTPRequestParts(
      method: requestContext.http.method, authority: requestContext.domainName,
      stage: requestContext.stage, path: rawPath, query: rawQueryString, routing: routing,
      fields: fields, hasBody: body.map { !$0.isEmpty } ?? false,
      isAuthorized: isAuthorized || fields.namesCaller())
  }

  /// Whether an authorizer has run, whatever it says of the caller, or there is a certificate.
  private var isAuthorized: Bool {
    if let authorizer = requestContext.authorizer, authorizer != .null { return true }
    return requestContext.authentication?.isPresent ?? false
  }

  /// What the handler can read of the target that does not follow from path and query: a gateway
  /// has decoded the path that it chose the route and the parts of the path by.
  private var routing: String? {
    var template = routeKey ?? requestContext.routeKey ?? ""
    // The route of a HEAD may be that of a GET.
    if let space = template.utf8.firstIndex(of: ASCII.space) {
      template = String(template[template.index(after: space)...])
    }
    let otherPath = requestContext.http.path.flatMap {
      $0.utf8.elementsEqual(rawPath.utf8) ? nil : $0
    }
    let hasJoinedCookies = cookies?.contains { $0.utf8.contains(UInt8(ascii: ";")) } ?? false
    let hiddenAPI = requestContext.apiId?.unless(namedBy: requestContext.domainName)
    if template.isEmpty || template == "$default", otherPath == nil, !hasJoinedCookies,
      hiddenAPI == nil,
      pathParameters?.isEmpty ?? true, stageVariables?.isEmpty ?? true
    {
      return nil
    }
    var text = KeyText()
    text.append(template)
    text.append(otherPath)
    text.append(pathParameters)
    text.append(stageVariables)
    text.append(hiddenAPI)
    // As `Cookie` they look like others.
    if hasJoinedCookies, let cookies { text.append(list: cookies) }
    return text.text
  }

  /// The same request with another method and other fields.
  ///
  /// - Parameters:
  ///   - method: The method.
  ///   - fields: All header fields.
  /// - Returns: The changed request.
  public func replacing(method: String, fields: HTTPHeaderFields) -> HTTPAPIEvent? {
    var event = self
    let old = requestContext.http.method
    event.requestContext.http.method = method
    event.routeKey = Self.routeKey(routeKey, from: old, to: method)
    event.requestContext.routeKey = Self.routeKey(requestContext.routeKey, from: old, to: method)
    event.headers = fields
    guard cookies != nil else { return event }
    // They stay where the event has them; that of a function URL has them among the headers as
    // well.
    event.headers.removeAll(named: "cookie")
    for cookie in headers.values(named: "cookie") {
      event.headers.append(name: "cookie", value: cookie)
    }
    return event
  }

  /// The key of a route for another method, where it names the method: `$default` and `ANY /a` do
  /// not.
  private static func routeKey(_ key: String?, from old: String, to new: String) -> String? {
    guard let key, key.utf8.starts(with: old.utf8),
      key.utf8.dropFirst(old.utf8.count).first == ASCII.space
    else { return key }
    return new + String(decoding: key.utf8.dropFirst(old.utf8.count), as: UTF8.self)
  }

  /// The same request for another spelling of its target.
  ///
  /// - Parameters:
  ///   - path: The path.
  ///   - query: The query; `nil` if there is none.
  /// - Returns: The changed request.
  public func replacing(path: String, query: String?) -> HTTPAPIEvent? {
    var event = self
    if event.requestContext.http.path == rawPath { event.requestContext.http.path = path }
    event.rawPath = path
    event.rawQueryString = query ?? ""
    // Their values are decoded, and stay what they are; some names may be gone.
    let names = Set(
      (query ?? "").split(byte: ASCII.ampersand)
        .map { PercentEncoding.decoded($0.prefix(upToByte: ASCII.equals), plusIsSpace: true) })
    event.queryStringParameters = queryStringParameters?.filter { names.contains($0.key) }
    return event
  }
}

/// The response to an HTTP API of API Gateway, payload format 2.0, or to a function URL.
public struct HTTPAPIResponse: Codable, Sendable, Hashable {
  /// The status code.
  public var statusCode: Int
  /// Header fields; those of the same name are joined by commas.
  public var headers: HTTPHeaderFields
  /// Cookies to set, each a value of `Set-Cookie`.
  public var cookies: [String]
  /// The body.
  public var body: String?
  /// Whether the body is in Base64.
  public var isBase64Encoded: Bool

  /// Creates a response.
  ///
  /// - Parameters:
  ///   - statusCode: The status code.
  ///   - headers: Header fields.
  ///   - cookies: Cookies to set.
  ///   - body: The body.
  ///   - isBase64Encoded: Whether the body is in Base64.
  public init(
    statusCode: Int, headers: HTTPHeaderFields = [:], cookies: [String] = [], body: String? = nil,
    isBase64Encoded: Bool = false
  ) {
    self.statusCode = statusCode
    self.headers = headers
    self.cookies = cookies
    self.body = body
    self.isBase64Encoded = isBase64Encoded
  }

  private enum CodingKeys: CodingKey {
    case statusCode, headers, cookies, body, isBase64Encoded
  }

  /// Reads a response; everything but the status code may be absent.
  ///
  /// - Parameter decoder: Where to read.
  /// - Throws: `DecodingError` if a member has another type.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    statusCode = try container.decode(Int.self, forKey: .statusCode)
    headers = try container.decodeIfPresent(HTTPHeaderFields.self, forKey: .headers) ?? [:]
    cookies = try container.decodeIfPresent([String].self, forKey: .cookies) ?? []
    body = try container.decodeIfPresent(String.self, forKey: .body)
    isBase64Encoded = try container.decodeIfPresent(Bool.self, forKey: .isBase64Encoded) ?? false
  }

  /// Writes the response.
  ///
  /// - Parameter encoder: Where to write.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(statusCode, forKey: .statusCode)
    try container.encode(headers.singleValued, forKey: .headers)
    if !cookies.isEmpty { try container.encode(cookies, forKey: .cookies) }
    try container.encodeIfPresent(body, forKey: .body)
    try container.encode(isBase64Encoded, forKey: .isBase64Encoded)
  }
}

extension HTTPAPIResponse: HTTPCacheableResponse {
  /// Creates a response; values of `Set-Cookie` become ``cookies``.
  ///
  /// - Parameter httpResponseParts: What it consists of.
  public init(httpResponseParts parts: HTTPResponseParts) {
    let cookies = parts.fields.values(named: "set-cookie")
    var fields = parts.fields
    if !cookies.isEmpty { fields.removeAll(named: "set-cookie") }
    self.init(
      statusCode: parts.status, headers: fields, cookies: cookies, body: parts.body,
      isBase64Encoded: parts.isBase64Encoded)
  }

  /// What the response consists of.
  public var httpResponseParts: HTTPResponseParts {
    var fields = headers
    for cookie in cookies { fields.append(name: "set-cookie", value: cookie) }
    return HTTPResponseParts(
      status: statusCode, fields: fields, body: body, isBase64Encoded: isBase64Encoded)
  }
}

extension String {
  /// The identifier of an API, unless it is the first label of the domain: rules of a custom domain
  /// may send equal targets to several APIs.
  func unless(namedBy domain: String?) -> String? {
    (domain ?? "").utf8.starts(with: (self + ".").utf8) ? nil : self
  }
}
