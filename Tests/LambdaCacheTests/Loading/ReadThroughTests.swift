import LambdaCache
import Testing

@Suite("Conditional loads", .timeLimit(.minutes(1)))
struct ConditionalLoadTests {
  private let clock = ManualClock()

  private func cache() -> Cache<Int, Versioned<String, Int>> {
    Cache(
      byteLimit: 1 << 20,
      expiration: Expiration(timeToLive: .seconds(10), staleIfError: .seconds(100)), clock: clock)
  }

  @Test("are given the value that has expired, and may renew it")
  func renewal() async throws {
    let cache = cache()
    let olds = Locked<[Int?]>([])
    func value(_ answer: Reload<Versioned<String, Int>>) async throws -> Versioned<String, Int> {
      try await cache.value(forKey: 1) { _, old in
        olds.withLock { $0.append(old?.version) }
        return answer
      }
    }
    let first = Versioned("one", version: 1)
    #expect(try await value(.modified(first)) == first)
    clock.advance(by: .seconds(11))
    #expect(try await value(.notModified) == first)
    clock.advance(by: .seconds(9))
    #expect(cache[1] == first, "the time was not renewed")
    clock.advance(by: .seconds(2))
    #expect(cache[1] == nil, "the time was renewed for too long")
    let second = Versioned("two", version: 2)
    #expect(try await value(.modified(second)) == second)
    clock.advance(by: .seconds(200))
    #expect(try await value(.modified(first)) == first)
    #expect(olds.withLock { $0 } == [nil, 1, 1, nil])
    #expect(cache.statistics.renewals == 1)
    #expect(cache.statistics.refreshes == 2)
    #expect(cache.statistics.replacements + cache.statistics.insertions == 3)
    #expect(cache.checkInvariants() == [])
  }

  @Test("that have nothing to renew are told so")
  func nothingToRenew() async {
    let cache = cache()
    await #expect(throws: CacheLoadError.nothingToRenew(key: "1")) {
      try await cache.value(forKey: 1) { _, _ in .notModified }
    }
    #expect(cache.isEmpty)
  }

  @Test("store the old value again if it had to leave meanwhile")
  func evictedMeanwhile() async throws {
    let cache = cache()
    cache[1] = Versioned("one", version: 1)
    clock.advance(by: .seconds(11))
    let value = try await cache.value(forKey: 1) { [clock] _, _ in
      clock.advance(by: .seconds(500))
      cache[2] = Versioned("two", version: 2)
      cache[3] = Versioned("three", version: 3)
      return .notModified
    }
    #expect(value.version == 1)
    #expect(cache[1] == value)
  }

  @Test("do not bring a value back that was removed meanwhile")
  func removedMeanwhile() async throws {
    let cache = cache()
    cache[1] = Versioned("one", version: 1)
    clock.advance(by: .seconds(11))
    let value = try await cache.value(forKey: 1) { _, _ in
      cache.removeValue(forKey: 1)
      return .notModified
    }
    #expect(value.version == 1)
    #expect(cache[1] == nil)
    #expect(cache.statistics.renewals == 0)
  }
}

@Suite("Reading several keys", .timeLimit(.minutes(1)))
struct BulkLoadTests {
  private let clock = ManualClock()
  private let stage = Stage()

  private func cache(_ loading: LoadPolicy? = nil) -> Cache<Int, Int> {
    Cache(byteLimit: 1 << 20, timeToLive: .seconds(10), loading: loading, clock: clock)
  }

