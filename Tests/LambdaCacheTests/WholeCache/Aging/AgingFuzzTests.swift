import LambdaCache
import TestSupport
import Testing

extension AgingSubject {
  static func configuration(using random: inout SplitMix64) -> AgingConfiguration {
    let duration: [Duration?] = [
      nil, nil, .milliseconds(1), .milliseconds(50), .microseconds(70_300), .seconds(90),
      .seconds(86_400 * 36_525), .seconds(Int64.max),
    ]
    var expiration = Expiration(
      timeToLive: random.pick(duration), idleTimeToLive: random.pick(duration),
      recordsAge: random.oneIn(3))
    expiration.jitter = random.pick([
      .none, .none, .fraction(0.1), .fraction(1), .duration(.milliseconds(20)),
      .duration(.seconds(1_000)),
    ])
    var loading = LoadPolicy()
    if Driver.loads {
      loading.staleWhileRevalidate = random.pick([
        .zero, .zero, .milliseconds(30), .seconds(7), .seconds(Int64.max),
      ])
      loading.staleIfError = random.pick([.zero, .milliseconds(40), .seconds(60)])
    }
    expiration.afterThaw = random.pick([
      .keep, .keep,
      Driver.loads ? .revalidate(after: .milliseconds(200)) : .drop(after: .seconds(3)),
      .drop(after: .milliseconds(200)),
      .drop(after: .microseconds(1)),
    ])
    return AgingConfiguration(
      expiration: expiration, loading: loading, keyCount: random.pick([2, 6, 40, 120]),
      byteLimit: random.pick([1 << 20, 1 << 20, 12_000]),
      entryLimit: random.pick([nil, nil, nil, 1, 20]),
      // Near the beginning and near the end of what can be named.
      start: random.pick([0, 0, 123_456, (1 << 48) * 1_000 - 5_000_000]))
  }

  static func operation(
    in configuration: AgingConfiguration, using random: inout SplitMix64
  ) -> AgingOperation {
    let key = random.number(0...configuration.keyCount - 1)
    let lifetime: Duration? = random.pick([
      nil, .milliseconds(random.number(1...100)), .microseconds(random.number(1...90_000)),
      .seconds(random.number(1...100_000)), .zero, .seconds(-1), .seconds(Int64.max),
      .seconds(Int64.min),
    ])
    switch random.number(0...39) {
    case 0...8: return .read(key)
    case 9...14: return .ask(key)
    case 15...25: return .set(key, timeToLive: random.oneIn(3) ? lifetime : nil)
    case 26...28: return .setTimeToLive(key, lifetime)
    case 29...30: return .remove(key)
    case 31: return random.oneIn(4) ? .removeAll : .read(key)
    case 32...36:
      let year = 365 * 86_400 * 1_000_000
      return .advance(
        microseconds: random.pick([
          1, 999, random.number(1...30_000), random.number(1...120_000), 300_000, 5_000_000,
          -random.number(1...200_000), random.oneIn(10) ? 150 * year : 61_000_000,
        ]))
    case 37:
      return configuration.entryLimit == nil
        ? .settle : .limitEntries(random.pick([0, 1, 5, 20, Int.max]))
    default: return .settle
    }
  }
}

@Suite("Every kind of expiry against a model")
struct AgingFuzzTests {
  @Test("UniqueCache shows fresh entries and reclaims expired ones")
  func uniqueCache() { run(UniqueCacheDriver<Int, Int>.self) }

  @Test("Cache shows fresh entries, keeps stale ones and reclaims expired ones")
  func sharedCache() { run(SharedCacheDriver<Int, Int>.self) }

  private func run<Driver: AgedDriver>(_ driver: Driver.Type)
  where Driver.Key == Int, Driver.Value == Int {
    let coverage = Fuzz.run(AgingSubject<Driver>.self, histories: 160, steps: 150)
    guard Fuzz.isThorough else { return }
    for place in [
      "stale", "inserted", "replaced", "rejected", "jittered", "changed", "settled", "expired",
      "size", "thaws",
    ] where Driver.loads || place != "stale" {
      #expect(coverage[place, default: 0] > 0, "\(place): never")
    }
  }
}
