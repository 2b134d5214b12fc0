@testable import LambdaCacheHTTP

extension EventValue {
  /// An object of those members that are not `nil`.
  static func texts(_ members: [String: String?]) -> EventValue {
    .object(members.compactMapValues { $0.map(EventValue.string) })
  }

  /// The request context of an HTTP API.
  static func httpAPI(
    method: String = "GET", path: String? = nil, domainName: String? = nil, stage: String? = nil,
    apiId: String? = nil
  ) -> EventValue {
    var context = texts(["domainName": domainName, "stage": stage, "apiId": apiId])
    context["http"] = texts(["method": method, "path": path])
    return context
  }
}

extension HTTPAPIEvent {
  init(
    routeKey: String? = nil, rawPath: String = "/", rawQueryString: String = "",
    cookies: [String]? = nil, headers: HTTPHeaderFields = [:],
    pathParameters: [String: String]? = nil, stageVariables: [String: String]? = nil,
    requestContext: EventValue = .httpAPI()
  ) {
    self.init(
      version: "2.0", routeKey: routeKey, rawPath: rawPath, rawQueryString: rawQueryString,
      cookies: cookies, headers: headers, pathParameters: pathParameters,
      stageVariables: stageVariables, context: Context(requestContext), isBase64Encoded: false)
  }
}

extension HTTPCacheableRequest {
  /// The same request with another method and other fields.
  func replacing(method: String, fields: HTTPHeaderFields) -> Self? {
    var parts = httpRequestParts
    parts.method = method
    parts.fields = fields
    return replacing(parts)
  }
}
