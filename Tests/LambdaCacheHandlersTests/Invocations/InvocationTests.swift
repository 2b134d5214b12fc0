import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

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
    Cache(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      $0.loading.staleWhileRevalidate = .seconds(100)
      $0.clock = clock
    }
  }

  @Test("An invocation reads a key once, whatever becomes of it in the cache")
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

  @Test(
    "An invocation reads a key once, whatever becomes of other keys and caches meanwhile",
    arguments: [true, false])
  func otherKeys(isSet: Bool) async throws {
    let (prices, other) = (cache(), cache())
    try await withInvocation { invocation in
      let first = try await invocation.value(forKey: "a", in: prices) { _ in
        if isSet { invocation.setValue(5, forKey: "b", in: prices) }
        invocation.removeValue(forKey: "c", in: prices)
        invocation.removeValue(forKey: "a", in: other)
        invocation.setValue(6, forKey: "a", in: other)
        return 1
      }
      prices["a"] = 2
      #expect(first == 1)
      #expect(try await invocation.value(forKey: "a", in: prices) { _ in 3 } == 1)
      #expect(try await invocation.value(forKey: "a", in: other) { _ in 3 } == 6)
    }
  }

  @Test("An invocation does not read again what it has set or removed while it was loaded")
  func ownKey() async throws {
    let prices = cache()
    try await withInvocation { (invocation: Invocation) async throws in
      #expect(
        try await invocation.value(forKey: "a", in: prices) { _ in
          invocation.setValue(5, forKey: "a", in: prices)
          return 1
        } == 5)
      #expect(try await invocation.value(forKey: "a", in: prices) { _ in 3 } == 5)
      #expect(
        try await invocation.value(forKey: "b", in: prices) { _ in
          invocation.removeValue(forKey: "b", in: prices)
          return 1
        } == 1)
      #expect(try await invocation.value(forKey: "b", in: prices) { _ in 3 } == 3)
      #expect(try await invocation.value(forKey: "b", in: prices) { _ in 4 } == 3)
    }
  }

  @Test(
    "An invocation does not read again what was removed from the cache while it was loaded",
    arguments: [0, 1, 2])
  func removedFromCache(way: Int) async throws {
    let prices = cache()
    try await withInvocation { invocation in
      let first = try await invocation.value(forKey: "a", in: prices) { _ in
        switch way {
        case 0: prices.removeValue(forKey: "a")
        case 1: prices.removeAll()
        default: prices["a"] = 2
        }
        return 1
      }
      #expect(first == 1)
      let second = try await invocation.value(forKey: "a", in: prices) { _ in 2 }
      #expect(second == 2)
      prices["a"] = 7
      #expect(try await invocation.value(forKey: "a", in: prices) { _ in 8 } == 2)
    }
  }

  @Test("An invocation reads a key again after a load that threw")
  func failedRead() async throws {
    struct Failure: Error {}
    let prices = cache()
    try await withInvocation { (invocation: Invocation) async throws in
      await #expect(throws: Failure.self) {
        try await invocation.value(forKey: "a", in: prices) { _ in throw Failure() }
      }
      #expect(try await invocation.value(forKey: "a", in: prices) { _ in 1 } == 1)
      prices["a"] = 2
      #expect(try await invocation.value(forKey: "a", in: prices) { _ in 3 } == 1)
    }
  }

  @Test("An invocation remembers what was read first of a bounded number of keys")
  func boundedReads() async throws {
    let prices = Cache<Int, Int>(byteLimit: 1 << 20)
    try await withInvocation { invocation in
      let limit = ReadMemory.limit
      for key in 0...limit {
        _ = try await invocation.value(forKey: key, in: prices) { _ in 1 }
      }
      for key in [0, limit - 1, limit] { prices[key] = 2 }
      #expect(try await invocation.value(forKey: 0, in: prices) { _ in 3 } == 1)
      #expect(try await invocation.value(forKey: limit - 1, in: prices) { _ in 3 } == 1)
      #expect(try await invocation.value(forKey: limit, in: prices) { _ in 3 } == 2)
      // A removal makes room for another key; what was set is read if there is room or not.
      invocation.setValue(4, forKey: limit, in: prices)
      #expect(try await invocation.value(forKey: limit, in: prices) { _ in 3 } == 4)
      invocation.removeValue(forKey: 0, in: prices)
      invocation.setValue(5, forKey: limit, in: prices)
      prices[limit] = 6
      #expect(try await invocation.value(forKey: limit, in: prices) { _ in 3 } == 5)
      // One that is remembered can always be set.
      invocation.setValue(7, forKey: 1, in: prices)
      prices[1] = 8
      #expect(try await invocation.value(forKey: 1, in: prices) { _ in 3 } == 7)
    }
  }

  @Test("An invocation lets go of what it has read when it ends")
  func lettingGo() async throws {
    final class Price: Sendable {}
    weak var seen: Price?
    let prices = Cache<Int, Price>(byteLimit: 1 << 20, heapByteCount: { _, _ in 16 })
    do {
      let invocation = Invocation()
      try await invocation.run {
        seen = try await invocation.value(forKey: 1, in: prices) { _ in Price() }
      }
      prices.removeAll()
      #expect(seen != nil)
      await invocation.finish()
    }
    #expect(seen == nil)
  }

  @Test("An invocation of two tasks that read a key at once shows both the same")
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

  @Test("An invocation loads what it served stale once the response is on its way")
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

  @Test("An invocation that ends with its response leaves what it served stale to the next")
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

  @Test("An invocation joins the one that a runtime has begun")
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

  @Test("An invocation knows the deadline of a context that has one, through every adapter")
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
    /// In the year 2100.
    var deadlineInMilliseconds: Int64? { 4_102_444_800_000 }
  }

  @Test("An invocation knows the deadline of a context whose type is not the declared one")
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
    #expect(try await remainingTime(in: Telling()) != nil)
    #expect(try await remainingTime(in: Telling() as Silent) != nil)
    #expect(try await remainingTime(in: Telling() as any Sendable) != nil)
    #expect(try await remainingTime(in: Telling() as any InvocationContext & Sendable) != nil)
    let optional = Optional(LambdaContext(requestID: "1", deadline: 4_102_444_800_000))
    #expect(try await remainingTime(in: optional) != nil)
    #expect(try await remainingTime(in: Silent()) == nil)
    #expect(try await remainingTime(in: 5) == nil)
  }

  @Test("An invocation that throws ends as well")
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
