import LambdaCache
import Testing

@testable import LambdaCacheHTTP

@Suite("A new response", .timeLimit(.minutes(10)))
struct SupersedingTests {
  /// A site with a page that is there at first, and gone later.
  private func site(afterResponse: Bool, isGone: LockedValue<Bool>) -> Site {
    Site(afterResponse: afterResponse) { _ in
      isGone.get()
        ? HTTPResponseParts(status: 404, fields: ["cache-control": "max-age=10"], body: "gone")
        : HTTPResponseParts(
          status: 200,
          fields: [
            "cache-control": "max-age=10, stale-while-revalidate=600", "vary": "accept-language",
          ], body: "page")
    }
  }

  private let german: HTTPHeaderFields = ["accept-language": "de"]

  @Test(
    "A response from a revalidation is served instead of the stale one, also after its own time")
  func renewed() async throws {
    let isGone = LockedValue(false)
    let site = site(afterResponse: true, isGone: isGone)
    _ = try await site.get("/", german)
    isGone.set(true)
    site.clock.advance(by: .seconds(15))
    #expect(try await site.get("/", german).status == 200)
    await site.finishInvocation()
    #expect(try await site.get("/", german).status == 404)
    #expect(site.asked.count == 2)
    site.clock.advance(by: .seconds(15))
    // The page is not served from its window again.
    #expect(try await site.get("/", german).status == 404)
    #expect(site.asked.count == 3)
  }

  @Test("A new response leaves the variants that other requests select")
  func others() async throws {
    let isGone = LockedValue(false)
    let site = site(afterResponse: false, isGone: isGone)
    _ = try await site.get("/", german)
    _ = try await site.get("/", ["accept-language": "en"])
    isGone.set(true)
    _ = try await site.get("/", ["accept-language": "de", "cache-control": "no-cache"])
    #expect(try await site.get("/", german).status == 404)
    #expect(try await site.get("/", ["accept-language": "en"]).status == 200)
    #expect(site.asked.count == 3)
  }

  @Test("A new response of one user leaves those of another")
  func users() async throws {
    let calls = LockedValue(0)
    let site = Site(.personal) { request in
      let number = calls.increment()
      return HTTPResponseParts(
        status: 200,
        fields: ["cache-control": "max-age=60", "vary": request.fields["x-vary"] ?? "accept"],
        body: "\(number)")
    }
    _ = try await site.get("/", ["x-user": "\u{E9}"])
    _ = try await site.get("/", ["x-user": "e\u{301}"])
    _ = try await site.get(
      "/", ["x-user": "\u{E9}", "x-vary": "x-b", "cache-control": "no-cache"])
    #expect(try await site.get("/", ["x-user": "e\u{301}"]).body == "2")
    #expect(try await site.get("/", ["x-user": "\u{E9}"]).body == "3")
  }
}
