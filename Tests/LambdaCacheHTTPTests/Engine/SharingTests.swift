import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHTTP

@Suite("Requests that come at once", .timeLimit(.minutes(15)))
struct SharingTests {
  private static func response(
    _ cacheControl: String?, _ fields: HTTPHeaderFields = [:], body: String = "one"
  ) -> HTTPResponseParts {
    var fields = fields
    if let cacheControl { fields.append(name: "cache-control", value: cacheControl) }
    return HTTPResponseParts(status: 200, fields: fields, body: body)
  }

  /// Stands for the error that a request got instead of a response.
  private static let failed = HTTPResponseParts(status: 599)

  /// Has many requests wait for a handler that answers when all of them have come.
  ///
  /// - Returns: The responses in the order of the requests, ``failed`` for the handler's error, and
  ///   how often the handler was asked.
  private func crowd(
    _ requests: [HTTPRequestParts], _ policy: HTTPCachePolicy = .shared, flights count: Int = 1,
    answer: @escaping @Sendable (HTTPRequestParts, _ number: Int) throws -> HTTPResponseParts
  ) async throws -> (responses: [HTTPResponseParts], asked: Int) {
    let calls = LockedValue(0)
    let flights = LockedValue<HTTPResponseCache?>(nil)
    let site = Site(policy) { request in
      let number = calls.increment()
      // Every request that does not ask by itself has joined a call: each has looked one up.
      if number <= count {
        try await eventually("all have asked") {
          let joined = flights.get().map { Int($0.calls.statistics.misses) } ?? 0
          // The callers that began a load have looked the key up as well.
          let called = calls.get()
          return joined + called - min(called, count) >= requests.count
        }
      }
      return try answer(request, number)
    }
    flights.set(site.responses)
    let responses = try await withThrowingTaskGroup(of: (Int, HTTPResponseParts).self) { group in
      for (index, request) in requests.enumerated() {
        group.addTask {
          do {
            return (index, try await site.respond(to: request))
          } catch is OriginError {
            return (index, Self.failed)
          }
        }
      }
      return try await group.reduce(into: [Int: HTTPResponseParts]()) { $0[$1.0] = $1.1 }
    }
    flights.set(nil)
    return (requests.indices.map { responses[$0]! }, site.asked.count)
  }

  private func crowd(
    _ policy: HTTPCachePolicy = .shared, of count: Int = 50, cacheControl: String?,
    fields: HTTPHeaderFields = [:]
  ) async throws -> (responses: [HTTPResponseParts], asked: Int) {
    try await crowd(Array(repeating: .get(), count: count), policy) { _, number in
      Self.response(cacheControl, fields, body: "\(number)")
    }
  }

  @Test("Requests that come at once share one call of the handler if the response may be shared")
  func shared() async throws {
    let (responses, asked) = try await crowd(
      .shared.with { $0.cacheStatusName = "here" }, of: 50, cacheControl: "max-age=60")
    #expect(asked == 1)
    #expect(Set(responses.map(\.body)) == ["1"])
    let statuses = responses.map { $0.fields["cache-status"]! }
    #expect(statuses.filter { $0 == "here; fwd=uri-miss; stored" }.count == 1)
    #expect(statuses.filter { $0 == "here; fwd=uri-miss; collapsed" }.count == 49)
    #expect(responses.filter { $0.fields["age"] == "0" }.count == 49)
  }

  @Test(
    "Requests that come at once have a call each if it may not be shared",
    arguments: ["private, max-age=60", "no-store", "no-cache", "max-age=0", nil, "max-age=x"])
  func unshared(cacheControl: String?) async throws {
    let (responses, asked) = try await crowd(of: 20, cacheControl: cacheControl)
    #expect(asked == 20)
    #expect(Set(responses.map(\.body)).count == 20)
  }

  @Test("Requests that come at once never get another's cookie")
  func cookies() async throws {
    let requests = Array(repeating: HTTPRequestParts.get(), count: 20)
    let (responses, asked) = try await crowd(requests) { _, number in
      Self.response("max-age=60", ["set-cookie": "session=\(number)"])
    }
    #expect(asked == 20)
    #expect(Set(responses.map { $0.fields["set-cookie"] }).count == 20)
    let (stripped, askedOnce) = try await crowd(
      .shared.with { $0.cookies = .storeWithout }, of: 20, cacheControl: "max-age=60",
      fields: ["set-cookie": "session=1"])
    #expect(askedOnce == 1)
    #expect(stripped.filter { $0.fields.contains(named: "set-cookie") }.count == 1)
  }

