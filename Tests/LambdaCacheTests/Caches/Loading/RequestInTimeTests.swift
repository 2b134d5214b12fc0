import LambdaCache
import TestSupport
import Testing

/// The effects of an invocation's time, and the places where it must have none.
@Suite("A request that has time left", .prompt, .timeLimit(.minutes(10)))
struct RequestInTimeTests {
  private let clock = ManualClock()

  private func staleCache(_ loading: LoadPolicy? = nil) -> Cache<Int, Int> {
    Cache(byteLimit: 1 << 20, timeToLive: .seconds(10)) {
      if let loading { $0.loading = loading }
      $0.loading.staleWhileRevalidate = .seconds(100)
      $0.loading.staleIfError = .seconds(100)
      $0.clock = clock
    }
  }

  /// Load times, deadlines and orders at random.
  ///
  /// Without a cache each request is answered, for its load is tried. So the only ones that may
  /// fail are those that come when nothing is left.
  @Test(
    "A request with time left is never refused, in any mixture of keys, load times and deadlines")
  func simulation() async throws {
    for history in 0..<30 {
      var random = SplitMix64(seed: Fuzz.seed &+ UInt64(history))
      let cache = random.oneIn(2) ? staleCache() : Cache<Int, Int>(byteLimit: 1 << 20)
      let delays = (0..<6).map { _ in random.pick([0, 0, 50, 500, 4_000, 12_000]) }
      let load: @Sendable (Int) async throws -> Int = { key in
        if delays[key] > 0 { try await Task.sleep(for: .microseconds(delays[key])) }
        return key
      }
      for _ in 0..<12 {
        let scope = InvocationScope(
          deadline: .now + .milliseconds(random.pick([0, 1, 3, 10, 900])))
        let keys = (0..<random.number(1...3)).map { _ in random.number(0...5) }
        let isBulk = random.oneIn(2)
        if random.oneIn(3) { clock.advance(by: .seconds(15)) }
        if random.oneIn(3) { cache.removeAll() }
        try await inside(scope) { () async throws in
          do {
            if isBulk {
              let values = try await cache.values(forKeys: keys) { keys in
                var values: [Int: Int] = [:]
                for key in keys { values[key] = try await load(key) }
                return values
              }
              #expect(values.count == Set(keys).count)
            } else {
              for key in keys { #expect(try await cache.value(forKey: key, orLoad: load) == key) }
            }
          } catch CacheLoadError.tooLittleTime(_, let remaining, _) {
            #expect(remaining == .zero)
            #expect(scope.remainingTime == .zero, "a request was refused that had time left")
          }
        }
        if random.oneIn(2) { await scope.finish() }
      }
    }
  }

  @Test("A request with time left is answered though all earlier loads took longer")
  func slowBefore() async throws {
    for time in times(from: .seconds(1)) {
      let cache = Cache<Int, Int>(byteLimit: 1 << 20)
      let scope = InvocationScope(deadline: .now + time)
      do {
        try await inside(scope) { () async throws in
          _ = try await cache.value(forKey: 0) { _ in
            try await Task.sleep(for: time * 0.55)
            return 0
          }
          for key in 1...2 { #expect(try await cache.value(forKey: key) { $0 } == key) }
        }
        return
      } catch CacheLoadError.tooLittleTime {
        #expect(scope.remainingTime == .zero, "a request was refused that had time left")
      }
    }
    Issue.record("no time was enough for three loads")
  }

  @Test("A request with time left begins no load for a key if it throws for another")
  func decidedOnce() async throws {
    let cache = staleCache()
    cache[1] = 1
    clock.advance(by: .seconds(20))
    let begun = Locked(0)
    let gate = Gate<Int>()
    let other = Task { try await cache.value(forKey: 5) { _ in try await gate.pass() } }
    try await eventually("another load is under way") { cache.loadsUnderWay == 1 }
    let over = InvocationScope(deadline: .now + .zero)
    let load: @Sendable ([Int]) async throws -> [Int: Int] = { keys in
      begun.withLock { $0 += 1 }
      return Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
    }
    try await inside(over) { () async throws in
      await #expect(
        throws: CacheLoadError.tooLittleTime(key: "2", remaining: .zero, expected: .zero)
      ) {
        // The load of key 5 never ends while this waits.
        try await cache.values(forKeys: [1, 5, 2, 3], orLoad: load)
      }
      #expect(try await cache.values(forKeys: [1], orLoad: load) == [1: 1])
    }
    #expect(begun.withLock { $0 } == 0)
    #expect(cache.loadsUnderWay == 1)
    gate.open(returning: 5)
    #expect(try await other.answer() == 5)
    #expect(try await cache.values(forKeys: [2, 3], orLoad: load) == [2: 2, 3: 3])
  }

  @Test("A request gets the value of another caller's load, though that caller's time is over")
  func joined() async throws {
    for time in times(from: .seconds(1)) where try await isJoined(within: time) {
      return
    }
    Issue.record("no time was enough for the load to begin")
  }

  /// - Returns: `false` if the time of the first was over before its load began.
  private func isJoined(within time: Duration) async throws -> Bool {
    let (outer, inner) = (Cache<Int, Int>(byteLimit: 1 << 20), Cache<Int, Int>(byteLimit: 1 << 20))
    _ = try await inner.value(forKey: 0) { key in
      try await Task.sleep(for: .milliseconds(50))
      return key
    }
    let stage = Stage()
    let gate = Gate<Void>()
    let load: @Sendable (Int) async throws -> Int = { key in
      try await gate.pass()
      let many = try await inner.values(forKeys: [key, key + 1]) { keys in
        Dictionary(uniqueKeysWithValues: keys.map { ($0, $0 * 10) })
      }
      return try await inner.value(forKey: key + 2) { _ in many.values.reduce(0, +) }
    }
    let short = InvocationScope(deadline: .now + time)
    let first = try await inside(short) { () async throws in
      try await stage.ask(outer, for: 1, orLoad: load)
    }
    let long = InvocationScope(deadline: .now + .seconds(3_600))
    let second = try await inside(long) { () async throws in
      try await stage.ask(outer, for: 1, orLoad: load)
    }
    try await untilOver(short)
    await short.finish()
    gate.open()
    #expect(try await second.answer() == 30)
    #expect(outer.statistics.loadSuccesses == 1)
    do {
      #expect(try await first.answer() == 30)
      return true
    } catch CacheLoadError.tooLittleTime {
      return false
    }
  }

  @Test(
    "A request that waits for a load gets an expired value before its time is over, if permitted")
  func staleBeforeTheEnd() async throws {
    for time in times(from: .milliseconds(100)) {
      let cache = staleCache()
      cache[1] = 7
      clock.advance(by: .seconds(20))
      let loads = GatedLoads<Int, Int>()
      let scope = InvocationScope(deadline: .now + time, runsRefreshes: false)
      try await inside(scope) { () async throws in
        // The first is served, and the next is to load.
        #expect(try await cache.value(forKey: 1, orLoad: loads.load) == 7)
        #expect(try await cache.value(forKey: 1, orLoad: loads.load) == 7)
      }
      #expect(cache.statistics.staleHits == 2)
      // The time was over before the second asked, on a busy machine.
      guard loads.count > 0 else { continue }
      #expect(loads.count == 1)
      try await eventually("the load is cancelled") { loads[0].cancellation.isRaised }
      loads[0].gate.open(returning: 8)
      return
    }
    Issue.record("no time was enough for the load to begin")
  }

  @Test("A request waits for a load longer than an expired value may be served")
  func notStaleBeforeTheEnd() async throws {
    for time in times(from: .milliseconds(150)) {
      let cache = staleCache()
      cache[1] = 7
      clock.advance(by: .seconds(20))
      let loads = GatedLoads<Int, Int>()
      let scope = InvocationScope(deadline: .now + time, runsRefreshes: false)
      let stage = Stage()
      let second = try await inside(scope) { () async throws in
        #expect(try await cache.value(forKey: 1, orLoad: loads.load) == 7)
        return try await stage.ask(cache, for: 1, orLoad: loads.load)
      }
      guard loads.count == 1 else {
        // The time was over too soon, on a busy machine.
        #expect(try await second.answer() == 7)
        continue
      }
      cache.removeValue(forKey: 1)
      let wasInTime = scope.remainingTime.map { $0 > .milliseconds(50) } ?? false
      try await untilOver(scope)
      loads[0].gate.open(returning: 8)
      let answer = try await second.answer()
      #expect(answer == 8 || (!wasInTime && answer == 7))
      if answer == 8 { return }
    }
    Issue.record("no time was enough for the value to be removed")
  }

  @Test("A request for a refused value is not served an expired one")
  func refused() async throws {
    let cache = staleCache(LoadPolicy(refusedTimeToLive: .seconds(60)))
    let loads = Locked(0)
    let refusing: @Sendable (Int) async throws -> Int = { _ in
      loads.withLock { $0 += 1 }
      throw SourceError(loadErrorClass: .refused)
    }
    cache[1] = 7
    clock.advance(by: .seconds(20))
    #expect(try await cache.value(forKey: 1, orLoad: refusing) == 7)
    for _ in 0..<3 {
      await #expect(throws: SourceError.self) {
        try await cache.value(forKey: 1, orLoad: refusing)
      }
    }
    #expect(loads.withLock { $0 } == 1)
    #expect(cache.statistics.failureHits == 2)
  }
}