  @Test("loads what is missing in one call, each key once and in order")
  func onlyMissing() async throws {
    let cache = cache()
    for key in [2, 4] { cache[key] = key * 10 }
    let calls = Locked<[[Int]]>([])
    let values = try await cache.values(forKeys: [5, 4, 3, 5, 2, 3, 1]) { keys in
      calls.withLock { $0.append(keys) }
      return Dictionary(uniqueKeysWithValues: keys.map { ($0, $0 * 10) })
    }
    #expect(values == [1: 10, 2: 20, 3: 30, 4: 40, 5: 50])
    #expect(calls.withLock { $0 } == [[5, 3, 1]])
    #expect(cache.statistics.loadSuccesses == 1)
    #expect(cache.statistics.hits == 2)
    #expect(cache.statistics.misses == 3)
    #expect(
      try await cache.values(forKeys: 1...5) { _ in [:] } == values, "something was loaded again")
    #expect(try await cache.values(forKeys: []) { _ in [1: 1] } == [:])
  }

  @Test("leaves out keys that there is nothing for, and remembers that where it is asked to")
  func notFound() async throws {
    let cache = cache(LoadPolicy(negativeTimeToLive: .seconds(5)))
    let calls = Locked<[[Int]]>([])
    for _ in 0..<2 {
      let values = try await cache.values(forKeys: 1...4) { keys in
        calls.withLock { $0.append(keys) }
        return [1: 10, 3: 30, 99: 990]
      }
      #expect(values == [1: 10, 3: 30])
    }
    #expect(calls.withLock { $0 } == [[1, 2, 3, 4]])
    #expect(!cache.contains(99))
  }

  @Test("joins loads that are under way, and others join it")
  func joining() async throws {
    let cache = cache()
    let loads = GatedLoads<Int, Int>()
    let single = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    let gate = Gate<[Int: Int]>()
    let isLoading = Flag()
    let bulk = Task {
      try await cache.values(forKeys: [1, 2]) { keys in
        #expect(keys == [2])
        isLoading.raise()
        return try await gate.pass()
      }
    }
    try await eventually("the other load begins") { isLoading.isRaised }
    let late = try await stage.ask(cache, for: 2, orLoad: loads.load)
    gate.open(returning: [2: 20])
    #expect(try await late.answer() == 20)
    loads[0].gate.open(returning: 10)
    #expect(try await bulk.answer() == [1: 10, 2: 20])
    #expect(try await single.answer() == 10)
    #expect(loads.count == 1)
  }

  @Test("whose load throws loses nothing but that, and what another load brings is kept")
  func errors() async throws {
    struct Failure: Error {}
    let cache = cache()
    cache[1] = 10
    await #expect(throws: Failure.self) {
      try await cache.values(forKeys: [1, 2, 3]) { _ in throw Failure() }
    }
    #expect(cache.statistics.loadFailures == 1)
    #expect(try await cache.values(forKeys: [1, 2]) { _ in [2: 20] } == [1: 10, 2: 20])
  }

  @Test("and being cancelled leaves every load, which is cancelled when nobody is left")
  func cancelling() async throws {
    let cache = cache()
    let gate = Gate<[Int: Int]>()
    let (isLoading, isCancelled) = (Flag(), Flag())
    let bulk = Task {
      try await cache.values(forKeys: [1, 2]) { _ in
        isLoading.raise()
        return try await withTaskCancellationHandler {
          try await gate.pass()
        } onCancel: {
          isCancelled.raise()
        }
      }
    }
    try await eventually("the load begins") { isLoading.isRaised }
    let other = try await stage.ask(cache, for: 2) { _ in 99 }
    bulk.cancel()
    #expect(try await bulk.isCancelledAnswer())
    #expect(!isCancelled.isRaised, "somebody still waits for one of the keys")
    other.cancel()
    #expect(try await other.isCancelledAnswer())
    try await eventually("the load is cancelled") { isCancelled.isRaised }
    gate.open(returning: [1: 1, 2: 2])
    try await eventually("the load ends") { cache.statistics.loadSuccesses == 1 }
    #expect(cache.isEmpty)
  }

  @Test("in opposite order at once does not hold either up")
  func oppositeOrders() async throws {
    for round in 0..<50 {
      let cache = cache()
      let keys = Array(round * 10..<round * 10 + 10)
      async let forward = cache.values(forKeys: keys) { keys in
        await Task.yield()
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
      }
      async let backward = cache.values(forKeys: keys.reversed()) { keys in
        await Task.yield()
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
      }
      let (first, second) = try await (forward, backward)
      #expect(first == second)
      #expect(first.count == 10)
    }
  }
}

@Suite("Values that turn out to be invalid", .timeLimit(.minutes(1)))
struct RetryOnceTests {
  private struct Rejected: Error {}
  private let cache = Cache<String, Int>(byteLimit: 1 << 20)
  private let secret = Locked(1)
  private let loads = Locked(0)

  private func use(_ body: @Sendable (Int) async throws -> Int) async throws -> Int {
    try await cache.invalidateAndRetryOnce(
      forKey: "secret", if: { $0 is Rejected },
      orLoad: { [loads, secret] _ in
        loads.withLock { $0 += 1 }
        return secret.withLock { $0 }
      }, body)
  }

  private func login(_ password: Int) throws -> Int {
    guard password == secret.withLock({ $0 }) else { throw Rejected() }
    return password
  }

  @Test("are loaded anew and used once more")
  func rotated() async throws {
    #expect(try await use(login) == 1)
    secret.withLock { $0 = 2 }
    #expect(try await use(login) == 2)
    #expect(try await use(login) == 2)
    #expect(loads.withLock { $0 } == 2)
  }

