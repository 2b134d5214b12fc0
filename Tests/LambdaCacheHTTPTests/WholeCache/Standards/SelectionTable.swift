@testable import LambdaCacheHTTP

/// RFC 9111, sections 2, 4.1 and 4.4, and RFC 9110, section 9.3.2: which response a request gets.
enum SelectionTable {
  static let rows: [Scenario] = vary + methods + invalidation + named + spelling + moved + status

  private static let english: HTTPHeaderFields = ["accept-language": "en"]
  private static let german: HTTPHeaderFields = ["accept-language": "de"]
  private static let varied = Step.Answer.ok("max-age=60", ["vary": "Accept-Language"])

  private static let vary: [Scenario] = [
    .reuse("4.1", "the same field selects", first: english, varied, then: english, .served),
    .reuse("4.1", "another does not", first: english, varied, then: german, .asked),
    .reuse("4.1", "nor does its absence", first: english, varied, .asked),
    .reuse("4.1", "absence selects absence", varied, .served),
    .reuse(
      "4.1", "an empty field is not an absent one", varied, then: ["accept-language": ""],
      .asked),
    .reuse(
      "4.1", "whitespace means nothing", first: ["accept-language": "en,de"], varied,
      then: ["accept-language": " en ,\tde "], .served),
    .reuse(
      "4.1", "languages are the same in any case", first: ["accept-language": "en-GB, de;q=0.5"],
      varied, then: ["accept-language": "EN-gb, De;Q=0.5"], .served),
    .reuse(
      "4.1", "so are codings", first: ["accept-encoding": "gzip, br"],
      .ok("max-age=60", ["vary": "accept-encoding"]), then: ["accept-encoding": "GZIP, Br"],
      .served),
    .reuse(
      "4.1", "other languages are not", first: ["accept-language": "en"], varied,
      then: ["accept-language": "EN-GB"], .asked),
    .reuse(
      "4.1", "letters beyond ASCII are not", first: ["accept-language": "\u{E9}"], varied,
      then: ["accept-language": "\u{C9}"], .asked),
    .reuse(
      "4.1", "nor values whose case may mean something", first: ["accept": "a/b;c=\"d\""],
      .ok("max-age=60", ["vary": "accept"]), then: ["accept": "a/b;c=\"D\""], .asked),
    .reuse(
      "4.1", "nor those of a field that is not known", first: ["x-tenant": "a"],
      .ok("max-age=60", ["vary": "x-tenant"]), then: ["x-tenant": "A"], .asked),
    .reuse(
      "4.1", "nor cookies", first: ["cookie": "a=b"], .ok("max-age=60", ["vary": "cookie"]),
      then: ["cookie": "a=B"], .asked),
    .reuse(
      "4.1", "order means something", first: ["accept-language": "en,de"], varied,
      then: ["accept-language": "de,en"], .asked),
    .reuse(
      "4.1", "several lines are one", first: ["accept-language": "en", "Accept-Language": "de"],
      varied, then: ["accept-language": "en, de"], .served),
    .reuse(
      "4.1", "but not where a string goes on from one into the other",
      first: ["accept": "a;b=\"", "Accept": "c\""], .ok("max-age=60", ["vary": "accept"]),
      then: ["accept": "a;b=\",c\""], .asked),
    .reuse(
      "4.1", "nor where a line looks like two of a field that is not known",
      first: ["x-a": "a", "X-A": "b"], .ok("max-age=60", ["vary": "x-a"]),
      then: ["x-a": "\n2\n1:a\n1:b"], .asked),
    .reuse(
      "4.1", "names are read in any case", first: ["Accept-Language": "en"],
      .ok("max-age=60", ["VARY": "accept-LANGUAGE"]), then: english, .served),
    .reuse("4.1", "a star selects nothing", .ok("max-age=60", ["vary": "*"]), .asked),
    .reuse(
      "4.1", "a star among names neither",
      .ok("max-age=60", ["vary": "accept, *"]), .asked),
    .reuse(
      "4.1", "what is no name counts as a star", .ok("max-age=60", ["vary": "accept language"]),
      .asked),
    .reuse(
      "4.1", "an empty Vary is none", .ok("max-age=60", ["vary": " , "]), then: english,
      .served),
    .reuse(
      "4.1", "all fields count", first: ["accept-language": "en", "accept": "a"],
      .ok("max-age=60", ["vary": "accept-language, accept"]),
      then: ["accept-language": "en", "accept": "b"], .asked),
    Scenario(
      "4.1", "users and values whose bytes differ are different", .personal,
      [
        Step(.get("/", ["x-user": "\u{212B}"]), .ok("max-age=60", ["vary": "accept"]), [.asked]),
        Step(
          .get("/", ["x-user": "A\u{30A}"]), .ok("max-age=60", ["vary": "accept"]), [.asked]),
        Step(.get("/", ["x-user": "\u{E9}"]), [.asked]),
        Step(.get("/", ["x-user": "%%C3%A9"]), [.asked]),
        Step(
          .get("/", ["x-user": "u", "accept": "\u{212B}"]), .ok("max-age=60", ["vary": "accept"]),
          [.asked]),
        Step(.get("/", ["x-user": "u", "accept": "A\u{30A}"]), [.asked]),
      ]),
    Scenario(
      "4.1", "variants are kept beside each other",
      [
        Step(
          .get("/", english), .ok("max-age=60", ["vary": "accept-language"], body: "en"), [.asked]),
        Step(
          .get("/", german), .ok("max-age=60", ["vary": "accept-language"], body: "de"), [.asked]),
        Step(.get("/", english), [.served, .body("en")]),
        Step(.get("/", german), [.served, .body("de")]),
      ]),
    Scenario(
      "4.1", "a response without Vary is the last choice",
      [
        Step(
          .get("/", english), .ok("max-age=60", ["vary": "accept-language"], body: "en"), [.asked]),
        Step(.get("/", german), .ok("max-age=60", body: "any"), [.asked]),
        Step(.get("/", english), [.served, .body("en")]),
        Step(.get("/", german), [.served, .body("any")]),
        Step(.get(), [.served, .body("any")]),
      ]),
    Scenario(
      "4.1", "sets of fields are kept beside each other",
      [
        Step(
          .get("/", english), .ok("max-age=60", ["vary": "accept-language"], body: "en"), [.asked]),
        Step(.get("/", ["x-b": "1"]), .ok("max-age=60", ["vary": "x-b"], body: "b"), [.asked]),
        Step(.get("/", english), [.served, .body("en")]),
        Step(.get("/", ["x-b": "1"]), [.served, .body("b")]),
      ]),
    Scenario(
      "4.1", "fields that the policy names decide without Vary",
      .shared.with { $0.decidingFields = ["accept-language"] },
      [
        Step(.get("/", english), .ok("max-age=60", body: "en"), [.asked]),
        Step(.get("/", german), .ok("max-age=60", body: "de"), [.asked]),
        Step(.get("/", english), [.served, .body("en")]),
      ]),
  ]

