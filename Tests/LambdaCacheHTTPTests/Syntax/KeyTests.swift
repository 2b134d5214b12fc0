import Testing

@testable import LambdaCacheHTTP

@Suite("The key of a request")
struct KeyTests {
  private func key(
    _ request: HTTPRequestParts, _ rules: HTTPCacheKeyRules = HTTPCacheKeyRules()
  ) -> String {
    rules.target(of: request, RequestFacts(request.fields))
  }

  private func key(_ path: String, _ change: (inout HTTPCacheKeyRules) -> Void = { _ in }) -> String
  {
    var rules = HTTPCacheKeyRules()
    change(&rules)
    return key(.get(path), rules)
  }

  @Test(
    "is the same for what means the same",
    arguments: [
      ("/a?x=1&y=2", "/a?y=2&x=1"), ("/a?x=1&", "/a?x=1"), ("/a?&x=1", "/a?x=1"),
      ("/a?", "/a"), ("/%7Eada", "/~ada"), ("/%7eada", "/~ada"), ("/a%2fb", "/a%2Fb"),
      ("/a?q=%c3%a9", "/a?q=%C3%A9"), ("/a?%61=1", "/a?a=1"), ("/a?q=é", "/a?q=%C3%A9"),
      ("/a b", "/a%20b"), ("/a?%62=1&a=2", "/a?a=2&b=1"),
    ])
  func equal(first: String, second: String) {
    #expect(key(first) == key(second))
  }

  @Test(
    "differs where the response may",
    arguments: [
      ("/a", "/b"), ("/a", "/A"), ("/a", "/a/"), ("/a%2Fb", "/a/b"), ("/a?x=1", "/a?x=2"),
      ("/a?x=1", "/a?X=1"), ("/a?x=1&x=2", "/a?x=2&x=1"), ("/a?x", "/a?x="), ("/a?x=1", "/a"),
      ("/a?q=a+b", "/a?q=a%20b"), ("/a?q=%2B", "/a?q=+"), ("/a?x=1&y=2", "/a?x=1%26y=2"),
      ("/a%3Fx=1", "/a?x=1"), ("/%", "/%25"), ("/a?x=%", "/a?x=%25"), ("/%zz", "/%25zz"),
    ])
  func different(first: String, second: String) {
    #expect(key(first) != key(second))
  }

  @Test("leaves out the parameters that it is told to")
  func ignored() {
    func stripped(_ path: String) -> String {
      key(path) { $0.ignoredParameters = HTTPCacheKeyRules.trackingParameters }
    }
    #expect(stripped("/a?utm_source=x&x=1&gclid=2&utm_=") == key("/a?x=1"))
    #expect(stripped("/a?utm=x") == key("/a?utm=x"))
    #expect(stripped("/a?%75tm_x=1") == key("/a"))
    // A combining mark does not glue two parameters together.
    #expect(stripped("/a?utm_x=1&\u{301}id=1") != stripped("/a?utm_x=1&\u{301}id=2"))
    let bare = key("/a?x=1&y=2") { $0.ignoredParameters = ["*"] }
    #expect(bare == key("/a"))
  }

  @Test("keeps order and escapes if it is told to")
  func literal() {
    let ordered = ["/a?b=1&a=2", "/a?a=2&b=1"].map { key($0) { $0.sortsParameters = false } }
    #expect(ordered[0] != ordered[1])
    let escaped = ["/%7Ea", "/~a", "/%7ea"].map { key($0) { $0.unifiesEscapes = false } }
    #expect(Set(escaped).count == 3)
  }

  @Test("has the host, the scheme and the stage")
  func origins() {
    var request = HTTPRequestParts.get("/a")
    let first = key(request)
    request.authority = "EXAMPLE.com:443"
    #expect(key(request) == first)
    request.authority = nil
    request.fields = ["Host": "example.COM"]
    #expect(key(request) == first)
    request.fields = ["host": "example.com", "x-forwarded-proto": "https"]
    #expect(key(request) == first)
    var others: [HTTPRequestParts] = []
    request.fields = ["host": "example.com", "x-forwarded-proto": "http"]
    others.append(request)
    request.fields = ["host": "example.com:8443"]
    others.append(request)
    request.fields = ["host": "other.com"]
    others.append(request)
    request.fields = ["host": "example.com"]
    request.stage = "dev"
    others.append(request)
    let keys = Set(others.map { key($0) } + [first])
    #expect(keys.count == 5)
    var rules = HTTPCacheKeyRules()
    rules.includesHost = false
    var elsewhere = HTTPRequestParts.get("/a")
    elsewhere.authority = "other.com"
    #expect(key(.get("/a"), rules) == key(elsewhere, rules))
  }

  @Test("cannot be forged by what a client puts into host, path or query")
  func forgery() {
    let pieces = ["/", "?", "#", "\n", "a", "%0A", "%3F", "&", "=", "https", ":", "é", " "]
    var generator = SeededGenerator(seed: 7)
    func text() -> String {
      (0..<Int.random(in: 0...4, using: &generator))
        .map { _ in pieces.randomElement(using: &generator)! }.joined()
    }
    var rules = HTTPCacheKeyRules()
    rules.sortsParameters = false
    rules.unifiesEscapes = false
    var requests: [String: [String]] = [:]
    for _ in 0..<40_000 {
      var request = HTTPRequestParts.get()
      // No gateway lets a line break into a host.
      request.authority = text().filter { $0 != "\n" }
      request.path = "/" + text()
      request.query = text()
      // What may share a key: the same host, path and parameters once all are escaped.
      let identity = [
        request.authority!, Self.escaped(request.path),
        Self.escaped(request.query!).split(separator: "&").joined(separator: "&"),
      ]
      let key = key(request, rules)
      if let known = requests[key] { #expect(known == identity) }
      requests[key] = identity
    }
    #expect(requests.count > 10_000)
  }

  private static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "?"): "%3F"
      case UInt8(ascii: "#"): "%23"
      case UInt8(ascii: " "): "%20"
      case UInt8(ascii: "\n"): "%0A"
      case 0x80...: "%" + String(byte, radix: 16, uppercase: true)
      default: String(Unicode.Scalar(byte))
      }
    }.joined()
  }

  @Test("of a damaged path and query never traps, and is its own normal form")
  func damaged() {
    var generator = SeededGenerator(seed: 8)
    var checked = 0
    for _ in 0..<20_000 {
      var request = HTTPRequestParts.get()
      request.path = "/users/%7Eada/%c3%a9".damaged(using: &generator)
      request.query = "b=2&a=%20&utm_x=%7e&&c".damaged(using: &generator)
      let first = key(request)
      // A percent sign that begins no escape may come to stand before digits that make it one.
      if Self.hasStrayPercent(request.path) || Self.hasStrayPercent(request.query!) { continue }
      checked += 1
      let target = first.split(separator: "\n", omittingEmptySubsequences: false)[3...]
        .joined(separator: "\n")
      let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
      request.path = String(parts[0])
      request.query = parts.count > 1 ? String(parts[1]) : nil
      #expect(key(request) == first)
    }
    #expect(checked > 5000)
  }

  private static func hasStrayPercent(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.indices.contains { index in
      bytes[index] == ASCII.percent
        && (index + 2 >= bytes.count || ASCII.hexDigit(bytes[index + 1]) == nil
          || ASCII.hexDigit(bytes[index + 2]) == nil)
    }
  }
}
