internal import LambdaCacheText

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
  var requestContext: RequestContext
  /// The body; empty if there is none.
  public var body: String?
  /// Whether the body is in Base64.
  public var isBase64Encoded: Bool

  struct RequestContext: Codable, Sendable, Hashable {
    struct ELB: Codable, Sendable, Hashable {
      /// The target group that the function is in.
      var targetGroupArn: String
    }

    var elb: ELB
  }

  private enum CodingKeys: CodingKey {
    case httpMethod, path, headers, multiValueHeaders, queryStringParameters,
      multiValueQueryStringParameters, requestContext, body, isBase64Encoded
  }
}

extension LoadBalancerEvent: EncodableByWriting {
  func write(to encoder: any Encoder) throws {
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
  /// The parts of the request that a cache uses.
  ///
  /// A load balancer that has authenticated the caller adds fields whose names begin with
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

  /// The same request with another method, other fields or another spelling of its target.
  ///
  /// - Parameter parts: The changed parts.
  /// - Returns: The changed request; `nil` for another spelling if the parameters have separators
  ///   in them.
  public func replacing(_ parts: HTTPRequestParts) -> LoadBalancerEvent? {
    let own = httpRequestParts
    var event = self
    event.httpMethod = parts.method
    if parts.fields != own.fields {
      if multiValueHeaders != nil {
        event.multiValueHeaders = parts.fields
      } else {
        event.headers = parts.fields
      }
    }
    if parts.hasSameTarget(as: own) { return event }
    let present = QueryParameters(
      multiValueQueryStringParameters, queryStringParameters, areEncoded: true)
    guard !present.isAmbiguous else { return nil }
    event.path = parts.path
    let lists = QueryParameters.lists(of: parts.query ?? "", areEncoded: true)
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
/// balancer reads the one that its target group is configured for. Without multi-value headers it
/// can pass on only one `Set-Cookie`, the last. It adds the usual reason to the status code.
public struct LoadBalancerResponse: HTTPCacheableResponse, Codable, Sendable, Hashable {
  /// The status code.
  public var statusCode: Int
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

extension LoadBalancerResponse: GatewayResponse {
  init(statusCode: Int, fields: HTTPHeaderFields, body: String?, isBase64Encoded: Bool) {
    self.init(
      statusCode: statusCode, headers: fields, body: body, isBase64Encoded: isBase64Encoded)
  }

  var fields: HTTPHeaderFields { headers }

  static func fields(
    from container: KeyedDecodingContainer<GatewayResponseKey>
  ) throws -> HTTPHeaderFields {
    let multi = try container.decodeIfPresent(HTTPHeaderFields.self, forKey: .multiValueHeaders)
    let single = try container.decodeIfPresent(HTTPHeaderFields.self, forKey: .headers)
    return multi ?? single ?? [:]
  }

  func writeFields(to container: inout KeyedEncodingContainer<GatewayResponseKey>) throws {
    try container.encode(headers.singleValued, forKey: .headers)
    try container.encode(headers.multiValued, forKey: .multiValueHeaders)
  }
}
