import Foundation
import Testing

@testable import LambdaCacheHTTP

@Suite("An event of a gateway or a load balancer")
struct EventTests {
  private func decode<Event: Decodable>(_ type: Event.Type, _ text: String) throws -> Event {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }

  /// Whether an event that is written and read again is the same.
  private func survives<Event: Codable & Equatable>(_ event: Event) throws -> Bool {
    try JSONDecoder().decode(Event.self, from: try JSONEncoder().encode(event)) == event
  }

  @Test("An event of an HTTP API is read")
  func httpAPI() throws {
    let event = try decode(HTTPAPIEvent.self, Samples.httpAPI)
    #expect(event.pathParameters == ["name": "ada"])
    #expect(event.requestContext["timeEpoch"] == .number(1_583_348_638_390))
    #expect(
      event.requestContext["authorizer"]?["jwt"]?["claims"]?["sub"]?.text == "7f3a")
    #expect(event.method == "GET")
    let parts = event.httpRequestParts
    #expect(parts.method == "GET")
    #expect(parts.authority == "id.execute-api.eu-central-1.amazonaws.com")
    #expect(parts.stage == "$default")
    #expect(parts.path == "/users/ada")
    #expect(parts.query == "b=2&a=1&a=3")
    #expect(parts.fields["Accept-Language"] == "de,en")
    #expect(parts.fields["cookie"] == "s=1; t=2")
    #expect(parts.isAuthorized)
    #expect(!parts.hasBody)
    #expect(try survives(event))
  }

  @Test("An event of a function URL is read")
  func functionURL() throws {
    let event = try decode(FunctionURLEvent.self, Samples.functionURL)
    let parts = event.httpRequestParts
    #expect(parts.method == "POST")
    #expect(parts.authority == "id.lambda-url.eu-central-1.on.aws")
    #expect(parts.path == "/")
    #expect(parts.query == "")
    #expect(parts.hasBody)
    #expect(!parts.isAuthorized)
    #expect(try survives(event))
  }

  @Test("An event of a REST API is read")
  func restAPI() throws {
    let event = try decode(RESTAPIEvent.self, Samples.restAPI)
    let parts = event.httpRequestParts
    #expect(parts.method == "GET")
    #expect(parts.authority == "id.execute-api.eu-central-1.amazonaws.com")
    #expect(parts.stage == "prod")
    #expect(parts.path == "/users/ada")
    #expect(parts.query == "a=1&a=2&name%20of=J%C3%BCrgen%26co")
    #expect(parts.fields["x-forwarded-for"] == "1.2.3.4, 5.6.7.8")
    #expect(parts.fields.values(named: "Accept") == ["text/html", "text/plain"])
    #expect(!parts.isAuthorized)
    #expect(!parts.hasBody)
    #expect(try survives(event))
    var signed = event
    signed.requestContext["identity"] = .texts(["userArn": "arn:aws:iam::1:user/a"])
    #expect(signed.httpRequestParts.isAuthorized)
    signed.requestContext["identity"] = nil
    signed.requestContext["authorizer"] = .texts(["principalId": "ada"])
    #expect(signed.httpRequestParts.isAuthorized)
  }

  @Test("An event of a load balancer is read, with one value each or with lists")
  func loadBalancer() throws {
    for sample in [Samples.loadBalancer, Samples.multiValueLoadBalancer] {
      let event = try decode(LoadBalancerEvent.self, sample)
      let parts = event.httpRequestParts
      #expect(parts.method == "GET")
      #expect(parts.path == "/lambda")
      #expect(parts.query?.hasSuffix("query=1234%20ABCD") == true)
      #expect(parts.fields["Host"] == "lb-846800462.eu-central-1.elb.amazonaws.com")
      #expect(!parts.hasBody)
      #expect(!parts.isAuthorized)
      #expect(try survives(event))
    }
    let lists = try decode(LoadBalancerEvent.self, Samples.multiValueLoadBalancer)
    #expect(lists.httpRequestParts.query == "a=1&a=2&query=1234%20ABCD")
    #expect(lists.httpRequestParts.isAuthorized == false)
    var known = lists
    known.multiValueHeaders?.append(name: "X-Amzn-Oidc-Identity", value: "7f3a")
    #expect(known.httpRequestParts.isAuthorized)
  }

  @Test("An event becomes a conditional request by another method, and else stays what it is")
  func replacing() throws {
    let events: [any HTTPCacheableRequest] = [
      try decode(HTTPAPIEvent.self, Samples.httpAPI),
      try decode(FunctionURLEvent.self, Samples.functionURL),
      try decode(RESTAPIEvent.self, Samples.restAPI),
      try decode(LoadBalancerEvent.self, Samples.loadBalancer),
      try decode(LoadBalancerEvent.self, Samples.multiValueLoadBalancer),
    ]
    for event in events {
      var expected = event.httpRequestParts
      expected.method = "HEAD"
      expected.fields["if-none-match"] = "\"1\""
      let changed = try #require(event.replacing(method: "HEAD", fields: expected.fields))
      var parts = changed.httpRequestParts
      #expect(parts.fields["if-none-match"] == "\"1\"")
      #expect(Set(parts.fields.lines) == Set(expected.fields.lines))
      parts.fields = expected.fields
      #expect(parts == expected)
    }
  }

  @Test("A text that is no event is refused")
  func refused() {
    for http in ["", "\"http\": {}", "\"http\": {\"method\": 1}", "\"http\": \"GET\""] {
      let text = """
        {"version": "2.0", "rawPath": "/", "rawQueryString": "", "headers": {},
        "isBase64Encoded": false, "requestContext": {\(http)}}
        """
      #expect(throws: DecodingError.self) { try decode(HTTPAPIEvent.self, text) }
    }
    for text in ["{}", "[]", "{\"httpMethod\":\"GET\"}", "{\"rawPath\":1}"] {
      #expect(throws: DecodingError.self) { try decode(HTTPAPIEvent.self, text) }
      #expect(throws: DecodingError.self) { try decode(RESTAPIEvent.self, text) }
      #expect(throws: DecodingError.self) { try decode(LoadBalancerEvent.self, text) }
    }
    #expect(throws: DecodingError.self) {
      try decode(HTTPHeaderFields.self, "{\"a\":{\"b\":1}}")
    }
  }
}

