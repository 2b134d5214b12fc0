import LambdaCache
import LambdaCacheHandlers
import Synchronization
import TestSupport
import Testing

private struct Request: Codable, Sendable {
  let username: String
  var isPrivate = false
}

private struct Profile: Codable, Sendable, Equatable {
  let name: String
  let visits: Int
}

private struct DatabaseError: Error {}

/// A database that counts what is read from it.
private final class Database: Sendable {
  private let reads = Locked(0)

  var readCount: Int { reads.withLock { $0 } }

  @Sendable func profile(of username: String) throws -> Profile {
    let count = reads.increment()
    if username == "nobody" { throw DatabaseError() }
    return Profile(name: username, visits: count)
  }
}

private func makeCache(
  byteLimit: Int = 1 << 20, timeToLive: Duration? = nil, clock: ManualClock? = nil
) -> Cache<String, Profile> {
  Cache(
    byteLimit: byteLimit, timeToLive: timeToLive,
    heapByteCount: { $0.heapByteCount + $1.name.heapByteCount }, configure: { $0.clock = clock })
}

/// The handler type of a runtime, as an application writes it.
private struct ProfileHandler: LambdaHandler {
  let cached: CachedHandler<Request, LambdaContext, String, Profile>

  func handle(_ event: Request, context: LambdaContext) async throws -> Profile {
    try await cached.handle(event, context: context)
  }
}

/// A wrapped handler can be the runtime's handler type itself.
extension CachedHandler: LambdaHandler
where Context == LambdaContext, Event: Decodable, Output: Encodable {}

/// Answers from the cache and does the rest of its work afterwards.
private struct AuditingHandler: LambdaWithBackgroundProcessingHandler {
  typealias Event = Request
  typealias Output = Profile

  let cached: CachedHandler<Request, LambdaContext, String, Profile>
  let audit: Audit

  func handle(
    _ event: Request, outputWriter: some LambdaResponseWriter<Profile>, context: LambdaContext
  ) async throws {
    try await outputWriter.write(try await cached.handle(event, context: context))
    audit.note(context.requestID)
  }
}

private final class Audit: Sendable {
  private let log = Locked<[String]>([])

  var entries: [String] { log.withLock { $0 } }

  func note(_ entry: String) { log.withLock { $0.append(entry) } }
}

private struct AuditedWriter: LambdaResponseWriter {
  let audit: Audit

  func write(_ response: Profile) async throws { audit.note(response.name) }
}

@Suite("A cached handler")
struct CachedHandlerTests {
  private let database = Database()

  private func handler(
    _ cache: Cache<String, Profile>, timeToLive: Duration? = nil
  ) -> CachedHandler<Request, LambdaContext, String, Profile> {
    CachedHandler(
      cache: cache, timeToLive: timeToLive, key: { $0.isPrivate ? nil : $0.username },
      handler: { [database] request, _ in try database.profile(of: request.username) })
  }

  private let context = LambdaContext(requestID: "1")

