@testable import LambdaCacheHTTP

/// RFC 9213: fields that say to one cache what `Cache-Control` says to all.
enum TargetedTable {
  static let rows: [Scenario] = precedence + syntax + directives + lists

  /// A response with the library's own field beside `Cache-Control`.
  private static func own(
    _ title: String, _ targeted: String, _ cacheControl: String?, after: Duration = .seconds(1),
    with fields: HTTPHeaderFields = [:], _ expectation: Step.Expectation
  ) -> Scenario {
    var fields = fields
    fields.append(name: "Lambda-Cache-Control", value: targeted)
    return .reuse("9213-2", title, .ok(cacheControl, fields), after: after, expectation)
  }

  private static let precedence: [Scenario] = [
    own("a targeted time is enough", "max-age=60", nil, .served),
    own("it counts before no-store", "max-age=60", "no-store", .served),
    own("its no-store counts before a time", "no-store", "max-age=60", .asked),
    own("a longer time counts", "max-age=60", "max-age=5", after: .seconds(30), .served),
    own("a shorter time counts", "max-age=5", "max-age=60", after: .seconds(30), .asked),
    own("s-maxage elsewhere does not", "max-age=5", "s-maxage=60", after: .seconds(30), .asked),
    own("private elsewhere does not", "max-age=60", "private", .served),
    own(
      "nor does Expires in the past", "max-age=60", nil, with: ["expires": Site.date(-1)], .served),
    own("nor in the future", "none", nil, with: ["expires": Site.date(60)], .asked),
    own("without a time of its own nothing is fresh", "none", "max-age=60", .asked),
    .reuse(
      "9213-2.2", "every field is passed on",
      .ok("no-store", ["lambda-cache-control": "max-age=60", "cdn-cache-control": "no-store"]),
      .served, .field("lambda-cache-control", "max-age=60"),
      .field("cdn-cache-control", "no-store"), .field("cache-control", "no-store"),
      .field("age", "1")),
    .reuse(
      "9213-2.2", "a field that is not in the list means nothing",
      .ok("max-age=60", ["cdn-cache-control": "no-store"]), .served),
    .reuse(
      "9213-2.2", "nor does the library's own, in an empty list",
      .shared.with { $0.targetedFields = [] },
      .ok("max-age=60", ["lambda-cache-control": "no-store"]), .served),
    Scenario(
      "9213-2.2", "it lasts as long as the response does",
      [
        Step(
          .get(), .ok("no-store", ["lambda-cache-control": "max-age=10", "etag": "\"1\""]),
          [.asked]),
        Step(
          .get(), after: .seconds(10), .response(304, ["etag": "\"1\""], nil),
          [.askedWith("if-none-match", "\"1\""), .body("one")]),
        Step(.get(), after: .seconds(9), [.served, .body("one")]),
        Step(.get(), after: .seconds(1), [.asked]),
      ]),
  ]

  private static let syntax: [Scenario] = broken + sound

  private static let malformed = [
    "", " ", "max-age=60,", "max-age=60, &&&&&", ",max-age=60", "max-age=60 x", "MAX-AGE=60",
    "max-age =60", "max-age= 60", "max-age=60; ", "max-age=1234567890123456", "max-age=\"60",
    "foo=\"\\a\", max-age=60", "max-age=?2", "max-age=(60", "max-age=:60", "max-age=60.",
    "foo=@1, max-age=60", "max-age=6é", "foo=\"é\", max-age=60", "\tmax-age=60",
  ]

  private static let broken: [Scenario] = malformed.flatMap { text in
    [
      own("'\(text)' does not parse and is ignored", text, "no-store", .asked),
      own("'\(text)' leaves the word to Cache-Control", text, "max-age=60", .served),
    ]
  }

  private static let sound: [Scenario] = [
    own("parameters mean nothing", "max-age=60;a;b=1;c=\"x\"", "no-store", .served),
    own("the last of two members counts", "max-age=0, max-age=60", "no-store", .served),
    own("values of every type may be unknown", every, "no-store", .served),
    .reuse(
      "9213-2.1", "several lines are one dictionary",
      .ok("no-store", ["lambda-cache-control": "max-age=60", "Lambda-Cache-Control": "foo"]),
      .served),
    .reuse(
      "9213-2.1", "an error in one of them is an error",
      .ok("no-store", ["lambda-cache-control": "max-age=60", "Lambda-Cache-Control": "F"]),
      .asked),
  ]

