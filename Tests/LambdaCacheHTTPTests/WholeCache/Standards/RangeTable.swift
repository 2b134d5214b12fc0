@testable import LambdaCacheHTTP

/// RFC 9110, section 14: parts of responses.
enum RangeTable {
  static let rows: [Scenario] = single + invalid + conditions + fields + handlers + failures

  private static let whole = Step.Answer.ok(
    "max-age=60", ["etag": "\"1\"", "last-modified": Site.date(-100)], body: "0123456789")

  private static func range(
    _ title: String, _ range: String, _ status: Int, _ contentRange: String?, _ body: String?
  ) -> Scenario {
    .reuse(
      "9110-14.2", title, whole, then: ["range": range], .served, .status(status),
      .field("content-range", contentRange), .body(body))
  }

  private static let single: [Scenario] = [
    range("a range is cut out of a stored response", "bytes=2-4", 206, "bytes 2-4/10", "234"),
    range("it may be one byte", "bytes=0-0", 206, "bytes 0-0/10", "0"),
    range("it may be the last byte", "bytes=9-9", 206, "bytes 9-9/10", "9"),
    range("it may be everything", "bytes=0-9", 206, "bytes 0-9/10", "0123456789"),
    range("without a last position it goes to the end", "bytes=7-", 206, "bytes 7-9/10", "789"),
    range("behind the end it is cut", "bytes=8-10", 206, "bytes 8-9/10", "89"),
    range("a suffix is counted from the end", "bytes=-3", 206, "bytes 7-9/10", "789"),
    range("as a suffix it may be everything", "bytes=-10", 206, "bytes 0-9/10", "0123456789"),
    range("a longer suffix is everything", "bytes=-11", 206, "bytes 0-9/10", "0123456789"),
    range("a range behind the end is not satisfied", "bytes=10-", 416, "bytes */10", nil),
    range("nor one far behind it", "bytes=11-20", 416, "bytes */10", nil),
    range("nor a suffix of nothing", "bytes=-0", 416, "bytes */10", nil),
    range(
      "a last position may be too large for any integer", "bytes=3-99999999999999999999999", 206,
      "bytes 3-9/10", "3456789"),
    range(
      "so may a first", "bytes=99999999999999999999999-", 416, "bytes */10", nil),
    range(
      "so may a suffix", "bytes=-99999999999999999999999", 206, "bytes 0-9/10", "0123456789"),
    range("the unit is read in any case", "BYTES=2-4", 206, "bytes 2-4/10", "234"),
    range("empty elements mean nothing", "bytes=,2-4 , ", 206, "bytes 2-4/10", "234"),
    .reuse(
      "9110-14.2", "of an empty response no position is satisfied", .ok("max-age=60", body: ""),
      then: ["range": "bytes=0-"], .served, .status(416), .field("content-range", "bytes */0")),
    .reuse(
      "9110-14.2", "of an empty response a suffix is the whole", .ok("max-age=60", body: ""),
      then: ["range": "bytes=-1"], .served, .status(200), .body("")),
    .reuse(
      "9110-14.2", "a response without a body is an empty one", .ok("max-age=60", body: nil),
      then: ["range": "bytes=-1"], .served, .status(200), .body(nil)),
  ]

  private static let invalid: [Scenario] = meaningless + unsupported

  private static let meaningless: [Scenario] = [
    "bytes=4-2", "bytes=a-b", "bytes=", "bytes=-", "bytes=--1", "bytes=1-2-3", "bytes 2-4",
    "bytes=+2-4", "bytes=2-4 5", "bytes=0x2-4", "bytes=2-4, x",
  ].map { (text: String) in
    range("'\(text)' is no range and means nothing", text, 200, nil, "0123456789")
  }

  private static let unsupported: [Scenario] = [
    "bytes=0-1, 3-4", "bytes=0-1,0-1", "lines=0-1", "bytesy=0-1",
  ].map { (text: String) in
    .reuse(
      "9110-14.2", "'\(text)' is the handler's", whole, then: ["range": text], .asked,
      .askedWith("range", text))
  }

  private static func ifRange(
    _ title: String, _ value: String, _ status: Int, of answer: Step.Answer = whole
  ) -> Scenario {
    .reuse(
      "9110-13.1.5", title, answer, then: ["range": "bytes=2-4", "if-range": value], .served,
      .status(status), .body(status == 206 ? "234" : "0123456789"))
  }