@Suite("The time of the last load", .timeLimit(.minutes(10)))
struct LoadTimesTests {
  @Test("The time of the last load counts for its keys, half as much each time a load is left out")
  func ownTimes() {
    var times = LoadTimes()
    func isTooLittle(_ milliseconds: Int, _ hashes: [UInt32]) -> Bool {
      times.isTooLittle(.milliseconds(milliseconds), ofHashes: hashes)
    }
    #expect(times.last(ofHash: 1) == nil)
    #expect(!isTooLittle(1, [1]))
    #expect(isTooLittle(0, [1]))
    times.learn(.milliseconds(400), ofHash: 1)
    times.learn(.milliseconds(2), ofHash: 2)
    #expect(!isTooLittle(3, [2]))
    #expect(!isTooLittle(3, [3]), "a guess by another key")
    #expect(!isTooLittle(400, [1]))
    #expect(isTooLittle(399, [1]))
    #expect(times.last(ofHash: 1) == .milliseconds(200))
    #expect(isTooLittle(150, [2, 3, 1]))
    #expect(times.last(ofHash: 1) == .milliseconds(100))
    #expect(times.last(ofHash: 2) == .milliseconds(1))
    #expect(!isTooLittle(150, [2, 3, 1]))
    times.learn(atLeast: .milliseconds(50), ofHash: 1)
    #expect(times.last(ofHash: 1) == .milliseconds(100))
    times.learn(atLeast: .milliseconds(300), ofHash: 1)
    #expect(times.last(ofHash: 1) == .milliseconds(300))
    for other in 1...3 { times.learn(.milliseconds(5), ofHash: 1 + 16 * UInt32(other)) }
    #expect(times.last(ofHash: 1) == .milliseconds(300), "there is a place for four")
    times.learn(.milliseconds(5), ofHash: 1 + 16 * 4)
    #expect(times.last(ofHash: 1) == nil, "other keys have its places")
    #expect(times.last(ofHash: 1 + 16) == .milliseconds(5))
  }
}
