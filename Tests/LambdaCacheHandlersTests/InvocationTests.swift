import LambdaCache
import LambdaCacheHandlers
import Testing

extension LambdaContext: InvocationContext {
  var deadlineInMilliseconds: Int64? { deadline }
}

private struct Order: Codable, Sendable {
  var article: String
}

/// Answers, and goes on while the response is on its way.
private struct RefreshingHandler: LambdaWithBackgroundProcessingHandler {
  typealias Event = Order
  typealias Output = Int

  let prices: Cache<String, Int>
  let load: @Sendable (String) async throws -> Int

  func handle(
    _ event: Order, outputWriter: some LambdaResponseWriter<Int>, context: LambdaContext
  ) async throws {
    let invocation = Invocation(context)
    try await invocation.run {
      try await outputWriter.write(try await prices.value(forKey: event.article, orLoad: load))
    }
    await invocation.finish()
  }
}

private final class Responses: LambdaResponseWriter, Sendable {
  private let responses = Locked<[Int]>([])

  var written: [Int] { responses.withLock { $0 } }

  func write(_ response: Int) async throws { responses.withLock { $0.append(response) } }
}

@Suite("An invocation", .timeLimit(.minutes(15)))
struct InvocationTests {
  private let clock = ManualClock()

  private func cache() -> Cache<String, Int> {
    Cache(
      byteLimit: 1 << 20,
      expiration: Expiration(timeToLive: .seconds(10), staleWhileRevalidate: .seconds(100)),
      clock: clock)
  }

  @Test("reads a key once, whatever becomes of it in the cache")
  func repeatableReads() async throws {
    let (prices, other) = (cache(), cache())
    let runtime = LambdaRuntime { (event: Order, context: LambdaContext) in
      try await withInvocation(context, caches: [prices]) { invocation in
        let first = try await invocation.value(forKey: event.article, in: prices) { _ in 1 }
        prices[event.article] = 2
        prices.removeAll()
        other.removeAll()
        let second = try await invocation.value(forKey: event.article, in: prices) { _ in 3 }
        let four = try await invocation.value(forKey: event.article, in: other) { _ in 4 }
        #expect(four == 4)
        invocation.setValue(5, forKey: event.article, in: other)
        #expect(try await invocation.value(forKey: event.article, in: other) { _ in 6 } == 5)
        invocation.removeValue(forKey: event.article, in: other)
        #expect(try await invocation.value(forKey: event.article, in: other) { _ in 7 } == 7)
        return [first, second, invocation.statistics(of: prices).misses]
      }
    }
    #expect(try await runtime.invoke(Order(article: "tea")) == [1, 1, 1])
    #expect(try await runtime.invoke(Order(article: "tea")) == [1, 1, 1])
    #expect(prices.statistics.misses == 2)
  }

