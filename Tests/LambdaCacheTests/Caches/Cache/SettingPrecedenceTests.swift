import LambdaCache
import Testing

/// The call, then the closure that is asked about each entry, then the environment, then options.
@Suite("A setting that several places give")
struct SettingPrecedenceTests {
  struct Missing: ClassifiedError {
    var loadErrorClass: LoadErrorClass { .notFound }
  }

  struct Failure: Error {}

  typealias Options = CacheOptions<Int, [UInt8]>

  /// One setting: what the options and a variable say, and what is seen in each case.
  struct Setting: Sendable, CustomTestStringConvertible {
    let variable: String
    let value: String
    let configure: @Sendable (inout Options) -> Void
    let observe: @Sendable (Cache<Int, [UInt8]>, ManualClock) async -> String
    let byOptions: String
    let byVariable: String

    var testDescription: String { variable }
  }

  static let settings: [Setting] = [
    Setting(
      variable: "TTL", value: "20", configure: { $0.expiration.timeToLive = .seconds(10) },
      observe: { cache, _ in
        cache[1] = []
        return "\(cache.remainingTimeToLive(forKey: 1)!)"
      }, byOptions: "10.0 seconds", byVariable: "20.0 seconds"),
    Setting(
      variable: "IDLE_TTL", value: "20",
      configure: { $0.expiration.idleTimeToLive = .seconds(10) },
      observe: { cache, clock in
        cache[1] = []
        clock.advance(by: .seconds(15))
        return cache[1] == nil ? "gone" : "there"
      }, byOptions: "gone", byVariable: "there"),
    Setting(
      variable: "TTL_JITTER", value: "none",
      configure: {
        $0.expiration.timeToLive = .seconds(1_000_000)
        $0.expiration.jitter = .fraction(1)
      },
      observe: { cache, _ in
        for key in 0..<20 { cache[key] = [] }
        let times = Set((0..<20).map { cache.remainingTimeToLive(forKey: $0) })
        return times.count == 1 ? "one time" : "several times"
      }, byOptions: "several times", byVariable: "one time"),
    Setting(
      variable: "NEGATIVE_TTL", value: "30",
      configure: { $0.loading.negativeTimeToLive = .seconds(10) },
      observe: { cache, clock in
        let loads = Locked(0)
        for _ in 0..<2 {
          _ = try? await cache.value(forKey: 1) { _ in
            loads.withLock { $0 += 1 }
            throw Missing()
          }
          clock.advance(by: .seconds(20))
        }
        return "\(loads.withLock { $0 }) loads"
      }, byOptions: "2 loads", byVariable: "1 loads"),
    Setting(
      variable: "STALE_WHILE_REVALIDATE", value: "30",
      configure: {
        $0.expiration.timeToLive = .seconds(1)
        $0.loading.staleWhileRevalidate = .seconds(10)
      },
      observe: { cache, clock in
        cache[1] = [7]
        clock.advance(by: .seconds(21))
        return cache.freshOrStaleValue(forKey: 1) == nil ? "gone" : "stale"
      }, byOptions: "gone", byVariable: "stale"),
    Setting(
      variable: "STALE_IF_ERROR", value: "30",
      configure: {
        $0.expiration.timeToLive = .seconds(1)
        $0.loading.staleIfError = .seconds(10)
      },
      observe: { cache, clock in
        cache[1] = [7]
        clock.advance(by: .seconds(21))
        let value = try? await cache.value(forKey: 1) { _ in throw Failure() }
        return value == nil ? "error" : "stale"
      }, byOptions: "error", byVariable: "stale"),
    Setting(
      variable: "POLICY", value: "lru", configure: { $0.policy = .adaptive },
      observe: { cache, _ in cache.statistics.policyMode ?? "the last use alone" },
      byOptions: "uses and sizes", byVariable: "the last use alone"),
    Setting(
      variable: "MAX_ENTRIES", value: "2", configure: { $0.entryLimit = 3 },
      observe: { cache, _ in
        for key in 0..<9 { cache[key] = [] }
        return "\(cache.count)"
      }, byOptions: "3", byVariable: "2"),
    Setting(
      variable: "MAX_ENTRY_SIZE", value: "2KiB", configure: { $0.entryByteLimit = 1_024 },
      observe: { cache, _ in
        "\(cache.setValue([UInt8](repeating: 0, count: 1_500), forKey: 1))"
      }, byOptions: "rejected", byVariable: "inserted"),
    Setting(
      variable: "MAX_SIZE", value: "128KiB", configure: { $0.maximumSize = .bytes(256 << 10) },
      observe: { cache, _ in "\(cache.byteLimit)" }, byOptions: "262144", byVariable: "131072"),
    Setting(
      variable: "MIN_SIZE", value: "128KiB", configure: { $0.minimumSize = .bytes(256 << 10) },
      observe: { cache, _ in
        let text = cache.budget!.explain()
        return text.contains("at least 256 KiB") ? "256" : text.contains("least 128") ? "128" : text
      }, byOptions: "256", byVariable: "128"),
    Setting(
      variable: "WEIGHT", value: "3", configure: { $0.weight = 2 },
      observe: { cache, _ in
        let text = cache.budget!.explain()
        return text.contains("weight 2") ? "2" : text.contains("weight 3") ? "3" : text
      }, byOptions: "2", byVariable: "3"),
  ]