  @Test("A cached handler calls the handler once for a key and answers from the cache afterwards")
  func hits() async throws {
    let handler = handler(makeCache())
    for _ in 0..<5 {
      #expect(
        try await handler.handle(Request(username: "ada"), context: context)
          == Profile(name: "ada", visits: 1))
    }
    #expect(
      try await handler.handle(Request(username: "alan"), context: context)
        == Profile(name: "alan", visits: 2))
    #expect(database.readCount == 2)
    #expect(handler.cache.statistics.hits == 4)
    #expect(handler.cache["ada"] == Profile(name: "ada", visits: 1))
  }

  @Test("A cached handler goes past the cache for an event without a key, both ways")
  func bypasses() async throws {
    let handler = handler(makeCache())
    for visit in 1...3 {
      let profile = try await handler.handle(
        Request(username: "ada", isPrivate: true), context: context)
      #expect(profile.visits == visit)
    }
    #expect(handler.cache.isEmpty)
    #expect(handler.cache.statistics.requests == 0)
    await #expect(throws: DatabaseError.self) {
      try await handler.handle(Request(username: "nobody", isPrivate: true), context: context)
    }
  }

  @Test("A cached handler passes errors on and asks the handler again the next time")
  func errors() async throws {
    let handler = handler(makeCache())
    for _ in 0..<3 {
      await #expect(throws: DatabaseError.self) {
        try await handler.handle(Request(username: "nobody"), context: context)
      }
    }
    #expect(database.readCount == 3)
    #expect(handler.cache.isEmpty)
  }

  @Test(
    "A cached handler keeps an output for its own time to live, else for the cache's",
    arguments: [(nil, 60), (.seconds(5), 5), (.seconds(500), 500)] as [(Duration?, Int)])
  func lifetimes(timeToLive: Duration?, seconds: Int) async throws {
    let clock = ManualClock()
    let handler = handler(
      makeCache(timeToLive: .seconds(60), clock: clock), timeToLive: timeToLive)
    func visits() async throws -> Int {
      try await handler.handle(Request(username: "ada"), context: context).visits
    }
    #expect(try await visits() == 1)
    clock.advance(by: .seconds(seconds) - .milliseconds(1))
    #expect(try await visits() == 1)
    clock.advance(by: .milliseconds(1))
    #expect(try await visits() == 2)
  }

  @Test("A cached handler answers without keeping anything if its cache is turned off")
  func turnedOff() async throws {
    let handler = handler(makeCache(byteLimit: 0))
    for visit in 1...3 {
      #expect(
        try await handler.handle(Request(username: "ada"), context: context).visits == visit)
    }
  }

  @Test("A cached handler gives the handler the context of the invocation that it runs for")
  func contexts() async throws {
    let requestIDs = Audit()
    let handler = CachedHandler(
      cache: makeCache(), key: { (request: Request) in request.username },
      handler: { (request, context: LambdaContext) in
        requestIDs.note(context.requestID)
        return Profile(name: request.username, visits: 1)
      })
    for id in ["7", "8"] {
      _ = try await handler.handle(
        Request(username: "ada"), context: LambdaContext(requestID: id))
    }
    #expect(requestIDs.entries == ["7"])
  }

  @Test("A cached handler gives invocations that run at once one call, with one answer")
  func concurrentInvocations() async throws {
    let cache = makeCache()
    let database = database
    let runtime = LambdaManagedRuntime(
      body: cached(by: { (request: Request) in request.username }, in: cache) { request, _ in
        // Every invocation has asked before the first is answered.
        while cache.statistics.misses < 100 {
          try Task.checkCancellation()
          await Task.yield()
        }
        return try database.profile(of: request.username)
      })
    let visits = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<100 {
        group.addTask { try await runtime.invoke(Request(username: "ada")).visits }
      }
      return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
    }
    #expect(visits == [1])
    #expect(database.readCount == 1)
  }

  @Test("A cached handler ends its invocation when it has answered, whatever retains the handler")
  func endsItsInvocation() async throws {
    let kept = Locked<InvocationScope?>(nil)
    let handler = CachedHandler<Request, Void, String, Profile>(
      cache: makeCache(), key: { $0.username },
      handler: { request, _ in
        kept.withLock { $0 = InvocationScope.current }
        return Profile(name: request.username, visits: 1)
      })
    _ = try await handler.handle(Request(username: "ada"), context: ())
    let scope = try #require(kept.withLock { $0 })
    #expect(!scope.isOpen)
  }
}

@Suite("A cached handler fits the official runtime", .timeLimit(.minutes(15)))
struct RuntimeShapeTests {
  private let database = Database()

  private var handler: CachedHandler<Request, LambdaContext, String, Profile> {
    CachedHandler(
      cache: makeCache(), key: { $0.username },
      handler: { [database] request, _ in try database.profile(of: request.username) })
  }

  private func makeRuntime() -> LambdaRuntime<Request, Profile> {
    LambdaRuntime(body: handler.handle)
  }

  @Test("A cached handler fits the official runtime as the body that it takes over")
  func sendingBody() async throws {
    let runtime = makeRuntime()
    for _ in 0..<2 {
      #expect(try await runtime.invoke(Request(username: "ada")).visits == 1)
    }
  }

