/// An event that is a request of HTTP.
///
/// ``RESTAPIEvent``, ``HTTPAPIEvent``, ``FunctionURLEvent`` and ``LoadBalancerEvent`` are. An event
/// type of another library becomes one in a few lines:
///
/// ```swift
/// extension APIGatewayV2Request: HTTPCacheableRequest {
///   public var httpRequestParts: HTTPRequestParts {
///     HTTPRequestParts(
///       method: context.http.method.rawValue, authority: context.domainName, path: rawPath,
///       query: rawQueryString, routing: pathParameters.isEmpty ? nil : routeKey,
///       fields: HTTPHeaderFields(headers), hasBody: body != nil,
///       isAuthorized: context.authorizer != nil || context.authentication?.clientCert != nil)
///   }
/// }
/// ```
public protocol HTTPCacheableRequest: Sendable {
  /// What a cache looks at.
  var httpRequestParts: HTTPRequestParts { get }

  /// The same request with another method and other fields.
  ///
  /// A cache asks the handler by `GET` what it was asked by `HEAD`, adds `If-None-Match` to
  /// validate a response, and leaves out the conditions of the client so that it gets a whole
  /// response to keep. The default answers `nil`: the request cannot be changed, and all of this is
  /// left undone.
  ///
  /// - Parameters:
  ///   - method: The method.
  ///   - fields: All header fields.
  /// - Returns: The changed request, or `nil` if it cannot be changed.
  func replacing(method: String, fields: HTTPHeaderFields) -> Self?

  /// The same request for another spelling of its target.
  ///
  /// A cache whose ``HTTPCacheKeyRules`` unite several spellings has the handler see the one that
  /// the response is kept under. The default answers `nil`: the request cannot be changed, and each
  /// spelling is kept apart.
  ///
  /// - Parameters:
  ///   - path: The path.
  ///   - query: The query; `nil` if there is none.
  /// - Returns: The changed request, or `nil` if it cannot be changed.
  func replacing(path: String, query: String?) -> Self?
}

extension HTTPCacheableRequest {
  /// `nil`: the request cannot be changed.
  ///
  /// - Parameters:
  ///   - method: The method.
  ///   - fields: All header fields.
  /// - Returns: `nil`.
  public func replacing(method: String, fields: HTTPHeaderFields) -> Self? { nil }

  /// `nil`: the request cannot be changed.
  ///
  /// - Parameters:
  ///   - path: The path.
  ///   - query: The query.
  /// - Returns: `nil`.
  public func replacing(path: String, query: String?) -> Self? { nil }
}

/// The output of a handler that is a response of HTTP.
///
/// ``RESTAPIResponse``, ``HTTPAPIResponse``, ``FunctionURLResponse`` and ``LoadBalancerResponse``
/// are. What both members leave out is lost where a response comes from the cache.
public protocol HTTPCacheableResponse: Sendable {
  /// Creates a response.
  ///
  /// - Parameter httpResponseParts: What it consists of.
  init(httpResponseParts: HTTPResponseParts)

  /// What the response consists of.
  var httpResponseParts: HTTPResponseParts { get }
}
