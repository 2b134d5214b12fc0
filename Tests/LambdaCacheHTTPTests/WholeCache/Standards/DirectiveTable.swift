@testable import LambdaCacheHTTP

/// RFC 9111, section 5.2, and RFC 8246: what directives do.
enum DirectiveTable {
  private static let user: HTTPHeaderFields = ["x-user": "ada"]

  static let rows: [Scenario] = responses + spelling + requests + immutable

  /// Keeps a response beyond its time, so that it might be served stale.
  private static let kept: HTTPHeaderFields = ["etag": "\"1\""]

  private static let responses: [Scenario] = [
    .reuse("5.2.2.1", "max-age ends", .ok("max-age=60"), after: .seconds(60), .asked),
    .reuse(
      "5.2.2.1", "and not before", .ok("max-age=60"), after: .milliseconds(59_999), .served,
      .field("age", "59")),
    .reuse("5.2.2.1", "max-age=0 is never fresh", .ok("max-age=0"), after: .zero, .asked),
    .reuse(
      "5.2.2.10", "s-maxage counts before max-age in a shared cache", .ok("max-age=5, s-maxage=60"),
      after: .seconds(30), .served),
    .reuse(
      "5.2.2.10", "also if it is shorter", .ok("max-age=60, s-maxage=5"), after: .seconds(30),
      .asked),
    .reuse(
      "5.2.2.10", "but not in a private one", .personal, first: user,
      .ok("max-age=5, s-maxage=60"), after: .seconds(30), then: user, .asked),
    .reuse("5.2.2.5", "no-store is not kept", .ok("no-store, max-age=60"), .asked),
    .reuse(
      "5.2.2.5", "nor in a private cache", .personal, first: user, .ok("no-store, max-age=60"),
      then: user, .asked),
    .reuse("5.2.2.4", "no-cache is not used unasked", .ok("no-cache, max-age=60"), .asked),
    .reuse("5.2.2.7", "private is not kept in a shared cache", .ok("private, max-age=60"), .asked),
    .reuse(
      "5.2.2.7", "but in a private one for its user", .personal, first: user,
      .ok("private, max-age=60"), then: user, .served),
    .reuse(
      "5.2.2.7", "and for no other", .personal, first: user, .ok("private, max-age=60"),
      then: ["x-user": "bob"], .asked),
    .reuse(
      "5.2.2.2", "must-revalidate forbids what max-stale asks for",
      .ok("max-age=5, must-revalidate", kept), after: .seconds(10),
      then: ["cache-control": "max-stale=60"], .askedWith("if-none-match", "\"1\"")),
    .reuse(
      "5.2.2.8", "proxy-revalidate does so in a shared cache",
      .ok("max-age=5, proxy-revalidate", kept), after: .seconds(10),
      then: ["cache-control": "max-stale=60"], .askedWith("if-none-match", "\"1\"")),
    .reuse(
      "5.2.2.8", "without either it is served", .ok("max-age=5", kept), after: .seconds(10),
      then: ["cache-control": "max-stale=60"], .served),
    .reuse(
      "5.2.2.8", "proxy-revalidate forbids stale-while-revalidate in a shared cache",
      .ok("max-age=5, proxy-revalidate, stale-while-revalidate=60", kept), after: .seconds(10),
      .askedWith("if-none-match", "\"1\"")),
    .reuse(
      "5.2.2.8", "and must-revalidate in any", .personal, first: user,
      .ok("max-age=5, must-revalidate, stale-while-revalidate=60", kept), after: .seconds(10),
      then: user, .askedWith("if-none-match", "\"1\"")),
    .reuse(
      "5.2.2.8", "proxy-revalidate leaves max-stale to a private cache", .personal, first: user,
      .ok("max-age=5, proxy-revalidate", kept), after: .seconds(10),
      then: ["x-user": "ada", "cache-control": "max-stale=60"], .served),
    .reuse(
      "5.2.2.10", "so does s-maxage", .ok("s-maxage=5, stale-while-revalidate=60"),
      after: .seconds(10), .asked),
    .reuse(
      "5.2.2.10", "unless the policy reads it as content delivery networks do",
      .shared.with { $0.allowsStaleAfterSharedMaxAge = true },
      .ok("s-maxage=5, stale-while-revalidate=60"), after: .seconds(10), .served),
    .reuse(
      "5.2.2.8", "proxy-revalidate is not for a private cache", .personal, first: user,
      .ok("max-age=5, proxy-revalidate, stale-while-revalidate=60"), after: .seconds(10),
      then: user, .served),
    .reuse(
      "5.2.2.3", "must-understand lets a known status be kept against no-store",
      .ok("must-understand, no-store, max-age=60"), .served),
    .reuse(
      "5.2.2.3", "but not with an argument",
      .ok("must-understand=1, no-store, max-age=60"), .asked),
    .reuse(
      "5.2.2.3", "and an unknown one not", .with(299, "must-understand, max-age=60"), .asked),
    .reuse(
      "5.2.2.9", "public is no time by itself", .with(500, "public"), .asked),
    .reuse(
      "5.2.3", "unknown directives mean nothing", .ok("foo, max-age=60, bar=\"baz\""), .served),
  ]