  private static let every =
    "*a_b.c-1=-1.125, b=?0, c=:aGk=:, d=(1 \"two\";x t/:k ), e=(), f=to*k, g=\"\\\"\\\\\" ,\tmax-age=60"

  private static let directives: [Scenario] = mistyped + restricting + understood

  private static let mistyped: [Scenario] = [
    "max-age", "max-age=\"60\"", "max-age=60.0", "max-age=-60", "max-age=s60", "max-age=(60)",
  ].map { (text: String) in
    own("'\(text)' is no time, and no reason to look elsewhere", text, "max-age=60", .asked)
  }

  private static let restricting: [Scenario] = [
    "no-store=1", "no-store=\"x\"", "no-store=?0", "private=1", "no-cache=(\"x-a\")",
    "private=x-a", "no-cache=x-a",
  ].map { (text: String) in
    own("'\(text)' restricts all the same", "max-age=60, \(text)", "max-age=60", .asked)
  }

  private static let understood: [Scenario] = [
    own(
      "large numbers are a long time", "max-age=99999999999", nil, after: .seconds(1 << 30),
      .served),
    own("private is not for a shared cache", "max-age=60, private", nil, .asked),
    own("no-cache is not used unasked", "max-age=60, no-cache", nil, .asked),
    own("s-maxage counts in a shared cache", "max-age=60, s-maxage=0", nil, .asked),
    own(
      "stale-while-revalidate counts", "max-age=5, stale-while-revalidate=60", nil,
      after: .seconds(10), .served),
    own(
      "must-revalidate does too", "max-age=5, stale-while-revalidate=60, must-revalidate", nil,
      after: .seconds(10), .asked),
    .reuse(
      "9213-2.1", "private with names keeps these fields out",
      .ok(
        nil,
        ["lambda-cache-control": "max-age=60, private=\"x-a, x-b\"", "x-a": "1", "x-c": "1"]),
      .served, .field("x-a", nil), .field("x-c", "1")),
    .reuse(
      "9213-2.1", "public lets an authorized response be shared",
      first: ["authorization": "Bearer 1"],
      .ok(nil, ["lambda-cache-control": "max-age=60, public"]), .served),
    .reuse(
      "9213-2.1", "public with a value does not", first: ["authorization": "Bearer 1"],
      .ok(nil, ["lambda-cache-control": "max-age=60, public=\"1\""]), .asked),
    .reuse(
      "9213-2.1", "nor with a number", first: ["authorization": "Bearer 1"],
      .ok(nil, ["lambda-cache-control": "max-age=60, public=1"]), .asked),
    .reuse(
      "9213-2.2", "public elsewhere does not", first: ["authorization": "Bearer 1"],
      .ok("public", ["lambda-cache-control": "max-age=60"]), .asked),
  ]

  private static let two = HTTPCachePolicy.shared.with {
    $0.targetedFields = ["Lambda-Cache-Control", "CDN-Cache-Control"]
  }

  private static let lists: [Scenario] = [
    .reuse(
      "9213-2.2", "the first in the list counts", two,
      .ok(
        "max-age=60", ["cdn-cache-control": "no-store", "lambda-cache-control": "max-age=60"]),
      .served),
    .reuse(
      "9213-2.2", "whatever their order in the response", two,
      .ok(
        "max-age=60", ["cdn-cache-control": "max-age=60", "lambda-cache-control": "no-store"]),
      .asked),
    .reuse(
      "9213-2.2", "the second counts without the first", two,
      .ok("max-age=60", ["cdn-cache-control": "no-store"]), .asked),
    .reuse(
      "9213-2.2", "and if the first does not parse", two,
      .ok("max-age=60", ["lambda-cache-control": "X", "cdn-cache-control": "no-store"]), .asked),
    .reuse(
      "9213-2.2", "and if the first is empty", two,
      .ok("max-age=60", ["lambda-cache-control": "", "cdn-cache-control": "no-store"]), .asked),
    .reuse(
      "9213-2.2", "Cache-Control counts if none of them does", two,
      .ok("max-age=60", ["lambda-cache-control": "", "cdn-cache-control": "X"]), .served),
  ]
}
