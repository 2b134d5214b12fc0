import LambdaCache
import Testing

@testable import LambdaCacheHTTP

/// A runtime's context of an invocation.
private struct LambdaContext: Sendable {
  let requestID: String
}

/// A stand-in with the shape of the official runtime, which this package does not depend on.
private final class LambdaRuntime<Event: Decodable & Sendable, Output: Encodable & Sendable> {
  private let body: (Event, LambdaContext) async throws -> Output

  init(body: sending @escaping (Event, LambdaContext) async throws -> Output) { self.body = body }

  nonisolated(nonsending) func invoke(_ event: Event) async throws -> Output {
    try await body(event, LambdaContext(requestID: "1"))
  }
}

/// A handler type that goes on after the response has been sent.
private protocol LambdaWithBackgroundProcessingHandler {
  associatedtype Event: Decodable
  associatedtype Output: Encodable

  func handle(
    _ event: Event, write: (Output) async throws -> Void, context: LambdaContext
  ) async throws
}

private struct Pages: LambdaWithBackgroundProcessingHandler {
  let cached: @Sendable (HTTPAPIEvent, LambdaContext) async throws -> HTTPAPIResponse

  func handle(
    _ event: HTTPAPIEvent, write: (HTTPAPIResponse) async throws -> Void, context: LambdaContext
  ) async throws {
    let scope = InvocationScope()
    try await InvocationScope.$current.withValue(scope) {
      try await write(try await cached(event, context))
    }
    await scope.finish()
  }
}

@Suite("A cached HTTP handler fits the official runtime", .timeLimit(.minutes(15)))
struct RuntimeShapeTests {
  private let event = HTTPAPIEvent(headers: ["host": "example.com"])

  @Test("A cached HTTP handler fits the official runtime as its body")
  func body() async throws {
    let calls = LockedValue(0)
    let responses = HTTPResponseCache(in: Cache(byteLimit: 1 << 20))
    let runtime = LambdaRuntime(
      body: cachedHTTP(in: responses) { (event: HTTPAPIEvent, context: LambdaContext) in
        calls.update { $0 += 1 }
        return HTTPAPIResponse(
          statusCode: 200, headers: ["cache-control": "max-age=86400"], body: context.requestID)
      })
    for _ in 0..<3 { #expect(try await runtime.invoke(event).body == "1") }
    #expect(calls.get() == 1)
    var parts = event.httpRequestParts
    parts.method = "DELETE"
    responses.removeResponses(for: parts)
    _ = try await runtime.invoke(event)
    #expect(calls.get() == 2)
  }

  @Test("A cached HTTP handler fits a handler type that goes on after the response")
  func background() async throws {
    let clock = ManualClock(elapsed: .seconds(1_793_954_977))
    let calls = LockedValue(0)
    let responses = HTTPResponseCache(in: Cache(byteLimit: 1 << 20), clock: clock)
    let pages = Pages(
      cached: cachedHTTP(in: responses) { _, _ in
        HTTPAPIResponse(
          statusCode: 200, headers: ["cache-control": "max-age=1, stale-while-revalidate=600000"],
          body: String(calls.increment()))
      })
    var bodies: [String?] = []
    for _ in 0..<4 {
      try await pages.handle(
        event, write: { bodies.append($0.body) }, context: LambdaContext(requestID: "1"))
      clock.advance(by: .seconds(2))
    }
    #expect(bodies == ["1", "1", "2", "3"])
  }

  #if os(Linux)
    @Test("A cached HTTP handler fits a memory budget, which learns of every invocation")
    func budget() async throws {
      let budget = try MemoryBudget(environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "10240"])
      let responses = HTTPResponseCache(
        in: Cache(named: "pages", in: budget))
      let handler = cachedHTTP(in: responses) { (_: HTTPAPIEvent, _: LambdaContext) in
        HTTPAPIResponse(statusCode: 200, headers: ["cache-control": "max-age=86400"], body: "one")
      }
      for _ in 0..<3 { _ = try await handler(event, LambdaContext(requestID: "1")) }
      #expect(budget.guardStatistics.readings == 3)
      #expect(responses.cache.count == 1)
    }
  #endif
}
