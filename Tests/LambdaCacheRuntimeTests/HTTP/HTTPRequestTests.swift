import Testing

@testable import LambdaCacheRuntime

@Suite("A request")
struct HTTPRequestTests {
  @Test("A request without a body states no length")
  func get() {
    let request = HTTPRequest(method: "GET", path: "/next", authority: "127.0.0.1:9001")
    #expect(
      String(decoding: request.head, as: UTF8.self) == """
        GET /next HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUser-Agent: swift-lambda-cache\r\n\r\n
        """)
    #expect(request.body.isEmpty)
  }

  @Test(
    "A request that posts states the length of its body, also of an empty one",
    arguments: [0, 1, 1000])
  func post(count: Int) {
    let request = HTTPRequest(
      method: "POST", path: "/error", authority: "api", fields: [("Content-Type", "text/plain")],
      body: [UInt8](repeating: 1, count: count))
    #expect(
      String(decoding: request.head, as: UTF8.self) == """
        POST /error HTTP/1.1\r\nHost: api\r\nUser-Agent: swift-lambda-cache\r\n\
        Content-Type: text/plain\r\nContent-Length: \(count)\r\n\r\n
        """)
    #expect(request.body.count == count)
  }

  @Test(
    "A request cannot be broken open by the value of a field",
    arguments: [
      ("a\r\nEvil: 1", "a??Evil: 1"), ("a\0b", "a?b"), ("\u{7F}", "?"), ("é", "??"),
      ("Function.Ok (1)", "Function.Ok (1)"),
    ])
  func hostileField(value: String, written: String) {
    let request = HTTPRequest(
      method: "GET", path: "/", authority: "api", fields: [("Kind", value)])
    let lines = String(decoding: request.head, as: UTF8.self).split(separator: "\r\n")
    #expect(lines.last == "Kind: \(written)")
    #expect(lines.count == 4)
  }
}