  private static let methods: [Scenario] = [
    Scenario(
      "9110-9.3.2", "HEAD is answered from a GET",
      [
        Step(.get(), .ok("max-age=60", ["content-type": "text/plain"], body: "hello"), [.asked]),
        Step(
          .request("HEAD"),
          [
            .served, .status(200), .body(nil), .field("content-length", "5"),
            .field("content-type", "text/plain"),
          ]),
      ]),
    Scenario(
      "9110-9.3.2", "HEAD asks by GET and keeps the response for both",
      [
        Step(.request("HEAD"), .ok("max-age=60"), [.askedBy(method: "GET"), .body(nil)]),
        Step(.get(), [.served, .body("one")]),
      ]),
    Scenario(
      "9110-9.3.2", "or by HEAD, and then nothing is kept",
      .shared.with { $0.asksByGET = false },
      [
        Step(.request("HEAD"), .ok("max-age=60", body: nil), [.askedBy(method: "HEAD")]),
        Step(.get(), [.askedBy(method: "GET")]),
        Step(.request("HEAD"), [.served]),
      ]),
    Scenario(
      "9110-9.3.2", "HEAD has conditions too",
      [
        Step(.get(), tagged, [.asked]),
        Step(.request("HEAD", "/", ["if-none-match": "\"1\""]), [.served, .status(304)]),
      ]),
    Scenario(
      "2", "methods are case-sensitive",
      [
        Step(.get(), [.asked]),
        Step(.request("get"), [.asked]),
      ]),
    Scenario(
      "4", "OPTIONS is passed on and changes nothing",
      [
        Step(.get(), [.asked]),
        Step(.request("OPTIONS"), [.askedBy(method: "OPTIONS")]),
        Step(.get(), [.served]),
      ]),
  ]

