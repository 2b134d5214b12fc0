import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHTTP

/// Everything of an event by which its handler can tell a target from another.
protocol Targeted: HTTPCacheableRequest {
  var seen: [String] { get }
}

extension HTTPAPIEvent: Targeted {
  var seen: [String] {
    [
      rawPath, rawQueryString, requestContext["http"]?["path"]?.text ?? "-",
      requestContext["domainName"]?.text ?? "-",
      headers["host"] ?? "-", headers["x-forwarded-proto"] ?? "-",
      requestContext["stage"]?.text ?? "-",
      "\((queryStringParameters ?? [:]).sorted { $0.key < $1.key })",
      "\((pathParameters ?? [:]).sorted { $0.key < $1.key })",
      "\((stageVariables ?? [:]).sorted { $0.key < $1.key })", routeKey ?? "-",
    ]
  }
}

extension RESTAPIEvent: Targeted {
  var seen: [String] {
    [
      path, requestContext["path"]?.text ?? "-", requestContext["domainName"]?.text ?? "-",
      resource ?? "-",
      headers?["host"] ?? "-", headers?["x-forwarded-proto"] ?? "-",
      requestContext["stage"]?.text ?? "-",
      "\((queryStringParameters ?? [:]).sorted { $0.key < $1.key })",
      "\((multiValueQueryStringParameters ?? [:]).sorted { $0.key < $1.key })",
      "\((pathParameters ?? [:]).sorted { $0.key < $1.key })",
      "\((stageVariables ?? [:]).sorted { $0.key < $1.key })",
    ]
  }
}

extension LoadBalancerEvent: Targeted {
  var seen: [String] {
    [
      path, headers?["host"] ?? "-", multiValueHeaders?["host"] ?? "-",
      headers?["x-forwarded-proto"] ?? "-", requestContext.elb.targetGroupArn,
      "\((queryStringParameters ?? [:]).sorted { $0.key < $1.key })",
      "\((multiValueQueryStringParameters ?? [:]).sorted { $0.key < $1.key })",
    ]
  }
}

@Suite("A response is kept under the parts that its handler sees", .timeLimit(.minutes(15)))
struct SpellingTests {
  private static let pieces = [
    "a", "%61", "%41", "A", "/", "%2F", "%2f", "=", "&", "%26", "%3D", "+", "%20", " ", "?", "%3F",
    "#", "%", "%25", "\n", "\u{E9}", "e\u{301}", "%C3%A9", "%c3%a9", ".", "..", ";", ",", "|",
  ]

  private static func text(_ random: inout SplitMix64, most: Int = 3) -> String {
    if random.chance(65) { return "" }
    return (0..<Int.random(in: 0...most, using: &random))
      .map { _ in pieces.randomElement(using: &random)! }.joined()
  }

  private static func values(_ random: inout SplitMix64) -> [String: String]? {
    if random.chance(60) { return nil }
    return Dictionary(
      (0..<Int.random(in: 0...2, using: &random)).map { _ in
        (text(&random, most: 1), text(&random, most: 2))
      }, uniquingKeysWith: { $1 })
  }

  private static func lists(_ random: inout SplitMix64) -> [String: [String]] {
    Dictionary(
      (0..<Int.random(in: 0...2, using: &random)).map { _ in
        (
          text(&random, most: 1),
          (0..<Int.random(in: 1...2, using: &random)).map { _ in text(&random, most: 2) }
        )
      }, uniquingKeysWith: { $1 })
  }

  private static func fields(_ random: inout SplitMix64) -> HTTPHeaderFields {
    let host = ["a.example", "A.example", "a.example:443"].randomElement(using: &random)!
    var fields: HTTPHeaderFields = ["host": host]
    if random.chance(50) {
      fields["x-forwarded-proto"] = ["https", "http", "HTTP", "wss"].randomElement(using: &random)!
    }
    return fields
  }

  private static func httpAPI(_ random: inout SplitMix64) -> HTTPAPIEvent {
    let path = "/" + text(&random)
    let contextPath = random.chance(70) ? path : "/" + text(&random)
    let domainName = random.chance(80) ? "a.example" : "b.example"
    let stage = random.chance(80) ? "$default" : "dev"
    let route = ["$default", "GET /a", "ANY /{x}"].randomElement(using: &random)!
    return HTTPAPIEvent(
      routeKey: route, rawPath: path, rawQueryString: text(&random), headers: fields(&random),
      pathParameters: values(&random),
      stageVariables: random.chance(20) ? values(&random) : nil,
      requestContext: .httpAPI(path: contextPath, domainName: domainName, stage: stage))
  }

