internal import LambdaCacheText

/// A request to a function URL, whose JSON is that of ``HTTPAPIEvent``.
public typealias FunctionURLEvent = HTTPAPIEvent

/// The response to a function URL, whose JSON is that of ``HTTPAPIResponse``.
public typealias FunctionURLResponse = HTTPAPIResponse

/// A request to an HTTP API of API Gateway, payload format 2.0, or to a function URL.
public struct HTTPAPIEvent: Codable, Sendable, Hashable {
  var version: String
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
  var context: Context
  /// The body.
  public var body: String?
  /// Whether the body is in Base64.
  public var isBase64Encoded: Bool

  private enum CodingKeys: String, CodingKey {
    case version, routeKey, rawPath, rawQueryString, cookies, headers, queryStringParameters,
      pathParameters, stageVariables, body, isBase64Encoded
    case context = "requestContext"
  }

  /// The request context, which has at least the method.
  struct Context: Codable, Hashable, Sendable {
    var value: EventValue

    init(_ value: EventValue) { self.value = value }

    init(from decoder: any Decoder) throws {
      value = try EventValue(from: decoder)
      guard value["http"]?["method"]?.text != nil else {
        throw DecodingError.dataCorrupted(
          DecodingError.Context(
            codingPath: decoder.codingPath, debugDescription: "http.method is not a string"))
      }
    }

    func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
  }

  /// The gateway's description of the request, such as `authorizer`, `domainName`,
  /// `requestId` and `stage` (API Gateway developer guide, *Create AWS Lambda proxy integrations
  /// for HTTP APIs*).
  public var requestContext: EventValue {
    get { context.value }
    set { context.value = newValue }
  }

  /// The method.
  public var method: String { requestContext["http"]?["method"]?.text ?? "" }
}

extension HTTPAPIEvent: HTTPCacheableRequest {
  /// The parts of the request that a cache uses.
  public var httpRequestParts: HTTPRequestParts {
    var fields = headers
    if let cookies, !cookies.isEmpty {
      fields.append(name: "cookie", value: cookies.joined(separator: "; "))
    }
    return HTTPRequestParts(
      method: method, authority: requestContext["domainName"]?.text,
      stage: requestContext["stage"]?.text, path: rawPath, query: rawQueryString, routing: routing,
      fields: fields, hasBody: body.map { !$0.isEmpty } ?? false,
      isAuthorized: isAuthorized || fields.namesCaller())
  }

  /// Whether an authorizer has run, whatever its result, or there is a certificate.
  private var isAuthorized: Bool {
    if let authorizer = requestContext["authorizer"], authorizer != .null { return true }
    return requestContext["authentication"]?.isPresent ?? false
  }

  /// The properties of the target that the handler can read and that do not follow from path and
  /// query: a gateway has decoded the path by which it chose the route and the parts of the path.
  private var routing: String? {
    var template = routeKey ?? requestContext["routeKey"]?.text ?? ""
    // The route of a HEAD may be that of a GET.
    if let space = template.utf8.firstIndex(of: ASCII.space) {
      template = String(template[template.index(after: space)...])
    }
    let otherPath = requestContext["http"]?["path"]?.text.flatMap {
      $0.utf8.elementsEqual(rawPath.utf8) ? nil : $0
    }
    let hasJoinedCookies = cookies?.contains { $0.utf8.contains(UInt8(ascii: ";")) } ?? false
    let hiddenAPI = requestContext["apiId"]?.text?
      .unless(namedBy: requestContext["domainName"]?.text)
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

  /// The same request with another method, other fields or another spelling of its target.
  ///
  /// - Parameter parts: The changed parts.
  /// - Returns: The changed request.
  public func replacing(_ parts: HTTPRequestParts) -> HTTPAPIEvent? {
    let own = httpRequestParts
    var event = self
    if parts.method != own.method || parts.fields != own.fields {
      event.replace(method: parts.method, fields: parts.fields)
    }
    if !parts.hasSameTarget(as: own) { event.replace(path: parts.path, query: parts.query) }
    return event
  }

  private mutating func replace(method new: String, fields: HTTPHeaderFields) {
    let old = method
    requestContext["http"]?["method"] = .string(new)
    routeKey = Self.routeKey(routeKey, from: old, to: new)
    if let key = Self.routeKey(requestContext["routeKey"]?.text, from: old, to: new) {
      requestContext["routeKey"] = .string(key)
    }
    let former = headers
    headers = fields
    guard cookies != nil else { return }
    // They stay where the event has them; that of a function URL has them among the headers as
    // well.
    headers.removeAll(named: "cookie")
    for cookie in former.values(named: "cookie") { headers.append(name: "cookie", value: cookie) }
  }

  /// The key of a route for another method, where it names the method: `$default` and `ANY /a` do
  /// not.
  private static func routeKey(_ key: String?, from old: String, to new: String) -> String? {
    guard let key, key.utf8.starts(with: old.utf8),
      key.utf8.dropFirst(old.utf8.count).first == ASCII.space
    else { return key }
    return new + String(decoding: key.utf8.dropFirst(old.utf8.count), as: UTF8.self)
  }

  private mutating func replace(path: String, query: String?) {
    if requestContext["http"]?["path"]?.text == rawPath {
      requestContext["http"]?["path"] = .string(path)
    }
    rawPath = path
    rawQueryString = query ?? ""
    // Their values are decoded, and stay as they are; some names may be gone.
    let names = Set(
      (query ?? "").split(byte: ASCII.ampersand)
        .map { PercentEncoding.decoded($0.prefix(upToByte: ASCII.equals), plusIsSpace: true) })
    queryStringParameters = queryStringParameters?.filter { names.contains($0.key) }
  }
}

/// The response to an HTTP API of API Gateway, payload format 2.0, or to a function URL.
public struct HTTPAPIResponse: HTTPCacheableResponse, Codable, Sendable, Hashable {
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
}

extension HTTPAPIResponse: GatewayResponse {
  init(statusCode: Int, fields: HTTPHeaderFields, body: String?, isBase64Encoded: Bool) {
    var headers = fields
    headers.removeAll(named: "set-cookie")
    self.init(
      statusCode: statusCode, headers: headers, cookies: fields.values(named: "set-cookie"),
      body: body, isBase64Encoded: isBase64Encoded)
  }

  var fields: HTTPHeaderFields {
    var fields = headers
    for cookie in cookies { fields.append(name: "set-cookie", value: cookie) }
    return fields
  }

  static func fields(
    from container: KeyedDecodingContainer<GatewayResponseKey>
  ) throws -> HTTPHeaderFields {
    var fields = try container.decodeIfPresent(HTTPHeaderFields.self, forKey: .headers) ?? [:]
    for cookie in try container.decodeIfPresent([String].self, forKey: .cookies) ?? [] {
      fields.append(name: "set-cookie", value: cookie)
    }
    return fields
  }

  func writeFields(to container: inout KeyedEncodingContainer<GatewayResponseKey>) throws {
    try container.encode(headers.singleValued, forKey: .headers)
    if !cookies.isEmpty { try container.encode(cookies, forKey: .cookies) }
  }
}

extension String {
  /// The identifier of an API, unless it is the first label of the domain: rules of a custom domain
  /// may send equal targets to several APIs.
  func unless(namedBy domain: String?) -> String? {
    (domain ?? "").utf8.starts(with: (self + ".").utf8) ? nil : self
  }
}
