import LambdaCache
import TestSupport
import Testing

@Suite("Early refreshes")
struct EarlyRefreshTests {
  private func cache(earlyRefresh: Double, timeToLive: Duration?) -> Cache<Int, Int> {
    Cache(byteLimit: 65_536, timeToLive: timeToLive) {
      $0.loading.earlyRefresh = earlyRefresh
      $0.clock = ManualClock()
    }
  }

  /// So eager that chance cannot say no.
  private static let alwaysEager = 1e18

  @Test("Early refreshes load a fresh value again before it expires, as often as chance has it")
  func refreshes() async throws {
    let cache = cache(earlyRefresh: Self.alwaysEager, timeToLive: .seconds(3_600))
    let loads = Locked(0)
    func value() async throws -> Int {
      try await cache.value(forKey: 1) { _ in
        loads.withLock {
          $0 += 1
          return $0
        }
      }
    }
    for expected in 1...5 { #expect(try await value() == expected) }
    #expect(cache.statistics.replacements == 4)
  }

  @Test(
    "Early refreshes do not happen where they are off, or where nothing expires",
    arguments: [(0, .seconds(60)), (1e18, nil), (1e-9, .seconds(3_600))]
      as [(Double, Duration?)])
  func never(earlyRefresh: Double, timeToLive: Duration?) async throws {
    let cache = cache(earlyRefresh: earlyRefresh, timeToLive: timeToLive)
    for _ in 0..<20 { #expect(try await cache.value(forKey: 1) { _ in 7 } == 7) }
    #expect(cache.statistics.loadSuccesses == 1)
    #expect(cache.statistics.hits == 19)
  }

  @Test(
    "Early refreshes come with the probability of XFetch",
    arguments: [
      // e to the power of -1/2, -1, -1/2, -3, -5.6 and 0.
      (50, 100, 1, 0.606_530_660), (100, 100, 1, 0.367_879_441), (100, 100, 2, 0.606_530_660),
      (300, 100, 1, 0.049_787_068), (7, 2.5, 0.5, 0.003_697_864), (0, 1, 1, 1),
    ] as [(UInt64, Double, Double, Double)])
  func probability(
    freshTicks: UInt64, loadMilliseconds: Double, eagerness: Double, expected: Double
  ) {
    let trials = 20_000
    var random = SplitMix64(seed: freshTicks + 1)
    var due = 0
    for _ in 0..<trials
    where EarlyRefresh.isDue(
      freshTicks: freshTicks, loadMilliseconds: loadMilliseconds, eagerness: eagerness,
      chance: .random(in: Double.leastNonzeroMagnitude...1, using: &random))
    { due += 1 }
    let deviation = (expected * (1 - expected) / Double(trials)).squareRoot()
    #expect(abs(Double(due) / Double(trials) - expected) <= 4 * deviation)
  }

  @Test("Early refreshes that fail leave the fresh value where it is, and serve it")
  func failing() async throws {
    struct Failure: Error {}
    let cache = cache(earlyRefresh: Self.alwaysEager, timeToLive: .seconds(3_600))
    #expect(try await cache.value(forKey: 1) { _ in 7 } == 7)
    #expect(try await cache.value(forKey: 1) { _ in throw Failure() } == 7)
    #expect(cache.peekValue(forKey: 1) == 7)
    #expect(cache.statistics.loadFailures == 1)
  }

  @Test("Early refreshes are done by one caller, while the others get the value that is there")
  func single() async throws {
    let cache = cache(earlyRefresh: Self.alwaysEager, timeToLive: .seconds(3_600))
    let gate = Gate<Int>()
    #expect(try await cache.value(forKey: 1) { _ in 1 } == 1)
    let (started, begin) = AsyncStream.makeStream(of: Void.self)
    async let refreshed = cache.value(forKey: 1) { _ in
      begin.finish()
      return try await gate.pass()
    }
    for await _ in started {}
    for _ in 0..<10 { #expect(try await cache.value(forKey: 1) { _ in 3 } == 1) }
    gate.open(returning: 2)
    #expect(try await refreshed == 2)
    #expect(cache.peekValue(forKey: 1) == 2)
    #expect(cache.statistics.loadSuccesses == 2)
  }
}
