import LambdaCache
import Testing

/// A way to give an entry a lifetime.
enum ExpiryKind: CaseIterable, Sendable {
  case afterWrite, perInsertion, computed, changedLater, idle, perLoad

  func cache(_ lifetime: Duration?, clock: ManualClock) -> Cache<Int, Int> {
    switch self {
    case .afterWrite:
      Cache(byteLimit: 65_536, timeToLive: lifetime, clock: clock)
    case .idle:
      Cache(
        byteLimit: 65_536, expiration: Expiration(idleTimeToLive: lifetime), clock: clock)
    case .computed:
      Cache(byteLimit: 65_536, clock: clock, entryTimeToLive: { _, _ in lifetime })
    case .perInsertion, .changedLater, .perLoad: Cache(byteLimit: 65_536, clock: clock)
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

@Suite("Every limit of a lifetime, in every kind of expiry, by every clock")
struct ExpiryMatrixTests {
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
      #expect(cache.cachedValue(forKey: 2) == nil)
      #expect(cache.byteCount == 0 || cache.count == 0)
    }
  }

  @Test(
    "No lifetime, one that cannot be reached, and one beyond all names last for ever",
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
