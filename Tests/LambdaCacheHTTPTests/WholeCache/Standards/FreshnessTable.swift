@testable import LambdaCacheHTTP

/// RFC 9111, sections 4.2, 5.1 and 5.3, and RFC 5861: age and freshness.
enum FreshnessTable {
  static let rows: [Scenario] = ages + expires + heuristics + stale

  private static let ages: [Scenario] = [
    .reuse(
      "5.1", "a served response has an Age", .ok("max-age=60"), after: .seconds(42),
      .field("age", "42")),
    Scenario(
      "5.1", "the handler's own response has none",
      [Step(.get(), .ok("max-age=60"), [.field("age", nil)])]),
    .reuse(
      "4.2.3", "the handler's Age counts", .ok("max-age=60", ["age": "50"]),
      after: .seconds(9), .served, .field("age", "59")),
    .reuse(
      "4.2.3", "until the time is over", .ok("max-age=60", ["age": "50"]),
      after: .seconds(10), .asked),
    .reuse(
      "4.2.3", "an old Date counts", .ok("max-age=60", ["date": Site.date(-50)]),
      after: .seconds(9), .served, .field("age", "59")),
    .reuse(
      "4.2.3", "the larger of both counts",
      .ok("max-age=60", ["date": Site.date(-50), "age": "55"]), after: .seconds(4),
      .field("age", "59")),
    .reuse(
      "4.2.3", "a Date in the future is no age", .ok("max-age=60", ["date": Site.date(50)]),
      after: .seconds(59), .served),
    .reuse(
      "5.1", "of several ages the first counts",
      .ok("max-age=60", ["age": "10", "Age": "70"]), after: .seconds(5), .field("age", "15")),
    .reuse(
      "5.1", "also in one line", .ok("max-age=60", ["age": "10, 70"]), after: .seconds(5),
      .field("age", "15")),
    .reuse(
      "5.1", "an Age that is no number counts for nothing",
      .ok("max-age=60", ["age": "old"]), after: .seconds(5), .served, .field("age", "5")),
    .reuse(
      "5.1", "an Age beyond any integer is very old",
      .ok("max-age=60", ["age": "99999999999999999999999"]), .asked),
    .reuse(
      "9110-6.6.1", "a response without a Date gets one", .ok("max-age=60"),
      after: .seconds(5), .field("date", Site.date(0))),
    .reuse(
      "9110-6.6.1", "and so does one whose Date cannot be read",
      .ok("max-age=60", ["date": "yesterday"]), after: .seconds(5), .field("date", Site.date(0))),
    .reuse(
      "9110-6.6.1", "the handler's Date stays",
      .ok("max-age=60", ["date": Site.date(-3)]), .field("date", Site.date(-3))),
  ]

  private static let expires: [Scenario] = [
    .reuse(
      "5.3", "Expires ends", .ok(nil, ["expires": Site.date(60)]), after: .seconds(60), .asked),
    .reuse(
      "5.3", "and not before", .ok(nil, ["expires": Site.date(60)]), after: .seconds(59),
      .served),
    .reuse(
      "4.2.1", "max-age counts before Expires",
      .ok("max-age=5", ["expires": Site.date(60)]), after: .seconds(10), .asked),
    .reuse(
      "4.2.1", "Expires counts from Date",
      .ok(nil, ["expires": Site.date(60), "date": Site.date(30)]), after: .seconds(30), .asked),
    .reuse("5.3", "0 is in the past", .ok(nil, ["expires": "0"]), .asked),
    .reuse("5.3", "so is what is no date", .ok(nil, ["expires": "tomorrow"]), .asked),
    .reuse(
      "5.3", "and a time in another zone",
      .ok(nil, ["expires": "Fri, 06 Nov 2026 09:49:37 UTC"]), .asked),
    .reuse(
      "5.3", "two that differ are stale",
      .ok(nil, ["expires": Site.date(60), "Expires": Site.date(90)]), .asked),
    .reuse(
      "5.3", "two that agree are one",
      .ok(nil, ["expires": Site.date(60), "Expires": Site.date(60)]), .served),
    .reuse(
      "5.3", "the second format is read",
      .ok(nil, ["expires": "Friday, 06-Nov-26 08:50:37 GMT"]), after: .seconds(59), .served),
    .reuse(
      "5.3", "the third format is read",
      .ok(nil, ["expires": "Fri Nov  6 08:50:37 2026"]), after: .seconds(59), .served),
    .reuse(
      "5.3", "must-revalidate alone does not make Expires longer",
      .ok("must-revalidate", ["expires": Site.date(-60)]), .asked),
  ]

