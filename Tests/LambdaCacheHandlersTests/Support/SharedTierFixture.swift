import LambdaCache
import TestSupport

@testable import LambdaCacheHandlers

/// The parts that tests of the shared tier begin with: a clock, an engine in memory whose time it
/// is, and a source that counts its loads.
///
/// A test adds the environments that it needs: `TierEnvironment(engine)`.
struct SharedTierFixture: Sendable {
  let clock = ManualClock(elapsed: .seconds(100))
  let engine: FakeTier
  let source: CountedSource

  init() {
    engine = FakeTier(clock: clock)
    source = CountedSource(clock: clock)
  }
}

/// A suite whose tests have a fixture each, and its parts by their names.
protocol SharedTierSuite {
  var fixture: SharedTierFixture { get }
}

extension SharedTierSuite {
  var clock: ManualClock { fixture.clock }
  var engine: FakeTier { fixture.engine }
  var source: CountedSource { fixture.source }
}

/// One environment of a function: a cache, and its way to the engine that all share.
struct TierEnvironment: Sendable {
  let cache: Cache<String, String>
  let tier: SecondTier

  init(
    _ engine: any ClockedTier, build: String = "1", timeToLive: Duration? = nil,
    cacheTimeToLive: Duration? = .seconds(10), loading: LoadPolicy = LoadPolicy(),
    afterThaw: Expiration.ThawPolicy = .keep, validatesTagsAfter: Duration? = nil,
    wait: @escaping @Sendable (Duration) async throws -> Void = { _ in },
    chance: @escaping @Sendable () -> Double = { 1 }
  ) {
    cache = Cache(byteLimit: 1 << 20, timeToLive: cacheTimeToLive) {
      $0.clock = engine.clock
      $0.loading = loading
      $0.expiration.afterThaw = afterThaw
    }
    tier = SecondTier(
      TierState(
        engine, build: build, timeBudget: .milliseconds(5), timeToLive: timeToLive,
        validatesTagsAfter: validatesTagsAfter, time: TierTime(engine.clock, wait: wait),
        chance: chance))
  }

  /// Reads a key.
  func read(
    _ key: String, tags: [String] = [],
    orLoad load: @escaping @Sendable (String) async throws -> String
  ) async throws -> String {
    try await cache.value(forKey: key, through: tier, codec: .text, tags: tags, orLoad: load)
  }

  /// Reads a key that must not have to be loaded.
  func readWithoutLoad(_ key: String, tags: [String] = []) async throws -> String {
    try await read(key, tags: tags) { _ in throw Unwanted() }
  }
}

/// A load that was not to be.
struct Unwanted: Error {}

/// A source that counts what it is asked, and takes a time of a test's clock to answer.
final class CountedSource: Sendable {
  private struct State {
    var calls: [[String]] = []
    var error: (any Error)?
  }

  private let clock: ManualClock
  private let duration: Duration
  private let state = Locked(State())

  init(clock: ManualClock, taking duration: Duration = .milliseconds(20)) {
    self.clock = clock
    self.duration = duration
  }

  /// What was asked, call by call.
  var calls: [[String]] { state.withLock { $0.calls } }

  /// What each load throws; `nil` for none.
  var error: (any Error)? {
    get { state.withLock { $0.error } }
    set { state.withLock { $0.error = newValue } }
  }

  /// "key 1" the first time it is asked for anything, then "key 2" and so on.
  @Sendable func load(_ key: String) async throws -> String {
    try await loadSeveral([key])[key]!
  }

  @Sendable func loadSeveral(_ keys: [String]) async throws -> [String: String] {
    let (number, error) = state.withLock { state in
      state.calls.append(keys)
      return (state.calls.count, state.error)
    }
    clock.advance(by: duration)
    if let error { throw error }
    return Dictionary(uniqueKeysWithValues: keys.map { ($0, "\($0) \(number)") })
  }
}