  private static let conditions: [Scenario] = [
    ifRange("the tag of the response lets a part be sent", "\"1\"", 206),
    ifRange("another tag gets the whole", "\"2\"", 200),
    ifRange("a weak tag gets the whole", "W/\"1\"", 200),
    ifRange(
      "even that of the response", "W/\"1\"", 200,
      of: .ok("max-age=60", ["etag": "W/\"1\""], body: "0123456789")),
    ifRange("a tag without quotes gets the whole", "1", 200),
    ifRange("a list of tags gets the whole", "\"1\", \"2\"", 200),
    ifRange("the time of modification lets a part be sent", Site.date(-100), 206),
    ifRange("a later time gets the whole", Site.date(-99), 200),
    ifRange("an earlier time gets the whole", Site.date(-101), 200),
    ifRange(
      "a time in which the response was made gets the whole", Site.date(0), 200,
      of: .ok("max-age=60", ["last-modified": Site.date(0)], body: "0123456789")),
    ifRange(
      "a second before that is enough", Site.date(-1), 206,
      of: .ok("max-age=60", ["last-modified": Site.date(-1)], body: "0123456789")),
    ifRange(
      "the Date is no time of modification", Site.date(0), 200,
      of: .ok("max-age=60", body: "0123456789")),
    .reuse(
      "9110-13.1.5", "a tag that was made here counts", .ok("max-age=60", body: "hello"),
      then: ["range": "bytes=0-1", "if-range": "\"57e62e6a038ffa8c2088f427f2ae7297\""], .served,
      .status(206), .body("he")),
    .reuse(
      "9110-13.1.5", "without Range it means nothing", whole, then: ["if-range": "\"2\""], .served,
      .status(200)),
    .reuse(
      "9110-13.2.2", "a client that has the response gets no part of it", whole,
      then: ["range": "bytes=2-4", "if-none-match": "\"1\""], .served, .status(304), .body(nil)),
    .reuse(
      "9110-13.2.2", "one that has another gets the part", whole,
      then: ["range": "bytes=2-4", "if-none-match": "\"2\""], .served, .status(206), .body("234")),
    .reuse(
      "9110-13.2.2", "nor does one that has it by its time", whole,
      then: ["range": "bytes=2-4", "if-modified-since": Site.date(-100)], .served, .status(304)),
    .reuse(
      "9110-13.1.1", "If-Match beside a range is the handler's", whole,
      then: ["range": "bytes=2-4", "if-match": "\"1\""], .asked, .askedWith("range", "bytes=2-4")),
    .reuse(
      "9110-14.2", "parts are of successes only", .with(404, "max-age=60", body: "0123456789"),
      then: ["range": "bytes=2-4"], .served, .status(404), .body("0123456789")),
    Scenario(
      "9110-14.2", "HEAD has no parts",
      [
        Step(.request("HEAD", "/", ["range": "bytes=2-4", "if-range": "\"1\""]), whole, asksWhole),
        Step(
          .request("HEAD", "/", ["range": "bytes=2-4"]),
          [.served, .status(200), .field("content-range", nil), .field("content-length", "10")]),
        Step(.get(), [.served, .body("0123456789")]),
      ]),
  ]

  private static let asksWhole: [Step.Expectation] = [
    .asked, .askedBy(method: "GET"), .askedWith("range", nil), .askedWith("if-range", nil),
    .status(200), .body(nil),
  ]

  private static let fields: [Scenario] = [
    .reuse(
      "9110-15.3.7", "a part has the fields of the whole, but for what counts or sums up its bytes",
      .ok(
        "max-age=60",
        [
          "etag": "\"1\"", "content-type": "text/plain", "content-length": "10",
          "content-encoding": "gzip", "content-md5": "x", "content-digest": "x",
          "content-range": "bytes 0-9/99", "repr-digest": "y", "vary": "accept",
          "last-modified": Site.date(-9), "x-trace": "7",
        ], body: "0123456789"), then: ["range": "bytes=2-4"], .served, .status(206),
      .field("etag", "\"1\""), .field("content-type", "text/plain"), .field("content-length", "3"),
      .field("content-encoding", "gzip"), .field("content-md5", nil),
      .field("content-digest", nil), .field("content-range", "bytes 2-4/10"),
      .field("repr-digest", "y"), .field("vary", "accept"),
      .field("last-modified", Site.date(-9)), .field("x-trace", "7"), .field("age", "1"),
      .field("date", Site.date(0)), .field("cache-control", "max-age=60")),
    .reuse(
      "9110-15.5.17", "416 is for no cache to keep, and can be read by a page of another origin",
      .ok(
        "max-age=60",
        [
          "cdn-cache-control": "max-age=60", "etag": "\"1\"", "expires": Site.date(60),
          "access-control-allow-origin": "*", "content-type": "text/plain",
        ]), then: ["range": "bytes=99-"], .served, .status(416),
      .field("cache-control", "no-store"),
      .field("cdn-cache-control", nil), .field("expires", nil), .field("etag", nil),
      .field("age", nil), .field("access-control-allow-origin", "*"), .field("content-type", nil),
      .field("date", Site.date(0))),
    .reuse(
      "9211-2", "a part from the cache is a hit", .shared.with { $0.cacheStatusName = "lambda" },
      whole, then: ["range": "bytes=2-4"], .status(206),
      .field("cache-status", "lambda; hit; ttl=59")),
    .reuse(
      "9211-2", "one from the handler tells why", .shared.with { $0.cacheStatusName = "lambda" },
      whole, after: .seconds(60), then: ["range": "bytes=2-4"], .asked,
      .field("cache-status", "lambda; fwd=stale")),
  ]

