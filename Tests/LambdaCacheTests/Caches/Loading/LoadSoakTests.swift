import LambdaCache
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Tasks that do anything at any time; a moment of it, or as many seconds as
/// `LAMBDA_CACHE_SOAK_SECONDS` says.
@Suite("A soak of read-through", .timeLimit(.minutes(15)))
struct LoadSoakTests {
  private static var duration: Duration {
    guard let text = getenv("LAMBDA_CACHE_SOAK_SECONDS").map({ String(cString: $0) }) else {
      return .milliseconds(300)
    }
    guard let seconds = Int(text), seconds > 0 else {
      Issue.record("LAMBDA_CACHE_SOAK_SECONDS is '\(text)', not a number from 1")
      return .zero
    }
    return .seconds(seconds)
  }

  private struct SoakError: ClassifiedError {
    var loadErrorClass: LoadErrorClass
  }

  private let budget = MemoryBudget(byteLimit: 256 << 10)
  private let asked = Locked(0)

  private func makeCache() throws -> Cache<Int, String> {
    var loading = LoadPolicy(negativeTimeToLive: .milliseconds(5))
    loading.transientBackOff = BackOff(first: .milliseconds(1), longest: .milliseconds(4))
    return Cache(named: "soak", in: budget, timeToLive: .milliseconds(20)) {
      $0.expiration.jitter = .fraction(0.5)
      $0.loading = loading
      $0.loading.staleWhileRevalidate = .milliseconds(10)
      $0.loading.staleIfError = .milliseconds(30)
      $0.loading.earlyRefresh = 1
      $0.tags = { key, _ in ["\(key % 7)"] }
    }
  }

  /// A value that shows whose it is.
  private static func value(of key: Int, _ random: inout SplitMix64) -> String {
    "\(key):" + String(repeating: "x", count: random.number(0...2_000))
  }

  private static func isOf(_ key: Int, _ value: String) -> Bool { value.hasPrefix("\(key):") }

  /// The actions of a load.
  private static func load(
    _ keys: [Int], _ random: inout SplitMix64, _ cache: Cache<Int, String>
  ) async throws -> [Int: String] {
    switch random.number(0...11) {
    case 0: throw SoakError(loadErrorClass: random.pick(LoadErrorClass.allCases))
    case 1: try await Task.sleep(for: .microseconds(random.number(1...3_000)))
    case 2: for key in keys { cache.removeValue(forKey: key) }
    case 3: cache.setValue("\(keys[0]):written", forKey: keys[0])
    case 4: cache.removeAll(tagged: "\(keys[0] % 7)")
    case 5:
      // Of loads that ask for each other's keys, one gets an error.
      let other = random.number(0...60)
      let seed = random.next()
      _ = try? await cache.value(forKey: other) { key in
        var random = SplitMix64(seed: seed)
        return value(of: key, &random)
      }
    case 6: return [:]
    default: await Task.yield()
    }
    var values: [Int: String] = [:]
    for key in keys { values[key] = value(of: key, &random) }
    return values
  }

  /// Acts within the invocation of all, or in one of its own that may be short.
  private func actSomewhere(_ cache: Cache<Int, String>, _ random: inout SplitMix64) async {
    guard random.oneIn(4) else { return await act(cache, &random) }
    let left = Duration.milliseconds(random.pick([0, 1, 20, 55, 900_000]))
    let scope = InvocationScope(deadline: .now + left, runsRefreshes: random.oneIn(2))
    await InvocationScope.$current.withValue(scope) { await act(cache, &random) }
    if random.oneIn(2) { await scope.finish() }
  }

  private func act(_ cache: Cache<Int, String>, _ random: inout SplitMix64) async {
    let key = random.number(0...60)
    let seed = random.next()
    let limit: Duration? = random.oneIn(4) ? .microseconds(random.number(0...2_000)) : nil
    let single: @Sendable (Int) async throws -> String = { key in
      var random = SplitMix64(seed: seed)
      guard let value = try await Self.load([key], &random, cache)[key] else {
        throw SoakError(loadErrorClass: .notFound)
      }
      return value
    }
    do {
      switch random.number(0...13) {
      case 0...5:
        let value = try await cache.value(forKey: key, within: limit, orLoad: single)
        #expect(Self.isOf(key, value))
      case 6:
        let values = try await cache.values(forKeys: key..<key + 8, within: limit) { keys in
          var random = SplitMix64(seed: seed)
          return try await Self.load(keys, &random, cache)
        }
        for (key, value) in values { #expect(Self.isOf(key, value)) }
      case 7:
        let value = try await cache.value(forKey: key, within: limit) { key, old in
          if old != nil, seed % 2 == 0 { return .notModified }
          return .modified(try await single(key))
        }
        #expect(Self.isOf(key, value))
      case 8:
        let value = try await cache.invalidateAndRetryOnce(
          forKey: key, if: { $0 is CancellationError }, orLoad: single,
          { value in
            if seed % 3 == 0 { throw CancellationError() }
            return value
          })
        #expect(Self.isOf(key, value))
      case 9: cache.setValue(Self.value(of: key, &random), forKey: key)
      case 10: cache.removeValue(forKey: key)
      case 11: cache.removeAll(tagged: "\(key % 7)")
      case 12: if random.oneIn(20) { cache.removeAll() }
      default: _ = cache.explanation(of: key)
      }
    } catch {
      // Every error is one that a load or a limit may end with; what matters is that something
      // came.
      #expect(error is SoakError || error is CacheLoadError || error is CancellationError)
      if case CacheLoadError.tooLittleTime(_, let remaining, _) = error {
        #expect(remaining == .zero)
      }
    }
    asked.withLock { $0 += 1 }
  }

  @Test("A soak of read-through ends with every question answered and nothing left")
  func soak() async throws {
    let cache = try makeCache()
    let end = ContinuousClock.now + Self.duration
    let scope = InvocationScope()
    await InvocationScope.$current.withValue(scope) {
      await withTaskGroup(of: Void.self) { group in
        for worker in 0..<16 {
          group.addTask {
            var random = SplitMix64(seed: Fuzz.seed &+ UInt64(worker))
            var turns = 0
            while turns < 20 || ContinuousClock.now < end {
              turns += 1
              if random.oneIn(5) {
                var fork = SplitMix64(seed: random.next())
                let task = Task { [fork] in
                  var random = fork
                  await actSomewhere(cache, &random)
                }
                if fork.oneIn(2) { await Task.yield() }
                task.cancel()
                await task.value
              } else {
                await actSomewhere(cache, &random)
              }
            }
          }
        }
      }
    }
    _ = try await bounded { await scope.finish() }
    try await eventually("every load has ended") {
      cache.loadsUnderWay == 0 && budget.reservedByteCount == 0
    }
    #expect(cache.checkInvariants() == [])
    #expect(cache.byteCount <= budget.byteLimit)
    #expect(asked.withLock { $0 } >= 320)
    cache.removeAll()
    #expect(cache.byteCount == 0)
  }
}