  private static let spelling: [Scenario] = [
    .reuse("5.2", "names are read in any case", .ok("MAX-AGE=60"), .served),
    .reuse("5.2", "no-store is read in any case", .ok("max-age=60, No-Store"), .asked),
    .reuse("5.2", "an argument may be quoted", .ok("max-age=\"60\""), .served),
    .reuse(
      "5.2", "a name inside a quoted string is no directive",
      .ok("foo=\"bar, no-store\", max-age=60"), .served),
    .reuse(
      "5.2", "a quote may be escaped in one", .ok("foo=\"a\\\", no-store\", max-age=60"), .served),
    .reuse(
      "5.2", "a string without an end hides what it may", .ok("max-age=60, foo=\"bar"), .asked),
    .reuse("5.2", "empty elements mean nothing", .ok(", ,max-age=60,,"), .served),
    .reuse(
      "5.2", "several lines are one list",
      .response(
        200, ["cache-control": "max-age=60", "Cache-Control": "no-store"], "one"), .asked),
    .reuse("5.2", "no-store counts with an argument", .ok("max-age=60, no-store=1"), .asked),
    .reuse(
      "5.2", "and before something that does not belong there",
      .ok("max-age=60, no-store; private"), .asked),
    .reuse("4.2.1", "max-age without a number is stale", .ok("max-age"), .asked),
    .reuse("4.2.1", "max-age with a sign is stale", .ok("max-age=-1"), .asked),
    .reuse("4.2.1", "a plus does not make it a number", .ok("max-age=+60"), .asked),
    .reuse("4.2.1", "nor do a fraction and a unit", .ok("max-age=6.5"), .asked),
    .reuse("4.2.1", "a space before the number makes it none", .ok("max-age= 60"), .asked),
    .reuse("4.2.1", "two times that differ are stale", .ok("max-age=60, max-age=50"), .asked),
    .reuse("4.2.1", "two times that agree are one", .ok("max-age=60, max-age=60"), .served),
    .reuse(
      "4.2.1", "an invalid s-maxage is not replaced by max-age",
      .ok("s-maxage=x, max-age=60"), .asked),
    .reuse(
      "1.2.2", "a number too large for any integer is a long time",
      .ok("max-age=99999999999999999999999999"), after: .seconds(1 << 30), .served),
    .reuse(
      "1.2.2", "namely 2^31 seconds", .ok("max-age=99999999999999999999999999"),
      after: .seconds(1 << 31), .asked),
    .reuse("5.2.2.4", "an empty list of names is none", .ok("max-age=60, no-cache=\"\""), .asked),
    .reuse("5.2.2.7", "for private too", .ok("max-age=60, private=\"\""), .asked),
  ]

  private static func request(
    _ section: String, _ title: String, _ directives: String, after: Duration = .seconds(10),
    response: String = "max-age=60", _ expectation: Step.Expectation
  ) -> Scenario {
    .reuse(
      section, title, .ok(response), after: after, then: ["cache-control": directives], expectation)
  }

