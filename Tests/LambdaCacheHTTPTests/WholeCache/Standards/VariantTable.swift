import TestSupport

@testable import LambdaCacheHTTP

/// RFC 9111, sections 4 and 4.1: which of several responses a request gets, and how long.
enum VariantTable {
  static let rows: [Scenario] = values + names + newest + conditions

  private static func varying(
    _ field: String, first: HTTPHeaderFields, then: HTTPHeaderFields,
    _ expectation: Step.Expectation, _ title: String
  ) -> Scenario {
    .reuse(
      "4.1", title, first: first, .ok("max-age=60", ["vary": field]), then: then, expectation)
  }

  private static let values: [Scenario] = [
    varying(
      "Cookie", first: ["cookie": "n=\"a, b\""], then: ["cookie": "n=\"a,b\""], .asked,
      "whitespace in a cookie is the cookie's"),
    varying(
      "Cookie", first: ["cookie": "a=1,b=2"], then: ["cookie": "a=1, b=2"], .asked,
      "a comma in a cookie separates nothing"),
    varying(
      "X-Flag", first: ["x-flag": "a,b"], then: ["x-flag": "a, b"], .asked,
      "a field that nobody knows is no list"),
    varying(
      "User-Agent", first: ["user-agent": "a (b, c)"], then: ["user-agent": "a (b,c)"], .asked,
      "a comment in parentheses is no list"),
    varying(
      "X-Flag", first: ["x-flag": "a", "X-Flag": "b"], then: ["x-flag": "a, b"], .asked,
      "two lines of a field that nobody knows are not one"),
    varying(
      "X-Flag", first: ["x-flag": "a", "X-Flag": "b"], then: ["X-FLAG": "a", "x-flag": "b"],
      .served, "two lines are the same two lines"),
    varying(
      "Accept", first: ["accept": "a;x=\"1, 2\""], then: ["accept": "a;x=\"1,2\""], .asked,
      "a quoted comma in a list separates nothing"),
    varying(
      "Accept", first: ["accept": "a;x=\"1\\\", 2\""], then: ["accept": "a;x=\"1\\\",2\""], .asked,
      "an escaped quote does not end the quotes"),
    varying(
      "Accept", first: ["accept": "a;x=\"1, 2\" , b"], then: ["accept": "a;x=\"1, 2\",b"], .served,
      "the comma behind the quotes does"),
    varying(
      "Accept", first: ["accept": "a b"], then: ["accept": "ab"], .asked,
      "whitespace inside of an element is a part of it"),
    varying(
      "Accept", first: ["accept": "text/html ; q=1"], then: ["accept": "text/html  ; q=1"], .asked,
      "and so is how much of it there is"),
    varying(
      "Accept-Language", first: ["accept-language": "de-AT, EN;q=0.5"],
      then: ["accept-language": "de-at,en;Q=0.5"], .served, "languages have no case"),
    varying(
      "X-Flag", first: ["x-flag": "A"], then: ["x-flag": "a"], .asked,
      "a field that nobody knows has"),
    varying(
      "Accept-Encoding", first: ["accept-encoding": "gzip,br"],
      then: ["accept-encoding": " gzip ,\tbr "], .served, "whitespace in a list means nothing"),
  ]

  /// Answers of a target that varies by one field and then by another.
  private static func renamed(
    _ title: String, _ first: (vary: String, fields: HTTPHeaderFields),
    _ second: (vary: String, fields: HTTPHeaderFields), then: HTTPHeaderFields
  ) -> Scenario {
    Scenario(
      "4.1", title,
      [
        Step(
          .get("/", first.fields), .ok("public, max-age=60", ["vary": first.vary], body: "1"),
          [.asked]),
        Step(
          .get("/", second.fields), .ok("public, max-age=60", ["vary": second.vary], body: "2"),
          [.asked]),
        Step(
          .get("/", then), .ok("public, max-age=60", ["vary": second.vary], body: "3"), [.body("3")]
        ),
      ])
  }

  private static let names: [Scenario] = [
    renamed(
      "a value of one field is none of another",
      ("X-Flag", ["x-flag": "de"]), ("Accept-Language", ["accept-language": "en"]),
      then: ["accept-language": "de"]),
    renamed(
      "a cookie's value is no language",
      ("Cookie", ["cookie": "sid=secret"]), ("Accept-Language", ["accept-language": "en"]),
      then: ["accept-language": "sid=secret"]),
    renamed(
      "an authorization's value is no language",
      ("Authorization", ["authorization": "Bearer 1", "x-flag": "1"]),
      ("Accept-Language", ["accept-language": "en"]), then: ["accept-language": "Bearer 1"]),
    renamed(
      "an absent field is not another absent field",
      ("X-Flag", [:]), ("Accept-Language", ["x-flag": "1", "accept-language": "en"]),
      then: ["x-flag": "1"]),
    renamed(
      "two fields are not two others",
      ("a, b", ["a": "1", "b": "2"]), ("c, d", ["c": "8", "d": "9"]), then: ["c": "1", "d": "2"]),
    renamed(
      "a value that looks like a name and a value is neither",
      ("a", ["a": "1\n1:b\n1:2"]), ("a, b", ["a": "8", "b": "9"]), then: ["a": "1", "b": "2"]),
  ]

