import LambdaCache
import LambdaCacheHandlers
import Synchronization

/// Reads through a cache and a tier, as a function does.
struct ReadThrough: Sendable {
  private let tier: SecondTier
  private let cache: Cache<String, String>
  /// Its entries are gone at once, so that reads go on to the tier.
  private let forgetful: Cache<String, String>
  private let loads = Locked(Loads())

  private struct Loads {
    var count = 0
    var time = Duration.zero
  }

  init(_ engine: any SharedTier, timeBudget: Duration) {
    tier = SecondTier(
      engine, build: "proof", timeBudget: timeBudget, timeToLive: .seconds(60)
    ).named("proof")
    cache = Cache(byteLimit: 1 << 20, timeToLive: .seconds(60))
    forgetful = Cache(byteLimit: 1 << 20, timeToLive: .milliseconds(1))
  }

  /// Reads a key in an invocation of its own.
  ///
  /// - Parameters:
  ///   - name: The key.
  ///   - time: How long a load takes.
  ///   - isShared: Whether the tier is asked.
  /// - Returns: What happened, and the microseconds that it took beside the load.
  func read(_ name: String, time: Duration, isShared: Bool) async throws -> String {
    let before = loads.withLock { $0 }
    let start = ContinuousClock.now
    let value = try await withInvocation { _ in
      try await self.value(of: name, in: cache, time: time, isShared: isShared)
    }
    let elapsed = ContinuousClock.now - start
    let after = loads.withLock { $0 }
    let overhead = Int((elapsed - (after.time - before.time)) / .microseconds(1))
    guard value == Self.value(of: name) else { return "WRONG" }
    return "\(after.count > before.count ? "loaded" : "value") beside \(overhead)"
  }

  /// Reads keys over and over, in eight tasks.
  func soak(keyCount: Int, for time: Duration) async -> String {
    let end = ContinuousClock.now + time
    let outcomes = await withTaskGroup(of: (reads: Int, wrong: Int, errors: Int).self) { group in
      for _ in 0..<8 {
        group.addTask {
          var outcome = (reads: 0, wrong: 0, errors: 0)
          while ContinuousClock.now < end {
            let name = "soak-\(Int.random(in: 0..<keyCount))"
            outcome.reads += 1
            do {
              let value = try await withInvocation { _ in
                try await self.value(
                  of: name, in: forgetful, time: .milliseconds(20), isShared: true)
              }
              if value != Self.value(of: name) { outcome.wrong += 1 }
            } catch {
              outcome.errors += 1
            }
          }
          return outcome
        }
      }
      return await group.reduce((0, 0, 0)) { ($0.0 + $1.reads, $0.1 + $1.wrong, $0.2 + $1.errors) }
    }
    let statistics = tier.statistics
    return """
      wrong=\(outcomes.1) errors=\(outcomes.2) reads=\(outcomes.0) \
      loads=\(loads.withLock { $0.count }) hits=\(statistics.hits) failures=\(statistics.failures)
      """
  }

  private func value(
    of name: String, in cache: Cache<String, String>, time: Duration, isShared: Bool
  ) async throws -> String {
    guard isShared else {
      return try await cache.value(forKey: name) { name in try await load(name, time) }
    }
    return try await cache.value(forKey: name, through: tier, codec: .text) { name in
      try await load(name, time)
    }
  }

  private func load(_ name: String, _ time: Duration) async throws -> String {
    let start = ContinuousClock.now
    try await Task.sleep(for: time)
    loads.withLock { loads in
      loads.count += 1
      loads.time += ContinuousClock.now - start
    }
    return Self.value(of: name)
  }

  private static func value(of name: String) -> String {
    String(repeating: name + ",", count: 20)
  }
}

/// A value behind a lock.
private final class Locked<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>

  init(_ value: Value) { mutex = Mutex(value) }

  func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    mutex.withLock { value in body(&value) }
  }
}
