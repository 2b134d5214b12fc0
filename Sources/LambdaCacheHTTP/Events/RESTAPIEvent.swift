/// A request to a REST API of API Gateway, or to an HTTP API with payload format 1.0.
public struct RESTAPIEvent: Codable, Sendable, Hashable {
  /// The resource that was matched, such as `/users/{name}`.
  public var resource: String?
  /// The path, without the stage.
  public var path: String
  /// The method.
  public var httpMethod: String
  /// The last value of each header field.
  public var headers: HTTPHeaderFields?
  /// All values of each header field.
  public var multiValueHeaders: HTTPHeaderFields?
  /// The last value of each parameter of the query, decoded.
  public var queryStringParameters: [String: String]?
  /// All values of each parameter of the query, decoded.
  public var multiValueQueryStringParameters: [String: [String]]?
  /// Parts of the path by the names that the resource gives them.
  public var pathParameters: [String: String]?
  /// Variables of the stage.
  public var stageVariables: [String: String]?
  /// What the gateway knows of the request.
  public var requestContext: RequestContext
  /// The body.
  public var body: String?
  /// Whether the body is in Base64.
  public var isBase64Encoded: Bool?

  /// What the gateway knows of a request.
  public struct RequestContext: Codable, Sendable, Hashable {
    /// The account that owns the API.
    public var accountId: String?
    /// The API.
    public var apiId: String?
    /// What an authorizer said of the caller.
    public var authorizer: EventValue?
    /// The host that was asked.
    public var domainName: String?
    /// What is known of the caller otherwise.
    public var identity: EventValue?
    /// The path, with the stage.
    public var path: String?
    /// The protocol, such as `HTTP/1.1`.
    public var `protocol`: String?
    /// The request.
    public var requestId: String?
    /// When the request came, in milliseconds since 1970.
    public var requestTimeEpoch: Int64?
    /// The resource that was matched.
    public var resourcePath: String?
    /// The stage.
    public var stage: String?
  }

  private enum CodingKeys: CodingKey {
    case resource, path, httpMethod, headers, multiValueHeaders, queryStringParameters,
      multiValueQueryStringParameters, pathParameters, stageVariables, requestContext, body,
      isBase64Encoded
  }

  /// Writes the event.
  ///
  /// - Parameter encoder: Where to write.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(resource, forKey: .resource)
    try container.encode(path, forKey: .path)
    try container.encode(httpMethod, forKey: .httpMethod)
    try container.encodeIfPresent(headers?.singleValued, forKey: .headers)
    try container.encodeIfPresent(multiValueHeaders?.multiValued, forKey: .multiValueHeaders)
    try container.encodeIfPresent(queryStringParameters, forKey: .queryStringParameters)
    try container.encodeIfPresent(
      multiValueQueryStringParameters, forKey: .multiValueQueryStringParameters)
    try container.encodeIfPresent(pathParameters, forKey: .pathParameters)
    try container.encodeIfPresent(stageVariables, forKey: .stageVariables)
    try container.encode(requestContext, forKey: .requestContext)
    try container.encodeIfPresent(body, forKey: .body)
    try container.encodeIfPresent(isBase64Encoded, forKey: .isBase64Encoded)
  }
}

extension RESTAPIEvent: HTTPCacheableRequest {
  /// What a cache looks at.
  public var httpRequestParts: HTTPRequestParts {
    let fields = (multiValueHeaders ?? [:]).merging(headers ?? [:])
    return HTTPRequestParts(
      method: httpMethod, authority: requestContext.domainName, stage: requestContext.stage,
      path: path,
      query: QueryParameters(
        multiValueQueryStringParameters, queryStringParameters, areEncoded: false
      ).query,
      routing: routing, fields: fields, hasBody: body.map { !$0.isEmpty } ?? false,
      isAuthorized: isAuthorized || fields.namesCaller())
  }

  /// Whether an authorizer has run, or the gateway knows more of the caller than where it is.
  private var isAuthorized: Bool {
    if let authorizer = requestContext.authorizer, authorizer != .null {
      // Where there is none, format 1.0 has these two, both null.
      guard case .object(let members) = authorizer, !members.isEmpty,
        members.allSatisfy({ ["claims", "scopes"].contains($0.key) && !$0.value.isPresent })
      else { return true }
    }
    guard case .object(let identity) = requestContext.identity else { return false }
    return identity.contains { name, value in
      !Self.placeMembers.contains(name) && value.isPresent && value != .string("")
    }
  }

  /// Members of the identity that say where the caller is; all others say who it is.
  private static let placeMembers: Set<String> = ["sourceIp", "userAgent", "vpcId", "vpceId"]

  /// Those among them that name a network whose owner AWS knows.
  ///
  /// The endpoint of a private API and where it is are no caller, and all requests have them; but a
  /// response that was made for one network is not given to another.
  private static let networkMembers = ["vpceId", "vpcId"]