  @Test("A cached handler fits the official runtime as its body, from a closure")
  func sendingClosure() async throws {
    let cache = makeCache()
    let database = database
    let runtime = LambdaRuntime(
      body: cached(by: { (request: Request) in request.username }, in: cache) { request, context in
        try database.profile(of: request.username + "/" + context.requestID)
      })
    for _ in 0..<2 {
      let profile = try await runtime.invoke(Request(username: "ada"), requestID: "r1")
      #expect(profile == Profile(name: "ada/r1", visits: 1))
    }
    #expect(cache.count == 1)
  }

  @Test("A cached handler fits the official runtime as the body that it runs several times at once")
  func sendableBody() async throws {
    let runtime = LambdaManagedRuntime(body: handler.handle)
    for _ in 0..<2 {
      #expect(try await runtime.invoke(Request(username: "ada")).visits == 1)
    }
  }

  @Test("A cached handler fits inside a handler type of the official runtime")
  func handlerType() async throws {
    #expect(try await visits(of: ProfileHandler(cached: handler)) == [1, 1])
  }

  @Test("A cached handler fits as a handler type of the official runtime itself")
  func ownConformance() async throws {
    #expect(try await visits(of: handler) == [1, 1])
  }

  private func visits<Handler: LambdaHandler>(of handler: Handler) async throws -> [Int]
  where Handler.Event == Request, Handler.Output == Profile {
    var visits: [Int] = []
    for id in ["1", "2"] {
      let context = LambdaContext(requestID: id)
      visits.append(try await handler.handle(Request(username: "ada"), context: context).visits)
    }
    return visits
  }

  @Test("A cached handler fits a handler type that goes on after the response")
  func backgroundProcessing() async throws {
    let audit = Audit()
    let handler = AuditingHandler(cached: handler, audit: audit)
    for id in ["1", "2"] {
      try await handler.handle(
        Request(username: "ada"), outputWriter: AuditedWriter(audit: audit),
        context: LambdaContext(requestID: id))
    }
    #expect(audit.entries == ["ada", "1", "ada", "2"])
    #expect(database.readCount == 1)
  }

  #if os(Linux)
    @Test("A cached handler fits a memory budget, which learns of every invocation")
    func invocationBoundaries() async throws {
      let budget = try MemoryBudget(environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "10240"])
      let cache = Cache<String, Profile>(
        named: "profiles", in: budget, heapByteCount: { $0.heapByteCount + $1.name.heapByteCount })
      let database = database
      @Sendable func key(of request: Request) -> String? { request.username }
      let body = cached(by: key(of:), in: cache) { (request: Request, _: LambdaContext) in
        try database.profile(of: request.username)
      }
      for _ in 0..<3 { _ = try await body(Request(username: "ada"), LambdaContext(requestID: "1")) }
      #expect(budget.guardStatistics.readings == 3)
      let plain = guarded(by: budget) { (request: Request, _: LambdaContext) in request.username }
      #expect(try await plain(Request(username: "bo"), LambdaContext(requestID: "2")) == "bo")
      #expect(budget.guardStatistics.readings == 4)
      #expect(database.readCount == 1)
    }
  #endif

  @Test("A cached handler takes a key of any type, such as a tenant's, from the event by a closure")
  func otherKeys() async throws {
    struct TenantKey: Hashable, Sendable {
      let tenant: String
      let user: String
    }
    let cache = Cache<TenantKey, Profile>(byteLimit: 1 << 20, heapByteCount: { _, _ in 64 })
    let database = database
    @Sendable func key(of request: Request) -> TenantKey? {
      let parts = request.username.split(separator: "/").map(String.init)
      return parts.count == 2 ? TenantKey(tenant: parts[0], user: parts[1]) : nil
    }
    let body = cached(by: key(of:), in: cache, timeToLive: .seconds(3_600)) {
      (request: Request, _: LambdaContext) in
      try database.profile(of: request.username)
    }
    let runtime = LambdaManagedRuntime(body: body)
    var visits: [Int] = []
    for name in ["a/ada", "b/ada", "a/ada", "ada", "ada"] {
      visits.append(try await runtime.invoke(Request(username: name)).visits)
    }
    #expect(visits == [1, 2, 1, 3, 4])
  }
}
