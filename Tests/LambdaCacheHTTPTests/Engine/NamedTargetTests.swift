import Foundation
import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHTTP

@Suite("A target named by a response to an unsafe method", .timeLimit(.minutes(10)))
struct NamedTargetTests {
  /// Reads a page, has a method change what a `Location` names, and reads the page again.
  ///
  /// - Returns: Whether the handler was asked for the page again.
  private func isChanged<Event: HTTPCacheableRequest>(
    _ page: Event, by change: Event, location: String
  ) async throws -> Bool {
    let reads = LockedValue(0)
    let handler = cachedHTTP(in: HTTPResponseCache(in: Cache(byteLimit: 1 << 20))) {
      (event: Event, _: Int) in
      let isRead = event.httpRequestParts.method == "GET"
      if isRead { reads.update { $0 += 1 } }
      let fields: HTTPHeaderFields =
        isRead ? ["cache-control": "max-age=86400"] : ["location": location]
      return TestResponse(httpResponseParts: HTTPResponseParts(status: 201, fields: fields))
    }
    for _ in 0..<2 { _ = try await handler(page, 0) }
    #expect(reads.get() == 1)
    _ = try await handler(change, 0)
    _ = try await handler(page, 0)
    return reads.get() == 2
  }

  private func loadBalancer(
    _ method: String, _ path: String, _ parameters: [String: String], isMulti: Bool
  ) -> LoadBalancerEvent {
    let fields: HTTPHeaderFields = ["host": "a.example"]
    return LoadBalancerEvent(
      httpMethod: method, path: path, headers: isMulti ? nil : fields,
      multiValueHeaders: isMulti ? fields : nil,
      queryStringParameters: isMulti ? nil : parameters,
      multiValueQueryStringParameters: isMulti ? parameters.mapValues { [$0] } : nil,
      requestContext: .init(elb: .init(targetGroupArn: "arn:x")), isBase64Encoded: false)
  }

  @Test(
    "A target named after an unsafe method is found as a load balancer passes it, escaped or not",
    arguments: [false, true])
  func loadBalancer(isMulti: Bool) async throws {
    let change = loadBalancer("POST", "/b", [:], isMulti: isMulti)
    for (path, parameters, location, isNamed) in [
      ("/a%2fb", [:], "/a%2Fb", true), ("/a%2Fb", [:], "/a%2fb", true),
      ("/a", ["q": "x%2fy"], "/a?q=x%2Fy", true), ("/a", ["q": "x%2Fy"], "/a?q=x/y", true),
      ("/a", ["q": "%c3%a9"], "/a?q=%C3%A9", true),
      ("/a", ["%71": "1", "b": "2"], "/a?b=2&q=1", true),
      ("/a", ["%61": "1", "Z": "2"], "/a?a=1&Z=2", true), ("/a", ["q": ""], "/a?q", true),
      ("/a", ["b": "1", "q": "a+b"], "/a?q=a+b&b=1", true),
      ("/a", ["q": "1"], "/a?q=2", false), ("/a", ["q": "x%26y=1"], "/a?q=x&y=1", false),
      ("/a", ["q": "1"], "/a", false),
    ] as [(String, [String: String], String, Bool)] {
      let page = loadBalancer("GET", path, parameters, isMulti: isMulti)
      let isChanged = try await isChanged(page, by: change, location: location)
      #expect(isChanged == isNamed, "\(path) \(parameters), \(location)")
      let other = loadBalancer("DELETE", path, parameters, isMulti: isMulti)
      #expect(try await self.isChanged(page, by: other, location: "/elsewhere"))
    }
  }

  private func restAPI(
    _ method: String, _ path: String, _ parameters: [String: String]
  ) -> RESTAPIEvent {
    RESTAPIEvent(
      resource: "/{proxy+}", path: path, httpMethod: method, headers: [:],
      queryStringParameters: parameters,
      multiValueQueryStringParameters: parameters.mapValues { [$0] },
      requestContext: .texts([
        "domainName": "a.example", "stage": "prod", "path": "/prod" + path,
      ]))
  }

