@testable import LambdaCacheHTTP

/// RFC 9111, section 4.3, and RFC 9110, sections 8.8, 13 and 15.4.5: validation by client and
/// handler.
enum ValidationTable {
  static let rows: [Scenario] = conditions + notModified + byHandler + byHandlerWithout

  private static let tagged = Step.Answer.ok("max-age=60", ["etag": "\"1\""])

  private static func condition(
    _ section: String, _ title: String, _ fields: HTTPHeaderFields, _ status: Int
  ) -> Scenario {
    condition(section, title, tagged, fields, status)
  }

  private static func condition(
    _ section: String, _ title: String, _ answer: Step.Answer, _ fields: HTTPHeaderFields,
    _ status: Int
  ) -> Scenario {
    .reuse(
      section, title, answer, then: fields, .served, .status(status),
      .body(status == 304 ? nil : "one"))
  }

  private static let modified = Step.Answer.ok("max-age=60", ["last-modified": Site.date(-100)])

  private static let conditions: [Scenario] = [
    condition("9110-13.1.2", "the tag matches", ["if-none-match": "\"1\""], 304),
    condition("9110-13.1.2", "another tag does not", ["if-none-match": "\"2\""], 200),
    condition("9110-13.1.2", "one of a list does", ["if-none-match": "\"2\", \"1\" ,\"3\""], 304),
    condition("9110-13.1.2", "a star does", ["if-none-match": "*"], 304),
    condition("9110-13.1.2", "a weak tag does", ["if-none-match": "W/\"1\""], 304),
    condition(
      "9110-13.1.2", "a weak tag of the response does too",
      .ok("max-age=60", ["etag": "W/\"1\""]), ["if-none-match": "\"1\""], 304),
    condition("9110-13.1.2", "a tag without quotes does not", ["if-none-match": "1"], 200),
    condition(
      "9110-13.1.2", "a list that breaks off does not", ["if-none-match": "\"2\" \"1\""],
      200),
    condition(
      "9110-8.8.3", "a comma inside a tag ends nothing",
      .ok("max-age=60", ["etag": "\"a,b\""]), ["if-none-match": "\"x\", \"a,b\""], 304),
    condition(
      "9110-8.8.3", "tags are case-sensitive", .ok("max-age=60", ["etag": "\"a\""]),
      ["if-none-match": "\"A\""], 200),
    condition("9110-8.8.3", "w/ is not W/", ["if-none-match": "w/\"1\""], 200),
    condition(
      "9110-13.1.3", "not modified since", modified, ["if-modified-since": Site.date(-100)],
      304),
    condition(
      "9110-13.1.3", "nor since later", modified, ["if-modified-since": Site.date(-9)], 304),
    condition(
      "9110-13.1.3", "but since earlier", modified, ["if-modified-since": Site.date(-101)],
      200),
    condition(
      "9110-13.1.3", "what is no date is no condition", modified,
      ["if-modified-since": "now"], 200),
    condition(
      "9110-13.1.3", "If-None-Match counts before it", modified,
      ["if-modified-since": Site.date(0), "if-none-match": "\"x\""], 200),
    condition(
      "4.3.2", "without Last-Modified the Date counts", .ok("max-age=60"),
      ["if-modified-since": Site.date(0)], 304),
    condition(
      "4.3.2", "also against an earlier time", .ok("max-age=60"),
      ["if-modified-since": Site.date(-1)], 200),
    .reuse(
      "9110-13.2.1", "conditions are for successes only",
      .with(404, "max-age=60", ["etag": "\"1\""]), then: ["if-none-match": "\"1\""], .status(404)),
    Scenario(
      "4.3.2", "a condition on a missing response is evaluated here",
      [
        Step(
          .get("/", ["if-none-match": "\"1\""]), tagged,
          [.asked, .askedWith("if-none-match", nil), .status(304)]),
        Step(.get(), [.served, .status(200), .body("one")]),
      ]),
    Scenario(
      "9110-13.1.1", "If-Match is the handler's",
      [
        Step(.get(), tagged, [.asked]),
        Step(.get("/", ["if-match": "\"1\""]), [.asked, .askedWith("if-match", "\"1\"")]),
        Step(.get("/", ["If-Unmodified-Since": Site.date(0)]), [.asked]),
      ]),
  ]

