@testable import LambdaCacheHTTP

/// RFC 9111, section 3: which responses are kept.
enum StoringTable {
  private static let user: HTTPHeaderFields = ["x-user": "ada"]
  private static let signed: HTTPHeaderFields = ["authorization": "Bearer 1"]

  static let rows: [Scenario] =
    basics + statuses + superseding + authorization + permissions + cookies + fields + lists

  private static let basics: [Scenario] = [
    .reuse("3", "a response with max-age is kept", .ok("max-age=60"), .served, .body("one")),
    .reuse("3", "a response with Expires is kept", .ok(nil, ["expires": Site.date(60)]), .served),
    .reuse("3", "a response that says nothing is not reused", .ok(nil), .asked),
    .reuse("3", "public without a time is not fresh", .ok("public"), .asked),
    .reuse(
      "3", "a response that says nothing gets the default, if there is one",
      .shared.with { $0.defaultCacheControl = "max-age=10" }, .ok(nil), .served,
      .field("cache-control", "max-age=10")),
    .reuse(
      "3", "the default does not take the place of Expires",
      .shared.with { $0.defaultCacheControl = "max-age=10" },
      .ok(nil, ["expires": Site.date(-1)]), .asked),
    .reuse(
      "3", "the default does not take the place of Cache-Control",
      .shared.with { $0.defaultCacheControl = "max-age=10" }, .ok("no-store"), .asked),
    .reuse(
      "3", "the default is not for errors",
      .shared.with { $0.defaultCacheControl = "max-age=10" }, .with(404, nil), .asked),
    .reuse(
      "5.2.1.5", "a request's no-store keeps its response out",
      first: ["cache-control": "no-store"],
      .ok("max-age=60"), .asked),
    Scenario(
      "3", "a request with a body is passed on",
      [
        Step(withBody, [.asked]),
        Step(withBody, [.asked]),
      ]),
    Scenario(
      "3", "a request of nobody is passed on in a private cache", .personal,
      [
        Step(.get(), [.asked]),
        Step(.get(), [.asked]),
      ]),
  ]

  private static let withBody: HTTPRequestParts = {
    var request = HTTPRequestParts.get()
    request.hasBody = true
    return request
  }()

  private static let statuses: [Scenario] =
    [200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 403, 404, 405, 410, 414, 418, 500, 501, 503]
    .map { status in
      .reuse(
        "3", "\(status) is kept if it says for how long", .with(status, "max-age=60"), .served,
        .status(status))
    } + [
      .reuse("3.3", "206 is not kept as a whole", .with(206, "max-age=60"), .asked),
      .reuse(
        "9110-14.4", "Content-Range makes no part of a whole response, which is kept with it",
        .ok("max-age=60", ["content-range": "bytes 0-2/9"]), .served, .status(200), .body("one"),
        .field("content-range", "bytes 0-2/9")),
      .reuse(
        "3.3", "206 with Content-Range is not kept",
        .with(206, "max-age=60", ["content-range": "bytes 0-2/9"]), .asked),
      .reuse(
        "3", "a time that cannot be read keeps no error", .with(500, "max-age=x", tag),
        .askedWith("if-none-match", nil)),
      .reuse(
        "3", "nor does one for shared caches", .with(500, "max-age=60, s-maxage=x", tag),
        .askedWith("if-none-match", nil)),
      .reuse(
        "3", "what would be kept without it is kept", .ok("max-age=x", tag),
        .askedWith("if-none-match", "\"1\"")),
      .reuse("3", "304 to a plain request is not kept", .with(304, "max-age=60"), .asked),
      .reuse("3", "a status that cannot be is not kept", .with(999, "max-age=60"), .asked),
      .reuse("3", "an interim status is not kept", .with(103, "max-age=60"), .asked),
      Scenario(
        "3.3", "a range is the handler's and leaves nothing",
        [
          Step(.get("/", ["range": "bytes=0-2"]), .ok("max-age=60"), [.asked]),
          Step(.get(), .ok("max-age=60", body: "two"), [.asked]),
          Step(
            .get("/", ["Range": "bytes=0-2", "cache-control": "no-cache"]),
            .with(206, "max-age=60", body: "part"),
            [.asked, .askedWith("range", "bytes=0-2"), .status(206), .body("part")]),
          Step(.get(), [.served, .body("two")]),
        ]),
    ]

  private static let authorization: [Scenario] = [
    .reuse(
      "3.5", "a response to an authorized request is not shared", first: signed, .ok("max-age=60"),
      .asked),
    .reuse(
      "3.5", "nor with another who is authorized", first: signed, .ok("max-age=60"), then: signed,
      .asked),
    .reuse(
      "3.5", "unless it is public", first: signed, .ok("max-age=60, public"), then: signed, .served),
    .reuse(
      "3.5", "or has must-revalidate", first: signed, .ok("max-age=60, must-revalidate"), .served),
    .reuse("3.5", "or has s-maxage", first: signed, .ok("s-maxage=60"), .served),
    .reuse(
      "3.5", "what was made for nobody is for everybody", .ok("max-age=60"), then: signed, .served),
    .reuse(
      "3.5", "a private cache keeps it for its user", .personal,
      first: ["x-user": "ada", "authorization": "1"], .ok("max-age=60"), then: user, .served),
    Scenario(
      "3.5", "whom the gateway knows is authorized",
      [
        Step(known, [.asked]),
        Step(.get(), .ok("max-age=60, public"), [.asked]),
        Step(known, [.served]),
      ]),
  ]

