/// A request to an Application Load Balancer whose target is the function.
///
/// Whether fields and parameters come one value each or as lists depends on the target group's
/// attribute `lambda.multi_value_headers.enabled`.
public struct LoadBalancerEvent: Codable, Sendable, Hashable {
  /// The method.
  public var httpMethod: String
  /// The path.
  public var path: String
  /// The last value of each header field.
  public var headers: HTTPHeaderFields?
  /// All values of each header field.
  public var multiValueHeaders: HTTPHeaderFields?
  /// The last value of each parameter of the query, percent-encoded as it came.
  public var queryStringParameters: [String: String]?
  /// All values of each parameter of the query, percent-encoded as they came.
  public var multiValueQueryStringParameters: [String: [String]]?
  /// What the load balancer knows of the request.
  public var requestContext: RequestContext
  /// The body; empty if there is none.
  public var body: String?
  /// Whether the body is in Base64.
  public var isBase64Encoded: Bool

  /// What the load balancer knows of a request.
  public struct RequestContext: Codable, Sendable, Hashable {
    /// The load balancer.
    public struct ELB: Codable, Sendable, Hashable {
      /// The target group that the function is in.
      public var targetGroupArn: String
    }

    /// The load balancer.
    public var elb: ELB
  }

  private enum CodingKeys: CodingKey {
    case httpMethod, path, headers, multiValueHeaders, queryStringParameters,
      multiValueQueryStringParameters, requestContext, body, isBase64Encoded
  }

  /// Writes the event.
  ///
  /// - Parameter encoder: Where to write.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(httpMethod, forKey: .httpMethod)
    try container.encode(path, forKey: .path)
    try container.encodeIfPresent(headers?.singleValued, forKey: .headers)
    try container.encodeIfPresent(multiValueHeaders?.multiValued, forKey: .multiValueHeaders)
    try container.encodeIfPresent(queryStringParameters, forKey: .queryStringParameters)
    try container.encodeIfPresent(
      multiValueQueryStringParameters, forKey: .multiValueQueryStringParameters)
    try container.encode(requestContext, forKey: .requestContext)
    try container.encodeIfPresent(body, forKey: .body)
    try container.encode(isBase64Encoded, forKey: .isBase64Encoded)
  }
}

extension LoadBalancerEvent: HTTPCacheableRequest {
  /// What a cache looks at.
  ///
  /// A load balancer that has authenticated the caller says so in fields whose names begin with
  /// `x-amzn-oidc-` or `x-amzn-mtls-`.
  public var httpRequestParts: HTTPRequestParts {
    let fields = (multiValueHeaders ?? [:]).merging(headers ?? [:])
    let parameters = QueryParameters(
      multiValueQueryStringParameters, queryStringParameters, areEncoded: true)
    var routing = requestContext.elb.targetGroupArn
    if parameters.isAmbiguous {
      var text = KeyText(routing)
      parameters.append(to: &text)
      routing = text.text
    }
    return HTTPRequestParts(
      method: httpMethod, path: path, query: parameters.query, routing: routing, fields: fields,
      hasBody: body.map { !$0.isEmpty } ?? false, isAuthorized: fields.namesCaller())
  }

  /// The same request with another method and other fields.
  ///
  /// - Parameters:
  ///   - method: The method.
  ///   - fields: All header fields.
  /// - Returns: The changed request.
  public func replacing(method: String, fields: HTTPHeaderFields) -> LoadBalancerEvent? {
    var event = self
    event.httpMethod = method
    if multiValueHeaders != nil {
      event.multiValueHeaders = fields
    } else {
      event.headers = fields
    }
    return event
  }

  /// The same request for another spelling of its target.
  ///
  /// - Parameters:
  ///   - path: The path.
  ///   - query: The query; `nil` if there is none.
  /// - Returns: The changed request; `nil` if the parameters have separators in them.
  public func replacing(path: String, query: String?) -> LoadBalancerEvent? {
    let present = QueryParameters(
      multiValueQueryStringParameters, queryStringParameters, areEncoded: true)
    guard !present.isAmbiguous else { return nil }
    var event = self
    event.path = path
    let lists = QueryParameters.lists(of: query ?? "", areEncoded: true)
    if queryStringParameters != nil {
      event.queryStringParameters = lists.compactMapValues(\.last)
    }
    if multiValueQueryStringParameters != nil { event.multiValueQueryStringParameters = lists }
    return event
  }
}

/// The response to an Application Load Balancer.
///
/// In JSON the fields are written both ways, as `headers` and as `multiValueHeaders`: the load
/// balancer reads the one that its target group is set to. Without multi-value headers it can pass
/// on one `Set-Cookie` only, the last.
public struct LoadBalancerResponse: Codable, Sendable, Hashable {
  /// The status code.
  public var statusCode: Int
  /// The status code with its reason, such as `200 OK`; `nil` for the usual reason.
  public var statusDescription: String?
  /// Header fields.
  public var headers: HTTPHeaderFields
  /// The body.
  public var body: String?
  /// Whether the body is in Base64.
  public var isBase64Encoded: Bool

  /// Creates a response.
  ///
  /// - Parameters:
  ///   - statusCode: The status code.
  ///   - statusDescription: The status code with its reason.
  ///   - headers: Header fields.
  ///   - body: The body.
  ///   - isBase64Encoded: Whether the body is in Base64.
  public init(
    statusCode: Int, statusDescription: String? = nil, headers: HTTPHeaderFields = [:],
    body: String? = nil, isBase64Encoded: Bool = false
  ) {
    self.statusCode = statusCode
    self.statusDescription = statusDescription
    self.headers = headers
    self.body = body
    self.isBase64Encoded = isBase64Encoded
  }

  private enum CodingKeys: CodingKey {
    case statusCode, statusDescription, headers, multiValueHeaders, body, isBase64Encoded
  }

  /// Reads a response; everything but the status code may be absent.
  ///
  /// - Parameter decoder: Where to read.
  /// - Throws: `DecodingError` if a member has another type.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    statusCode = try container.decode(Int.self, forKey: .statusCode)
    statusDescription = try container.decodeIfPresent(String.self, forKey: .statusDescription)
    let multi = try container.decodeIfPresent(HTTPHeaderFields.self, forKey: .multiValueHeaders)
    let single = try container.decodeIfPresent(HTTPHeaderFields.self, forKey: .headers)
    headers = multi ?? single ?? [:]
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
    try container.encodeIfPresent(statusDescription, forKey: .statusDescription)
    try container.encode(headers.singleValued, forKey: .headers)
    try container.encode(headers.multiValued, forKey: .multiValueHeaders)
    try container.encodeIfPresent(body, forKey: .body)
    try container.encode(isBase64Encoded, forKey: .isBase64Encoded)
  }
}

extension LoadBalancerResponse: HTTPCacheableResponse {
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
