import LambdaCache
import TestSupport
import Testing

/// Times that are never meant and easily computed: each public function takes them.
enum ExtremeDurations {
  static let all: [Duration] = [
    .zero, Duration(attoseconds: 1), Duration(attoseconds: -1), .nanoseconds(-1), .seconds(-1),
    .seconds(Int64.min), .seconds(Int64.max), Duration(attoseconds: .min),
    Duration(attoseconds: .max), Duration(attoseconds: .min + 1), Duration(attoseconds: .max - 1),
    .milliseconds(Int64.max), .seconds(1 << 48), .seconds(100 * 365 * 86_400),
  ]
  static let notNegative = all.filter { $0 >= .zero }
  static let positive = all.filter { $0 > .zero }
}

@Suite("Durations beyond all use", .prompt, .timeLimit(.minutes(10)))
struct DurationExtremeTests {
  @Test("Extreme durations end no process, as the lifetime of an entry")
  func lifetimes() async {
    await #expect(processExitsWith: .success) {
      for duration in ExtremeDurations.all {
        let cache = Cache<Int, Int>(byteLimit: 1 << 16, timeToLive: duration) {
          $0.entryTimeToLive = { _, _ in duration }
        }
        var single = UniqueCache<Int, Int>(byteLimit: 1 << 16, timeToLive: duration)
        for other in ExtremeDurations.all {
          cache.setValue(1, forKey: 1, timeToLive: other)
          cache.setTimeToLive(other, forKey: 1)
          _ = cache.remainingTimeToLive(forKey: 1)
          _ = cache.age(forKey: 1)
          single.setValue(1, forKey: 1, timeToLive: other)
          single.setTimeToLive(other, forKey: 1)
          _ = single.remainingTimeToLive(forKey: 1)
          _ = single.value(forKey: 1)
        }
        _ = cache.value(forKey: 1)
        _ = cache.explanation(of: 1)
      }
    }
  }

  @Test("Extreme durations end no process, in an expiration")
  func expirations() async {
    await #expect(processExitsWith: .success) {
      for duration in ExtremeDurations.notNegative {
        for other in ExtremeDurations.positive {
          let clock = ManualClock()
          for policy: Expiration.ThawPolicy in [.revalidate(after: other), .drop(after: other)] {
            let expiration = Expiration(
              timeToLive: other, idleTimeToLive: other, jitter: .duration(duration),
              afterThaw: policy, recordsAge: true)
            let loading = LoadPolicy(
              staleWhileRevalidate: duration, staleIfError: other, earlyRefresh: 1)
            let cache = Cache<Int, Int>(byteLimit: 1 << 16) {
              $0.expiration = expiration
              $0.loading = loading
              $0.clock = clock
            }
            cache[1] = 1
            clock.advance(by: other)
            _ = cache.freshOrStaleValue(forKey: 1)
            _ = cache.explanation(of: 1)
            _ = cache.age(forKey: 1)
          }
        }
      }
    }
  }

  @Test("Extreme durations end no process, on a clock that is set to them and moved by them")
  func clocks() async {
    await #expect(processExitsWith: .success) {
      for duration in ExtremeDurations.all {
        let clock = ManualClock(elapsed: duration)
        let cache = Cache<Int, Int>(byteLimit: 1 << 16, timeToLive: .seconds(5)) {
          $0.clock = clock
        }
        for other in ExtremeDurations.all {
          cache[1] = 1
          clock.advance(by: other)
          clock.advance(by: other)
          _ = cache[1]
          clock.elapsed = other
          _ = try? await cache.value(forKey: 1) { _ in 2 }
          _ = cache.remainingTimeToLive(forKey: 1)
        }
        _ = cache.statistics - CacheStatistics()
      }
    }
  }

  @Test("Extreme durations end no process, as time limits and lifetimes of loads")
  func loads() async {
    await #expect(processExitsWith: .success) {
      let never = LoadPolicy()
      for duration in ExtremeDurations.all {
        let cache = Cache<Int, Int>(byteLimit: 1 << 16) { $0.loading = never }
        for key in 0..<2 {
          _ = try? await cache.value(forKey: key, timeToLive: duration, within: duration) {
            if key == 1 { await Task.yield() }
            return $0
          }
          _ = try? await cache.optionalValue(
            forKey: key + 2, timeToLive: duration, within: duration
          ) { _ in nil }
          _ = try? await cache.value(forKey: key + 4, timeToLive: duration, within: duration) {
            key, _ in .modified(key)
          }
          _ = try? await cache.values(forKeys: [6, 7, key], timeToLive: duration, within: duration)
          {
            Dictionary(uniqueKeysWithValues: $0.map { ($0, $0) })
          }
        }
      }
    }
  }

  @Test("Durations that are not positive are no time to wait", .timeLimit(.minutes(10)))
  func negativeWaits() async {
    for duration in ExtremeDurations.all where duration < .zero {
      let cache = Cache<Int, Int>(byteLimit: 1 << 16)
      await #expect(throws: CacheLoadError.self) {
        try await cache.value(forKey: 1, within: duration) { _ in
          try await Task.sleep(for: patience)
          return 1
        }
      }
    }
  }

  @Test("Extreme durations end no process, in what is remembered of failures")
  func failures() async {
    struct Failure: ClassifiedError {
      let loadErrorClass: LoadErrorClass
      let retryAfter: Duration?
    }
    await #expect(processExitsWith: .success) {
      for duration in ExtremeDurations.notNegative {
        let policy = LoadPolicy(
          negativeTimeToLive: duration, refusedTimeToLive: duration,
          throttledBackOff: .constant(duration), transientBackOff: BackOff(first: duration))
        let cache = Cache<Int, Int>(byteLimit: 1 << 20) { $0.loading = policy }
        for other in ExtremeDurations.all {
          for kind in LoadErrorClass.allCases {
            for _ in 0..<2 {
              _ = try? await cache.value(forKey: 1) { _ in
                throw Failure(loadErrorClass: kind, retryAfter: other)
              }
            }
            _ = cache.explanation(of: 1)
            cache.removeValue(forKey: 1)
          }
        }
      }
    }
  }

  @Test("Extreme durations end no process, in settings, which are explained")
  func settings() async {
    await #expect(processExitsWith: .success) {
      let configuration = try CacheConfiguration(environment: [:])
      for duration in ExtremeDurations.notNegative {
        let settings = CacheSettings(
          timeToLive: duration, idleTimeToLive: duration, timeToLiveJitter: .duration(duration),
          negativeTimeToLive: duration, staleWhileRevalidate: duration, staleIfError: duration)
        _ = configuration.explainConfiguration(forCache: "users", defaults: settings)
      }
    }
  }

  @Test("Extreme durations end no process, in statistics that are subtracted")
  func statistics() async {
    await #expect(processExitsWith: .success) {
      for duration in ExtremeDurations.all {
        for other in ExtremeDurations.all {
          var (later, earlier) = (CacheStatistics(), CacheStatistics())
          later.loadTime = duration
          later.thawedTime = other
          earlier.loadTime = other
          earlier.thawedTime = duration
          _ = later - earlier
        }
      }
    }
  }

  @Test("Extreme durations add, subtract and multiply up to the ends of the representable")
  func clamping() {
    let (least, most) = (Duration(attoseconds: .min), Duration(attoseconds: .max))
    #expect(most.addingClamped(.seconds(1)) == most)
    #expect(least.addingClamped(.seconds(-1)) == least)
    #expect(least.addingClamped(most) == Duration(attoseconds: -1))
    #expect(most.subtractingClamped(.seconds(-1)) == most)
    #expect(least.subtractingClamped(.seconds(1)) == least)
    #expect(Duration.zero.subtractingClamped(least) == most)
    #expect(most.multipliedClamped(by: 2) == most)
    #expect(most.multipliedClamped(by: -2) == least)
    #expect(least.multipliedClamped(by: -1) == most)
    #expect(Duration.seconds(3).multipliedClamped(by: -2) == .seconds(-6))
    #expect(Duration.seconds(3).addingClamped(.seconds(-2)) == .seconds(1))
    #expect(least.asTimeLimit == .zero)
    #expect(most.asTimeLimit == nil)
    #expect(Duration.seconds(3).asTimeLimit == .seconds(3))
  }
}
