internal import LambdaCacheText

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
  /// The gateway's description of the request, such as `authorizer`, `identity`,
  /// `requestId` and `stage` (API Gateway developer guide, *Set up Lambda proxy integrations in API
  /// Gateway*).
  public var requestContext: EventValue
  /// The body.
  public var body: String?
  /// Whether the body is in Base64.
  public var isBase64Encoded: Bool?

  private enum CodingKeys: CodingKey {
    case resource, path, httpMethod, headers, multiValueHeaders, queryStringParameters,
      multiValueQueryStringParameters, pathParameters, stageVariables, requestContext, body,
      isBase64Encoded
  }
}

extension RESTAPIEvent: EncodableByWriting {
  func write(to encoder: any Encoder) throws {
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
  /// The parts of the request that a cache uses.
  public var httpRequestParts: HTTPRequestParts {
    let fields = (multiValueHeaders ?? [:]).merging(headers ?? [:])
    return HTTPRequestParts(
      method: httpMethod, authority: requestContext["domainName"]?.text,
      stage: requestContext["stage"]?.text, path: path,
      query: QueryParameters(
        multiValueQueryStringParameters, queryStringParameters, areEncoded: false
      ).query,
      routing: routing, fields: fields, hasBody: body.map { !$0.isEmpty } ?? false,
      isAuthorized: isAuthorized || fields.namesCaller())
  }

  /// Whether an authorizer has run, or the identity contains more than the place of the caller.
  private var isAuthorized: Bool {
    if let authorizer = requestContext["authorizer"], authorizer != .null {
      // Without an authorizer, format 1.0 has these two, both null.
      guard case .object(let members) = authorizer, !members.isEmpty,
        members.allSatisfy({ ["claims", "scopes"].contains($0.key) && !$0.value.isPresent })
      else { return true }
    }
    guard case .object(let identity)? = requestContext["identity"] else { return false }
    return identity.contains { name, value in
      !Self.placeMembers.contains(name) && value.isPresent && value != .string("")
    }
  }

  /// Members of the identity that describe the place of the caller; all others identify it.
  private static let placeMembers: Set<String> = ["sourceIp", "userAgent", "vpcId", "vpceId"]

  /// Those among them that identify a network of an AWS account.
  ///
  /// The endpoint of a private API and its network do not identify a caller, and all requests have
  /// them; but a response that was made for one network is not given to another.
  private static let networkMembers = ["vpceId", "vpcId"]

  /// The properties of the target that the handler can read and that do not follow from path and
  /// query, and the network that the request came through.
  ///
  /// A gateway has decoded the path by which it chose the resource and the parts of the path.
  private var routing: String? {
    var otherPath = requestContext["path"]?.text
    if let path = otherPath, path.utf8.elementsEqual(self.path.utf8) { otherPath = nil }
    let resource = resource ?? requestContext["resourcePath"]?.text
    let hiddenAPI = requestContext["apiId"]?.text?
      .unless(namedBy: requestContext["domainName"]?.text)
    let network = Self.networkMembers.map { requestContext["identity"]?[$0]?.text }
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

  /// The same request with another method, other fields or another spelling of its target.
  ///
  /// - Parameter parts: The changed parts.
  /// - Returns: The changed request.
  public func replacing(_ parts: HTTPRequestParts) -> RESTAPIEvent? {
    let own = httpRequestParts
    var event = self
    event.httpMethod = parts.method
    if parts.fields != own.fields { event.replace(fields: parts.fields) }
    if !parts.hasSameTarget(as: own) { event.replace(path: parts.path, query: parts.query) }
    return event
  }

  private mutating func replace(fields: HTTPHeaderFields) {
    let hasNone = headers == nil && multiValueHeaders == nil
    if headers != nil || hasNone {
      // Beside lists there is only the last value of each name.
      headers = multiValueHeaders == nil ? fields : fields.lastOnes
    }
    if multiValueHeaders != nil { multiValueHeaders = fields }
  }

  private mutating func replace(path new: String, query: String?) {
    if let whole = requestContext["path"]?.text, whole.hasSuffix(path) {
      requestContext["path"] = .string(whole.dropLast(path.count) + new)
    }
    path = new
    let lists = QueryParameters.lists(of: query ?? "", areEncoded: false)
    if queryStringParameters != nil { queryStringParameters = lists.compactMapValues(\.last) }
    if multiValueQueryStringParameters != nil { multiValueQueryStringParameters = lists }
  }
}

/// The response to a REST API of API Gateway, or to an HTTP API with payload format 1.0.
public struct RESTAPIResponse: HTTPCacheableResponse, Codable, Sendable, Hashable {
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
}

extension RESTAPIResponse: GatewayResponse {
  init(statusCode: Int, fields: HTTPHeaderFields, body: String?, isBase64Encoded: Bool) {
    self.init(
      statusCode: statusCode, headers: fields, body: body, isBase64Encoded: isBase64Encoded)
  }

  var fields: HTTPHeaderFields { headers }

  static func fields(
    from container: KeyedDecodingContainer<GatewayResponseKey>
  ) throws -> HTTPHeaderFields {
    let single = try container.decodeIfPresent(HTTPHeaderFields.self, forKey: .headers)
    let multi = try container.decodeIfPresent(HTTPHeaderFields.self, forKey: .multiValueHeaders)
    return (multi ?? [:]).merging(single ?? [:])
  }

  func writeFields(to container: inout KeyedEncodingContainer<GatewayResponseKey>) throws {
    let fields = headers.multiValued
    try container.encode(
      fields.compactMapValues { $0.count == 1 ? $0[0] : nil }, forKey: .headers)
    let repeated = fields.filter { $0.value.count > 1 }
    if !repeated.isEmpty { try container.encode(repeated, forKey: .multiValueHeaders) }
  }
}
