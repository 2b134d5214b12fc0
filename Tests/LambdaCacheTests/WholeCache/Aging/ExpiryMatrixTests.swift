import LambdaCache
import Testing

/// A way to give an entry a lifetime.
enum ExpiryKind: CaseIterable, Sendable {
  case afterWrite, perInsertion, computed, changedLater, idle, perLoad

  /// - Parameter clock: `nil` for the clocks of the system.
  func cache(_ lifetime: Duration?, clock: ManualClock?) -> Cache<Int, Int> {
    switch self {
    case .afterWrite:
      Cache(byteLimit: 65_536, timeToLive: lifetime) { $0.clock = clock }
    case .idle:
      Cache(byteLimit: 65_536) {
        $0.expiration.idleTimeToLive = lifetime
        $0.clock = clock
      }
    case .computed:
      Cache(byteLimit: 65_536) {
        $0.clock = clock
        $0.entryTimeToLive = { _, _ in lifetime }
      }
    case .perInsertion, .changedLater, .perLoad: Cache(byteLimit: 65_536) { $0.clock = clock }
    }
  }

  func set(_ cache: Cache<Int, Int>, key: Int, lifetime: Duration?) async throws {
    switch self {
    case .afterWrite, .idle, .computed: cache.setValue(key, forKey: key)
    case .perInsertion: cache.setValue(key, forKey: key, timeToLive: lifetime)
    case .changedLater:
      cache.setValue(key, forKey: key)
      cache.setTimeToLive(lifetime, forKey: key)
    case .perLoad:
      _ = try await cache.value(forKey: key, timeToLive: lifetime) { $0 }
    }
  }
}

/// The same with one owner; its entries come by no load.
private final class OwnedCache {
  var cache: UniqueCache<Int, Int>

  init(_ kind: ExpiryKind, _ lifetime: Duration?, clock: ManualClock?) {
    switch kind {
    case .afterWrite:
      cache = UniqueCache(byteLimit: 65_536, timeToLive: lifetime) { $0.clock = clock }
    case .idle:
      cache = UniqueCache(byteLimit: 65_536) {
        $0.expiration.idleTimeToLive = lifetime
        $0.clock = clock
      }
    case .computed:
      cache = UniqueCache(byteLimit: 65_536) {
        $0.clock = clock
        $0.entryTimeToLive = { _, _ in lifetime }
      }
    case .perInsertion, .changedLater, .perLoad:
      cache = UniqueCache(byteLimit: 65_536) { $0.clock = clock }
    }
  }

  func set(key: Int, lifetime: Duration?, as kind: ExpiryKind) {
    switch kind {
    case .afterWrite, .idle, .computed: cache.setValue(key, forKey: key)
    case .perInsertion, .perLoad: cache.setValue(key, forKey: key, timeToLive: lifetime)
    case .changedLater:
      cache.setValue(key, forKey: key)
      cache.setTimeToLive(lifetime, forKey: key)
    }
  }
}

@Suite(
  "Every limit of a lifetime, in every kind of expiry, by every clock", .timeLimit(.minutes(15)))
struct ExpiryMatrixTests {
  /// The named limits of a lifetime.
  enum Limit: CaseIterable, Sendable {
    case none, zero, oneTick, hour, unreachable

    var lifetime: Duration? {
      switch self {
      case .none: nil
      case .zero: .zero
      case .oneTick: .milliseconds(1)
      case .hour: .seconds(3_600)
      case .unreachable: .seconds(86_400 * 365 * 9_000)
      }
    }
  }

  /// A cache's answer about an entry.
  private struct Finding: Equatable {
    var isThere: Bool
    var remaining: Duration?
    var count: Int
  }

  /// The expected answer some time after the entry was set.
  private func expected(_ limit: Limit, after time: Duration) -> Finding {
    guard let lifetime = limit.lifetime, limit != .unreachable else {
      return Finding(isThere: true, remaining: nil, count: 1)
    }
    let left = lifetime - time
    return left > .zero
      ? Finding(isThere: true, remaining: left, count: 1)
      : Finding(isThere: false, remaining: nil, count: 0)
  }

  /// Looks at the entry, and then for it.
  private func finding(_ cache: Cache<Int, Int>) -> Finding {
    let isThere = cache.contains(1)
    let remaining = cache.remainingTimeToLive(forKey: 1)
    // A removal reclaims what has expired.
    cache.removeValue(forKey: 7)
    return Finding(isThere: isThere, remaining: remaining, count: cache.count)
  }

  private func finding(_ owned: OwnedCache) -> Finding {
    let isThere = owned.cache.contains(1)
    let remaining = owned.cache.remainingTimeToLive(forKey: 1)
    owned.cache.removeValue(forKey: 7)
    return Finding(isThere: isThere, remaining: remaining, count: owned.cache.count)
  }

  @Test(
    "Every kind of expiry tells whether an entry is there, and for how long",
    arguments: ExpiryKind.allCases, Limit.allCases)
  func matrix(kind: ExpiryKind, limit: Limit) async throws {
    for origin in Self.origins {
      let clock = ManualClock(elapsed: origin)
      let shared = kind.cache(limit.lifetime, clock: clock)
      let owned = OwnedCache(kind, limit.lifetime, clock: clock)
      try await kind.set(shared, key: 1, lifetime: limit.lifetime)
      owned.set(key: 1, lifetime: limit.lifetime, as: kind)
      var time = Duration.zero
      for step in [
        Duration.zero, .milliseconds(1), .seconds(3_599), .seconds(1), .seconds(1 << 32),
      ] {
        clock.advance(by: step)
        time += step
        #expect(finding(shared) == expected(limit, after: time), "after \(time) from \(origin)")
        #expect(finding(owned) == expected(limit, after: time), "after \(time) from \(origin)")
      }
    }
  }