@Suite("A response to a gateway or a load balancer")
struct ResponseTests {
  private let parts = HTTPResponseParts(
    status: 200,
    fields: [
      "content-type": "text/plain", "x-a": "1", "X-A": "2", "set-cookie": "s=1; Path=/",
      "Set-Cookie": "t=2",
    ], body: "hello")

  private func json(_ value: some Encodable) throws -> [String: Any] {
    let data = try JSONEncoder().encode(value)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test("A response to an HTTP API has its cookies apart")
  func httpAPI() throws {
    let response = HTTPAPIResponse(httpResponseParts: parts)
    #expect(response.cookies == ["s=1; Path=/", "t=2"])
    let object = try json(response)
    #expect(object["statusCode"] as? Int == 200)
    #expect(
      object["headers"] as? [String: String] == ["content-type": "text/plain", "x-a": "1, 2"])
    #expect(object["cookies"] as? [String] == ["s=1; Path=/", "t=2"])
    #expect(object["body"] as? String == "hello")
    #expect(object["isBase64Encoded"] as? Bool == false)
    #expect(Set(response.httpResponseParts.fields.values(named: "set-cookie")).count == 2)
  }

  @Test("A response to a REST API has repeated fields in lists")
  func restAPI() throws {
    let response = RESTAPIResponse(httpResponseParts: parts)
    #expect(response.httpResponseParts == parts)
    let object = try json(response)
    #expect(object["headers"] as? [String: String] == ["content-type": "text/plain"])
    #expect(
      object["multiValueHeaders"] as? [String: [String]] == [
        "x-a": ["1", "2"], "set-cookie": ["s=1; Path=/", "t=2"],
      ])
  }

  @Test("A response to a load balancer has its fields in both forms")
  func loadBalancer() throws {
    let response = LoadBalancerResponse(httpResponseParts: parts)
    #expect(response.httpResponseParts == parts)
    let object = try json(response)
    #expect(
      object["headers"] as? [String: String] == [
        "content-type": "text/plain", "x-a": "1, 2", "set-cookie": "t=2",
      ])
    #expect(
      object["multiValueHeaders"] as? [String: [String]] == [
        "content-type": ["text/plain"], "x-a": ["1", "2"], "set-cookie": ["s=1; Path=/", "t=2"],
      ])
  }

  @Test("A response is read with everything but the status left out")
  func minimal() throws {
    let data = Data("{\"statusCode\":204}".utf8)
    let expected = HTTPResponseParts(status: 204)
    let decoder = JSONDecoder()
    #expect(try decoder.decode(HTTPAPIResponse.self, from: data).httpResponseParts == expected)
    #expect(try decoder.decode(RESTAPIResponse.self, from: data).httpResponseParts == expected)
    #expect(try decoder.decode(LoadBalancerResponse.self, from: data).httpResponseParts == expected)
  }

  @Test("A response is read again as it was written")
  func roundTrip() throws {
    func again<Response: Codable & HTTPCacheableResponse>(
      _ type: Response.Type
    ) throws -> HTTPResponseParts {
      let data = try JSONEncoder().encode(Response(httpResponseParts: parts))
      return try JSONDecoder().decode(type, from: data).httpResponseParts
    }
    for read in [
      try again(HTTPAPIResponse.self), try again(RESTAPIResponse.self),
      try again(LoadBalancerResponse.self),
    ] {
      #expect(read.status == 200)
      #expect(read.body == "hello")
      #expect(read.fields["x-a"] == "1, 2")
      #expect(Set(read.fields.values(named: "set-cookie")) == ["s=1; Path=/", "t=2"])
    }
  }

  @Test("A response states the length of its body, in Base64 too")
  func lengths() {
    let rows: [(String?, Bool, Int)] = [
      (nil, false, 0), ("", false, 0), ("é", false, 2), ("aGVsbG8=", true, 5), ("aGVsbG8", true, 5),
      ("aGVs\r\nbG8=", true, 5), ("", true, 0), ("YQ==", true, 1), ("YWI=", true, 2),
    ]
    for (body, isBase64Encoded, expected) in rows {
      let parts = HTTPResponseParts(status: 200, body: body, isBase64Encoded: isBase64Encoded)
      #expect(parts.contentLength == expected, "\(body ?? "nil")")
    }
  }
}

@Suite("Header fields")
struct HTTPHeaderFieldsTests {
  @Test("Header fields have names in any case")
  func names() {
    var fields: HTTPHeaderFields = ["Content-Type": "a", "x": "1", "X": "2"]
    #expect(fields["content-type"] == "a")
    #expect(fields["x"] == "1, 2")
    #expect(fields.values(named: "X") == ["1", "2"])
    #expect(fields["y"] == nil)
    fields["X"] = "3"
    #expect(Array(fields.map(\.value)) == ["a", "3"])
    fields["CONTENT-TYPE"] = nil
    #expect(fields.lines.count == 1)
    fields["y"] = "4"
    #expect(fields == ["x": "3", "y": "4"])
    #expect(!fields.contains(named: "content-type"))
  }

  @Test("Header fields are made from dictionaries in alphabetical order")
  func dictionaries() {
    #expect(HTTPHeaderFields(["b": "2", "a": "1"]) == ["a": "1", "b": "2"])
    #expect(HTTPHeaderFields(["b": ["2", "3"], "a": []]) == ["b": "2", "b": "3"])
  }
}