  /// What the handler can read of the target that does not follow from path and query, and the
  /// network that the request came through.
  ///
  /// A gateway has decoded the path that it chose the resource and the parts of the path by.
  private var routing: String? {
    var otherPath = requestContext.path
    if let path = otherPath, path.utf8.elementsEqual(self.path.utf8) { otherPath = nil }
    let resource = resource ?? requestContext.resourcePath
    let hiddenAPI = requestContext.apiId?.unless(namedBy: requestContext.domainName)
    let network = Self.networkMembers.map { requestContext.identity?[$0]?.text }
    if resource == nil, otherPath == nil, hiddenAPI == nil, pathParameters?.isEmpty ?? true,
      stageVariables?.isEmpty ?? true, network.allSatisfy({ $0 == nil })
    {
      return nil
    }
    var text = KeyText()
    text.append(resource)
    text.append(otherPath)
    text.append(pathParameters)
    text.append(stageVariables)
    text.append(hiddenAPI)
    for part in network { text.append(part) }
    return text.text
  }

  /// The same request with another method and other fields.
  ///
  /// - Parameters:
  ///   - method: The method.
  ///   - fields: All header fields.
  /// - Returns: The changed request.
  public func replacing(method: String, fields: HTTPHeaderFields) -> RESTAPIEvent? {
    var event = self
    event.httpMethod = method
    if headers != nil {
      // Beside lists there is only the last value of each name.
      event.headers = multiValueHeaders == nil ? fields : fields.lastOnes
    }
    if multiValueHeaders != nil { event.multiValueHeaders = fields }
    if headers == nil, multiValueHeaders == nil { event.headers = fields }
    return event
  }

  /// The same request for another spelling of its target.
  ///
  /// - Parameters:
  ///   - path: The path.
  ///   - query: The query; `nil` if there is none.
  /// - Returns: The changed request.
  public func replacing(path: String, query: String?) -> RESTAPIEvent? {
    var event = self
    if let whole = requestContext.path, whole.hasSuffix(self.path) {
      event.requestContext.path = whole.dropLast(self.path.count) + path
    }
    event.path = path
    let lists = QueryParameters.lists(of: query ?? "", areEncoded: false)
    if queryStringParameters != nil {
      event.queryStringParameters = lists.compactMapValues(\.last)
    }
    if multiValueQueryStringParameters != nil { event.multiValueQueryStringParameters = lists }
    return event
  }
}

/// The response to a REST API of API Gateway, or to an HTTP API with payload format 1.0.
public struct RESTAPIResponse: Codable, Sendable, Hashable {
  /// The status code.
  public var statusCode: Int
  /// Header fields.
  ///
  /// In JSON those whose name comes once are `headers`, and the others `multiValueHeaders`; API
  /// Gateway merges both.
  public var headers: HTTPHeaderFields
  /// The body.
  public var body: String?
  /// Whether the body is in Base64.
  public var isBase64Encoded: Bool

  /// Creates a response.
  ///
  /// - Parameters:
  ///   - statusCode: The status code.
  ///   - headers: Header fields.
  ///   - body: The body.
  ///   - isBase64Encoded: Whether the body is in Base64.
  public init(
    statusCode: Int, headers: HTTPHeaderFields = [:], body: String? = nil,
    isBase64Encoded: Bool = false
  ) {
    self.statusCode = statusCode
    self.headers = headers
    self.body = body
    self.isBase64Encoded = isBase64Encoded
  }

  private enum CodingKeys: CodingKey {
    case statusCode, headers, multiValueHeaders, body, isBase64Encoded
  }

  /// Reads a response; everything but the status code may be absent.
  ///
  /// - Parameter decoder: Where to read.
  /// - Throws: `DecodingError` if a member has another type.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    statusCode = try container.decode(Int.self, forKey: .statusCode)
    let single = try container.decodeIfPresent(HTTPHeaderFields.self, forKey: .headers)
    let multi = try container.decodeIfPresent(HTTPHeaderFields.self, forKey: .multiValueHeaders)
    headers = (multi ?? [:]).merging(single ?? [:])
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
    let fields = headers.multiValued
    try container.encode(
      fields.compactMapValues { $0.count == 1 ? $0[0] : nil }, forKey: .headers)
    let repeated = fields.filter { $0.value.count > 1 }
    if !repeated.isEmpty { try container.encode(repeated, forKey: .multiValueHeaders) }
    try container.encodeIfPresent(body, forKey: .body)
    try container.encode(isBase64Encoded, forKey: .isBase64Encoded)
  }
}

extension RESTAPIResponse: HTTPCacheableResponse {
  /// Creates a response.
  ///
  /// - Parameter httpResponseParts: What it consists of.
  public init(httpResponseParts parts: HTTPResponseParts) {
    self.init(
      statusCode: parts.status, headers: parts.fields, body: parts.body,
      isBase64Encoded: parts.isBase64Encoded)
  }

  /// What the response consists of.
  public var httpResponseParts: HTTPResponseParts {
    HTTPResponseParts(
      status: statusCode, fields: headers, body: body, isBase64Encoded: isBase64Encoded)
  }
}