  private static let english: HTTPHeaderFields = ["accept-language": "en"]
  private static let window = "max-age=10, stale-while-revalidate=600"

  private static let newest: [Scenario] = [
    Scenario(
      "4", "a newer response without Vary is served instead of a stale one with it",
      [
        Step(.get("/", english), .ok("max-age=10", ["vary": "accept-language"]), [.asked]),
        Step(.get("/", english), after: .seconds(11), .ok("max-age=60", body: "2"), [.asked]),
        Step(.get("/", english), after: .seconds(1), [.served, .body("2")]),
        Step(.get("/", english), after: .seconds(1), [.served, .body("2")]),
      ]),
    Scenario(
      "4", "and so is one that another request has brought",
      [
        Step(.get("/", english), .ok("max-age=10", ["vary": "accept-language"]), [.asked]),
        Step(.get(), after: .seconds(11), .ok("max-age=60", body: "2"), [.asked]),
        Step(.get("/", english), after: .seconds(1), [.served, .body("2")]),
      ]),
    Scenario(
      "4", "a page that has become a 404 is not served from its window",
      [
        Step(.get("/", english), .ok(window, ["vary": "accept-language"]), [.asked]),
        Step(.get("/", english), after: .seconds(11), [.served, .body("one")]),
        Step(.get("/", english), .with(404, "max-age=10", body: "gone"), [.asked, .status(404)]),
        Step(.get("/", english), after: .seconds(5), [.served, .status(404)]),
        Step(
          .get("/", english), after: .seconds(6), .with(404, "max-age=10", body: "gone"),
          [.asked, .status(404)]),
      ]),
    Scenario(
      "4", "nor after a response that may not be kept",
      [
        Step(.get("/", english), .ok(window, ["vary": "accept-language"]), [.asked]),
        Step(.get("/", ["x-b": "1"]), .ok(window, ["vary": "x-b"], body: "b"), [.asked]),
        Step(
          .get("/", ["accept-language": "en", "x-b": "1", "cache-control": "no-cache"]),
          .ok("no-store", body: "2"), [.asked]),
        Step(
          .get("/", ["accept-language": "en", "x-b": "1"]), after: .seconds(11),
          .ok("no-store", body: "3"), [.asked, .body("3")]),
      ]),
    Scenario(
      "4", "a reload that brings a response with another Vary replaces the former",
      [
        Step(.get("/", english), .ok("max-age=60", ["vary": "accept-language"]), [.asked]),
        Step(
          .get("/", ["accept-language": "en", "cache-control": "no-cache"]),
          .ok("max-age=60", ["vary": "x-b"], body: "2"), [.asked]),
        Step(.get("/", english), [.served, .body("2")]),
      ]),
    Scenario(
      "4", "of two fresh responses with Vary the later Date counts",
      [
        Step(
          .get("/", ["accept-language": "en", "x-b": "0"]),
          .ok("max-age=60", ["vary": "accept-language", "date": Site.date(-1)], body: "new"),
          [.asked]),
        Step(
          .get("/", ["x-b": "1"]),
          .ok("max-age=60", ["vary": "x-b", "date": Site.date(-5)], body: "old"),
          [.asked]),
        Step(
          .get("/", ["accept-language": "en", "x-b": "1"]), [.served, .body("new")]),
      ]),
    Scenario(
      "4.1", "sixty-five names in Vary are too many to look for",
      [
        Step(
          .get(), .ok("max-age=60", ["vary": (1...65).map { "x-\($0)" }.joined(separator: ",")]),
          [.asked]),
        Step(.get(), [.asked]),
      ]),
    Scenario(
      "4.1", "sixty-four are not, and one that comes twice is one",
      [
        Step(
          .get(),
          .ok(
            "max-age=60",
            ["vary": ((1...64).map { "x-\($0)" } + ["X-1", "x-2"]).joined(separator: ",")]),
          [.asked]),
        Step(.get(), [.served]),
        Step(.get("/", ["x-64": "1"]), [.asked]),
      ]),
  ]

  private static let conditions: [Scenario] = [
    Scenario(
      "5.2.2.8", "proxy-revalidate forbids a stale response in the place of an error",
      [
        Step(.get(), .ok("max-age=5, proxy-revalidate, stale-if-error=60"), [.asked]),
        Step(.get(), after: .seconds(6), .failure, [.fails]),
      ])
  ]
}
