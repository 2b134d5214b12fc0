import LambdaCacheText
import TestSupport
import Testing

@testable import LambdaCacheHTTP

@Suite("The key of a request")
struct KeyTests {
  /// The target that is changed as one, and its spelling, which is kept apart.
  private func key(
    _ request: HTTPRequestParts, _ policy: HTTPCachePolicy = .shared
  ) -> [String?] {
    let facts = RequestFacts(request.fields)
    return [policy.target(of: request, facts), policy.spelling(of: request, facts)]
  }

  private func key(
    _ path: String, _ change: (inout HTTPCachePolicy) -> Void = { _ in }
  ) -> [String?] {
    var policy = HTTPCachePolicy.shared
    change(&policy)
    return key(policy.normalized(.get(path)), policy)
  }

  private static let alike = [
    ("/a?x=1&y=2", "/a?y=2&x=1"), ("/a?x=1&", "/a?x=1"), ("/a?&x=1", "/a?x=1"),
    ("/%7Eada", "/~ada"), ("/%7eada", "/~ada"), ("/a%2fb", "/a%2Fb"), ("/%61dmin", "/admin"),
    ("/a?q=%c3%a9", "/a?q=%C3%A9"), ("/a?%61=1", "/a?a=1"), ("/a?p%61ge=7", "/a?page=7"),
    ("/a?%62=1&a=2", "/a?a=2&b=1"),
  ]

  @Test(
    "The key of a request differs for each spelling that the handler can tell apart",
    arguments: alike)
  func spellings(first: String, second: String) {
    #expect(key(first) != key(second))
  }

  @Test("The key of a request is the same for spellings that a policy unites", arguments: alike)
  func united(first: String, second: String) {
    func united(_ path: String) -> [String?] { key(path, Self.uniting) }
    #expect(united(first) == united(second))
  }

  private static func uniting(_ policy: inout HTTPCachePolicy) {
    policy.sortsParameters = true
    policy.unifiesEscapes = true
  }

  @Test(
    "The key of a request differs where the response may",
    arguments: [
      ("/a", "/b"), ("/a", "/A"), ("/a", "/a/"), ("/a%2Fb", "/a/b"), ("/a?x=1", "/a?x=2"),
      ("/a?x=1", "/a?X=1"), ("/a?x=1&x=2", "/a?x=2&x=1"), ("/a?x", "/a?x="), ("/a?x=1", "/a"),
      ("/a?q=a+b", "/a?q=a%20b"), ("/a?q=%2B", "/a?q=+"), ("/\u{E9}", "/e\u{301}"),
      ("/a?x=1&y=2", "/a?x=1%26y=2"),
      ("/a%3Fx=1", "/a?x=1"), ("/%", "/%25"), ("/a?x=%", "/a?x=%25"), ("/%zz", "/%25zz"),
    ])
  func different(first: String, second: String) {
    #expect(key(first) != key(second))
    #expect(key(first, Self.uniting) != key(second, Self.uniting))
  }

  @Test("The key of a request leaves out the parameters that the policy names")
  func ignored() {
    func stripped(_ path: String) -> [String?] {
      key(path) {
        $0.ignoredParameters = HTTPCachePolicy.trackingParameters
        $0.unifiesEscapes = true
      }
    }
    #expect(stripped("/a?utm_source=x&x=1&gclid=2&utm_=") == key("/a?x=1"))
    #expect(stripped("/a?utm=x") == key("/a?utm=x"))
    #expect(stripped("/a?%75tm_x=1") == key("/a"))
    // A combining mark does not glue two parameters together.
    #expect(stripped("/a?utm_x=1&\u{301}id=1") != stripped("/a?utm_x=1&\u{301}id=2"))
    let bare = key("/a?x=1&y=2") { $0.ignoredParameters = ["*"] }
    #expect(bare == key("/a?"))
  }

  @Test("The key of a request has the host in lower case, the scheme and the stage")
  func origins() {
    var requests: [HTTPRequestParts] = []
    var request = HTTPRequestParts.get("/a")
    for authority in [
      "example.com", "example.com:443", "example.com:8443", "other.com",
    ] {
      request.authority = authority
      requests.append(request)
    }
    request.fields = ["x-forwarded-proto": "http"]
    requests.append(request)
    request.stage = "dev"
    requests.append(request)
    #expect(Set(requests.map { key($0) }).count == requests.count)
    // Two hosts are one, with the usual port and without it.
    #expect(Set(requests.map { key($0)[0] }).count == requests.count - 1)
    // The host of a field is the one that was asked, if the event has no other.
    request = .get("/a")
    let first = key(request)
    request.fields = ["host": "example.com", "x-forwarded-proto": "https"]
    #expect(key(request) == first)
    request.authority = nil
    #expect(key(request) == first)
    var policy = HTTPCachePolicy.shared
    policy.includesHost = false
    #expect(key(requests[0], policy) == key(requests[3], policy))
  }

  @Test("The key is one for a host in upper and lower case, which the handler can tell apart")
  func hostCase() {
    let policy = HTTPCachePolicy.shared
    var seen: Set<String?> = []
    for (authority, host) in [
      (nil, "example.com"), (nil, "Example.com"), ("example.com", "EXAMPLE.com"),
      ("EXAMPLE.com", "example.com"), (nil, "example.com:443"), ("example.com:443", "example.com"),
    ] as [(String?, String)] {
      var request = HTTPRequestParts.get("/a")
      request.authority = authority
      request.fields = ["host": host, "x-forwarded-proto": "https"]
      let facts = RequestFacts(request.fields)
      #expect(policy.target(of: request, facts).hasPrefix("https\nexample.com\n"))
      seen.insert(policy.spelling(of: request, facts))
    }
    #expect(seen.count == 6)
    #expect(seen.contains(nil))
  }

