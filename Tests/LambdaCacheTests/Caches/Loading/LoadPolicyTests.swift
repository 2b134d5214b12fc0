import LambdaCache
import Testing

/// An error of a source that a test stands for.
struct SourceError: ClassifiedError, Equatable {
  var loadErrorClass: LoadErrorClass
  var retryAfter: Duration?
}

@Suite("The memory of failed loads", .timeLimit(.minutes(15)))
struct LoadPolicyTests {
  private let clock = ManualClock()
  private let loads = Locked(0)

  private func cache(
    _ loading: LoadPolicy, _ expiration: Expiration = Expiration(), byteLimit: Int = 1 << 20
  ) -> Cache<Int, Int> {
    Cache(byteLimit: byteLimit) {
      $0.expiration = expiration
      $0.loading = loading
      $0.clock = clock
    }
  }

  /// Asks for key 1 with a load that throws.
  private func ask(
    _ cache: Cache<Int, Int>, _ kind: LoadErrorClass, retryAfter: Duration? = nil
  ) async -> Result<Int, any Error> {
    do {
      return .success(
        try await cache.value(forKey: 1) { _ in
          loads.withLock { $0 += 1 }
          throw SourceError(loadErrorClass: kind, retryAfter: retryAfter)
        })
    } catch {
      return .failure(error)
    }
  }

  private func isFailure(_ result: Result<Int, any Error>, _ kind: LoadErrorClass) -> Bool {
    guard case .failure(let error as SourceError) = result else { return false }
    return error.loadErrorClass == kind
  }

  private var loadCount: Int { loads.withLock { $0 } }

  @Test(
    "Negative results are remembered for the time of the environment, and else the program's",
    arguments: [
      ([:], nil, nil), ([:], 20, 20), (["LAMBDA_CACHE_NEGATIVE_TTL": "10s"], nil, 10),
      (["LAMBDA_CACHE_NEGATIVE_TTL": "10s"], 20, 10),
      (["LAMBDA_CACHE_NEGATIVE_TTL": "none"], 20, nil),
      (["LAMBDA_CACHE_USERS_NEGATIVE_TTL": "5s", "LAMBDA_CACHE_NEGATIVE_TTL": "10s"], nil, 5),
    ] as [([String: String], Int?, Int?)])
  func environment(variables: [String: String], program: Int?, expected: Int?) async throws {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(
      named: "users",
      in: MemoryBudget(
        byteLimit: 1 << 20, configuration: try CacheConfiguration(environment: variables))
    ) {
      if let program { $0.loading = LoadPolicy(negativeTimeToLive: .seconds(program)) }
      $0.clock = clock
    }
    let loads = Locked(0)
    @Sendable func load(_ key: Int) async throws -> Int {
      loads.withLock { $0 += 1 }
      throw CacheLoadError.notFound(key: "\(key)")
    }
    for second in 0..<30 {
      let before = loads.withLock { $0 }
      await #expect(throws: CacheLoadError.self) { try await cache.value(forKey: 1, orLoad: load) }
      let isLoaded = loads.withLock { $0 } > before
      #expect(isLoaded == (expected.map { second % $0 == 0 } ?? true), "after \(second) s")
      clock.advance(by: .seconds(1))
    }
  }