  private static let notModified: [Scenario] = [
    .reuse(
      "9110-15.4.5", "304 has what a cache needs and nothing of the body",
      .ok(
        "max-age=60",
        [
          "etag": "\"1\"", "expires": Site.date(9), "vary": "accept", "content-location": "/x",
          "content-type": "text/plain", "content-length": "3", "content-encoding": "identity",
          "content-language": "en", "last-modified": Site.date(-9), "x-trace": "7",
          "access-control-allow-origin": "*",
        ]), then: ["if-none-match": "\"1\""], .status(304), .body(nil), .field("etag", "\"1\""),
      .field("expires", Site.date(9)), .field("vary", "accept"), .field("content-location", "/x"),
      .field("cache-control", "max-age=60"), .field("date", Site.date(0)), .field("age", "1"),
      .field("content-type", nil), .field("content-length", nil), .field("content-encoding", nil),
      .field("content-language", nil), .field("last-modified", nil), .field("x-trace", "7"),
      .field("access-control-allow-origin", "*")),
    .reuse(
      "9110-15.4.5", "Last-Modified stays without a tag",
      .shared.with { $0.entityTags = .none },
      .ok("max-age=60", ["last-modified": Site.date(-9)]),
      then: ["if-modified-since": Site.date(-9)], .status(304),
      .field("last-modified", Site.date(-9))),
    Scenario(
      "9110-8.8.3", "a response without a tag gets one, the same everywhere",
      [
        Step(
          .get(), .ok("no-cache", body: "hello"),
          [.field("etag", "\"57e62e6a038ffa8c2088f427f2ae7297\"")])
      ]),
    Scenario(
      "9110-8.8.3", "so that a client saves the body even if nothing is kept",
      [
        Step(.get("/", ["if-none-match": "*"]), .ok(nil), [.asked, .status(304)]),
        Step(.get("/", ["if-none-match": "\"x\""]), .ok(nil), [.asked, .status(200)]),
      ]),
    Scenario(
      "9110-8.8.3", "but not where no-store is said",
      [Step(.get(), .ok("no-store"), [.field("etag", nil)])]),
    Scenario(
      "9110-8.8.3", "nor for an error",
      [Step(.get(), .with(404, "max-age=60"), [.field("etag", nil)])]),
    Scenario(
      "9110-8.8.3", "nor for a response without a body",
      [Step(.get(), .ok("max-age=60", body: nil), [.field("etag", nil)])]),
    Scenario(
      "9110-8.8.3", "nor if the policy says so",
      .shared.with { $0.entityTags = .none },
      [Step(.get(), .ok("max-age=60"), [.field("etag", nil)])]),
    Scenario(
      "9110-8.8.3", "the handler's own tag stays",
      [Step(.get(), tagged, [.field("etag", "\"1\"")])]),
    Scenario(
      "9110-8.8.3", "even if it is none",
      [Step(.get(), .ok("max-age=60", ["etag": "1"]), [.field("etag", "1")])]),
  ]

  private static func renewed(_ fields: HTTPHeaderFields) -> Step.Answer {
    .response(304, fields, nil)
  }