  @Test("are not tried a third time, and other errors are not tried again")
  func once() async throws {
    struct Other: Error {}
    let uses = Locked(0)
    await #expect(throws: Rejected.self) {
      try await use { _ in
        uses.withLock { $0 += 1 }
        throw Rejected()
      }
    }
    #expect(uses.withLock { $0 } == 2)
    #expect(loads.withLock { $0 } == 2)
    await #expect(throws: Other.self) { try await use { _ in throw Other() } }
    #expect(loads.withLock { $0 } == 2)
  }

  @Test(
    "are loaded anew once by all who use the same one, even if that brings the same again",
    arguments: [false, true])
  func concurrent(isRotated: Bool) async throws {
    let gate = Gate<Void>()
    let waiting = Locked(0)
    let count = 100
    let tasks = (0..<count).map { _ in
      Task { [isRotated] in
        let isFirst = Locked(true)
        return try await use { password in
          let first = isFirst.withLock { first in
            defer { first = false }
            return first
          }
          guard first else {
            if isRotated { return try login(password) }
            return password
          }
          waiting.withLock { $0 += 1 }
          try await gate.pass()
          throw Rejected()
        }
      }
    }
    try await eventually("all use the first value") { waiting.withLock { $0 == count } }
    #expect(loads.withLock { $0 } == 1)
    if isRotated { secret.withLock { $0 = 2 } }
    gate.open()
    for task in tasks { #expect(try await task.answer() == (isRotated ? 2 : 1)) }
    #expect(loads.withLock { $0 } == 2)
  }
}

@Suite("The time that an invocation has left", .timeLimit(.minutes(1)))
struct RemainingTimeTests {
  @Test("decides whether a load is begun that would not end in it")
  func tooLittle() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    #expect(
      try await cache.value(forKey: 1) { key in
        try await Task.sleep(for: .milliseconds(30))
        return key
      } == 1)
    let short = InvocationScope(deadline: .now + .milliseconds(5))
    try await inside(short) { () async throws in
      do {
        _ = try await cache.value(forKey: 2) { $0 }
        Issue.record("a load was begun")
      } catch CacheLoadError.tooLittleTime(let key, let remaining, let expected) {
        #expect(key == "2")
        #expect(remaining <= .milliseconds(5))
        #expect(expected >= .milliseconds(30))
      } catch {
        Issue.record("another error: \(error)")
      }
      #expect(try await cache.value(forKey: 1) { _ in 9 } == 1)
    }
    let long = InvocationScope(deadline: .now + .seconds(900))
    try await inside(long) { () async throws in
      #expect(try await cache.value(forKey: 2) { $0 } == 2)
    }
    #expect(try await cache.value(forKey: 3) { $0 } == 3)
  }

  @Test("lets an expired value be served in the place of a load")
  func stale() async throws {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(
      byteLimit: 1 << 20,
      expiration: Expiration(timeToLive: .seconds(10), staleIfError: .seconds(100)), clock: clock)
    _ = try await cache.value(forKey: 1) { key in
      try await Task.sleep(for: .milliseconds(30))
      return key
    }
    clock.advance(by: .seconds(20))
    let over = InvocationScope(deadline: .now + .zero)
    try await inside(over) { () async throws in
      #expect(try await cache.value(forKey: 1) { _ in 2 } == 1)
    }
    #expect(over.remainingTime == .zero)
    #expect(cache.statistics.loadSuccesses == 1)
  }

  @Test("ends what runs after the response, and what was left of it is for the next who asks")
  func afterResponse() async throws {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(
      byteLimit: 1 << 20,
      expiration: Expiration(timeToLive: .seconds(10), staleWhileRevalidate: .seconds(100)),
      clock: clock)
    cache[1] = 1
    clock.advance(by: .seconds(20))
    let (hasBegun, isCancelled) = (Flag(), Flag())
    // On a busy machine a short invocation may be over before its end begins.
    var patience = Duration.milliseconds(200)
    while !hasBegun.isRaised {
      let scope = InvocationScope(deadline: .now + patience)
      patience *= 3
      cache.setValue(1, forKey: 1, timeToLive: .milliseconds(1))
      clock.advance(by: .seconds(1))
      try await inside(scope) { () async throws in
        let value = try await cache.value(forKey: 1) { _ in
          hasBegun.raise()
          do {
            try await Task.sleep(for: .seconds(600))
          } catch {
            isCancelled.raise()
            throw error
          }
          return 2
        }
        #expect(value == 1)
      }
      _ = try await bounded { await scope.finish() }
    }
    try await eventually("the refresh is cancelled") { isCancelled.isRaised }
    try await eventually("the refresh ends") { cache.statistics.loadFailures == 1 }
    #expect(try await cache.value(forKey: 1) { _ in 3 } == 1)
    #expect(try await cache.value(forKey: 1) { _ in 3 } == 3)
  }
}

