import LambdaCache
import Testing

@testable import LambdaCacheHTTP

/// Just before, at and just behind each limit, and fields that two sides write at once.
enum LimitTable {
  static let rows: [Scenario] = windows + demands + conditions + outdated + locations + clocks

  private static let stale = "max-age=10, stale-while-revalidate=20"
  private static let lenient = "max-age=10, stale-if-error=20"

  private static let windows: [Scenario] = [
    .reuse(
      "5861-3", "a millisecond before the end of its window a response is served", .ok(stale),
      after: .milliseconds(29_999), .served),
    .reuse(
      "5861-3", "at the end of its window a response is not served", .ok(stale, tag),
      after: .seconds(30), .asked),
    Scenario(
      "5861-4", "a millisecond before the end of its window a response covers an error",
      [
        Step(.get(), .ok(lenient, tag), [.asked]),
        Step(.get(), after: .milliseconds(29_999), .failure, [.asked, .body("one")]),
      ]),
    Scenario(
      "5861-4", "at the end of its window a response does not cover an error",
      [
        Step(.get(), .ok(lenient, tag), [.asked]),
        Step(.get(), after: .seconds(30), .failure, [.asked, .fails]),
      ]),
    Scenario(
      "5861-4", "a status that is no failure of a server is not covered",
      [
        Step(.get(), .ok(lenient, tag), [.asked]),
        Step(.get(), after: .seconds(15), .with(501, nil), [.asked, .status(501)]),
      ]),
    Scenario(
      "5861-4", "a failure that may be stored does not take the place of what covers it",
      [
        Step(.get(), .ok("max-age=10, stale-if-error=60"), [.asked]),
        Step(
          .get(), after: .seconds(15), .with(503, "max-age=60", body: "down"),
          [.asked, .body("one")]),
        Step(.get(), after: .seconds(1), .failure, [.asked, .body("one")]),
      ]),
  ]

  private static let demands: [Scenario] = [
    .reuse(
      "5.2.1.3", "a response that is fresh for exactly as long as demanded is served",
      .ok("max-age=60"), after: .seconds(20), then: ["cache-control": "min-fresh=40"], .served),
    .reuse(
      "5.2.1.3", "a response that is fresh for a second less than demanded is not",
      .ok("max-age=60"), after: .seconds(21), then: ["cache-control": "min-fresh=40"], .asked),
    .reuse(
      "5.2.1.2", "of two values of max-stale the smaller counts", .ok("max-age=10", tag),
      after: .seconds(40), then: ["cache-control": "max-stale=100, max-stale=20"], .asked),
    .reuse(
      "5.2.1.2", "exactly max-stale seconds are accepted", .ok("max-age=10", tag),
      after: .seconds(30), then: ["cache-control": "max-stale=20"], .served),
    .reuse(
      "5.2.1.2", "and a second more is not", .ok("max-age=10", tag),
      after: .seconds(31), then: ["cache-control": "max-stale=20"], .asked),
    .reuse(
      "5.2.1.7", "only-if-cached does not ask about what is stale either", .ok("max-age=10", tag),
      after: .seconds(20), then: ["cache-control": "only-if-cached"], .served, .status(504)),
    .reuse(
      "5.2.2.8", "proxy-revalidate forbids the window of a shared cache",
      .ok("max-age=5, proxy-revalidate, stale-while-revalidate=60", tag), after: .seconds(10),
      .asked),
    .reuse(
      "5.2.2.8", "proxy-revalidate forbids what max-stale asks for",
      .ok("max-age=5, proxy-revalidate", tag), after: .seconds(10),
      then: ["cache-control": "max-stale=60"], .asked),
    .reuse(
      "5.2.2.2", "must-revalidate forbids what max-stale asks for, validator or not",
      .ok("max-age=5, must-revalidate", tag), after: .seconds(10),
      then: ["cache-control": "max-stale=60"], .asked),
    .reuse(
      "5.2.2.2", "without it max-stale is given what it asks for", .ok("max-age=5", tag),
      after: .seconds(10), then: ["cache-control": "max-stale=60"], .served),
  ]

  private static let tag: HTTPHeaderFields = ["etag": "\"1\""]
  private static let changed: HTTPHeaderFields = ["last-modified": Site.date(-100)]

