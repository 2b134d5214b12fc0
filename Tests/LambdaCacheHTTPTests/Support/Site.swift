import LambdaCache

@testable import LambdaCacheHTTP

/// A request that can be changed, or not.
struct TestRequest: HTTPCacheableRequest {
  var httpRequestParts: HTTPRequestParts
  var canChange = true

  init(_ parts: HTTPRequestParts, canChange: Bool = true) {
    httpRequestParts = parts
    self.canChange = canChange
  }

  func replacing(method: String, fields: HTTPHeaderFields) -> TestRequest? {
    guard canChange else { return nil }
    var request = self
    request.httpRequestParts.method = method
    request.httpRequestParts.fields = fields
    return request
  }

  func replacing(path: String, query: String?) -> TestRequest? {
    guard canChange else { return nil }
    var request = self
    request.httpRequestParts.path = path
    request.httpRequestParts.query = query
    return request
  }
}

struct TestResponse: HTTPCacheableResponse, Equatable {
  var httpResponseParts: HTTPResponseParts
}

struct OriginError: Error, Equatable {}

/// A handler behind a cache, and the time that both live in.
final class Site: Sendable {
  typealias Answer = @Sendable (HTTPRequestParts) async throws -> HTTPResponseParts

  /// The time at which a site begins: Fri, 06 Nov 2026 08:49:37 GMT, and half a second.
  static let start: Int64 = 1_793_954_977

  let clock = ManualClock()
  let responses: HTTPResponseCache
  let handler: CachedHTTPHandler<TestRequest, Int, TestResponse>
  private let log: RequestLog

  init(
    _ policy: HTTPCachePolicy = .shared, byteLimit: Int = 1 << 20, timeToLive: Duration? = nil,
    answer: @escaping Answer
  ) {
    let clock = self.clock
    let log = RequestLog()
    self.log = log
    responses = HTTPResponseCache(
      in: Cache(byteLimit: byteLimit, timeToLive: timeToLive) { $0.clock = clock }, policy: policy,
      clock: HTTPCacheClock { Site.start * 1000 + 500 + clock.elapsed.wholeMilliseconds })
    handler = CachedHTTPHandler(in: responses) { request, _ in
      log.note(request.httpRequestParts)
      return TestResponse(httpResponseParts: try await answer(request.httpRequestParts))
    }
  }

  /// The requests that have reached the handler.
  var asked: [HTTPRequestParts] { log.requests }

  func respond(to parts: HTTPRequestParts, canChange: Bool = true) async throws
    -> HTTPResponseParts
  {
    try await handler.handle(TestRequest(parts, canChange: canChange), context: 0)
      .httpResponseParts
  }

  func get(_ path: String = "/", _ fields: HTTPHeaderFields = [:]) async throws
    -> HTTPResponseParts
  {
    try await respond(to: .get(path, fields))
  }

  /// The date so many seconds after the start.
  static func date(_ offset: Int64) -> String { HTTPDate.format(start + offset) }
}

/// Requests in the order in which they came.
final class RequestLog: Sendable {
  private let log = Locked<[HTTPRequestParts]>([])

  var requests: [HTTPRequestParts] { log.withLock { $0 } }

  func note(_ request: HTTPRequestParts) { log.withLock { $0.append(request) } }
}

extension HTTPRequestParts {
  /// A `GET` for a path, which may have a query.
  static func get(_ path: String = "/", _ fields: HTTPHeaderFields = [:]) -> HTTPRequestParts {
    request("GET", path, fields)
  }

  static func request(
    _ method: String, _ path: String = "/", _ fields: HTTPHeaderFields = [:]
  ) -> HTTPRequestParts {
    let parts = path.split(separator: "?", maxSplits: 1)
    return HTTPRequestParts(
      method: method, authority: "example.com", path: String(parts.first ?? "/"),
      query: parts.count > 1 ? String(parts[1]) : nil, fields: fields)
  }
}