@Suite("A load that nobody waits for any more", .timeLimit(.minutes(1)))
struct AbandonedLoadTests {
  private let loads = GatedLoads<Int, Int>()
  private let stage = Stage()

  @Test("may finish and be stored, and who asks meanwhile waits for it")
  func finishes() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, loading: LoadPolicy(whenAbandoned: .finish))
    for _ in 0..<2 {
      let task = try await stage.ask(cache, for: 1, orLoad: loads.load)
      try await eventually("the load begins") { loads.count == 1 }
      task.cancel()
      #expect(try await task.isCancelledAnswer())
    }
    #expect(loads.count == 1)
    #expect(!loads[0].cancellation.isRaised)
    let late = try await stage.ask(cache, for: 1, orLoad: loads.load)
    loads[0].gate.open(returning: 5)
    #expect(try await late.answer() == 5)
    #expect(cache[1] == 5)
    #expect(loads.count == 1)
  }

  @Test("and may finish is waited for by the end of its invocation")
  func endOfInvocation() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, loading: LoadPolicy(whenAbandoned: .finish))
    let scope = InvocationScope()
    _ = try await inside(scope) { () async throws in
      await #expect(throws: CacheLoadError.self) {
        try await cache.value(forKey: 1, within: .milliseconds(1), orLoad: loads.load)
      }
    }
    let hasEnded = Flag()
    let end = Task {
      await scope.finish()
      hasEnded.raise()
    }
    #expect(!hasEnded.isRaised)
    loads[0].gate.open(returning: 5)
    _ = await end.value
    #expect(cache[1] == 5)
  }
}

/// The counter of invocations is one for the process; other tests only ever add to it, which none of
/// these minds.
@Suite("A load that a freeze may have interrupted", .timeLimit(.minutes(1)))
struct FrozenLoadTests {
  private let clock = ManualClock()
  private let loads = GatedLoads<Int, Int>()
  private let stage = Stage()

  private func cache(_ loading: LoadPolicy? = nil) -> Cache<Int, Int> {
    Cache(byteLimit: 1 << 20, timeToLive: .seconds(900), loading: loading, clock: clock)
  }

  @Test("is done once more, whatever it has come to", arguments: [true, false])
  func again(isFailure: Bool) async throws {
    let cache = cache()
    let scope = InvocationScope()
    let task = try await inside(scope) { () async throws in
      try await stage.ask(cache, for: 1, orLoad: loads.load)
    }
    try await eventually("the load begins") { loads.count == 1 }
    await scope.finish()
    clock.advance(by: .seconds(3_600))
    // Nothing else may be going on for an environment to be frozen; other tests have scopes, too.
    try await eventually("a pause is noted") {
      scope.mayHaveBeenFrozenSince(elapsed: .seconds(3_600))
    }
    loads[0].gate.open(with: isFailure ? .failure(CancellationError()) : .success(1))
    try await eventually("it begins again") { loads.count == 2 }
    loads[1].gate.open(returning: 2)
    #expect(try await task.answer() == 2)
    #expect(cache[1] == 2)
    #expect(cache.statistics.discardedLoads == 1)
    #expect(cache.statistics.loadSuccesses == 1)
    #expect(cache.statistics.loadFailures == 0)
  }

  @Test("is not done again if it was within one invocation, or if too little time has passed")
  func notAgain() async throws {
    let cache = cache()
    let scope = InvocationScope()
    let first = try await inside(scope) { () async throws in
      try await stage.ask(cache, for: 1, orLoad: loads.load)
    }
    try await eventually("the load begins") { loads.count == 1 }
    clock.advance(by: .seconds(3_600))
    loads[0].gate.open(returning: 1)
    #expect(try await first.answer() == 1)

    let second = try await inside(scope) { () async throws in
      try await stage.ask(cache, for: 2, orLoad: loads.load)
    }
    try await eventually("the load begins") { loads.count == 2 }
    await scope.finish()
    clock.advance(by: .milliseconds(999))
    loads[1].gate.open(returning: 2)
    #expect(try await second.answer() == 2)
    #expect(cache.statistics.discardedLoads == 0)
  }
}
