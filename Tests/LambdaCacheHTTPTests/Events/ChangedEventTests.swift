import Foundation
import Testing

@testable import LambdaCacheHTTP

@Suite("An event that the cache changes")
struct ChangedEventTests {
  @Test("A changed event of an HTTP API has its cookies once")
  func cookies() throws {
    let event = try JSONDecoder().decode(HTTPAPIEvent.self, from: Data(Samples.httpAPI.utf8))
    let fields = event.httpRequestParts.fields
    let changed = try #require(event.replacing(method: "GET", fields: fields))
    #expect(changed.httpRequestParts.fields.values(named: "cookie") == ["s=1; t=2"])
    #expect(changed.httpRequestParts == event.httpRequestParts)
    #expect(changed.headers["cookie"] == nil)
  }

  @Test("A changed event of a function URL has its cookies in both places, where it had them")
  func cookiesTwice() throws {
    var event = try JSONDecoder().decode(HTTPAPIEvent.self, from: Data(Samples.httpAPI.utf8))
    event.headers["cookie"] = "s=1; t=2"
    let fields = event.httpRequestParts.fields
    let changed = try #require(event.replacing(method: "GET", fields: fields))
    #expect(changed.headers["cookie"] == "s=1; t=2")
    #expect(changed.cookies == event.cookies)
    #expect(
      changed.httpRequestParts.fields.values(named: "cookie") == fields.values(named: "cookie"))
  }

  @Test("A changed event has the last of several cookies where only one is possible")
  func singleCookie() {
    let fields: HTTPHeaderFields = ["set-cookie": "a=1", "x": "1", "Set-Cookie": "b=2", "x": "2"]
    #expect(fields.singleValued == ["set-cookie": "b=2", "x": "1, 2"])
  }

  @Test("A changed event of a REST API keeps the headers that a response has beside its lists")
  func mixedHeaders() throws {
    let text = """
      {"statusCode": 200, "headers": {"a": "1", "b": "2"}, "multiValueHeaders": {"c": ["3", "4"]}}
      """
    let response = try JSONDecoder().decode(RESTAPIResponse.self, from: Data(text.utf8))
    #expect(response.headers["a"] == "1")
    #expect(response.headers["b"] == "2")
    #expect(response.headers.values(named: "c") == ["3", "4"])
  }

  @Test(
    "An event changed to another method has the route of that method, where the route names one")
  func routes() throws {
    var event = try JSONDecoder().decode(HTTPAPIEvent.self, from: Data(Samples.httpAPI.utf8))
    event.requestContext["http"]?["method"] = .string("HEAD")
    for (route, changed) in [
      ("HEAD /a", "GET /a"), ("ANY /a", "ANY /a"), ("$default", "$default"),
      ("HEADS /a", "HEADS /a"),
    ] {
      event.routeKey = route
      event.requestContext["routeKey"] = .string(route)
      let asked = try #require(event.replacing(method: "GET", fields: event.headers))
      #expect(asked.routeKey == changed)
      #expect(asked.requestContext["routeKey"]?.text == changed)
      #expect(asked.method == "GET")
    }
  }

  @Test("A changed event of a REST API has the last value of each name beside its lists")
  func lastValues() throws {
    var event = try JSONDecoder().decode(RESTAPIEvent.self, from: Data(Samples.restAPI.utf8))
    event.headers = ["x": "b"]
    event.multiValueHeaders = HTTPHeaderFields(["x": ["a", "b"]] as [String: [String]])
    let fields = event.httpRequestParts.fields
    let changed = try #require(event.replacing(method: "GET", fields: fields))
    #expect(changed.headers == ["x": "b"])
    #expect(changed.multiValueHeaders?.values(named: "x") == ["a", "b"])
    let others = HTTPHeaderFields(["y": ["c", "d"]] as [String: [String]])
    let other = try #require(event.replacing(method: "GET", fields: others))
    #expect(other.multiValueHeaders == others)
    #expect(other.headers == ["y": "d"])
  }

  @Test("A changed event is another target in each API that one domain leads to")
  func apis() throws {
    var event = try JSONDecoder().decode(HTTPAPIEvent.self, from: Data(Samples.httpAPI.utf8))
    var rest = try JSONDecoder().decode(RESTAPIEvent.self, from: Data(Samples.restAPI.utf8))
    var routings: Set<String?> = []
    for api in ["one", "two"] {
      event.requestContext["domainName"] = .string("shop.example")
      event.requestContext["apiId"] = .string(api)
      routings.insert(event.httpRequestParts.routing)
      rest.requestContext["domainName"] = .string("shop.example")
      rest.requestContext["apiId"] = .string(api)
      routings.insert(rest.httpRequestParts.routing)
    }
    #expect(routings.count == 4)
    event.requestContext["domainName"] = .string("two.execute-api.eu-west-1.amazonaws.com")
    let named = event.httpRequestParts.routing
    event.requestContext["apiId"] = nil
    #expect(event.httpRequestParts.routing == named)
  }
}