  private static let conditions: [Scenario] = [
    Scenario(
      "4.3.1", "a client's conditions do not go to the handler beside the cache's own",
      [
        Step(.get(), .ok("max-age=1", tag), [.asked]),
        Step(
          .get("/", ["if-modified-since": Site.date(0), "if-none-match": "\"mine\""]),
          after: .seconds(5), .ok("max-age=1", tag, body: "two"),
          [.asked, .askedWith("if-none-match", "\"1\""), .askedWith("if-modified-since", nil)]),
      ]),
    Scenario(
      "4.3.1", "a client's date does not go to the handler beside the cache's own",
      [
        Step(.get(), .ok("max-age=1", changed), [.asked]),
        Step(
          .get("/", ["if-modified-since": Site.date(-5), "if-none-match": "\"mine\""]),
          after: .seconds(5), .ok("max-age=1", body: "two"),
          [
            .asked, .askedWith("if-none-match", nil),
            .askedWith("if-modified-since", Site.date(-100)),
          ]),
      ]),
    Scenario(
      "4.3.4", "a strong tag in a 304 does not confirm a response with the weak one",
      [
        Step(.get(), .ok("max-age=1", ["etag": "W/\"1\""]), [.asked]),
        Step(
          .get(), after: .seconds(5), .response(304, ["etag": "\"1\""], nil), [.askedTimes(2)]),
      ]),
    Scenario(
      "4.3.4", "a weak tag in a 304 confirms a response with the strong one",
      [
        Step(.get(), .ok("max-age=1", tag), [.asked]),
        Step(
          .get(), after: .seconds(5), .response(304, ["etag": "W/\"1\""], nil),
          [.askedTimes(1), .body("one")]),
      ]),
    Scenario(
      "4.3.4", "another date of change in a 304 does not confirm a response",
      [
        Step(.get(), .ok("max-age=1", changed), [.asked]),
        Step(
          .get(), after: .seconds(5),
          .response(304, ["last-modified": Site.date(-50)], nil), [.askedTimes(2)]),
      ]),
    .reuse(
      "9110-13.1.3", "a response changed in the very second is not modified since",
      .ok("max-age=60", changed), then: ["if-modified-since": Site.date(-100)], .served,
      .status(304)),
    .reuse(
      "9110-15.4.5", "a 304 with a tag has no date of change",
      .ok("max-age=60", ["etag": "\"1\"", "last-modified": Site.date(-100)]),
      then: ["if-none-match": "\"1\""], .served, .status(304), .field("last-modified", nil)),
    Scenario(
      "4.3.1", "a tag of the cache's own making is never sent to the handler",
      [
        Step(.get(), .ok("max-age=1, stale-if-error=60", changed), [.asked]),
        Step(
          .get(), after: .seconds(5), .ok("max-age=1", changed),
          [.asked, .askedWith("if-none-match", nil)]),
      ]),
  ]

  private static let outdated: [Scenario] = [
    Scenario(
      "4", "a response that may not be stored makes the one before it go",
      [
        Step(.get(), .ok("max-age=1, stale-if-error=600"), [.asked]),
        Step(.get(), after: .seconds(5), .ok("no-store", body: "two"), [.asked, .body("two")]),
        Step(.get(), .failure, [.asked, .fails]),
      ]),
    .reuse(
      "4.2", "the default Cache-Control is not for a response with a date of expiry",
      .shared.with { $0.defaultCacheControl = "max-age=60" },
      .ok(nil, ["expires": Site.date(2)]), after: .seconds(10), .asked),
    .reuse(
      "4.2", "the default Cache-Control is for a response that says nothing",
      .shared.with { $0.defaultCacheControl = "max-age=60" }, .ok(nil), after: .seconds(10),
      .served),
  ]

  private static let locations: [Scenario] = [
    Scenario(
      "4.4", "what Content-Location alone names goes",
      [
        Step(.get("/a"), [.asked]),
        Step(.request("PUT", "/"), .with(204, nil, ["content-location": "/a"]), [.asked]),
        Step(.get("/a"), [.asked]),
      ]),
    Scenario(
      "4.4", "a location of another host without a scheme names nothing here",
      [
        Step(.get("/a"), [.asked]),
        Step(.get("//example.org/a"), [.asked]),
        Step(.request("PUT", "/"), .with(201, nil, ["location": "//example.org/a"]), [.asked]),
        Step(.get("/a"), [.served]),
        Step(.get("//example.org/a"), [.served]),
      ]),
    Scenario(
      "4.4", "a location that names the authority of the request goes, whatever Host says",
      [
        Step(.get("/a", ["host": "internal"]), [.asked]),
        Step(
          .request("PUT", "/", ["host": "internal"]),
          .with(201, nil, ["location": "https://example.com/a"]), [.asked]),
        Step(.get("/a", ["host": "internal"]), [.asked]),
      ]),
  ]

  private static let clocks: [Scenario] = [
    Scenario(
      "4.2.3", "a clock that is set back does not make a response young",
      [
        Step(.get(), .ok("max-age=60"), [.asked]),
        Step(.get(), after: .seconds(50), [.served]),
        Step(.get(), after: .seconds(-3000), [.served, .field("age", "50")]),
      ])
  ]
}

@Suite("A response cache at its limits", .timeLimit(.minutes(10)))
struct HTTPLimitTests {
  @Test(
    "A response cache does what is right just before, at and just behind each limit",
    arguments: LimitTable.rows)
  func row(_ scenario: Scenario) async throws { try await scenario.run() }

