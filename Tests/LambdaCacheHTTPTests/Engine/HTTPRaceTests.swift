import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHTTP

@Suite("Requests and invalidations that overtake each other", .timeLimit(.minutes(10)))
struct HTTPRaceTests {
  fileprivate static func response(_ cacheControl: String, body: String = "one")
    -> HTTPResponseParts
  {
    HTTPResponseParts(status: 200, fields: ["cache-control": cacheControl], body: body)
  }

  /// A handler whose responses stay, and actions that run while they are stored.
  private struct Interrupted {
    let responses: HTTPResponseCache
    let handler: CachedHTTPHandler<TestRequest, Int, TestResponse>
    /// Runs when the size of the next entry is asked for: before it is stored, and after the check
    /// that it may be.
    let action = LockedValue<(@Sendable () -> Void)?>(nil)
    /// Runs when an entry has left: after the one that took its place was stored.
    let later = LockedValue<(@Sendable () -> Void)?>(nil)
    let calls = LockedValue(0)

    init(entryLimit: Int? = nil) {
      let cache = Cache<String, StoredResponse>(
        byteLimit: 1 << 20, entryLimit: entryLimit,
        heapByteCount: { [action] _, response in
          let body = action.get()
          action.set(nil)
          body?()
          return response.heapByteCount
        }, configure: { [later] in $0.onRemoval = { _, _, _ in later.get()?() } })
      responses = HTTPResponseCache(in: cache)
      handler = CachedHTTPHandler(responses: responses) { [calls] _, _ in
        calls.update { $0 += 1 }
        return TestResponse(httpResponseParts: HTTPRaceTests.response("max-age=86400"))
      }
    }

    /// Whether a request would be answered from the cache now.
    func hasResponse(for path: String) -> Bool {
      guard case .cached(let request) = responses.route(.get(path)) else { return false }
      return responses.store.find(request.address, at: responses.clock.now()).record != nil
    }

    func get(_ path: String) async throws {
      _ = try await handler.handle(TestRequest(.get(path)), context: 0)
    }
  }

  @Test("A response that is invalidated between the check and its storage does not stay")
  func whileStoring() async throws {
    let site = Interrupted()
    site.action.set { [responses = site.responses] in responses.removeResponses(for: .get("/b")) }
    try await site.get("/b")
    #expect(site.action.get() == nil)
    try await site.get("/b")
    #expect(site.calls.get() == 2)
    try await site.get("/b")
    #expect(site.calls.get() == 2)
  }

  @Test("A response is found only when it is known that it was not invalidated")
  func whileStored() async throws {
    for isInvalidated in [false, true] {
      let site = Interrupted(entryLimit: 1)
      try await site.get("/a")
      if isInvalidated {
        site.action.set { [responses = site.responses] in
          responses.removeResponses(for: .get("/b"))
        }
      }
      let found = LockedValue<[Bool]>([])
      site.later.set { found.update { $0.append(site.hasResponse(for: "/b")) } }
      try await site.get("/b")
      site.later.set(nil)
      #expect(found.get().first == false)
      #expect(site.hasResponse(for: "/b") == !isInvalidated)
    }
  }

  @Test("A response that came too late takes no other with it")
  func tooLate() async throws {
    let site = Site { _ in Self.response("max-age=60") }
    _ = try await site.get()
    guard case .cached(let request) = site.responses.route(.get()) else { return }
    let reading = HTTPClock.Reading(date: 1_793_954_977_000, steady: 0)
    let late = Intake(policy: .shared)(
      Self.response("max-age=60"), times: Intake.Times(asked: reading, answered: reading),
      isAuthorized: false, isWhole: true, mayStore: true)
    let record = try #require(late.record)
    site.responses.store.remove(record, forKey: request.address.target)
    _ = try await site.get()
    #expect(site.asked.count == 1)
  }

  @Test("A response that is invalidated while another spelling moves it does not come back")
  func whileMoving() async throws {
    let site = Interrupted()
    try await site.get("/b")
    // The first size that is asked for is that of the copy of what is stored for "/b".
    site.action.set { [responses = site.responses] in responses.removeResponses(for: .get("/b")) }
    try await site.get("/%62")
    #expect(site.action.get() == nil)
    #expect(site.calls.get() == 2)
    for _ in 0..<2 { try await site.get("/b") }
    #expect(site.calls.get() == 3)
  }