  @Test("of two tasks that read a key at once shows both the same")
  func concurrentReads() async throws {
    let prices = Cache<String, Int>(byteLimit: 0)
    let count = Locked(0)
    try await withInvocation { invocation in
      let answers = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<50 {
          group.addTask {
            try await invocation.value(forKey: "tea", in: prices) { _ in
              await Task.yield()
              return count.withLock {
                $0 += 1
                return $0
              }
            }
          }
        }
        return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
      }
      #expect(answers.count == 1)
    }
  }

  @Test("loads what it served stale when the response is on its way")
  func background() async throws {
    let prices = cache()
    prices["tea"] = 1
    clock.advance(by: .seconds(20))
    let isWritten = Locked(false)
    let responses = Responses()
    let handler = RefreshingHandler(prices: prices) { [responses] _ in
      #expect(responses.written == [1])
      isWritten.withLock { $0 = true }
      return 2
    }
    try await handler.handle(
      Order(article: "tea"), outputWriter: responses, context: LambdaContext(requestID: "1"))
    #expect(responses.written == [1])
    #expect(isWritten.withLock { $0 })
    #expect(prices["tea"] == 2)
  }

  @Test("that ends with its response leaves what it served stale to the next")
  func nextInvocation() async throws {
    let prices = cache()
    prices["tea"] = 1
    clock.advance(by: .seconds(20))
    let runtime = LambdaManagedRuntime { (event: Order, context: LambdaContext) in
      try await withInvocation(context) { _ in
        try await prices.value(forKey: event.article) { _ in 2 }
      }
    }
    #expect(try await runtime.invoke(Order(article: "tea")) == 1)
    #expect(try await runtime.invoke(Order(article: "tea")) == 2)
  }

  @Test("joins the one that a runtime has begun")
  func joining() async throws {
    let scope = InvocationScope()
    try await InvocationScope.$current.withValue(scope) { () async throws in
      try await withInvocation(LambdaContext(requestID: "1", deadline: 1)) { invocation in
        #expect(invocation.scope === scope)
        #expect(invocation.scope.remainingTime == nil)
      }
    }
    await scope.finish()
  }

  @Test("knows the deadline of a context that says it, through every adapter")
  func deadlines() async throws {
    let prices = cache()
    _ = try await prices.value(forKey: "slow") { _ in
      try await Task.sleep(for: .milliseconds(20))
      return 1
    }
    let over = LambdaContext(requestID: "1", deadline: 1)
    let handler = CachedHandler(
      cache: prices, key: { (order: Order) in order.article },
      handler: { (order: Order, context: LambdaContext) in 7 })
    await #expect(throws: CacheLoadError.self) {
      try await handler.handle(Order(article: "tea"), context: over)
    }
    await #expect(throws: CacheLoadError.self) {
      try await withInvocation(over) { _ in try await prices.value(forKey: "tea") { _ in 7 } }
    }
    #expect(
      try await handler.handle(Order(article: "tea"), context: LambdaContext(requestID: "2")) == 7)
  }

  /// A context that says nothing, and one of a kind with it that does.
  private class Silent: @unchecked Sendable {}
  private final class Telling: Silent, @unchecked Sendable, InvocationContext {
    var deadlineInMilliseconds: Int64? { 1 }
  }

  @Test("knows it as well of a context whose type is not the one that it is declared as")
  func hiddenDeadlines() async throws {
    func remainingTime<Context: Sendable>(in context: Context) async throws -> Duration? {
      let left = Locked<Duration?>(nil)
      let handler = CachedHandler<Int, Context, Int, Int>(
        cache: Cache(byteLimit: 1 << 20), key: { $0 },
        handler: { event, _ in
          left.withLock { $0 = InvocationScope.current?.remainingTime }
          return event
        })
      _ = try await handler.handle(1, context: context)
      return left.withLock { $0 }
    }
    #expect(try await remainingTime(in: Telling()) == .zero)
    #expect(try await remainingTime(in: Telling() as Silent) == .zero)
    #expect(try await remainingTime(in: Telling() as any Sendable) == .zero)
    #expect(try await remainingTime(in: Telling() as any InvocationContext & Sendable) == .zero)
    let optional = Optional(LambdaContext(requestID: "1", deadline: 1))
    #expect(try await remainingTime(in: optional) == .zero)
    #expect(try await remainingTime(in: Silent()) == nil)
    #expect(try await remainingTime(in: 5) == nil)
  }

  @Test("that throws ends as well")
  func throwing() async throws {
    struct Failure: Error {}
    let seen = Locked<InvocationScope?>(nil)
    await #expect(throws: Failure.self) {
      try await withInvocation { invocation in
        seen.withLock { $0 = invocation.scope }
        throw Failure()
      }
    }
    #expect(seen.withLock { $0?.isOpen } == false)
  }
}

@Suite("Warming a cache up", .timeLimit(.minutes(15)))
struct WarmUpTests {
  @Test("loads in batches, in order, what the cache does not have")
  func batches() async {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    cache[2] = 2
    let calls = Locked<[[Int]]>([])
    let report = await cache.warmUp(1...7, batchSize: 3) { keys in
      calls.withLock { $0.append(keys) }
      return Dictionary(uniqueKeysWithValues: keys.filter { $0 != 5 }.map { ($0, $0) })
    }
    #expect(calls.withLock { $0 } == [[1, 3], [4, 5, 6], [7]])
    #expect(report.end == .complete)
    #expect(report.loaded == 6)
    #expect(report.notFound == 1)
    #expect(report.error == nil)
    #expect(await cache.warmUp([]) { _ in [:] }.end == .complete)
  }

  @Test("stops when the cache is full, with the first ones in it")
  func full() async {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 10)
    let report = await cache.warmUp(0..<1_000, batchSize: 4) { keys in
      Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
    }
    #expect(report.end == .full)
    #expect(report.loaded == 12)
    #expect(cache.contains(3))
  }

  @Test("stops at an error, which it reports, and at its time")
  func ends() async {
    struct Failure: Error {}
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    let failed = await cache.warmUp(0..<10) { _ in throw Failure() }
    #expect(failed.end == .failed)
    #expect(failed.error is Failure)
    #expect(await cache.warmUp(0..<10, within: .zero) { _ in [:] }.end == .timeLimit)
    let late = await cache.warmUp(0..<10, within: .milliseconds(5)) { _ in
      try await Task.sleep(for: .seconds(600))
      return [:]
    }
    #expect(late.end == .timeLimit)
    #expect(late.loaded == 0)
  }
}
