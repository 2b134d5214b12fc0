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

  /// A site that numbers its responses, and what it throws meanwhile.
  private func site(
    _ policy: HTTPCachePolicy = .shared, afterResponse: Bool = true,
    failing: LockedValue<Bool> = LockedValue(false),
    gate: LockedValue<Gate<Void>?> = LockedValue(nil)
  ) -> (Site, calls: LockedValue<Int>) {
    let calls = LockedValue(0)
    let site = Site(policy, afterResponse: afterResponse) { _ in
      let number = calls.increment()
      try await gate.get()?.pass()
      if failing.get() { throw OriginError() }
      return Self.numbered(number)
    }
    return (site, calls)
  }

  @Test(
    "A stale response is revalidated after the response, once for each key, and not before")
  func afterResponse() async throws {
    let (site, calls) = site()
    _ = try await site.get("/a")
    _ = try await site.get("/b")
    site.clock.advance(by: .seconds(15))
    for _ in 0..<3 { #expect(try await site.get("/a").body == "1") }
    #expect(try await site.get("/b").body == "2")
    #expect(calls.get() == 2)
    #expect(site.scheduledCount == 2)
    await site.finishInvocation()
    #expect(calls.get() == 4)
    #expect(site.scheduledCount == 0)
    let bodies = [try await site.get("/a").body, try await site.get("/b").body]
    #expect(Set(bodies) == ["3", "4"])
    #expect(calls.get() == 4)
    await site.finishInvocation()
    #expect(calls.get() == 4)
  }

  @Test(
    "A stale response stays when its revalidation fails, and is revalidated after its next use")
  func failure() async throws {
    let failing = LockedValue(false)
    let (site, calls) = site(failing: failing)
    _ = try await site.get()
    site.clock.advance(by: .seconds(15))
    _ = try await site.get()
    failing.set(true)
    await site.finishInvocation()
    #expect(calls.get() == 2)
    #expect(try await site.get().body == "1")
    failing.set(false)
    await site.finishInvocation()
    #expect(try await site.get().body == "3")
    #expect(calls.get() == 3)
  }

  @Test("A stale response is revalidated for the request whose response may be stored")
  func unfitRenewal() async throws {
    let policy = HTTPCachePolicy.shared.with { $0.asksByGET = false }
    for odd in [HTTPRequestParts.get("/", ["cache-control": "no-store"]), .request("HEAD")] {
      let (site, calls) = site(policy)
      _ = try await site.get()
      site.clock.advance(by: .seconds(15))
      #expect(try await site.respond(to: odd).status == 200)
      #expect(site.scheduledCount == 0)
      _ = try await site.get()
      #expect(site.scheduledCount == 1)
      await site.finishInvocation()
      #expect(try await site.get().body == "2")
      #expect(calls.get() == 2)
    }
  }

  @Test("A stale response is served to all callers while one of them revalidates it")
  func oneRefreshes() async throws {
    let gate = LockedValue<Gate<Void>?>(nil)
    for afterResponse in [false, true] {
      let (site, calls) = site(afterResponse: afterResponse, gate: gate)
      _ = try await site.get()
      site.clock.advance(by: .seconds(15))
      #expect(try await site.get().body == "1")
      let door = Gate<Void>()
      gate.set(door)
      let renewal = Task {
        if afterResponse {
          await site.finishInvocation()
        } else {
          let renewed = try await site.get()
          #expect(renewed.body == "2")
        }
      }
      try await eventually("the revalidation asks") { calls.get() == 2 }
      for _ in 0..<5 { #expect(try await site.get().body == "1") }
      #expect(calls.get() == 2)
      gate.set(nil)
      door.open()
      try await renewal.value
      #expect(try await site.get().body == "2")
      #expect(site.scheduledCount == 0)
    }
  }

  @Test(
    "A stale response is revalidated by the next request if nothing runs after responses")
  func atNextAccess() async throws {
    let failing = LockedValue(false)
    let (site, calls) = site(afterResponse: false, failing: failing)
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

  @Test(
    "A stale response is revalidated by the next request if its invocation has not done so")
  func abandoned() async throws {
    let (site, calls) = site()
    _ = try await site.get()
    site.clock.advance(by: .seconds(15))
    #expect(try await site.get().body == "1")
    site.abandonInvocation()
    #expect(site.scheduledCount == 0)
    #expect(calls.get() == 1)
    #expect(try await site.get().body == "2")
    // What the first invocation had left is not done by another one.
    await site.finishInvocation()
    #expect(calls.get() == 2)
  }

  @Test("A stale response is served to other invocations while one has yet to revalidate it")
  func otherInvocation() async throws {
    let (site, calls) = site()
    _ = try await site.get()
    site.clock.advance(by: .seconds(15))
    #expect(try await site.get().body == "1")
    let other = InvocationScope(deadline: nil)
    let body = try await InvocationScope.$current.withValue(other) {
      try await site.handler.handle(TestRequest(.get()), context: 0).httpResponseParts.body
    }
    #expect(body == "1")
    await other.finish()
    #expect(calls.get() == 1)
    await site.finishInvocation()
    #expect(calls.get() == 2)
    #expect(try await site.get().body == "2")
  }

  @Test(
    "A stale response is revalidated at the end of an invocation of any length",
    arguments: [0, 1, 2, 30, 899])
  func longInvocation(seconds: Int) async throws {
    let calls = LockedValue(0)
    let site = Site(afterResponse: true) { _ in
      var response = Self.numbered(calls.increment())
      response.fields["cache-control"] = "max-age=10, stale-while-revalidate=9999"
      return response
    }
    _ = try await site.get()
    site.clock.advance(by: .seconds(15))
    _ = try await site.get()
    site.clock.advance(by: .seconds(seconds))
    await site.finishInvocation()
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

  @Test("A stale response is revalidated at once when too many are scheduled")
  func bounded() async throws {
    let (site, calls) = site()
    let count = Revalidations.scheduleLimit + 10
    for number in 0..<count { _ = try await site.get("/\(number)") }
    site.clock.advance(by: .seconds(15))
    for number in 0..<count { _ = try await site.get("/\(number)") }
    #expect(site.scheduledCount == Revalidations.scheduleLimit)
    #expect(calls.get() == count + 10)
  }

  @Test("A stale response is revalidated by a condition that the handler may confirm")
  func conditional() async throws {
    let site = Site(afterResponse: true) { request in
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
    await site.finishInvocation()
    let response = try await site.get()
    #expect(response.body == "one")
    #expect(response.fields["x-renewed"] == "yes")
    #expect(response.fields["age"] == "0")
  }
}