  /// The bound of the article on time: two steps of the kernel's clock and two milliseconds.
  private static var resolution: Duration {
    .nanoseconds(2 * SystemClocks.coarseStep) + .milliseconds(2)
  }

  @Test(
    "Entries expire by the system's clocks within their resolution: never early, hardly late",
    arguments: ExpiryKind.allCases, Limit.allCases)
  func matrixOfTheSystem(kind: ExpiryKind, limit: Limit) async throws {
    let shared = kind.cache(limit.lifetime, clock: nil)
    let owned = OwnedCache(kind, limit.lifetime, clock: nil)
    let start = ContinuousClock.now
    try await kind.set(shared, key: 1, lifetime: limit.lifetime)
    owned.set(key: 1, lifetime: limit.lifetime, as: kind)
    let set = ContinuousClock.now
    for finding in [finding(shared), finding(owned)] {
      let elapsed = ContinuousClock.now - start
      switch limit {
      case .none, .unreachable, .zero: #expect(finding == expected(limit, after: .zero))
      case .oneTick: #expect(finding.isThere || elapsed >= .milliseconds(1), "too early")
      case .hour:
        let remaining = try #require(finding.remaining)
        #expect(remaining >= .seconds(3_600) - elapsed, "too early")
        #expect(remaining <= .seconds(3_600) + Self.resolution, "too late")
      }
    }
    guard limit == .oneTick else { return }
    try await Task.sleep(until: set + .milliseconds(1) + Self.resolution, clock: .continuous)
    #expect(finding(shared) == expected(.oneTick, after: .milliseconds(1)))
    #expect(finding(owned) == expected(.oneTick, after: .milliseconds(1)))
  }

  /// Clocks at different places of their range.
  static let origins: [Duration] = [
    .zero, .nanoseconds(1), .seconds(-90_000_000), .seconds(1_700_000_000),
    .seconds(9_000_000_000_000_000),
  ]

  @Test(
    "An entry is there a millisecond before its time and not at it",
    arguments: ExpiryKind.allCases, ExpiryMatrixTests.origins)
  func reachable(kind: ExpiryKind, origin: Duration) async throws {
    for lifetime in [
      Duration.milliseconds(1), .milliseconds(2), .seconds(3_600), .seconds(1 << 32),
    ] {
      let clock = ManualClock(elapsed: origin)
      let cache = kind.cache(lifetime, clock: clock)
      clock.advance(by: .seconds(5))
      try await kind.set(cache, key: 1, lifetime: lifetime)
      try await kind.set(cache, key: 2, lifetime: lifetime)
      clock.advance(by: lifetime - .milliseconds(1))
      #expect(cache.peekValue(forKey: 1) == 1)
      #expect(cache.remainingTimeToLive(forKey: 1) == .milliseconds(1))
      clock.advance(by: .milliseconds(1))
      #expect(cache.peekValue(forKey: 1) == nil)
      #expect(cache.remainingTimeToLive(forKey: 1) == nil)
      #expect(cache.value(forKey: 1) == nil)
      #expect(cache.freshOrStaleValue(forKey: 2) == nil)
      #expect(cache.byteCount == 0 || cache.count == 0)
    }
  }

  @Test(
    "No lifetime, an unreachable one, and one beyond the representable last for ever",
    arguments: ExpiryKind.allCases,
    [nil, .seconds(86_400 * 365 * 9_000), .seconds(Int64.max)] as [Duration?])
  func endless(kind: ExpiryKind, lifetime: Duration?) async throws {
    let clock = ManualClock(elapsed: .seconds(17))
    let cache = kind.cache(lifetime, clock: clock)
    try await kind.set(cache, key: 1, lifetime: lifetime)
    clock.advance(by: .seconds(86_400 * 365 * 200))
    #expect(cache.value(forKey: 1) == 1)
    #expect(cache.remainingTimeToLive(forKey: 1) == nil)
  }

  @Test(
    "A lifetime that is not positive keeps the entry out",
    arguments: ExpiryKind.allCases,
    [.zero, .nanoseconds(-1), .seconds(-5), .seconds(Int64.min)] as [Duration])
  func notPositive(kind: ExpiryKind, lifetime: Duration) async throws {
    let cache = kind.cache(lifetime, clock: ManualClock())
    try await kind.set(cache, key: 1, lifetime: lifetime)
    #expect(cache.value(forKey: 1) == nil)
    #expect(cache.count == 0)
  }

  @Test("A clock that stands still lets nothing expire", arguments: ExpiryKind.allCases)
  func standingStill(kind: ExpiryKind) async throws {
    let cache = kind.cache(.milliseconds(1), clock: ManualClock(elapsed: .seconds(3)))
    try await kind.set(cache, key: 1, lifetime: .milliseconds(1))
    for _ in 0..<100 { #expect(cache.value(forKey: 1) == 1) }
  }

  @Test(
    "A step back makes nothing young, and the time that follows counts",
    arguments: ExpiryKind.allCases)
  func steppingBack(kind: ExpiryKind) async throws {
    let clock = ManualClock(elapsed: .seconds(100))
    let cache = kind.cache(.seconds(10), clock: clock)
    try await kind.set(cache, key: 1, lifetime: .seconds(10))
    clock.advance(by: .seconds(9))
    #expect(cache.contains(1))
    #expect(cache.removeValue(forKey: 7) == nil)
    clock.advance(by: .seconds(-50))
    #expect(cache.contains(1))
    clock.advance(by: .seconds(51))
    #expect(!cache.contains(1))
  }
}
