import LambdaCache
import Testing

@Suite("Statistics", .timeLimit(.minutes(15)))
struct CacheStatisticsTests {
  private static let counters: [any WritableKeyPath<CacheStatistics, Int> & Sendable] = [
    \.hits, \.misses, \.staleHits, \.insertions, \.replacements, \.rejections, \.loadSuccesses,
    \.loadFailures, \.loadsNotFound, \.refreshes, \.surplusLoads, \.renewals, \.discardedLoads,
    \.failureHits, \.notFoundHits, \.thaws, \.watchedLookUps, \.watchedHitsLeastRecentlyUsed,
    \.watchedHitsAdaptive, \.policyChanges,
  ]
  private static let times: [any WritableKeyPath<CacheStatistics, Duration> & Sendable] = [
    \.loadTime, \.thawedTime,
  ]
  private static let removals: [any WritableKeyPath<CacheStatistics, RemovalCounts> & Sendable] = [
    \.removals, \.removedBytes,
  ]
  private static let levels: [any WritableKeyPath<CacheStatistics, Int> & Sendable] = [
    \.count, \.byteCount, \.peakByteCount,
  ]

  /// Statistics whose every number is another one.
  private func numbered(from start: Int, by step: Int) -> CacheStatistics {
    var statistics = CacheStatistics()
    var next = start
    func number() -> Int {
      defer { next += step }
      return next
    }
    for counter in Self.counters { statistics[keyPath: counter] = number() }
    for time in Self.times { statistics[keyPath: time] = .seconds(number()) }
    for counts in Self.removals {
      for cause in RemovalCause.allCases { statistics[keyPath: counts][cause] = number() }
    }
    for level in Self.levels { statistics[keyPath: level] = number() }
    return statistics
  }

  @Test("The difference of two statistics has the events between them, and the later contents")
  func difference() {
    // Two more: the reasons of rejections (RejectionTests), and the policy's mode.
    let known =
      Self.counters.count + Self.times.count + Self.removals.count + Self.levels.count + 2
    #expect(Mirror(reflecting: CacheStatistics()).children.count == known, "one is missing here")
    let earlier = numbered(from: 1, by: 1)
    var later = numbered(from: 1_000, by: 100)
    later.policyMode = "uses"
    let difference = later - earlier
    for counter in Self.counters {
      #expect(
        difference[keyPath: counter] == later[keyPath: counter] - earlier[keyPath: counter])
    }
    for time in Self.times {
      #expect(difference[keyPath: time] == later[keyPath: time] - earlier[keyPath: time])
    }
    for counts in Self.removals {
      for cause in RemovalCause.allCases {
        #expect(
          difference[keyPath: counts][cause]
            == later[keyPath: counts][cause] - earlier[keyPath: counts][cause])
      }
    }
    for level in Self.levels { #expect(difference[keyPath: level] == later[keyPath: level]) }
    #expect(difference.policyMode == "uses")
  }

  @Test("Statistics have the bytes of expired entries")
  func expiredBytes() {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(
      byteLimit: 1 << 16, heapByteCount: { _, size in size }, configure: { $0.clock = clock })
    cache.setValue(100, forKey: 1, timeToLive: .seconds(1))
    cache[2] = 50
    clock.advance(by: .seconds(2))
    #expect(cache[1] == nil)
    #expect(cache.statistics.removals.expired == 1)
    // Links and record, deadline, payload, and the heap in granules of 16 bytes.
    #expect(cache.statistics.removedBytes.expired == 16 + 14 + 16 + 112)
    #expect(cache.statistics.removals.total == 1)
  }

  @Test("Statistics have the entries and bytes that were shed because memory ran short")
  func shedBytes() throws {
    let budget = MemoryBudget(byteLimit: 1 << 20)
    let cache = Cache<Int, [UInt8]>(named: "shed", in: budget)
    for key in 0..<500 { cache[key] = [UInt8](repeating: 1, count: 1_000) }
    #expect(budget.shed(100_000) >= 100_000)
    let statistics = cache.statistics
    #expect(statistics.removals.pressure > 0)
    #expect(statistics.removedBytes.pressure >= 100_000)
    let entry = statistics.removedBytes.pressure / statistics.removals.pressure
    #expect((1_048...1_100).contains(entry), "slot, header, bytes and what malloc rounds up")
    #expect(statistics.removals.pressure == 500 - cache.count)
  }

  @Test("Statistics have the most bytes in use, with those beside the entries at that time")
  func peak() {
    let cache = Cache<Int, String>(
      byteLimit: 1 << 16, heapByteCount: { _, _ in 0 },
      configure: { $0.tags = { _, value in [value] } })
    for key in 0..<200 { cache[key] = "a tag that has to be kept on the heap, number \(key)" }
    let full = cache.byteCount
    #expect(cache.statistics.peakByteCount == full)
    cache.removeAll()
    #expect(cache.statistics.peakByteCount == full, "it does not fall")
    cache.missLogCapacity = 64
    let log = cache.byteCount
    #expect(log > 0)
    #expect(cache.statistics.peakByteCount == full, "nor rise with what comes after it")
    var highest = full
    for round in 0..<3 {
      for key in 0..<400 {
        cache[key] = "another tag, of round \(round), number \(key)"
        highest = max(highest, cache.byteCount)
      }
      cache.removeAll()
    }
    #expect(cache.statistics.peakByteCount >= highest)
    #expect(cache.statistics.peakByteCount <= cache.byteLimit)
  }

  @Test("The audit counts the bytes beside the entries, too")
  func audit() async throws {
    struct Failure: Error {}
    let cache = Cache<Int, String>(byteLimit: 1 << 20) {
      $0.loading.transientBackOff = .constant(.seconds(60))
      $0.tags = { _, value in [value] }
    }
    cache[1] = "tag"
    cache.missLogCapacity = 64
    await #expect(throws: Failure.self) {
      try await cache.value(forKey: 2) { _ in throw Failure() }
    }
    let audit = cache.byteAudit
    #expect(audit.ledgerByteCount == cache.byteCount)
    #expect(audit.drift == 0)
    cache.missLogCapacity = 0
    #expect(cache.byteAudit.ledgerByteCount < audit.ledgerByteCount)
    #expect(cache.byteAudit.drift == 0)
  }
}