  private static func restAPI(_ random: inout SplitMix64) -> RESTAPIEvent {
    let path = "/" + text(&random)
    let domainName = random.chance(80) ? "a.example" : "b.example"
    let stage = random.chance(80) ? "prod" : "dev"
    let contextPath = random.chance(70) ? "/prod" + path : "/" + text(&random)
    let lists = lists(&random)
    return RESTAPIEvent(
      resource: ["/a", "/{x}"].randomElement(using: &random)!, path: path, httpMethod: "GET",
      headers: fields(&random), queryStringParameters: lists.compactMapValues(\.last),
      multiValueQueryStringParameters: lists,
      pathParameters: values(&random), stageVariables: random.chance(20) ? values(&random) : nil,
      requestContext: .texts(["domainName": domainName, "stage": stage, "path": contextPath]))
  }

  private static func loadBalancer(_ random: inout SplitMix64) -> LoadBalancerEvent {
    let isMulti = random.chance(50)
    let lists = lists(&random)
    return LoadBalancerEvent(
      httpMethod: "GET", path: "/" + text(&random), headers: isMulti ? nil : fields(&random),
      multiValueHeaders: isMulti ? fields(&random) : nil,
      queryStringParameters: isMulti ? nil : lists.compactMapValues(\.last),
      multiValueQueryStringParameters: isMulti ? lists : nil,
      requestContext: .init(
        elb: .init(targetGroupArn: isMulti ? "arn:a" : "arn:b")), isBase64Encoded: false)
  }

  /// Has a cache answer many events by what their handler sees, and compares each answer with the
  /// one to the same event from a cache that keeps nothing.
  private func compare<Event: Targeted>(
    _ policy: HTTPCachePolicy, seed: UInt64, _ make: (inout SplitMix64) -> Event
  ) async throws -> (hits: Int, spellings: Int) {
    var random = SplitMix64(seed: seed)
    let calls = LockedValue(0)
    func handler(
      _ responses: HTTPResponseCache
    ) -> @Sendable (Event, Int) async throws -> TestResponse {
      cachedHTTP(in: responses) { event, _ in
        calls.update { $0 += 1 }
        return TestResponse(
          httpResponseParts: HTTPResponseParts(
            status: 200, fields: ["cache-control": "max-age=86400"],
            body: event.seen.joined(separator: "|")))
      }
    }
    let shared = handler(HTTPResponseCache(in: Cache(byteLimit: 8 << 20), policy: policy))
    // Keeps nothing.
    let alone = handler(HTTPResponseCache(in: Cache(byteLimit: 0), policy: policy))
    var hits = 0
    var spellings = 0
    for number in 0..<600 {
      let event = make(&random)
      let before = calls.get()
      let cached = try await shared(event, 0).httpResponseParts.body ?? ""
      if calls.get() == before { hits += 1 }
      let own = try await alone(event, 0).httpResponseParts.body ?? ""
      if own != event.seen.joined(separator: "|") { spellings += 1 }
      guard cached.utf8.elementsEqual(own.utf8) else {
        Issue.record("event \(number) of seed \(seed) gets\n\(cached)\nwhere its own is\n\(own)")
        return (hits, spellings)
      }
    }
    return (hits, spellings)
  }

  private static let uniting = HTTPCachePolicy.shared.with {
    $0.sortsParameters = true
    $0.unifiesEscapes = true
    $0.ignoredParameters = ["A", "utm_*"]
  }

  @Test(
    "A response is kept under what a handler sees of an HTTP API or a function URL",
    arguments: [false, true])
  func httpAPI(isUniting: Bool) async throws {
    let (hits, spellings) = try await compare(
      isUniting ? Self.uniting : .shared, seed: 1, Self.httpAPI)
    #expect(hits > 5)
    #expect(isUniting ? spellings > 30 : spellings == 0)
  }

  @Test("A response is kept under what a handler sees of a REST API", arguments: [false, true])
  func restAPI(isUniting: Bool) async throws {
    let (hits, spellings) = try await compare(
      isUniting ? Self.uniting : .shared, seed: 2, Self.restAPI)
    #expect(hits > 5)
    #expect(isUniting ? spellings > 30 : spellings == 0)
  }

  @Test(
    "A response is kept under what a handler sees of a load balancer", arguments: [false, true])
  func loadBalancer(isUniting: Bool) async throws {
    let (hits, spellings) = try await compare(
      isUniting ? Self.uniting : .shared, seed: 3, Self.loadBalancer)
    #expect(hits > 5)
    #expect(isUniting ? spellings > 30 : spellings == 0)
  }