  private static let old: HTTPHeaderFields = ["last-modified": Site.date(-1000)]

  private static let heuristics: [Scenario] = [
    .reuse("4.2.2", "nothing is guessed unless that is wanted", .ok(nil, old), .asked),
    .reuse(
      "4.2.2", "a tenth of the time since the modification",
      .shared.with { $0.heuristicFraction = 0.1 }, .ok(nil, old), after: .seconds(99), .served),
    .reuse(
      "4.2.2", "and no longer", .shared.with { $0.heuristicFraction = 0.1 }, .ok(nil, old),
      after: .seconds(100), .asked),
    .reuse(
      "4.2.2", "but at most the limit",
      .shared.with {
        $0.heuristicFraction = 0.1
        $0.heuristicLimit = .seconds(20)
      }, .ok(nil, old), after: .seconds(20), .asked),
    .reuse(
      "4.2.2", "which is a day unless it is set", .shared.with { $0.heuristicFraction = 0.1 },
      .ok(nil, ["last-modified": Site.date(-9_000_000)]), after: .seconds(86_399), .served),
    .reuse(
      "4.2.2", "and no longer than that", .shared.with { $0.heuristicFraction = 0.1 },
      .ok(nil, ["last-modified": Site.date(-9_000_000)]), after: .seconds(86_400), .asked),
    .reuse(
      "4.2.2", "or for as long as it has not been modified",
      .shared.with { $0.heuristicFraction = 1 }, .ok(nil, old), after: .seconds(999), .served),
    .reuse(
      "4.2.2", "for a status that allows it",
      .shared.with { $0.heuristicFraction = 0.1 }, .with(404, nil, old), .served),
    .reuse(
      "4.2.2", "not for any other", .shared.with { $0.heuristicFraction = 0.1 },
      .with(500, nil, old), .asked),
    .reuse(
      "4.2.2", "unless it is public", .shared.with { $0.heuristicFraction = 0.1 },
      .with(599, "public", old), after: .seconds(99), .served, .status(599)),
    .reuse(
      "4.2.2", "or private in a private cache",
      .personal.with { $0.heuristicFraction = 0.1 }, first: ["x-user": "ada"],
      .with(500, "private", old), after: .seconds(99), then: ["x-user": "ada"], .served),
    .reuse(
      "4.2.2", "public does not need a heuristic", .with(599, "public", old), .asked),
    .reuse(
      "4.2.2", "not against an explicit time", .shared.with { $0.heuristicFraction = 0.1 },
      .ok("max-age=1", old), after: .seconds(2), .asked),
    .reuse(
      "4.2.2", "not from a modification in the future",
      .shared.with { $0.heuristicFraction = 0.1 },
      .ok(nil, ["last-modified": Site.date(1000)]), .asked),
  ]

  private static let both = "max-age=10, stale-while-revalidate=20, stale-if-error=40"

  private static let window = "max-age=10, stale-while-revalidate=20"

