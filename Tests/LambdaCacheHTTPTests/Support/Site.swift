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

  func replacing(_ parts: HTTPRequestParts) -> TestRequest? {
    canChange ? TestRequest(parts) : nil
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

  let clock = ManualClock(elapsed: .milliseconds(start * 1000 + 500))
  let responses: HTTPResponseCache
  let handler: CachedHTTPHandler<TestRequest, Int, TestResponse>
  private let log: RequestLog
  /// The invocation that requests belong to; `nil` if none runs anything after its response.
  private let scope: LockedValue<InvocationScope?>

  init(
    _ policy: HTTPCachePolicy = .shared, afterResponse: Bool = false, byteLimit: Int = 1 << 20,
    timeToLive: Duration? = nil, answer: @escaping Answer
  ) {
    scope = LockedValue(afterResponse ? InvocationScope(deadline: nil) : nil)
    let clock = self.clock
    let log = RequestLog()
    self.log = log
    responses = HTTPResponseCache(
      in: Cache(byteLimit: byteLimit, timeToLive: timeToLive) { $0.clock = clock }, policy: policy,
      clock: clock)
    handler = CachedHTTPHandler(responses: responses) { request, _ in
      log.note(request.httpRequestParts)
      return TestResponse(httpResponseParts: try await answer(request.httpRequestParts))
    }
  }

  /// The requests that have reached the handler.
  var asked: [HTTPRequestParts] { log.requests }

  func respond(to parts: HTTPRequestParts, canChange: Bool = true) async throws
    -> HTTPResponseParts
  {
    let request = TestRequest(parts, canChange: canChange)
    guard let scope = scope.get() else {
      return try await handler.handle(request, context: 0).httpResponseParts
    }
    return try await InvocationScope.$current.withValue(scope) {
      try await handler.handle(request, context: 0).httpResponseParts
    }
  }

  /// Ends the invocation after its responses, and begins another.
  func finishInvocation() async {
    let ended = scope.get()
    scope.set(InvocationScope(deadline: nil))
    await ended?.finish()
  }

  /// Ends the invocation without anything after its responses, and begins another.
  func abandonInvocation() { scope.set(InvocationScope(deadline: nil)) }

  /// How many responses the invocation revalidates when it is finished.
  var scheduledCount: Int { responses.revalidations.scheduledCount }

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
