import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHTTP

@Suite("A response that is served stale", .timeLimit(.minutes(15)))
struct RefreshTests {
  private static let cacheControl = "max-age=10, stale-while-revalidate=60"

  private static func numbered(_ number: Int) -> HTTPResponseParts {
    HTTPResponseParts(
      status: 200, fields: ["cache-control": cacheControl], body: "\(number)")
  }

  private static let afterResponse = HTTPCachePolicy.shared.with { $0.refreshing = .afterResponse }

  /// A site that numbers its responses, and what it throws meanwhile.
  private func site(
    _ policy: HTTPCachePolicy, failing: LockedValue<Bool> = LockedValue(false),
    gate: LockedValue<Gate<Void>?> = LockedValue(nil)
  ) -> (Site, calls: LockedValue<Int>) {
    let calls = LockedValue(0)
    let site = Site(policy) { _ in
      let number = calls.update { calls in
        calls += 1
        return calls
      }
      try await gate.get()?.pass()
      if failing.get() { throw OriginError() }
      return Self.numbered(number)
    }
    return (site, calls)
  }

  @Test("A stale response is renewed after the response, once for each key, and not before")
  func afterResponse() async throws {
    let (site, calls) = site(Self.afterResponse)
    _ = try await site.get("/a")
    _ = try await site.get("/b")
    site.clock.advance(by: .seconds(15))
    for _ in 0..<3 { #expect(try await site.get("/a").body == "1") }
    #expect(try await site.get("/b").body == "2")
    #expect(calls.get() == 2)
    #expect(site.responses.pendingRefreshCount == 2)
    #expect(await site.handler.finishRefreshes().isEmpty)
    #expect(calls.get() == 4)
    #expect(site.responses.pendingRefreshCount == 0)
    let bodies = [try await site.get("/a").body, try await site.get("/b").body]
    #expect(Set(bodies) == ["3", "4"])
    #expect(calls.get() == 4)
    await site.responses.finishRefreshes()
    #expect(calls.get() == 4)
  }

  @Test("A stale response stays when its renewal fails, and the failure is reported")
  func failure() async throws {
    let failing = LockedValue(false)
    let (site, calls) = site(Self.afterResponse, failing: failing)
    _ = try await site.get()
    site.clock.advance(by: .seconds(15))
    _ = try await site.get()
    failing.set(true)
    let errors = await site.responses.finishRefreshes()
    #expect(errors.count == 1)
    #expect(errors.first is OriginError)
    #expect(try await site.get().body == "1")
    failing.set(false)
    #expect(await site.responses.finishRefreshes().isEmpty)
    #expect(try await site.get().body == "3")
    #expect(calls.get() == 3)
  }

  @Test("A stale response is renewed by the request whose response may be kept, not by a later one")
  func unfitRenewal() async throws {
    let policy = Self.afterResponse.with { $0.asksByGET = false }
    for odd in [HTTPRequestParts.get("/", ["cache-control": "no-store"]), .request("HEAD")] {
      let (site, calls) = site(policy)
      _ = try await site.get()
      site.clock.advance(by: .seconds(15))
      _ = try await site.get()
      #expect(try await site.respond(to: odd).status == 200)
      #expect(site.responses.pendingRefreshCount == 1)
      #expect(await site.responses.finishRefreshes().isEmpty)
      #expect(try await site.get().body == "2")
      #expect(calls.get() == 2)
    }
  }

  @Test("A stale response is served to all callers while one of them renews it")
  func oneRefreshes() async throws {
    let gate = LockedValue<Gate<Void>?>(nil)
    for policy in [HTTPCachePolicy.shared, Self.afterResponse] {
      let (site, calls) = site(policy, gate: gate)
      _ = try await site.get()
      site.clock.advance(by: .seconds(15))
      #expect(try await site.get().body == "1")
      let door = Gate<Void>()
      gate.set(door)
      let renewal = Task {
        if policy.refreshing == .afterResponse {
          await site.responses.finishRefreshes()
        } else {
          let renewed = try await site.get()
          #expect(renewed.body == "2")
        }
      }
      try await eventually("the renewal asks") { calls.get() == 2 }
      for _ in 0..<5 { #expect(try await site.get().body == "1") }
      #expect(calls.get() == 2)
      gate.set(nil)
      door.open()
      try await renewal.value
      #expect(try await site.get().body == "2")
      #expect(site.responses.pendingRefreshCount == 0)
    }
  }

  @Test(
    "A stale response is renewed by the next request, again and again, if no other call does it")
  func atNextAccess() async throws {
    let failing = LockedValue(false)
    let (site, calls) = site(.shared, failing: failing)
    _ = try await site.get()
    site.clock.advance(by: .seconds(15))
    #expect(try await site.get().body == "1")
    failing.set(true)
    #expect(try await site.get().body == "1")
    failing.set(false)
    #expect(try await site.get().body == "3")
    site.clock.advance(by: .seconds(15))
    #expect(try await site.get().body == "3")
    #expect(try await site.get().body == "4")
    #expect(calls.get() == 4)
  }

  @Test("A stale response leaves no renewal for a later invocation with another context")
  func abandoned() async throws {
    let policy = Self.afterResponse
    let calls = LockedValue(0)
    let site = Site(policy) { _ in
      let number = calls.update { calls in
        calls += 1
        return calls
      }
      var response = Self.numbered(number)
      response.fields["cache-control"] = "max-age=10, stale-while-revalidate=9999"
      return response
    }
    _ = try await site.get()
    site.clock.advance(by: .seconds(15))
    _ = try await site.get()
    site.clock.advance(by: .seconds(901))
    await site.responses.finishRefreshes()
    #expect(calls.get() == 1)
    #expect(site.responses.pendingRefreshCount == 0)
    _ = try await site.get()
    await site.responses.finishRefreshes()
    #expect(calls.get() == 2)
  }

  @Test(
    "A stale response is renewed at the end of an invocation of any length",
    arguments: [0, 1, 2, 30, 899])
  func longInvocation(seconds: Int) async throws {
    let calls = LockedValue(0)
    let site = Site(Self.afterResponse) { _ in
      var response = Self.numbered(
        calls.update { calls in
          calls += 1
          return calls
        })
      response.fields["cache-control"] = "max-age=10, stale-while-revalidate=9999"
      return response
    }
    _ = try await site.get()
    site.clock.advance(by: .seconds(15))
    _ = try await site.get()
    site.clock.advance(by: .seconds(seconds))
    await site.responses.finishRefreshes()
    #expect(calls.get() == 2)
  }

  @Test("A stale response takes no time of the invocation, whichever directive permits it")
  func noTimeLeft() async throws {
    for directive in ["stale-while-revalidate=60", "stale-if-error=60"] {
      let site = Site { _ in
        HTTPResponseParts(
          status: 200, fields: ["cache-control": "max-age=10, \(directive)"], body: "kept")
      }
      _ = try await site.get()
      site.clock.advance(by: .seconds(15))
      let over = InvocationScope(deadline: .now + .zero)
      try await InvocationScope.$current.withValue(over) { () async throws in
        for _ in 0..<3 { #expect(try await site.get().body == "kept") }
        await #expect(throws: CacheLoadError.self) { try await site.get("/other") }
      }
      #expect(site.asked.count == 1)
      site.clock.advance(by: .seconds(100))
      try await InvocationScope.$current.withValue(over) { () async throws in
        await #expect(throws: CacheLoadError.self) { try await site.get() }
      }
    }
  }

  @Test(
    "A stale response is served if the handler has no time for what it reads from its own caches")
  func handlerWithoutTime() async throws {
    let isLate = LockedValue(false)
    let site = Site { _ in
      if isLate.get() {
        throw CacheLoadError.tooLittleTime(key: "1", remaining: .zero, expected: .zero)
      }
      return Self.numbered(1)
    }
    _ = try await site.get()
    site.clock.advance(by: .seconds(15))
    isLate.set(true)
    for _ in 0..<3 { #expect(try await site.get().body == "1") }
    // The first of them is served without asking.
    #expect(site.asked.count == 3)
  }

  @Test("A stale response is renewed at once when too many renewals wait")
  func bounded() async throws {
    let (site, calls) = site(Self.afterResponse)
    let count = RefreshQueue.capacity + 10
    for number in 0..<count { _ = try await site.get("/\(number)") }
    site.clock.advance(by: .seconds(15))
    for number in 0..<count { _ = try await site.get("/\(number)") }
    #expect(site.responses.pendingRefreshCount == RefreshQueue.capacity)
    #expect(calls.get() == count + 10)
  }

  @Test("A stale response is renewed by a condition that the handler may confirm")
  func conditional() async throws {
    let site = Site(Self.afterResponse) { request in
      var fields: HTTPHeaderFields = ["cache-control": Self.cacheControl, "etag": "\"1\""]
      if request.fields["if-none-match"] == "\"1\"" {
        fields["x-renewed"] = "yes"
        return HTTPResponseParts(status: 304, fields: fields)
      }
      return HTTPResponseParts(status: 200, fields: fields, body: "one")
    }
    _ = try await site.get()
    site.clock.advance(by: .seconds(15))
    _ = try await site.get("/", ["if-none-match": "\"0\""])
    await site.responses.finishRefreshes()
    let response = try await site.get()
    #expect(response.body == "one")
    #expect(response.fields["x-renewed"] == "yes")
    #expect(response.fields["age"] == "0")
  }
}