  @Test("A target named after an unsafe method is found as a REST API decodes it")
  func restAPI() async throws {
    for (parameters, location, isNamed) in [
      (["q": "a b"], "/a?q=a%20b", true), (["q": "a b"], "/a?q=a+b", true),
      (["q": "a+b"], "/a?q=a%2Bb", true), (["q": "a+b"], "/a?q=a+b", true),
      (["q": "1:2,3/4"], "/a?q=1:2,3/4", true), (["q": "1:2,3/4"], "/a?q=1%3A2%2c3%2f4", true),
      (["q": "\u{E9}"], "/a?q=%C3%A9", true), (["b": "1", "a": "2"], "/a?b=1&a=2", true),
      (["q": "x&y=1"], "/a?q=x%26y%3d1", true), (["q": "x&y=1"], "/a?q=x&y=1", false),
      (["q": "1"], "/prod/a?q=1", true), (["q": "1"], "https://a.example/prod/a?q=1", true),
      (["q": "1"], "/production/a?q=1", false), (["q": "1"], "/dev/a?q=1", false),
    ] {
      let page = restAPI("GET", "/a", parameters)
      let isChanged = try await isChanged(
        page, by: restAPI("POST", "/b", [:]), location: location)
      #expect(isChanged == isNamed, "\(parameters), \(location)")
    }
  }

  private func httpAPI(_ method: String, _ path: String) -> HTTPAPIEvent {
    HTTPAPIEvent(
      routeKey: "$default", rawPath: path,
      requestContext: .httpAPI(
        method: method, path: path, domainName: "a.example", stage: "$default"))
  }

  @Test("A target named after an unsafe method is the path of an HTTP API, decoded or not")
  func httpAPI() async throws {
    for (path, location) in [
      ("/a b/\u{E9}", "/a%20b/%c3%a9"), ("/a/b", "/a%2Fb"), ("/100%", "/100%25"),
      ("/a%2fb", "/a%2Fb"), ("/.well-known/x", "/.well-known/x"),
    ] {
      #expect(
        try await isChanged(
          httpAPI("GET", path), by: httpAPI("POST", "/b"), location: location))
    }
  }

  /// The contents of a path and a query, by Foundation's decoding.
  private static func resource(_ request: HTTPRequestParts) -> String {
    var segments: [Substring] = []
    let path = request.path.removingPercentEncoding ?? ""
    for segment in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      if segment == ".." { _ = segments.popLast() }
      if segment != "." && segment != ".." { segments.append(segment) }
    }
    if path.hasSuffix("/.") || path.hasSuffix("/..") { segments.append("") }
    let query = (request.query ?? "").split(separator: "&", omittingEmptySubsequences: false)
      .map { part in
        part.split(separator: "=", omittingEmptySubsequences: false)
          .map { $0.removingPercentEncoding ?? "" }
      }
    return "\(segments) \(query)"
  }

  @Test("A target named after an unsafe method is changed in every spelling of it")
  func random() async throws {
    let pieces = ["/", "/", "a", "%61", "%2f", "%2F", ".", "%2e", "..", "b", "%C3%A9", "%c3%a9"]
    let queries = [nil, "", "x", "x=%3a", "x=:", "x=%26", "%78=%3A"]
    let versions = LockedValue<[String: Int]>([:])
    let site = Site { request in
      let resource = Self.resource(request)
      if request.method == "POST" {
        versions.update { $0[resource, default: 0] += 1 }
        return HTTPResponseParts(status: 204)
      }
      let version = versions.get()[resource, default: 0]
      return HTTPResponseParts(
        status: 200, fields: ["cache-control": "max-age=86400"],
        body: "\(version) of \(request.path)?\(request.query ?? "")")
    }
    var random = SplitMix64(seed: 10)
    var changes = 0
    for number in 0..<4000 {
      let path = (0..<Int.random(in: 0...3, using: &random))
        .map { _ in pieces.randomElement(using: &random)! }.joined()
      var request = HTTPRequestParts.get("/")
      request.path = "/" + path
      request.query = queries.randomElement(using: &random)!
      if random.chance(10) {
        request.method = "POST"
        changes += 1
      }
      let response = try await site.respond(to: request)
      guard request.method == "GET" else { continue }
      let version = versions.get()[Self.resource(request), default: 0]
      let expected = "\(version) of \(request.path)?\(request.query ?? "")"
      guard response.body == expected else {
        Issue.record("request \(number) gets \(response.body ?? "nil"), not \(expected)")
        return
      }
    }
    #expect(site.asked.count - changes < 3000)
    #expect(versions.get().values.contains { $0 > 1 })
  }
}