  private static let tagged = Step.Answer.ok("max-age=60", ["etag": "\"1\""])

  private static let invalidation: [Scenario] =
    ["POST", "PUT", "DELETE", "PATCH", "PURGE", "get"].map { method in
      Scenario(
        "4.4", "\(method) makes what is stored invalid",
        [
          Step(.get(), [.asked]),
          Step(.request(method), .with(204, nil), [.askedBy(method: method)]),
          Step(.get(), [.asked]),
        ])
    }
    + [
      Scenario(
        "4.4", "unless it fails",
        [
          Step(.get(), [.asked]),
          Step(.request("POST"), .with(409, nil), [.status(409)]),
          Step(.request("POST"), .with(500, nil), [.status(500)]),
          Step(.request("POST"), .failure, [.fails]),
          Step(.get(), [.served]),
        ]),
      Scenario(
        "4.4", "a redirect is no failure",
        [
          Step(.get(), [.asked]),
          Step(.request("POST"), .with(303, nil), [.status(303)]),
          Step(.get(), [.asked]),
        ]),
      Scenario(
        "4.4", "other targets stay",
        [
          Step(.get("/a"), [.asked]),
          Step(.get("/b?x=1"), [.asked]),
          Step(.request("POST", "/b"), .with(204, nil), [.asked]),
          Step(.get("/a"), [.served]),
          Step(.get("/b?x=1"), [.served]),
        ]),
      Scenario(
        "4.4", "all variants and users go",
        .personal,
        [
          Step(.get("/", ["x-user": "ada"]), varied, [.asked]),
          Step(.get("/", ["x-user": "bob", "accept-language": "en"]), varied, [.asked]),
          Step(.request("POST", "/", ["x-user": "eve"]), .with(204, nil), [.asked]),
          Step(.get("/", ["x-user": "ada"]), varied, [.asked]),
          Step(.get("/", ["x-user": "bob", "accept-language": "en"]), varied, [.asked]),
        ]),
      Scenario(
        "4.4", "what Location and Content-Location name goes too",
        [
          Step(.get("/a"), [.asked]),
          Step(.get("/b?x=1"), [.asked]),
          Step(
            .request("POST", "/"),
            .with(
              201, nil,
              ["location": "/a", "content-location": "https://EXAMPLE.com/b?x=1#top"]),
            [.asked]),
          Step(.get("/a"), [.asked]),
          Step(.get("/b?x=1"), [.asked]),
        ]),
      Scenario(
        "4.4", "but not on other hosts",
        [
          Step(.get("/a"), [.asked]),
          Step(
            .request("POST", "/"),
            .with(201, nil, ["location": "https://elsewhere.com/a", "content-location": "//x/a"]),
            [.asked]),
          Step(.get("/a"), [.served]),
        ]),
    ]

  /// The target of a `Location`, by whatever reference (RFC 3986, section 5.2).
  private static let named: [Scenario] = [
    ("/c/a?x=1", true), ("/c/../c/a?x=1#top", true), ("/%63/%61?x=1", true), ("a?x=1", true),
    ("./a?x=1", true), ("../c/a?x=1", true), ("//example.com/c/a?x=1", true),
    ("//EXAMPLE.com:443/c/a?x=1", true), ("http://example.com:80/c/a?x=1", true),
    (" HTTPS://example.com/c/./a?x=1\t", true), ("a", false), ("?x=1", false), ("/a?x=1", false),
    ("//example.com.evil/c/a?x=1", false), ("https://example.com:8443/c/a?x=1", false),
    ("ftp://example.com/c/a?x=1", false), ("https:/c/a?x=1", false), ("c/a?x=1", false),
    ("/x?/c/a?x=1", false), ("urn:/c/a?x=1", false),
  ].map { (reference: String, isNamed: Bool) in
    Scenario(
      "4.4", "the Location '\(reference)' \(isNamed ? "names" : "does not name") a page",
      [
        Step(.get("/c/a?x=1"), [.asked]),
        Step(
          .request("POST", "/c/b"), .with(201, nil, ["location": reference]), [.asked]),
        Step(.get("/c/a?x=1"), [isNamed ? .asked : .served]),
      ])
  }

