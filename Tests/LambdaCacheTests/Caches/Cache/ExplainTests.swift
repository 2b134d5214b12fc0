import LambdaCache
import TestSupport
import Testing

@Suite("Explaining a key", .timeLimit(.minutes(15)))
struct ExplainTests {
  private struct Failure: Error {}
  private let clock = ManualClock()

  /// - Parameter log: So many that a few keys do not share a record, but once in thousands of runs.
  private func cache(
    entryLimit: Int? = nil, stale: Duration = .zero, loading: LoadPolicy? = nil, log: Int = 1 << 16
  ) -> Cache<Int, Int> {
    let cache = Cache<Int, Int>(
      byteLimit: 1 << 24, entryLimit: entryLimit, timeToLive: .seconds(10),
      heapByteCount: { _, value in value < 0 ? 1_000 : 0 },
      configure: {
        if let loading { $0.loading = loading }
        $0.loading.staleIfError = stale
        $0.entryByteLimit = 100
        $0.clock = clock
      })
    cache.missLogCapacity = log
    return cache
  }

  @Test("Explaining a key names what there is")
  func present() async throws {
    let cache = cache(stale: .seconds(100))
    cache[1] = 1
    clock.advance(by: .seconds(4))
    #expect(cache.explanation(of: 1) == .fresh(remaining: .seconds(6)))
    clock.advance(by: .seconds(8))
    #expect(cache.explanation(of: 1) == .stale(for: .seconds(2)))
    let loads = GatedLoads<Int, Int>()
    let task = try await Stage().ask(cache, for: 2, orLoad: loads.load)
    #expect(cache.explanation(of: 2) == .loading)
    loads[0].gate.open(returning: 2)
    #expect(try await task.answer() == 2)
    let forever = Cache<Int, Int>(byteLimit: 1 << 16)
    forever[1] = 1
    #expect(forever.explanation(of: 1) == .fresh(remaining: nil))
  }

