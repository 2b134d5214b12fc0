import Foundation
import TestSupport
import Testing

@testable import LambdaCacheHTTP

/// Events that differ in little, and in what is easily taken for the same.
private struct RandomEvents {
  var generator: SplitMix64

  private static let segments = [
    "a", "%61", "A", "%2F", "/", ".", "..", "%2e", "é", "e\u{301}", "%C3%A9", "+", " ", "%20",
    "%3F", ";", "%", "%2", "%25", "\n", "~", "%7E", "%7e", ":", "*",
  ]

  private static let parameters = [
    "a=1", "a=%31", "b", "&", "a", "=", "%26", "a=2;b", "+", "%2B", "%20", "%", "%3D", "?", "/",
    "é", "%0A", "\n", "#",
  ]

  private mutating func one<Value>(of values: [Value]) -> Value {
    values[Int.random(in: values.indices, using: &generator)]
  }

  private mutating func text(of pieces: [String], atMost count: Int = 2) -> String {
    (0..<Int.random(in: 0...count, using: &generator)).map { _ in one(of: pieces) }.joined()
  }

  private mutating func lists() -> [String: [String]]? {
    if Bool.random(using: &generator) { return nil }
    var lists: [String: [String]] = [:]
    for _ in 0..<Int.random(in: 1...2, using: &generator) {
      let values = (0..<Int.random(in: 1...2, using: &generator)).map { _ in
        text(of: Self.parameters)
      }
      lists[text(of: Self.parameters)] = values
    }
    return lists
  }

  private mutating func fields() -> HTTPHeaderFields {
    var fields: HTTPHeaderFields = [:]
    for _ in 0..<Int.random(in: 1...2, using: &generator) {
      fields.append(name: "host", value: one(of: ["x", "X", "x:443", "x:80", "x:", "y"]))
    }
    for _ in 0..<Int.random(in: 0...2, using: &generator) {
      let scheme = one(of: ["http", "https", "HTTP", "http, https"])
      fields.append(name: "x-forwarded-proto", value: scheme)
    }
    return fields
  }

  mutating func httpAPI() -> HTTPAPIEvent {
    HTTPAPIEvent(
      routeKey: one(of: ["$default", "GET /a", "GET /{p}"]),
      rawPath: "/" + text(of: Self.segments), rawQueryString: text(of: Self.parameters),
      headers: fields(), pathParameters: lists()?.compactMapValues(\.first),
      stageVariables: one(of: [nil, ["a": "1"]]),
      requestContext: .httpAPI(
        path: one(of: ["/a", "/prod/a"]), domainName: one(of: ["id.x", "x", "X", "x:443"]),
        stage: one(of: ["$default", "prod"]), apiId: one(of: ["id", "other"])))
  }

  mutating func restAPI() -> RESTAPIEvent {
    let parameters = lists()
    return RESTAPIEvent(
      resource: one(of: ["/a", "/{p}"]), path: "/" + text(of: Self.segments), httpMethod: "GET",
      multiValueHeaders: fields(), queryStringParameters: parameters?.compactMapValues(\.last),
      multiValueQueryStringParameters: parameters,
      pathParameters: lists()?.compactMapValues(\.first),
      requestContext: .texts([
        "apiId": one(of: ["id", "other"]), "domainName": one(of: ["id.x", "x", "X"]),
        "path": one(of: ["/a", "/prod/a"]), "stage": one(of: ["prod", "test"]),
      ]))
  }

  mutating func loadBalancer() -> LoadBalancerEvent {
    LoadBalancerEvent(
      httpMethod: "GET", path: "/" + text(of: Self.segments), multiValueHeaders: fields(),
      multiValueQueryStringParameters: lists(),
      requestContext: .init(elb: .init(targetGroupArn: one(of: ["a", "b"]))),
      isBase64Encoded: false)
  }
}

@Suite("Events with the same key", .timeLimit(.minutes(15)))
struct EventKeyFuzzTests {
  private static let seeds: [UInt64] = [1, 2, 3]

  /// All that a response is found by, as a text that only the same make.
  private static func key(of request: HTTPRequestParts) -> [UInt8] {
    let (policy, facts) = (HTTPCachePolicy.shared, RequestFacts(request.fields))
    var text = KeyText()
    text.append(policy.target(of: request, facts))
    text.append(policy.spelling(of: request, facts))
    text.append(policy.particulars(of: request, facts))
    return Array(text.text.utf8)
  }

  /// Makes events, and expects those with the same key to have the same JSON.
  private func collide<Event: HTTPCacheableRequest & Encodable>(
    _ seed: UInt64, _ make: (inout RandomEvents) -> Event
  ) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var events = RandomEvents(generator: SplitMix64(seed: seed))
    var known: [[UInt8]: Data] = [:]
    for _ in 0..<2_000 {
      let event = make(&events)
      let request = event.httpRequestParts
      // Lines of one name are joined in JSON.
      let lines = request.fields.map { "\($0.name):\($0.value)\n" }.joined()
      let seen = try encoder.encode(event) + Data(lines.utf8)
      let other = known.updateValue(seen, forKey: Self.key(of: request))
      #expect(
        other == nil || other == seen,
        "seed \(seed): \(String(decoding: seen, as: UTF8.self)) and another have the same key")
    }
  }

  @Test("Events of an HTTP API with the same key are equal for the handler", arguments: seeds)
  func httpAPI(_ seed: UInt64) throws { try collide(seed) { $0.httpAPI() } }

  @Test("Events of a REST API with the same key are equal for the handler", arguments: seeds)
  func restAPI(_ seed: UInt64) throws { try collide(seed) { $0.restAPI() } }

  @Test("Events of a load balancer with the same key are equal for the handler", arguments: seeds)
  func loadBalancer(_ seed: UInt64) throws { try collide(seed) { $0.loadBalancer() } }
}
