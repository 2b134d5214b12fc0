import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHTTP

/// A request of a type that says nothing of how it could be changed.
private struct FixedRequest: HTTPCacheableRequest {
  var httpRequestParts: HTTPRequestParts
}

@Suite("A policy of HTTP caches", .prompt, .timeLimit(.minutes(10)))
struct PolicyTests {
  @Test("A policy that unites spellings keeps those apart whose united form the handler cannot see")
  func fixedRequests() async throws {
    let policy = HTTPCachePolicy.shared.with { $0.unifiesEscapes = true }
    let responses = HTTPResponseCache(in: Cache(byteLimit: 1 << 20), policy: policy)
    let handler = cachedHTTP(in: responses) { (event: FixedRequest, _: Int) in
      TestResponse(
        httpResponseParts: HTTPResponseParts(
          status: 200, fields: ["cache-control": "max-age=86400"],
          body: event.httpRequestParts.path))
    }
    for path in ["/%61", "/a", "/%61"] {
      let event = FixedRequest(httpRequestParts: .get(path))
      #expect(try await handler(event, 0).httpResponseParts.body == path)
    }
  }

  @Test("A policy asks by GET for nothing that the handler would still see as HEAD")
  func fixedMethods() async throws {
    let handler = cachedHTTP(in: HTTPResponseCache(in: Cache(byteLimit: 1 << 20))) {
      (event: FixedRequest, _: Int) in
      TestResponse(
        httpResponseParts: HTTPResponseParts(
          status: 200, fields: ["cache-control": "max-age=86400"],
          body: event.httpRequestParts.method))
    }
    for method in ["HEAD", "GET", "GET"] {
      let event = FixedRequest(httpRequestParts: .request(method, "/"))
      let body = try await handler(event, 0).httpResponseParts.body
      #expect(body == method || method == "HEAD")
    }
  }

  #if !os(iOS) && !os(tvOS) && !os(watchOS) && !os(visionOS)
    @Test("A policy with a name in Cache-Status that is not printable ends the process")
    func unprintableName() async {
      await #expect(processExitsWith: .failure) {
        let policy = HTTPCachePolicy.shared.with { $0.cacheStatusName = "cache\u{7F}" }
        _ = HTTPResponseCache(in: Cache(byteLimit: 1 << 10), policy: policy)
      }
      await #expect(processExitsWith: .success) {
        let policy = HTTPCachePolicy.shared.with { $0.cacheStatusName = " cache~" }
        _ = HTTPResponseCache(in: Cache(byteLimit: 1 << 10), policy: policy)
      }
    }

    @Test("A policy with a targeted field that is not the name of one ends the process")
    func targetedName() async {
      await #expect(processExitsWith: .failure) {
        let policy = HTTPCachePolicy.shared.with { $0.targetedFields = ["a cache-control"] }
        _ = HTTPResponseCache(in: Cache(byteLimit: 1 << 10), policy: policy)
      }
    }
  #endif
}