  @Test("Requests that come at once never get a response made for an authorized caller")
  func authorized() async throws {
    let requests = (0..<20).map { HTTPRequestParts.get("/", ["authorization": "\($0)"]) }
    let (responses, asked) = try await crowd(requests) { request, _ in
      Self.response("max-age=60", body: request.fields["authorization"]!)
    }
    #expect(asked == 20)
    #expect(responses.map(\.body) == (0..<20).map { "\($0)" })
  }

  @Test("Requests of several users that come at once are told apart in a private cache")
  func users() async throws {
    let requests = (0..<40).map { HTTPRequestParts.get("/", ["x-user": "\($0 % 4)"]) }
    let (responses, asked) = try await crowd(requests, .personal, flights: 4) { request, _ in
      Self.response("private, max-age=60", body: request.fields["x-user"]!)
    }
    #expect(asked == 4)
    #expect(responses.map(\.body) == (0..<40).map { "\($0 % 4)" })
  }

  @Test("Requests that come at once get the variant that they select")
  func variants() async throws {
    let requests = (0..<30).map { HTTPRequestParts.get("/", ["accept": "\($0 % 3)"]) }
    let (responses, _) = try await crowd(requests) { request, _ in
      Self.response("max-age=60", ["vary": "accept"], body: request.fields["accept"]!)
    }
    #expect(responses.map(\.body) == (0..<30).map { "\($0 % 3)" })
  }

  @Test("Requests that come at once do not share an error")
  func errors() async throws {
    let requests = Array(repeating: HTTPRequestParts.get(), count: 10)
    let (responses, asked) = try await crowd(requests) { _, number in
      if number == 1 { throw OriginError() }
      return Self.response("max-age=60", body: "\(number)")
    }
    // One has failed, and each of the others has asked by itself.
    #expect(responses.filter { $0 == Self.failed }.count == 1)
    #expect(asked == 10)
    #expect(Set(responses.map(\.body)).count == 10)
  }

  @Test("Requests that come at once get no response from before an invalidation that preceded them")
  func invalidation() async throws {
    let gate = Gate<Void>()
    let calls = LockedValue(0)
    let site = Site { request in
      guard request.method == "GET" else { return HTTPResponseParts(status: 204) }
      let number = calls.increment()
      if number == 1 { try await gate.pass() }
      return Self.response("max-age=60", body: "\(number)")
    }
    let old = Task { try await site.get() }
    try await eventually("the handler is asked") { calls.get() == 1 }
    _ = try await site.respond(to: .request("POST"))
    let new = try await site.get()
    #expect(new.body == "2")
    gate.open()
    #expect(try await old.value.body == "1")
    // The response from before the change has not replaced the one after it.
    #expect(try await site.get().body == "2")
    #expect(calls.get() == 2)
  }

  @Test("Requests that come at once wait for no other once a response could not be shared")
  func hopeless() async throws {
    let gate = Gate<Void>()
    let calls = LockedValue(0)
    let site = Site { _ in
      let number = calls.increment()
      if number == 2 { try await gate.pass() }
      return Self.response("no-store", body: "\(number)")
    }
    _ = try await site.get()
    // The minute lasts for as long as a busy machine needs.
    let names = site.responses.unshared.hottest().map(\.key)
    #expect(names.count == 1)
    for name in names { site.responses.unshared.setTimeToLive(nil, forKey: name) }
    let slow = Task { try await site.get() }
    try await eventually("the handler is asked again") { calls.get() == 2 }
    #expect(try await site.get().body == "3")
    gate.open()
    #expect(try await slow.value.body == "2")
  }

  @Test("Requests that come at once go on when the one whose call they share is cancelled")
  func cancellation() async throws {
    let gate = Gate<Void>()
    let calls = LockedValue(0)
    let site = Site { _ in
      calls.update { $0 += 1 }
      try await gate.pass()
      return Self.response("max-age=60")
    }
    let first = Task { try await site.get() }
    try await eventually("the handler is asked") { calls.get() == 1 }
    let second = Task { try await site.get() }
    try await eventually("the second waits") { site.responses.calls.statistics.misses == 2 }
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    gate.open()
    #expect(try await second.value.body == "one")
    #expect(calls.get() == 1)
  }
}