  private static let requests: [Scenario] = [
    request("5.2.1.1", "max-age limits the age", "max-age=5", .asked),
    request("5.2.1.1", "and lets a younger response be", "max-age=11", .served),
    request("5.2.1.1", "max-age=0 always asks", "max-age=0", after: .zero, .asked),
    request("5.2.1.1", "an invalid one asks", "max-age=x", .asked),
    request("5.2.1.2", "max-stale takes what is old", "max-stale", after: .seconds(600), .asked),
    request(
      "5.2.1.2", "as long as it is kept for something", "max-stale=50",
      after: .seconds(100), response: "max-age=60, stale-if-error=600", .served),
    request(
      "5.2.1.2", "and within its limit", "max-stale=30",
      after: .seconds(100), response: "max-age=60, stale-if-error=600", .asked),
    request(
      "5.2.1.2", "without a limit in any case", "max-stale",
      after: .seconds(600), response: "max-age=60, stale-if-error=600", .served),
    request(
      "5.2.1.2", "an invalid limit is none at all", "max-stale=x",
      after: .seconds(100), response: "max-age=60, stale-if-error=600", .asked),
    request("5.2.1.3", "min-fresh wants time left", "min-fresh=51", .asked),
    request("5.2.1.3", "and is content with enough", "min-fresh=50", .served),
    request("5.2.1.3", "an invalid one asks", "min-fresh=x", .asked),
    request("5.2.1.4", "no-cache asks", "no-cache", .asked),
    request("5.2.1.5", "no-store may be served from the cache", "no-store", .served),
    request("5.2.1.7", "only-if-cached is served from the cache", "only-if-cached", .served),
    request(
      "5.2.1.7", "or gets 504", "only-if-cached", after: .seconds(60), .status(504)),
    Scenario(
      "5.2.1.7", "and the handler is never asked",
      [
        Step(.get("/", ["cache-control": "only-if-cached"]), [.served, .status(504), .body(nil)]),
        Step(.get(), [.asked]),
      ]),
    Scenario(
      "5.2.1.7", "nor is it to renew what is served stale",
      [
        Step(.get(), .ok("max-age=10, stale-while-revalidate=60"), [.asked]),
        Step(.get(), after: .seconds(15), [.served, .body("one")]),
        Step(
          .get("/", ["cache-control": "only-if-cached"]), .failure,
          [.served, .status(200), .body("one"), .field("age", "15")]),
        Step(.get(), .ok("max-age=60", body: "two"), [.asked, .body("two")]),
      ]),
    Scenario(
      "5.2.1.7", "nor for what the cache would pass on",
      [
        Step(
          .get("/", ["cache-control": "only-if-cached", "if-match": "\"1\""]),
          [.served, .status(504)]),
        Step(withBody, [.served, .status(504)]),
      ]),
    Scenario(
      "5.2.1.7", "nor for nobody in a private cache", .personal,
      [Step(.get("/", ["cache-control": "only-if-cached"]), [.served, .status(504)])]),
    Scenario(
      "5.2.1.7", "unless the policy leaves clients no choice",
      .shared.with { $0.honorsRequestDirectives = false },
      [Step(withBody, [.asked, .status(200)])]),
    request(
      "5.2.1.2", "max-stale finds nothing without a validator or a window", "max-stale=600",
      after: .seconds(61), .asked),
    .reuse(
      "5.2.1.2", "with a validator of the handler's it does", .ok("max-age=60", kept),
      after: .seconds(61), then: ["cache-control": "max-stale=600"], .served),
    .reuse(
      "5.2.1.2", "up to the end of the window for revalidation",
      .shared.with { $0.revalidationWindow = .seconds(30) }, .ok("max-age=60", kept),
      after: .seconds(91), then: ["cache-control": "max-stale=600"], .asked,
      .askedWith("if-none-match", nil)),
    .reuse("5.4", "Pragma asks", .ok("max-age=60"), then: ["pragma": "no-cache"], .asked),
    .reuse(
      "5.4", "but not beside Cache-Control", .ok("max-age=60"),
      then: ["pragma": "no-cache", "cache-control": "max-age=30"], .served),
    .reuse(
      "5.4", "other words in Pragma mean nothing", .ok("max-age=60"), then: ["pragma": "x"],
      .served),
    .reuse(
      "5.2.1", "a policy may leave clients no choice",
      .shared.with { $0.honorsRequestDirectives = false }, .ok("max-age=60"),
      then: ["cache-control": "no-cache, no-store", "pragma": "no-cache"], .served),
    Scenario(
      "5.2.1.4", "what no-cache has fetched is kept for others",
      [
        Step(.get(), [.asked]),
        Step(.get("/", ["cache-control": "no-cache"]), .ok("max-age=60", body: "two"), [.asked]),
        Step(.get(), [.served, .body("two")]),
      ]),
  ]

  private static let withBody: HTTPRequestParts = {
    var request = HTTPRequestParts.get("/", ["cache-control": "only-if-cached"])
    request.hasBody = true
    return request
  }()

  private static let immutable: [Scenario] = [
    .reuse(
      "8246-2", "a reload does not ask about what is immutable", .ok("max-age=60, immutable"),
      then: ["cache-control": "max-age=0"], .served),
    .reuse(
      "8246-2", "a forced reload does", .ok("max-age=60, immutable"),
      then: ["cache-control": "no-cache"], .asked),
    .reuse(
      "8246-2", "and immutable ends with the time", .ok("max-age=60, immutable"),
      after: .seconds(60), then: ["cache-control": "max-age=0"], .asked),
    .reuse(
      "8246-2", "with an argument it means nothing more or less",
      .ok("max-age=60, immutable=1"), then: ["cache-control": "max-age=0"], .served),
  ]
}