  private static let spelling: [Scenario] = [
    ("/a%2fb", "/a%2Fb"), ("/a%2Fb", "/a%2fb"), ("/%61", "/a"), ("/a", "/%61"), ("/a/../b", "/b"),
    ("/b", "/./b"), ("/a?q=%c3%a9", "/a?q=%C3%A9"), ("/a?q=%C3%A9", "/a?q=\u{E9}"),
  ].map { (read: String, changed: String) in
    Scenario(
      "4.4", "a change of '\(changed)' is one of '\(read)', which are kept apart",
      [
        Step(.get(read), .ok("max-age=60", body: "read"), [.asked]),
        Step(.get(changed), .ok("max-age=60", ["vary": "accept"], body: "changed"), [.asked]),
        Step(.get(read), [.served, .body("read")]),
        Step(.get(changed), [.served, .body("changed")]),
        Step(.request("POST", changed), .with(204, nil), [.asked]),
        Step(.get(read), .ok("max-age=60", body: "read"), [.asked]),
        Step(.get(changed), .ok("max-age=60", body: "changed"), [.asked]),
        Step(.get(read), after: .seconds(59), [.served, .body("read"), .field("age", "59")]),
        Step(.get(read), after: .seconds(1), [.asked]),
      ])
  }

  private static let moved = [
    Scenario(
      "4.4", "a spelling that ends early leaves the others their time",
      [
        Step(.get("/a"), .ok("max-age=600"), [.asked]),
        Step(.get("/%61"), after: .seconds(60), .ok("max-age=1", body: "two"), [.asked]),
        Step(.get("/a"), after: .seconds(539), [.served, .body("one"), .field("age", "599")]),
        Step(.get("/a"), after: .seconds(1), [.asked]),
      ])
  ]

  private static let told = HTTPCachePolicy.shared.with { $0.cacheStatusName = "here" }

  private static let status: [Scenario] = [
    Scenario(
      "9211-2", "hits and misses are told", told,
      [
        Step(.get(), .ok("max-age=60"), [.field("cache-status", "here; fwd=uri-miss; stored")]),
        Step(.get(), after: .seconds(10), [.field("cache-status", "here; hit; ttl=50")]),
        Step(
          .get("/", ["cache-control": "no-cache"]), tagged,
          [.field("cache-status", "here; fwd=request; stored")]),
        Step(.get(), after: .seconds(61), .ok(nil), [.field("cache-status", "here; fwd=stale")]),
      ]),
    Scenario(
      "9211-2.2", "and what was passed on", told,
      [
        Step(.request("POST"), [.field("cache-status", "here; fwd=method")]),
        Step(.request("OPTIONS"), [.field("cache-status", "here; fwd=method")]),
        Step(.get("/", ["if-match": "*"]), [.field("cache-status", "here; fwd=bypass")]),
        Step(.get("/", ["range": "bytes=0-1"]), [.field("cache-status", "here; fwd=uri-miss")]),
        Step(
          .get("/", ["cache-control": "only-if-cached"]),
          [.field("cache-status", "here; fwd=miss; detail=only-if-cached")]),
        Step(.get("/", english), varied, [.field("cache-status", "here; fwd=uri-miss; stored")]),
        Step(.get("/", german), varied, [.field("cache-status", "here; fwd=vary-miss; stored")]),
      ]),
    Scenario(
      "9211-2.3", "the handler's status is told if it is another", told,
      [
        Step(.get(), .ok("max-age=1", ["etag": "\"1\""]), [.asked]),
        Step(
          .get(), after: .seconds(2), .response(304, [:], nil),
          [.field("cache-status", "here; fwd=stale; fwd-status=304; stored")]),
      ]),
    Scenario(
      "9211-2", "a stale hit has a negative time", told,
      [
        Step(.get(), .ok("max-age=1, stale-while-revalidate=60"), [.asked]),
        Step(.get(), after: .milliseconds(2500), [.field("cache-status", "here; hit; ttl=-2")]),
      ]),
    Scenario(
      "9211-2", "caches before this one stay in the list", told,
      [
        Step(
          .get(), .ok("max-age=60", ["cache-status": "there; hit"]),
          [.field("cache-status", "there; hit, here; fwd=uri-miss; stored")])
      ]),
    Scenario(
      "9211-2", "a name that is no token is quoted",
      .shared.with { $0.cacheStatusName = "my \"cache\"" },
      [Step(.get(), .ok(nil), [.field("cache-status", "\"my \\\"cache\\\"\"; fwd=uri-miss")])]),
  ]
}