  @Test(
    "A cache remembers no failed load, unless it is configured to",
    arguments: LoadErrorClass.allCases)
  func nothing(kind: LoadErrorClass) async {
    for policy in [LoadPolicy(), LoadPolicy(failureByteLimit: 1 << 10)] {
      let cache = cache(policy)
      let before = loadCount
      for _ in 0..<3 { #expect(isFailure(await ask(cache, kind, retryAfter: .seconds(60)), kind)) }
      #expect(loadCount - before == 3)
      #expect(cache.statistics.loadFailures == (kind == .notFound ? 0 : 3))
      #expect(cache.statistics.loadsNotFound == (kind == .notFound ? 3 : 0))
      #expect(cache.statistics.failureHits == 0)
      #expect(cache.byteCount == 0)
    }
  }

  private static let everything = LoadPolicy(
    negativeTimeToLive: .seconds(10), refusedTimeToLive: .seconds(20),
    throttledBackOff: .constant(.seconds(30)), transientBackOff: .constant(.seconds(40)))

  @Test(
    "A failure is thrown again without a load for as long as the class of the error demands",
    arguments: [
      (LoadErrorClass.notFound, 10), (.refused, 20), (.throttled, 30), (.transient, 40),
    ])
  func lifetimes(kind: LoadErrorClass, seconds: Int) async {
    let cache = cache(Self.everything)
    #expect(isFailure(await ask(cache, kind), kind))
    clock.advance(by: .seconds(seconds) - .milliseconds(2))
    #expect(isFailure(await ask(cache, .fatal), kind))
    #expect(loadCount == 1)
    #expect(cache.statistics.failureHits == 1)
    #expect(cache.statistics.misses == 2)
    #expect(cache.byteCount > 0)
    clock.advance(by: .milliseconds(4))
    #expect(isFailure(await ask(cache, .fatal), .fatal))
    #expect(loadCount == 2)
  }

  @Test("A fatal error is never remembered")
  func fatal() async {
    let cache = cache(Self.everything)
    for _ in 0..<2 { #expect(isFailure(await ask(cache, .fatal), .fatal)) }
    #expect(loadCount == 2)
  }

  @Test("A back-off is the time that the source has asked for, up to the longest")
  func retryAfter() async {
    let cache = cache(
      LoadPolicy(throttledBackOff: BackOff(first: .seconds(1), longest: .seconds(60))))
    _ = await ask(cache, .throttled, retryAfter: .seconds(50))
    clock.advance(by: .seconds(49))
    _ = await ask(cache, .throttled)
    #expect(loadCount == 1)
    clock.advance(by: .seconds(2))
    _ = await ask(cache, .throttled, retryAfter: .seconds(9_999))
    #expect(loadCount == 2)
    clock.advance(by: .seconds(61))
    _ = await ask(cache, .throttled)
    #expect(loadCount == 3)
  }

  @Test("A back-off grows from failure to failure, and begins again after a success")
  func growth() async throws {
    let back = BackOff(first: .seconds(1), multiplier: 3, longest: .seconds(9), jitter: 0)
    let cache = cache(LoadPolicy(transientBackOff: back))
    for seconds in [1, 3, 9, 9] {
      _ = await ask(cache, .transient)
      let count = loadCount
      clock.advance(by: .seconds(seconds) - .milliseconds(2))
      _ = await ask(cache, .transient)
      #expect(loadCount == count, "loaded again before \(seconds) s")
      clock.advance(by: .milliseconds(4))
    }
    #expect(try await cache.value(forKey: 1, timeToLive: .seconds(1)) { _ in 7 } == 7)
    clock.advance(by: .seconds(2))
    let count = loadCount
    _ = await ask(cache, .transient)
    clock.advance(by: .milliseconds(1_004))
    _ = await ask(cache, .transient)
    #expect(loadCount == count + 2)
  }

  @Test("A back-off varies at random by no more than its jitter")
  func jitter() {
    let back = BackOff(first: .seconds(1), longest: .seconds(8), jitter: 0.5)
    #expect(back.delay(afterFailures: 1, chance: 0) == .seconds(1))
    #expect(back.delay(afterFailures: 2, chance: 0.5) == .seconds(1.5))
    #expect(back.delay(afterFailures: 99, chance: 0.999_999) > .seconds(3.9))
    #expect(BackOff.none.delay(afterFailures: 5, chance: 0) == .zero)
  }

  @Test("A back-off may be as long as a duration can be")
  func endless() async throws {
    let endless = Duration(attoseconds: .max)
    #expect(BackOff.constant(endless).delay(afterFailures: 3, chance: 0) >= .seconds(1 << 37))
    let growing = BackOff(first: .seconds(1), multiplier: 1e300, longest: endless, jitter: 1)
    #expect(growing.delay(afterFailures: 900, chance: 0) >= .seconds(1 << 37))
    #expect(growing.delay(afterFailures: 900, chance: 1) == .zero)
    let cache = cache(LoadPolicy(transientBackOff: .constant(endless)))
    _ = await ask(cache, .transient)
    clock.advance(by: .seconds(1 << 36))
    await #expect(throws: (any Error).self) { try await cache.value(forKey: 1) { $0 } }
  }

  @Test(
    "A back-off ends with a value, a removal, and a removal of everything",
    arguments: [
      { $0.setValue(5, forKey: 1, timeToLive: .seconds(1)) }, { $0.removeValue(forKey: 1) },
      { $0.removeAll() },
    ] as [@Sendable (Cache<Int, Int>) -> Void])
  func ends(end: @Sendable (Cache<Int, Int>) -> Void) async throws {
    let cache = cache(Self.everything)
    for isEnded in [false, true] {
      #expect(isFailure(await ask(cache, .refused), .refused))
      if isEnded { end(cache) }
      // The value is over, what is remembered is not.
      clock.advance(by: .seconds(2))
      let value = try? await cache.value(forKey: 1) { _ in 9 }
      #expect(value == (isEnded ? 9 : nil))
    }
  }

  @Test("A remembered absence answers a look-up of an optional value")
  func negativeResults() async throws {
    let cache = cache(LoadPolicy(negativeTimeToLive: .seconds(5)))
    for _ in 0..<3 {
      let value = try await cache.optionalValue(forKey: 1) { _ in
        loads.withLock { $0 += 1 }
        return nil
      }
      #expect(value == nil)
    }
    #expect(loadCount == 1)
    await #expect(throws: CacheLoadError.notFound(key: "1")) {
      try await cache.value(forKey: 1) { _ in 3 }
    }
    clock.advance(by: .seconds(6))
    #expect(try await cache.optionalValue(forKey: 1) { $0 } == 1)
    #expect(try await cache.optionalValue(forKey: 1) { _ in nil } == 1)
  }

  @Test("Remembered failures count in the bytes of the cache, and never exceed their part of them")
  func bytes() async throws {
    let cache = Cache<String, String>(byteLimit: 64 << 10) {
      $0.loading.negativeTimeToLive = .seconds(5)
      $0.clock = clock
    }
    for number in 0..<200 { cache["value \(number)"] = String(repeating: "v", count: 300) }
    let count = cache.count
    for number in 0..<2_000 {
      let value = try await cache.optionalValue(forKey: "a key that nobody has \(number)") { _ in
        nil
      }
      #expect(value == nil)
      #expect(cache.byteCount <= 64 << 10)
      #expect(cache.byteLimit == 64 << 10)
    }
    #expect(cache.checkInvariants() == [])
    #expect(cache.count < count, "failures take nothing")
    #expect(cache.count > count * 3 / 4, "failures take more than an eighth")
    cache.removeAll()
    #expect(cache.byteCount == 0)
    cache.byteLimit = 100
    #expect(cache.byteLimit == 100)
  }

  @Test("Failures may be classified by the program")
  func classified() async {
    struct Strange: Error {}
    let cache = cache(
      LoadPolicy(negativeTimeToLive: .seconds(5)) { $0 is Strange ? .notFound : .fatal })
    for _ in 0..<3 {
      await #expect(throws: Strange.self) {
        try await cache.value(forKey: 1) { _ in
          loads.withLock { $0 += 1 }
          throw Strange()
        }
      }
    }
    #expect(loadCount == 1)
    for _ in 0..<2 {
      await #expect(throws: CancellationError.self) {
        try await cache.value(forKey: 2) { _ in throw CancellationError() }
      }
    }
    #expect(cache.statistics.loadFailures == 2)
    #expect(cache.statistics.loadsNotFound == 1)
    #expect(cache.statistics.failureHits == 2 && cache.statistics.notFoundHits == 2)
  }

  @Test("Remembered failures take what they need from a budget that the cache shares")
  func budget() async throws {
    let budget = MemoryBudget(byteLimit: 1 << 20)
    let cache = Cache<Int, Int>(named: "numbers", in: budget) {
      $0.loading.negativeTimeToLive = .seconds(5)
      $0.clock = clock
    }
    // All lent bytes are in use by another cache.
    let other = Cache<Int, [UInt8]>(named: "other", in: budget)
    for key in 0..<2_000 { other[key] = [UInt8](repeating: 1, count: 1_000) }
    for key in 0..<100 {
      #expect(try await cache.optionalValue(forKey: key) { _ in nil } == nil)
      #expect(try await cache.optionalValue(forKey: key) { $0 } == nil)
    }
    #expect(cache.statistics.failureHits == 100)
    #expect(cache.byteCount > 0 && cache.byteCount <= cache.byteLimit)
    #expect(budget.reservedByteCount == 0)
    #expect(cache.byteLimit + other.byteLimit <= budget.assignedByteCount)
    #expect(budget.assignedByteCount <= budget.byteLimit)
  }
}
