/// An event that is an HTTP request.
///
/// ``RESTAPIEvent``, ``HTTPAPIEvent``, ``FunctionURLEvent`` and ``LoadBalancerEvent`` conform. An
/// event type of another library does in a few lines:
///
/// <!-- with: AWSLambdaEvents -->
/// ```swift
/// extension APIGatewayV2Request: @retroactive HTTPCacheableRequest {
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
  /// The parts of the request that a cache uses.
  var httpRequestParts: HTTPRequestParts { get }

  /// The same request with another method, other fields or another spelling of its target.
  ///
  /// A cache asks the handler by `GET` for a request by `HEAD`, adds `If-None-Match` to validate a
  /// response, and leaves out the conditions of the client so that it gets a whole response to
  /// store. A cache whose ``HTTPCachePolicy`` unites several spellings of a target has the handler
  /// see the one of the key. The default answers `nil`: the request cannot be changed, and a cache
  /// does none of this.
  ///
  /// - Parameter parts: ``httpRequestParts`` with changes of method, fields, path and query.
  /// - Returns: The changed request, or `nil` if it cannot be changed.
  func replacing(_ parts: HTTPRequestParts) -> Self?
}

extension HTTPCacheableRequest {
  /// `nil`: the request cannot be changed.
  ///
  /// - Parameter parts: The changed parts.
  /// - Returns: `nil`.
  public func replacing(_ parts: HTTPRequestParts) -> Self? { nil }
}

/// The output of a handler that is an HTTP response.
///
/// ``RESTAPIResponse``, ``HTTPAPIResponse``, ``FunctionURLResponse`` and ``LoadBalancerResponse``
/// conform. Properties that are not among its parts are lost where a response comes from the cache.
public protocol HTTPCacheableResponse: Sendable {
  /// Creates a response.
  ///
  /// - Parameter httpResponseParts: The parts of the response.
  init(httpResponseParts: HTTPResponseParts)

  /// The parts of the response.
  var httpResponseParts: HTTPResponseParts { get }
}