  @Test("Explaining a key names what became of it")
  func absent() async throws {
    let cache = cache(entryLimit: 2)
    #expect(cache.explanation(of: 1) == .unknown)
    cache[1] = 1
    cache[2] = 2
    cache[3] = 3
    clock.advance(by: .seconds(1))
    #expect(cache.explanation(of: 1) == .evicted(cause: .size, ago: .seconds(1)))
    cache.removeValue(forKey: 2)
    #expect(cache.explanation(of: 2) == .removed(ago: .zero))
    cache[4] = -4
    #expect(cache.explanation(of: 4) == .rejected(ago: .zero))
    clock.advance(by: .seconds(10))
    #expect(cache.explanation(of: 3) == .expired(ago: .seconds(1)))
    _ = cache[3]
    #expect(cache.explanation(of: 3) == .expired(ago: .zero), "the time is that of the removal now")
    await #expect(throws: Failure.self) {
      try await cache.value(forKey: 5) { _ in throw Failure() }
    }
    #expect(cache.explanation(of: 5) == .loadFailed(ago: .zero))
    #expect(cache.explanation(of: 1) == .evicted(cause: .size, ago: .seconds(11)))
    cache[6] = 6
    cache.removeAll()
    #expect(cache.explanation(of: 6) == .removed(ago: .zero))
    cache[6] = 6
    #expect(cache.explanation(of: 6) == .fresh(remaining: .seconds(10)))
  }

  @Test("Explaining a key states how long it is not loaded again")
  func backingOff() async throws {
    let cache = cache(loading: LoadPolicy(transientBackOff: .constant(.seconds(30))))
    await #expect(throws: Failure.self) {
      try await cache.value(forKey: 5) { _ in throw Failure() }
    }
    clock.advance(by: .seconds(20))
    #expect(
      cache.explanation(of: 5) == .backingOff(.transient, failures: 1, remaining: .seconds(10)))
    clock.advance(by: .seconds(11))
    #expect(cache.explanation(of: 5) == .loadFailed(ago: .seconds(31)))
  }

  @Test("Explaining a key is as of one moment, while the time of a failure ends")
  func endingBackOff() async {
    // By the clocks of the system: an injected one stands still while the cache looks.
    let failing = Cache<Int, Int>(byteLimit: 1 << 16) {
      $0.loading.transientBackOff = .constant(.milliseconds(1))
    }
    var count = 0
    for _ in 0..<100 {
      await #expect(throws: Failure.self) {
        try await failing.value(forKey: 1) { _ in throw Failure() }
      }
      var last: Duration?
      while case .backingOff(_, _, let remaining) = failing.explanation(of: 1) {
        if let last, remaining > last { Issue.record("\(remaining) are left after \(last)") }
        last = remaining
        count += 1
      }
    }
    #expect(count > 0)
  }

  @Test("Explaining a key changes nothing")
  func quiet() {
    let cache = cache(entryLimit: 2)
    cache[1] = 1
    cache[2] = 2
    let before = cache.statistics
    for key in 0...3 { _ = cache.explanation(of: key) }
    #expect(cache.statistics == before)
    #expect(cache.coldest().map(\.key) == [1, 2])
  }

  @Test("Explaining a key yields nothing without a log, and no more than the log has room for")
  func capacity() {
    let without = cache(log: 0)
    without[1] = 1
    without.removeValue(forKey: 1)
    #expect(without.explanation(of: 1) == .unknown)
    #expect(without.missLogCapacity == 0)

    let cache = cache(log: 100)
    #expect(cache.missLogCapacity == 128)
    #expect(cache.byteCount >= 128 * 16)
    for key in 0..<1_000 {
      cache[key] = key
      cache.removeValue(forKey: key)
    }
    let known = (0..<1_000).count { cache.explanation(of: $0) != .unknown }
    #expect((100...128).contains(known), "\(known) of 128")
    #expect(cache.explanation(of: 999) == .removed(ago: .zero))
    cache.missLogCapacity = 0
    #expect(cache.byteCount < 128 * 16)
    #expect(cache.explanation(of: 999) == .unknown)
    cache.missLogCapacity = 1 << 40
    #expect(cache.byteCount <= cache.byteLimit / 8)
    #expect(cache.missLogCapacity >= 256)
    cache.byteLimit = 10
    #expect(cache.byteLimit == 10)
    #expect(cache.byteCount == 0)
  }

  @Test(
    "Every explanation of a key has words",
    arguments: [
      (.fresh(remaining: nil), "fresh, and does not expire"),
      (.fresh(remaining: .seconds(1)), "fresh for another SECOND"),
      (.stale(for: .seconds(1)), "expired SECOND ago, and kept for read-through"),
      (.loading, "not there, but being loaded"),
      (
        .backingOff(.throttled, failures: 2, remaining: .seconds(1)),
        "not there: 2 load(s) in a row have failed, the last with an error of the class throttled, "
          + "and the next may begin in SECOND"
      ), (.loadFailed(ago: .seconds(1)), "not there: its load has failed SECOND ago"),
      (.expired(ago: .seconds(1)), "not there: expired SECOND ago"),
      (
        .evicted(cause: .size, ago: .seconds(1)),
        "not there: evicted SECOND ago to keep within the limits"
      ),
      (
        .evicted(cause: .pressure, ago: .seconds(1)),
        "not there: evicted SECOND ago because memory ran short"
      ), (.removed(ago: .seconds(1)), "not there: removed SECOND ago"),
      (.rejected(ago: .seconds(1)), "not there: a value was rejected SECOND ago"),
      (.unknown, "not there, and nothing is known of it"),
    ] as [(LookupExplanation, String)])
  func descriptions(explanation: LookupExplanation, words: String) {
    let parts = words.split(separator: "SECOND", omittingEmptySubsequences: false)
    #expect(explanation.description == parts.joined(separator: "\(Duration.seconds(1))"))
  }
}