  @Test("A response cache counts the time that the handler took as age")
  func delay() async throws {
    let clock = LockedValue<ManualClock?>(nil)
    let site = Site { _ in
      clock.get()?.advance(by: .seconds(7))
      return HTTPResponseParts(
        status: 200, fields: ["cache-control": "max-age=60", "age": "3"], body: "one")
    }
    clock.set(site.clock)
    _ = try await site.get()
    #expect(try await site.get().fields["age"] == "10")
  }

  @Test("A response cache revalidates after the response of an invocation of minutes")
  func longInvocations() async throws {
    for pause in [Duration.milliseconds(2_000), .seconds(60), .seconds(900)] {
      let calls = LockedValue(0)
      let site = Site(afterResponse: true) { _ in
        calls.update { $0 += 1 }
        return HTTPResponseParts(
          status: 200,
          fields: ["cache-control": "max-age=10, stale-while-revalidate=9999"], body: "one")
      }
      _ = try await site.get()
      site.clock.advance(by: .seconds(15))
      _ = try await site.get()
      site.clock.advance(by: pause)
      await site.finishInvocation()
      #expect(calls.get() == 2, "after \(pause)")
    }
  }

  private func tag(
    _ fields: HTTPHeaderFields = [:], body: String = "aGk=", isBase64Encoded: Bool = false
  ) async throws -> String? {
    var fields = fields
    fields.append(name: "cache-control", value: "max-age=60")
    let response = HTTPResponseParts(
      status: 200, fields: fields, body: body, isBase64Encoded: isBase64Encoded)
    return try await Site { _ in response }.get().fields["etag"]
  }

  @Test("A response cache gives equal responses one tag and others another")
  func ownTags() async throws {
    let plain = try await tag()
    #expect(try await tag() == plain)
    #expect(try await tag(isBase64Encoded: true) != plain)
    #expect(try await tag(["content-language": "de"]) != plain)
    #expect(try await tag(["content-encoding": "br"]) != plain)
    #expect(try await tag(["content-type": "text/plain"]) != plain)
    #expect(try await tag(body: "aGkh") != plain)
  }

  @Test("A response cache keeps a target's sets of fields to vary by few, and counts their bytes")
  func fieldSets() {
    var index = VariantIndex(fieldSets: [], generation: 1, end: 7)
    let empty = index.heapByteCount
    for number in 1...VariantIndex.capacity {
      index = index.leading(with: ["x-a-field-of-some-length-\(number)"])
      #expect(index.fieldSets.count == number)
    }
    #expect(index.fieldSets.first == ["x-a-field-of-some-length-\(VariantIndex.capacity)"])
    #expect(index.heapByteCount > empty + VariantIndex.capacity * 32)
    #expect(
      index.leading(with: ["x-a-field-of-some-length-2"]).fieldSets.count == VariantIndex.capacity)
    #expect(index.generation == 1)
    let next = index.leading(with: ["another"])
    #expect(next.fieldSets == [["another"]])
    #expect(next.generation != 1)
    #expect(next.end == 7)
  }

  @Test("A response cache takes an authorizer that holds nothing for none")
  func authorizers() {
    #expect(!EventValue.object([:]).isPresent)
    #expect(!EventValue.object(["jwt": .null]).isPresent)
    #expect(!EventValue.object(["jwt": .object(["claims": .null])]).isPresent)
    #expect(EventValue.object(["jwt": .null, "iam": .object(["a": .bool(false)])]).isPresent)
  }

  @Test("A response cache knows a user whom the gateway has authorized, also without Authorization")
  func authorized() async throws {
    let site = Site { _ in
      HTTPResponseParts(status: 200, fields: ["cache-control": "max-age=60"], body: "one")
    }
    var request = HTTPRequestParts.get()
    request.isAuthorized = true
    for _ in 0..<2 { _ = try await site.respond(to: request) }
    #expect(site.asked.count == 2)
    request.isAuthorized = false
    for _ in 0..<2 { _ = try await site.respond(to: request) }
    #expect(site.asked.count == 3)
  }

  @Test("A response cache keeps what several sets of fields select beside each other")
  func severalSets() async throws {
    let site = Site { request in
      let vary = request.fields["x-by"] ?? "accept"
      return HTTPResponseParts(
        status: 200, fields: ["cache-control": "max-age=60", "vary": vary], body: vary)
    }
    _ = try await site.get("/", ["accept": "a", "x-by": "accept"])
    _ = try await site.get("/", ["accept": "b", "x-by": "accept-language"])
    #expect(site.asked.count == 2)
    #expect(try await site.get("/", ["accept": "a"]).body != nil)
    #expect(site.responses.cache.count == 3)
  }
}
