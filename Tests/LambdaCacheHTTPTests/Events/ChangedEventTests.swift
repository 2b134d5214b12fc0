import Foundation
import Testing

@testable import LambdaCacheHTTP

@Suite("An event that the cache changes")
struct ChangedEventTests {
  @Test("of an HTTP API has its cookies once")
  func cookies() throws {
    let event = try JSONDecoder().decode(HTTPAPIEvent.self, from: Data(Samples.httpAPI.utf8))
    let fields = event.httpRequestParts.fields
    let changed = try #require(event.replacing(method: "GET", fields: fields))
    #expect(changed.httpRequestParts.fields.values(named: "cookie") == ["s=1; t=2"])
    #expect(changed.httpRequestParts == event.httpRequestParts)
  }

  @Test("has of several cookies the last one where only one can be")
  func singleCookie() {
    let fields = HTTPHeaderFields([
      .init(name: "set-cookie", value: "a=1"), .init(name: "x", value: "1"),
      .init(name: "Set-Cookie", value: "b=2"), .init(name: "x", value: "2"),
    ])
    #expect(fields.singleValued == ["set-cookie": "b=2", "x": "1, 2"])
  }

  @Test("of a REST API keeps the headers that a response has beside its lists")
  func mixedHeaders() throws {
    let text = """
      {"statusCode": 200, "headers": {"a": "1", "b": "2"}, "multiValueHeaders": {"c": ["3", "4"]}}
      """
    let response = try JSONDecoder().decode(RESTAPIResponse.self, from: Data(text.utf8))
    #expect(response.headers["a"] == "1")
    #expect(response.headers["b"] == "2")
    #expect(response.headers.values(named: "c") == ["3", "4"])
  }
}