  private static let stale: [Scenario] =
    [
      .reuse(
        "5861-3", "stale-while-revalidate is served stale", .ok(both), after: .seconds(15),
        .served, .field("age", "15")),
      .reuse("5861-3", "within its window", .ok(both), after: .seconds(30), .asked, .body("two")),
      Scenario(
        "5861-3", "the next request renews it",
        [
          Step(.get(), .ok(both), [.asked]),
          Step(.get(), after: .seconds(15), .ok(both, body: "two"), [.served, .body("one")]),
          Step(.get(), .ok(both, body: "two"), [.asked, .body("two")]),
          Step(.get(), [.served, .body("two")]),
        ]),
      Scenario(
        "5861-3", "it is served again while its renewal fails, and no error takes its place",
        [
          Step(.get(), .ok(window), [.asked]),
          Step(.get(), after: .seconds(15), [.served]),
          Step(.get(), .failure, [.asked, .status(200), .body("one"), .field("age", "15")]),
          Step(.get(), .with(503, "max-age=60"), [.asked, .status(200), .body("one")]),
          Step(.get(), .with(500, nil), [.asked, .status(200), .body("one")]),
          Step(.get(), .ok(window, body: "two"), [.asked, .body("two")]),
          Step(.get(), [.served, .body("two")]),
        ]),
      Scenario(
        "5861-3", "up to the end of the window",
        [
          Step(.get(), .ok(window, ["etag": "\"1\""]), [.asked]),
          Step(.get(), after: .seconds(15), [.served]),
          Step(.get(), after: .milliseconds(14_999), .failure, [.asked, .status(200)]),
          Step(.get(), after: .milliseconds(1), .failure, [.asked, .fails]),
        ]),
      Scenario(
        "5861-3", "an error that is none of the server's is passed on",
        [
          Step(.get(), .ok(window), [.asked]),
          Step(.get(), after: .seconds(15), [.served]),
          Step(.get(), .with(404, nil), [.asked, .status(404)]),
        ]),
      Scenario(
        "5861-3", "a request that wants a fresh response gets the error",
        [
          Step(.get(), .ok(window), [.asked]),
          Step(
            .get("/", ["cache-control": "min-fresh=1"]), after: .seconds(15), .failure,
            [.asked, .fails]),
          Step(.get("/", ["cache-control": "max-age=0"]), .failure, [.asked, .fails]),
        ]),
      Scenario(
        "5861-4", "stale-if-error is served when the handler throws",
        [
          Step(.get(), .ok(both), [.asked]),
          Step(.get(), after: .seconds(40), .failure, [.asked, .status(200), .body("one")]),
          Step(.get(), after: .seconds(10), .failure, [.asked, .fails]),
        ]),
      Scenario(
        "5861-4", "a request may ask for it",
        [
          Step(.get(), .ok("max-age=10, stale-while-revalidate=30"), [.asked]),
          Step(
            .get("/", ["cache-control": "stale-if-error=90, max-age=9"]), after: .seconds(20),
            .failure, [.asked, .body("one")]),
        ]),
      Scenario(
        "5861-4", "must-revalidate forbids it",
        [
          Step(.get(), .ok(both + ", must-revalidate", ["etag": "\"1\""]), [.asked]),
          Step(.get(), after: .seconds(15), .failure, [.asked, .fails]),
        ]),
      Scenario(
        "5861-4", "a request's no-cache forbids it",
        [
          Step(.get(), .ok(both), [.asked]),
          Step(
            .get("/", ["cache-control": "no-cache"]), after: .seconds(5), .failure,
            [.asked, .fails]),
        ]),
      Scenario(
        "5861-4", "an error that was covered does not take the place of the response",
        [
          Step(.get(), .ok(both), [.asked]),
          Step(.get(), after: .seconds(35), .with(503, "max-age=60"), [.asked, .status(200)]),
          Step(.get(), .with(503, "max-age=60"), [.asked, .status(200), .body("one")]),
        ]),
      Scenario(
        "5861-4", "an error that may not be covered is passed on",
        [
          Step(.get(), .ok("max-age=10"), [.asked]),
          Step(.get(), after: .seconds(11), .with(503, nil, body: "down"), [.asked, .status(503)]),
        ]),
    ]
    + [500, 502, 503, 504].map { status in
      Scenario(
        "5861-4", "\(status) is covered by stale-if-error",
        [
          Step(.get(), .ok(both), [.asked]),
          Step(.get(), after: .seconds(40), .with(status, nil), [.asked, .status(200)]),
        ])
    }
    + [404, 501, 429].map { status in
      Scenario(
        "5861-4", "\(status) is not",
        [
          Step(.get(), .ok(both), [.asked]),
          Step(.get(), after: .seconds(40), .with(status, nil), [.asked, .status(status)]),
        ])
    }
}