  private static let tag: HTTPHeaderFields = ["etag": "\"1\""]

  private static let permissions: [Scenario] = [
    "public=x", "public=\"\"", "public=1", "must-revalidate=x", "must-revalidate=0", "s-maxage=abc",
    "s-maxage", "s-maxage=60 x", "s-maxage=-1", "s-maxage=60, s-maxage=61", "must-revalidate; x",
  ].map { (directive: String) -> Scenario in
    .reuse(
      "3.5", "'\(directive)' permits nothing", first: signed, .ok("max-age=60, \(directive)", tag),
      .askedWith("if-none-match", nil))
  }

  private static let lists: [Scenario] = [
    "private=x-user-name", "private=true", "private=\"*\"", "private=\"x-user-name, a b\"",
    "no-cache=x-user-name", "no-cache=\"a b, c\"",
  ].map { (directive: String) -> Scenario in
    .reuse(
      "5.2.2.7", "'\(directive)' is no list of names, and for the whole",
      .ok("max-age=60, \(directive)", ["x-user-name": "ada"]), .asked)
  }

  /// Responses that replace a stored one.
  private static let superseding: [Scenario] = [
    ("a part", HTTPRequestParts.get(), 206, "\"1\""),
    ("what HEAD is answered", .request("HEAD"), 200, "\"1\""),
    ("a failure", .get(), 503, "\"1\""),
    ("a whole response", .get(), 200, nil),
    ("a page that is gone", .get(), 404, nil),
  ].map { (title: String, request: HTTPRequestParts, status: Int, kept: String?) -> Scenario in
    Scenario(
      "3.3", "\(title) \(kept == nil ? "takes" : "does not take") the place of what is stored",
      .shared.with { $0.asksByGET = false },
      [
        Step(.get(), .ok("max-age=1", tag), [.asked]),
        Step(request, after: .seconds(2), .with(status, "no-store"), [.asked, .status(status)]),
        Step(.get(), [.asked, .askedWith("if-none-match", kept)]),
      ])
  }

  private static let known: HTTPRequestParts = {
    var request = HTTPRequestParts.get()
    request.isAuthorized = true
    return request
  }()

  private static let cookies: [Scenario] = [
    .reuse(
      "7.3", "a response that sets a cookie is not shared",
      .ok("max-age=60", ["set-cookie": "a=1"]), .asked),
    .reuse(
      "7.3", "without its cookie it may be", .shared.with { $0.cookies = .storeWithout },
      .ok("max-age=60", ["set-cookie": "a=1"]), .served, .field("set-cookie", nil)),
    .reuse(
      "7.3", "or with it, if that is wanted", .shared.with { $0.cookies = .store },
      .ok("max-age=60", ["set-cookie": "a=1"]), .served, .field("set-cookie", "a=1")),
    .reuse(
      "7.3", "a private cache keeps cookies", .personal, first: user,
      .ok("max-age=60", ["set-cookie": "a=1"]), then: user, .served, .field("set-cookie", "a=1")),
    Scenario(
      "7.3", "who caused the call gets the cookie",
      .shared.with { $0.cookies = .storeWithout },
      [Step(.get(), .ok("max-age=60", ["set-cookie": "a=1"]), [.field("set-cookie", "a=1")])]),
  ]

  private static let fields: [Scenario] = [
    .reuse(
      "3.1", "fields of the connection are not kept",
      .ok(
        "max-age=60",
        [
          "connection": "x-hop, close", "x-hop": "1", "keep-alive": "5",
          "transfer-encoding": "chunked", "upgrade": "h2c", "x-end": "1",
        ]), .served, .field("connection", nil), .field("x-hop", nil), .field("keep-alive", nil),
      .field("transfer-encoding", nil), .field("upgrade", nil), .field("x-end", "1")),
    .reuse(
      "3.1", "the proxy's credentials are not kept",
      .ok("max-age=60", ["proxy-authenticate": "Basic", "proxy-authentication-info": "1"]),
      .served, .field("proxy-authenticate", nil), .field("proxy-authentication-info", nil)),
    .reuse(
      "3.1", "unknown fields are kept, as often as they come",
      .ok("max-age=60", ["x-one": "1", "X-One": "2"]), .served, .field("x-one", "1, 2")),
    .reuse(
      "5.2.2.7", "private with names keeps these fields out of a shared cache",
      .ok("max-age=60, private=\"x-user-name\"", ["x-user-name": "ada"]), .served,
      .field("x-user-name", nil)),
    .reuse(
      "5.2.2.7", "and not out of a private one", .personal, first: user,
      .ok("max-age=60, private=\"x-user-name\"", ["x-user-name": "ada"]), then: user, .served,
      .field("x-user-name", "ada")),
    .reuse(
      "5.2.2.4", "no-cache with names keeps these fields out of any",
      .ok("max-age=60, no-cache=\"x-one, x-two\"", ["x-one": "1", "X-Two": "2", "x-three": "3"]),
      .served, .field("x-one", nil), .field("x-two", nil), .field("x-three", "3")),
  ]
}