  private static let part = Step.Answer.with(206, "max-age=60", body: "part")
  private static let asksPart: [Step.Expectation] = [
    .asked, .askedBy(method: "GET"), .askedWith("range", "bytes=2-4"),
    .askedWith("if-range", "\"0\""), .askedWith("if-none-match", "\"0\""), .status(206),
    .body("part"),
  ]
  private static let getsPart = HTTPRequestParts.get(
    "/", ["range": "bytes=2-4", "if-range": "\"0\"", "if-none-match": "\"0\""])

  private static let handlers: [Scenario] = [
    Scenario(
      "9110-14.2", "a part of what is not stored is the handler's and is not kept",
      [
        Step(getsPart, part, asksPart),
        Step(getsPart, part, asksPart),
        Step(.get(), whole, [.asked]),
        Step(.get(), [.served, .body("0123456789")]),
      ]),
    Scenario(
      "9110-14.2", "so is a part of what is stale, in whose place it does not come",
      [
        Step(.get(), whole, [.asked]),
        Step(getsPart, after: .seconds(60), part, asksPart),
        Step(
          .get(), .response(304, ["etag": "\"1\""], nil),
          [.askedWith("if-none-match", "\"1\""), .body("0123456789")]),
      ]),
    Scenario(
      "9110-14.2", "a whole response to a request for a part is passed on and not kept",
      [
        Step(.get("/", ["range": "bytes=2-4"]), whole, [.asked, .status(200)]),
        Step(.get(), whole, [.asked]),
      ]),
    Scenario(
      "5861-3", "a part of what is renewed is the handler's",
      [
        Step(.get(), .ok("max-age=10, stale-while-revalidate=60", body: "0123456789"), [.asked]),
        Step(getsPart, after: .seconds(15), part, asksPart),
        Step(.get(), [.served, .body("0123456789")]),
      ]),
    .reuse(
      "5.2.1.4", "a part is asked for with no-cache", whole,
      then: ["range": "bytes=2-4", "cache-control": "no-cache"], .asked,
      .askedWith("range", "bytes=2-4")),
    .reuse(
      "5.2.1.2", "a part of what max-stale allows is served", whole, after: .seconds(70),
      then: ["range": "bytes=2-4", "cache-control": "max-stale=20"], .served, .status(206),
      .body("234")),
    Scenario(
      "4.1", "a part is of the variant that the request selects",
      [
        Step(
          .get("/", ["accept": "a"]), .ok("max-age=60", ["vary": "accept"], body: "aaa"), [.asked]),
        Step(
          .get("/", ["accept": "b"]), .ok("max-age=60", ["vary": "accept"], body: "bbb"), [.asked]),
        Step(.get("/", ["accept": "a", "range": "bytes=0-1"]), [.served, .body("aa")]),
        Step(.get("/", ["accept": "b", "range": "bytes=0-1"]), [.served, .body("bb")]),
        Step(.get("/", ["accept": "c", "range": "bytes=0-1"]), part, [.asked]),
      ]),
  ]

  private static let failures: [Scenario] = [
    Scenario(
      "5861-4", "a stale part is served where the whole would be",
      [
        Step(.get(), .ok("max-age=10, stale-if-error=60", body: "0123456789"), [.asked]),
        Step(
          .get("/", ["range": "bytes=2-4"]), after: .seconds(15), .failure,
          [.asked, .status(206), .body("234")]),
        Step(
          .get("/", ["range": "bytes=2-4"]), .with(503, nil), [.asked, .status(206), .body("234")]),
        Step(.get("/", ["range": "bytes=2-4"]), after: .seconds(60), .failure, [.asked, .fails]),
      ]),
    Scenario(
      "5.2.1.7", "a part of what is not stored is not asked for with only-if-cached",
      [
        Step(
          .get("/", ["range": "bytes=2-4", "cache-control": "only-if-cached"]),
          [.served, .status(504)]),
        Step(
          .get("/", ["range": "bytes=2-4, 6-7", "cache-control": "only-if-cached"]),
          [.served, .status(504)]),
        Step(.get(), whole, [.asked]),
        Step(
          .get("/", ["range": "bytes=2-4", "cache-control": "only-if-cached"]),
          [.served, .status(206), .body("234")]),
      ]),
  ]
}
