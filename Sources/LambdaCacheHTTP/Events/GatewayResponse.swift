internal import LambdaCacheText

/// A response to a gateway or a load balancer: its JSON, and its parts for a cache.
protocol GatewayResponse: HTTPCacheableResponse, DecodableByReading, EncodableByWriting {
  var statusCode: Int { get }
  /// The header fields, with cookies to set as `Set-Cookie`.
  var fields: HTTPHeaderFields { get }
  var body: String? { get }
  var isBase64Encoded: Bool { get }

  init(statusCode: Int, fields: HTTPHeaderFields, body: String?, isBase64Encoded: Bool)

  /// Reads the header fields and cookies.
  static func fields(
    from container: KeyedDecodingContainer<GatewayResponseKey>
  ) throws -> HTTPHeaderFields

  /// Writes the header fields and cookies.
  func writeFields(to container: inout KeyedEncodingContainer<GatewayResponseKey>) throws
}

enum GatewayResponseKey: CodingKey {
  case statusCode, headers, multiValueHeaders, cookies, body, isBase64Encoded
}

extension GatewayResponse {
  /// Creates a response from its parts.
  public init(httpResponseParts parts: HTTPResponseParts) {
    self.init(
      statusCode: parts.status, fields: parts.fields, body: parts.body,
      isBase64Encoded: parts.isBase64Encoded)
  }

  /// The parts of the response.
  public var httpResponseParts: HTTPResponseParts {
    HTTPResponseParts(
      status: statusCode, fields: fields, body: body, isBase64Encoded: isBase64Encoded)
  }

  /// Reads a response; everything but the status code may be absent.
  init(reading decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: GatewayResponseKey.self)
    self.init(
      statusCode: try container.decode(Int.self, forKey: .statusCode),
      fields: try Self.fields(from: container),
      body: try container.decodeIfPresent(String.self, forKey: .body),
      isBase64Encoded: try container.decodeIfPresent(Bool.self, forKey: .isBase64Encoded) ?? false)
  }

  func write(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: GatewayResponseKey.self)
    try container.encode(statusCode, forKey: .statusCode)
    try writeFields(to: &container)
    try container.encodeIfPresent(body, forKey: .body)
    try container.encode(isBase64Encoded, forKey: .isBase64Encoded)
  }
}