  @Test("A response is kept under what a handler sees where a load balancer passes separators on")
  func separators() async throws {
    let handler = cachedHTTP(in: HTTPResponseCache(in: Cache(byteLimit: 1 << 20))) {
      (event: LoadBalancerEvent, _: Int) in
      TestResponse(
        httpResponseParts: HTTPResponseParts(
          status: 200, fields: ["cache-control": "max-age=86400"],
          body: event.seen.joined(separator: "|")))
    }
    for parameters in [
      ["a": "1&b=2"], ["a": "1", "b": "2"], ["a=1&b": "2"], ["a": "1=2"], ["a=1": "2"],
    ] {
      let event = LoadBalancerEvent(
        httpMethod: "GET", path: "/", headers: ["host": "a.example"], multiValueHeaders: nil,
        queryStringParameters: parameters, multiValueQueryStringParameters: nil,
        requestContext: .init(elb: .init(targetGroupArn: "arn:b")), isBase64Encoded: false)
      for _ in 0..<2 {
        let body = try await handler(event, 0).httpResponseParts.body
        #expect(body == event.seen.joined(separator: "|"))
      }
    }
  }

  @Test(
    "A response that varies by cookies that come one by one is kept under what its handler sees")
  func cookies() async throws {
    let handler = cachedHTTP(in: HTTPResponseCache(in: Cache(byteLimit: 1 << 20))) {
      (event: HTTPAPIEvent, _: Int) in
      TestResponse(
        httpResponseParts: HTTPResponseParts(
          status: 200, fields: ["cache-control": "max-age=86400", "vary": "cookie"],
          body: "\(event.cookies ?? [])"))
    }
    for cookies in [["a=1; b=2"], ["a=1", "b=2"], ["a=1;b=2"], ["a=1, b=2"], ["b=2", "a=1"], []] {
      let event = HTTPAPIEvent(cookies: cookies)
      for _ in 0..<2 {
        #expect(try await handler(event, 0).httpResponseParts.body == "\(cookies)")
      }
    }
  }

  @Test("A response to a spelling that is not found does not hide the page")
  func poisoning() async throws {
    for (bad, good) in [
      ("/%61dmin", "/admin"), ("/list?p%61ge=7", "/list?page=7"), ("/a?b=2&a=1", "/a?a=1&b=2"),
      ("/admin?", "/admin"), ("/a%2fb", "/a%2Fb"), ("//admin", "/admin"), ("/admin/.", "/admin"),
    ] where bad != good {
      let site = Site { request in
        let target = request.path + (request.query.map { "?" + $0 } ?? "")
        return HTTPResponseParts(
          status: target == good ? 200 : 404, fields: ["cache-control": "max-age=86400"],
          body: target)
      }
      _ = try await site.get(bad)
      #expect(try await site.get(good).body == good)
      #expect(try await site.get(good).status == 200)
    }
  }

  @Test("The handler sees the one spelling that a policy unites others to")
  func united() async throws {
    let site = Site(Self.uniting) { request in
      HTTPResponseParts(
        status: 200, fields: ["cache-control": "max-age=86400"],
        body: request.path + "?" + (request.query ?? ""))
    }
    #expect(try await site.get("/%61dmin?b=2&a=1&utm_x=5").body == "/admin?a=1&b=2")
    #expect(try await site.get("/admin?a=1&b=2").body == "/admin?a=1&b=2")
    #expect(site.asked.count == 1)
    // An event that cannot be changed is kept as it is.
    let raw = try await site.respond(to: .get("/%61dmin?b=2&a=1"), canChange: false)
    #expect(raw.body == "/%61dmin?b=2&a=1")
    #expect(site.asked.count == 2)
    // A change of one is a change of all of them.
    _ = try await site.respond(to: .request("POST", "/%61dmin?b=2&a=1"))
    #expect(site.asked.last?.path == "/%61dmin")
    _ = try await site.get("/admin?a=1&b=2")
    _ = try await site.respond(to: .get("/%61dmin?b=2&a=1"), canChange: false)
    #expect(site.asked.count == 5)
    _ = try await site.respond(to: .request("POST", "/admin?a=1&utm_x=6&b=2"))
    _ = try await site.get("/admin?a=1&b=2")
    #expect(site.asked.count == 7)
  }

  @Test("A method that changes a page removes it, whatever else the gateway's event contains")
  func invalidated() async throws {
    let site = Site { request in
      HTTPResponseParts(
        status: 200, fields: ["cache-control": "max-age=86400"], body: request.routing ?? "none")
    }
    var request = HTTPRequestParts.get("/a")
    request.routing = "GET /{x}"
    #expect(try await site.respond(to: request).body == "GET /{x}")
    request.routing = "GET /a"
    #expect(try await site.respond(to: request).body == "GET /a")
    #expect(try await site.respond(to: request).body == "GET /a")
    #expect(site.asked.count == 2)
    _ = try await site.respond(to: .request("POST", "/a"))
    _ = try await site.respond(to: request)
    #expect(site.asked.count == 4)
    site.responses.removeResponses(for: .get("/a"))
    _ = try await site.respond(to: request)
    #expect(site.asked.count == 5)
  }
}