  private static let byHandler: [Scenario] = [
    Scenario(
      "4.3.1", "the handler is asked about what is stale",
      [
        Step(.get(), tagged, [.asked]),
        Step(
          .get(), after: .seconds(61), renewed(["etag": "\"1\"", "cache-control": "max-age=9"]),
          [
            .askedWith("if-none-match", "\"1\""), .status(200), .body("one"), .field("age", nil),
            .field("cache-control", "max-age=9"), .field("date", Site.date(61)),
          ]),
        Step(.get(), after: .seconds(8), [.served, .body("one"), .field("age", "8")]),
        Step(.get(), after: .seconds(1), [.asked]),
      ]),
    Scenario(
      "4.3.1", "with the time of modification if there is no tag",
      [
        Step(.get(), modified, [.asked]),
        Step(
          .get(), after: .seconds(61), renewed(["cache-control": "max-age=9"]),
          [
            .askedWith("if-modified-since", Site.date(-100)), .askedWith("if-none-match", nil),
            .status(200), .body("one"),
          ]),
        Step(.get(), [.served]),
      ]),
    Scenario(
      "4.3.1", "what no-cache says is asked about each time",
      [
        Step(.get(), .ok("no-cache", ["etag": "\"1\""]), [.asked]),
        Step(
          .get(), renewed(["etag": "\"1\""]), [.askedWith("if-none-match", "\"1\""), .body("one")]),
        Step(.get(), renewed([:]), [.askedWith("if-none-match", "\"1\""), .body("one")]),
      ]),
    Scenario(
      "4.3.3", "a new response takes the place of the old",
      [
        Step(.get(), tagged, [.asked]),
        Step(
          .get(), after: .seconds(61), .ok("max-age=60", ["etag": "\"2\""], body: "two"),
          [.asked, .body("two")]),
        Step(.get("/", ["if-none-match": "\"2\""]), [.served, .status(304)]),
      ]),
    Scenario(
      "4.3.3", "one that may not be kept takes it away",
      [
        Step(.get(), .ok("max-age=10, stale-if-error=90", ["etag": "\"1\""]), [.asked]),
        Step(.get(), after: .seconds(11), .ok("no-store", body: "two"), [.asked, .body("two")]),
        Step(.get(), .failure, [.askedWith("if-none-match", nil), .fails]),
      ]),
    Scenario(
      "4.3.2", "a client's condition is told from the cache's",
      [
        Step(.get(), tagged, [.asked]),
        Step(
          .get("/", ["if-none-match": "\"0\""]), after: .seconds(61),
          renewed(["cache-control": "max-age=9"]),
          [.askedWith("if-none-match", "\"1\""), .status(200), .body("one")]),
        Step(
          .get("/", ["if-none-match": "\"1\""]), after: .seconds(9),
          renewed(["cache-control": "max-age=9"]), [.asked, .status(304), .body(nil)]),
      ]),
    Scenario(
      "3.2", "fields of the 304 replace those of the response",
      [
        Step(
          .get(),
          .ok(
            "max-age=1",
            ["etag": "\"1\"", "x-a": "1", "X-A": "2", "x-b": "1", "content-length": "3"]),
          [.asked]),
        Step(
          .get(), after: .seconds(2),
          renewed(["x-a": "3", "content-length": "0", "connection": "x-c", "x-d": "4"]),
          [
            .field("x-a", "3"), .field("x-b", "1"), .field("content-length", "3"),
            .field("x-d", "4"), .body("one"),
          ]),
      ]),
    Scenario(
      "3.1", "fields that the 304's Connection names are of its connection alone",
      [
        Step(.get(), .ok("max-age=1", ["etag": "\"1\"", "x-b": "1"]), [.asked]),
        Step(
          .get(), after: .seconds(2),
          renewed([
            "cache-control": "max-age=60", "connection": "X-Hop, close, x-b", "x-hop": "1",
            "x-b": "2", "keep-alive": "5", "x-d": "4",
          ]),
          [
            .asked, .field("x-hop", nil), .field("x-b", "1"), .field("connection", nil),
            .field("keep-alive", nil), .field("x-d", "4"),
          ]),
        Step(
          .get(),
          [
            .served, .field("x-hop", nil), .field("x-b", "1"), .field("connection", nil),
            .field("x-d", "4"),
          ]),
      ]),
    Scenario(
      "4.3.1", "the client's time of modification does not stand beside the cache's",
      [
        Step(.get(), modified, [.asked]),
        Step(
          .get("/", ["if-modified-since": Site.date(-300)]), after: .seconds(61),
          renewed(["cache-control": "max-age=9"]),
          [.askedWith("if-modified-since", Site.date(-100)), .status(200), .body("one")]),
      ]),
    Scenario(
      "4.3.4", "a 304 about something else is not believed",
      [
        Step(.get(), tagged, [.asked]),
        Step(.get(), after: .seconds(61), renewed(["etag": "\"2\""]), [.askedTimes(2)]),
      ]),
    Scenario(
      "4.3.4", "a strong tag does not confirm a weak one",
      [
        Step(.get(), .ok("max-age=60", ["etag": "W/\"1\""]), [.asked]),
        Step(.get(), after: .seconds(61), renewed(["etag": "\"1\""]), [.askedTimes(2)]),
      ]),
    Scenario(
      "4.3.4", "another time of modification does not confirm",
      [
        Step(.get(), modified, [.asked]),
        Step(
          .get(), after: .seconds(61), renewed(["last-modified": Site.date(-50)]),
          [.askedTimes(2)]),
      ]),
  ]

  private static let byHandlerWithout: [Scenario] = [
    Scenario(
      "4.3.1", "a tag that was made here is not shown to the handler",
      [
        Step(.get(), .ok("max-age=60, stale-if-error=90"), [.asked]),
        Step(.get(), after: .seconds(61), .ok("max-age=60"), [.askedWith("if-none-match", nil)]),
      ]),
    Scenario(
      "4.3.4", "it lasts as long as the response does",
      [
        Step(.get(), modified, [.asked]),
        Step(.get(), after: .seconds(61), renewed(["cache-control": "max-age=60"]), [.asked]),
        Step(.get("/", ["if-none-match": "*"]), [.served, .status(304)]),
        Step(.get(), after: .seconds(60), renewed([:]), [.askedWith("if-none-match", nil)]),
      ]),
    Scenario(
      "4.3.1", "what has not been asked for within the window is forgotten",
      .shared.with { $0.revalidationWindow = .seconds(30) },
      [
        Step(.get(), tagged, [.asked]),
        Step(.get(), after: .seconds(90), .ok(nil), [.askedWith("if-none-match", nil)]),
      ]),
    Scenario(
      "4.3.1", "and is asked about within",
      .shared.with { $0.revalidationWindow = .seconds(30) },
      [
        Step(.get(), tagged, [.asked]),
        Step(.get(), after: .seconds(89), .ok(nil), [.askedWith("if-none-match", "\"1\"")]),
      ]),
    Scenario(
      "4.3.1", "which is an hour unless it is set",
      [
        Step(.get(), tagged, [.asked]),
        Step(.get(), after: .seconds(3_659), .ok(nil), [.askedWith("if-none-match", "\"1\"")]),
      ]),
  ]
}