  @Test(
    "The key of a request has a port unless it is the scheme's own",
    arguments: [
      ("a:443", false, "a"), ("a:443", true, "a:443"), ("a:80", true, "a"), ("a:80", false, "a:80"),
      ("A:", false, "a"), (":443", false, ":443"), (":", true, ":"), ("[::443]", false, "[::443]"),
      ("[::1]:443", false, "[::1]"), ("a:4443", false, "a:4443"), ("", false, ""),
    ])
  func ports(host: String, isPlainHTTP: Bool, expected: String) {
    #expect(PercentEncoding.canonicalHost(host, isPlainHTTP: isPlainHTTP) == expected)
  }

  @Test("The key of two lines is not that of one with a comma, nor of one of them")
  func severalLines() {
    for name in ["host", "x-forwarded-proto"] {
      var seen: Set<[String?]> = []
      for values in [["a.b", "c.d"], ["c.d", "a.b"], ["a.b, c.d"], ["a.b,c.d"], ["a.b"], ["c.d"]] {
        for authority in [nil, "example.com"] {
          var request = HTTPRequestParts.get("/a")
          request.authority = authority
          for value in values { request.fields.append(name: name, value: value) }
          seen.insert(key(request))
        }
      }
      #expect(seen.count == 12)
    }
  }

  @Test(
    "A target is one for all of its spellings",
    arguments: [
      ("/a%2fb", "/a%2Fb"), ("/a%2Fb", "/a/b"), ("/%61", "/a"), ("/a%3bb", "/a;b"),
      ("/a b", "/a%20b"),
      ("/\u{E9}", "/%c3%a9"), ("/a/../b", "/b"), ("/a/.", "/a/"), ("/a/..", "/"), ("/..", "/"),
      ("/%2e%2E/a", "/a"), ("/./a/./b/../c", "/a/c"), (".", "/"), ("/%", "/%25"),
      ("/a?%3a", "/a?:"), ("/a?q=%7e", "/a?q=~"), ("/a?q= ", "/a?q=%20"), ("/a?", "/a"),
      ("/a?b=%2f", "/a?b=/"), ("/a?%", "/a?%25"),
    ])
  func spelled(first: String, second: String) {
    #expect(key(first)[0] == key(second)[0])
    // An empty query is none for every gateway.
    #expect((key(first) == key(second)) == (first == "/a?"))
    #expect(PercentEncoding.canonical("", .path) == "/")
  }

  @Test(
    "A target is another than any text that is not its spelling",
    arguments: [
      ("/a", "/a/"), ("/a", "//a"), ("/a//b", "/a/b"), ("/a", "/A"), ("/a%252Fb", "/a%2Fb"),
      ("/.a", "/a"), ("/...", "/"), ("/a/..b", "/b"), ("/a?b=%26", "/a?b=&"), ("/a?b%3D", "/a?b="),
      ("/a?b=+", "/a?b=%2B"), ("/a?x=/../y", "/a?x=/y"), ("/a%3Fb", "/a?b"), ("/%zz", "/zz"),
    ])
  func notSpelled(first: String, second: String) {
    #expect(key(first)[0] != key(second)[0])
  }

  @Test("A target's canonical form is a spelling of it, for every target")
  func idempotent() {
    var generator = SplitMix64(seed: 9)
    for _ in 0..<5000 {
      let path = "/users/%7Eada/%c3%a9/../.b/./".damaged(using: &generator)
      let query = "b=2&a=%20&%26=%7e&&c+/?".damaged(using: &generator)
      for (text, part) in [(path, PercentEncoding.Part.path), (query, .query)] {
        let canonical = PercentEncoding.canonical(text, part)
        #expect(PercentEncoding.canonical(canonical, part) == canonical)
        #expect(canonical.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
      }
    }
  }

  @Test("Different requests have different keys, whatever a client puts into host, path and query")
  func forgery() {
    let pieces = [
      "/", "?", "#", "\n", "a", "%0A", "%3F", "&", "=", "https", ":", "\u{E9}", "e\u{301}", " ",
      "%",
    ]
    var generator = SplitMix64(seed: 7)
    func text() -> String {
      (0..<Int.random(in: 0...4, using: &generator))
        .map { _ in pieces.randomElement(using: &generator)! }.joined()
    }
    var requests: [[String?]: [[UInt8]]] = [:]
    for _ in 0..<40_000 {
      var request = HTTPRequestParts.get()
      request.authority = text()
      request.stage = text()
      request.path = "/" + text()
      request.query = text()
      let identity = [request.authority!, request.stage!, request.path, request.query!]
        .map { Array($0.utf8) }
      let key = key(request)
      if let known = requests[key] { #expect(known == identity) }
      requests[key] = identity
    }
    #expect(requests.count > 20_000)
  }

  @Test("The key of a damaged path and query never traps, and its one spelling is its own")
  func damaged() {
    var policy = HTTPCachePolicy.shared
    Self.uniting(&policy)
    var generator = SplitMix64(seed: 8)
    var checked = 0
    for _ in 0..<20_000 {
      var request = HTTPRequestParts.get()
      request.path = "/users/%7Eada/%c3%a9".damaged(using: &generator)
      request.query = "b=2&a=%20&utm_x=%7e&&c".damaged(using: &generator)
      let normal = policy.normalized(request)
      // A percent sign that begins no escape may come to stand before digits that make it one.
      if Self.hasStrayPercent(request.path) || Self.hasStrayPercent(request.query!) { continue }
      checked += 1
      #expect(policy.normalized(normal) == normal)
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