  private func cache(
    _ variables: [String: String], _ clock: ManualClock,
    configure: (inout Options) -> Void
  ) throws -> (Cache<Int, [UInt8]>, MemoryBudget) {
    let budget = MemoryBudget(
      byteLimit: 1 << 20, configuration: try CacheConfiguration(environment: variables))
    return (
      Cache(named: "users", in: budget) {
        configure(&$0)
        $0.clock = clock
      }, budget
    )
  }

  @Test("Options count where no variable is set", arguments: settings)
  func options(setting: Setting) async throws {
    let clock = ManualClock()
    let (cache, budget) = try cache([:], clock, configure: setting.configure)
    #expect(await setting.observe(cache, clock) == setting.byOptions)
    withExtendedLifetime(budget) {}
  }

  @Test("The variable of all caches counts before options", arguments: settings)
  func sharedVariable(setting: Setting) async throws {
    let clock = ManualClock()
    let (cache, budget) = try cache(
      ["LAMBDA_CACHE_\(setting.variable)": setting.value], clock, configure: setting.configure)
    #expect(await setting.observe(cache, clock) == setting.byVariable)
    withExtendedLifetime(budget) {}
  }

  @Test("The variable of the cache counts before that of all caches", arguments: settings)
  func ownVariable(setting: Setting) async throws {
    let other = [
      "WEIGHT": "7", "TTL": "77", "IDLE_TTL": "1", "TTL_JITTER": "99%", "POLICY": "watch",
    ]
    let clock = ManualClock()
    let (cache, budget) = try cache(
      [
        "LAMBDA_CACHE_\(setting.variable)": other[setting.variable] ?? "1",
        "LAMBDA_CACHE_USERS_\(setting.variable)": setting.value,
      ], clock, configure: setting.configure)
    #expect(await setting.observe(cache, clock) == setting.byVariable)
    withExtendedLifetime(budget) {}
  }

  @Test("The call counts before the closure, and that before variable and options")
  func timesToLive() throws {
    let clock = ManualClock()
    let (cache, budget) = try cache(["LAMBDA_CACHE_TTL": "20"], clock) {
      $0.expiration.timeToLive = .seconds(10)
      $0.entryTimeToLive = { key, _ in key == 1 ? nil : .seconds(5) }
    }
    cache[1] = []
    cache[2] = []
    cache.setValue([], forKey: 3, timeToLive: .seconds(3))
    let times = [1, 2, 3].map { cache.remainingTimeToLive(forKey: $0) }
    #expect(times == [.seconds(20), .seconds(5), .seconds(3)])
    withExtendedLifetime(budget) {}
  }

  @Test("The call counts before the closure for tags and for sizes")
  func tagsAndSizes() {
    let cache = Cache<Int, Int>(
      byteLimit: 1 << 20, heapByteCount: { _, _ in 1_000 },
      configure: { $0.tags = { _, _ in ["closure"] } })
    cache.setValue(1, forKey: 1, heapByteCount: 100_000)
    #expect(cache.byteCount > 100_000)
    cache.setTags(["call"], forKey: 1)
    #expect(cache.tags(forKey: 1) == ["call"])
    cache.setValue(1, forKey: 1)
    #expect(cache.byteCount < 100_000)
    #expect(cache.tags(forKey: 1) == ["closure"])
  }
}