  @Test("A target is not remembered when its calls have ended")
  func forgottenTargets() {
    let log = InvalidationLog()
    let first = log.begin("/")
    log.invalidate("/")
    #expect(log.epoch(of: "/") == first + 1)
    let second = log.begin("/")
    log.end("/")
    #expect(log.epoch(of: "/") == second)
    log.end("/")
    #expect(log.epoch(of: "/") == 0)
  }

  @Test("An invalidation is remembered while a request waits that came before it, and no longer")
  func rememberedInvalidation() async throws {
    let (first, second) = (Gate<Void>(), Gate<Void>())
    let calls = LockedValue(0)
    let site = Site { request in
      guard request.method == "GET" else { return HTTPResponseParts(status: 204) }
      let number = calls.increment()
      try await (number == 1 ? first : second).pass()
      return Self.response("private", body: "\(number)")
    }
    let target = site.responses.targets(namedBy: .get()).first!
    let asking = Task { try await site.get() }
    try await eventually("the handler is asked") { calls.get() == 1 }
    let waiting = Task { try await site.get() }
    try await eventually("another request waits") {
      site.responses.calls.statistics.misses == 2
    }
    _ = try await site.respond(to: .request("POST"))
    first.open()
    #expect(try await asking.value.body == "1")
    try await eventually("the other asks for itself") { calls.get() == 2 }
    // A request that comes now must not be given what was made before the change.
    #expect(site.responses.invalidations.epoch(of: target) == 1)
    second.open()
    #expect(try await waiting.value.body == "2")
    #expect(site.responses.invalidations.epoch(of: target) == 0)
  }

  @Test("A request that is cancelled gets no stale response in the place of its cancellation")
  func cancelled() async throws {
    let isCancelling = LockedValue(false)
    let site = Site { _ in
      if isCancelling.get() { throw CancellationError() }
      return Self.response("max-age=1, stale-if-error=600")
    }
    _ = try await site.get()
    site.clock.advance(by: .seconds(5))
    isCancelling.set(true)
    await #expect(throws: CancellationError.self) { try await site.get() }
  }

  @Test("Requests share a call again as soon as a response may be shared")
  func sharedAgain() async throws {
    let cacheControl = LockedValue("no-store")
    let site = Site { _ in Self.response(cacheControl.get()) }
    _ = try await site.get()
    #expect(site.responses.unshared.count == 1)
    cacheControl.set("max-age=60")
    _ = try await site.get()
    #expect(site.responses.unshared.isEmpty)
  }

  @Test("A request that demands a validation has a call of its own")
  func requireArgument() async throws {
    let gate = Gate<Void>()
    let calls = LockedValue(0)
    let site = Site { _ in
      let number = calls.increment()
      if number == 2 { try await gate.pass() }
      return Self.response("max-age=60", body: "\(number)")
    }
    _ = try await site.get()
    site.clock.advance(by: .seconds(30))
    let first = Task { try await site.get("/", ["cache-control": "max-age=10"]) }
    try await eventually("the first asks") { calls.get() == 2 }
    #expect(try await site.get("/", ["cache-control": "max-age=20"]).body == "3")
    gate.open()
    #expect(try await first.value.body == "2")
  }

  @Test("A revalidation in progress keeps the next request from beginning another")
  func oneRenewal() {
    let revalidations = Revalidations()
    let reading = HTTPClock.Reading(date: 1_793_954_977_000, steady: 0)
    let result = Intake(policy: .shared)(
      Self.response("max-age=10, stale-while-revalidate=60"),
      times: Intake.Times(asked: reading, answered: reading), isAuthorized: false, isWhole: true,
      mayStore: true)
    guard let record = result.record else {
      Issue.record("the response may be stored")
      return
    }
    #expect(revalidations.decide("/", record) == .serveStale)
    #expect(revalidations.decide("/", record) == .revalidate)
    #expect(revalidations.decide("/", record) == .serveStale)
    revalidations.finish("/")
    #expect(revalidations.decide("/", record) == .revalidate)
  }
}
