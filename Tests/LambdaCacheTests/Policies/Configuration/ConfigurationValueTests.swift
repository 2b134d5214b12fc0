import LambdaCache
import Testing

@Suite("Values of environment variables")
struct ConfigurationValueTests {
  /// The settings that one variable makes.
  private func settings(_ setting: String, _ value: String) throws -> CacheSettings {
    try CacheConfiguration(environment: ["LAMBDA_CACHE_" + setting: value])
      .settings(forCache: "any")
  }

  /// Expects the error that names the variable, its value and what is accepted.
  private func expectRefused(_ setting: String, _ value: String) {
    let variable = "LAMBDA_CACHE_" + setting
    let error = #expect(throws: ConfigurationError.self, "\(variable)=\(value)") {
      try CacheConfiguration(environment: [variable: value])
    }
    #expect(error?.issues.map(\.variable) == [variable])
    #expect(error?.issues.map(\.value) == [value])
    #expect(error?.issues.allSatisfy { !$0.accepted.isEmpty } == true)
  }

  @Test(
    "Sizes are bytes, or binary units whatever their spelling, or percentages, or auto",
    arguments: [
      ("0", .bytes(0)), ("1", .bytes(1)), ("1024", .bytes(1024)), ("007", .bytes(7)),
      ("1b", .bytes(1)), ("12 bytes", .bytes(12)), ("1 byte", .bytes(1)),
      ("1KiB", .bytes(1024)), ("1KB", .bytes(1024)), ("1k", .bytes(1024)),
      ("48MiB", .bytes(48 << 20)), ("48MB", .bytes(48 << 20)), ("48m", .bytes(48 << 20)),
      ("48mib", .bytes(48 << 20)), ("48MIB", .bytes(48 << 20)), ("48 MiB", .bytes(48 << 20)),
      ("  48MiB\t", .bytes(48 << 20)), ("1.5GiB", .bytes(3 << 29)), ("1.5 gb", .bytes(3 << 29)),
      ("0.1KiB", .bytes(102)), ("0.0001KiB", .bytes(0)), ("1TiB", .bytes(1 << 40)),
      ("1024G", .bytes(1 << 40)), ("1099511627776", .bytes(1 << 40)),
      ("0.123456789012345MiB", .bytes(129_453)),
      ("40%", .percent(40)), ("0%", .percent(0)), ("100%", .percent(100)),
      ("12.5 %", .percent(12.5)),
      ("auto", .automatic), ("AUTO", .automatic), (" Auto ", .automatic),
    ] as [(String, MemorySize)])
  func sizes(value: String, size: MemorySize) throws {
    #expect(try settings("SIZE", value).size == size)
  }

  @Test(
    "A text that is not a size is refused",
    arguments: [
      "x", "MiB", "48XiB", "48MiBs", "48Mi B", "4 8MiB", "-1", "+1", "1.5", "1.5B", ".5MiB",
      "5.MiB", "1..5MiB", "1.5.2MiB", "1e3", "0x10", "1,000", "1_000", "40 percent", "%", "-5%",
      "100.1%", "101%", "40%%", "%40", "1.1TiB", "2TiB", "1025G", "1099511627777",
      "99999999999999999999", "9223372036854775808", "18446744073709551616MiB", "none", "nan",
      "inf", "∞", "４８MiB", "48\u{0}MiB", "auto auto", "true", "48MiB # half",
    ])
  func malformedSizes(value: String) {
    expectRefused("SIZE", value)
    expectRefused("RESERVE", value)
  }

  @Test(
    "Durations are seconds, or units from days to milliseconds, or none",
    arguments: [
      ("300", .seconds(300)), ("300s", .seconds(300)), ("5m", .seconds(300)), ("1", .seconds(1)),
      ("5M", .seconds(300)), ("1h30m", .seconds(5400)), ("1h 30m", .seconds(5400)),
      ("1 h 30 m", .seconds(5400)), ("500ms", .milliseconds(500)), ("1s500ms", .milliseconds(1500)),
      ("0.5s", .milliseconds(500)), ("0.5", .milliseconds(500)), ("1.5h", .seconds(5400)),
      ("1d2h3m4s5ms", .milliseconds(93_784_005)), ("90m", .seconds(5400)),
      ("7d", .seconds(604_800)),
      ("3650d", .seconds(3650 * 86_400)), (" 10 ", .seconds(10)), ("0.001ms", .microseconds(1)),
      ("none", nil), ("NONE", nil), (" none ", nil),
    ] as [(String, Duration?)])
  func durations(value: String, duration: Duration?) throws {
    #expect(try settings("TTL", value).timeToLive == duration)
    #expect(try settings("IDLE_TTL", value).idleTimeToLive == duration)
    #expect(try settings("NEGATIVE_TTL", value).negativeTimeToLive == duration)
    #expect(try settings("STALE_WHILE_REVALIDATE", value).staleWhileRevalidate == duration)
    #expect(try settings("STALE_IF_ERROR", value).staleIfError == duration)
  }

  @Test(
    "A text that is not a duration is refused",
    arguments: [
      "5x", "m", "ms", "5m30", "30m1h", "1h1h", "1m1ms1s", "-5m", "+5", "5 minutes", "1h,30m",
      "1:30", "3651d", "3650d1ms", "99999999999d", "99999999999999999999", "1e9", "auto", "off",
      "never", "forever", "1h30", "1..5s", ".5s", "5.s", "5m.", "٣s", "5µs", "5us", "nones",
    ])
  func malformedDurations(value: String) {
    for setting in [
      "TTL", "IDLE_TTL", "NEGATIVE_TTL", "STALE_WHILE_REVALIDATE", "STALE_IF_ERROR",
    ] {
      expectRefused(setting, value)
    }
  }

  @Test(
    "Zero turns off settings that may be off, and is refused where it is ambiguous",
    arguments: ["0", "0s", "0.0", "0h0m", "0ms"])
  func zeroDurations(value: String) throws {
    #expect(try settings("NEGATIVE_TTL", value).negativeTimeToLive == nil)
    #expect(try settings("STALE_WHILE_REVALIDATE", value).staleWhileRevalidate == nil)
    #expect(try settings("STALE_IF_ERROR", value).staleIfError == nil)
    expectRefused("TTL", value)
    expectRefused("IDLE_TTL", value)
  }

  @Test(
    "Switches are read in every spelling",
    arguments: [
      ("true", true), ("on", true), ("yes", true), ("1", true), ("TRUE", true), (" On ", true),
      ("false", false), ("off", false), ("no", false), ("0", false), ("Off", false),
    ])
  func switches(value: String, isEnabled: Bool) throws {
    #expect(try settings("ENABLED", value).isEnabled == isEnabled)
  }

  @Test(
    "A text that is not a switch is refused",
    arguments: ["2", "y", "t", "enabled", "-", "1.0", "01"])
  func malformedSwitches(value: String) {
    expectRefused("ENABLED", value)
  }

  @Test(
    "Entry limits are read",
    arguments: [("1", 1), ("1000", 1000), ("2147483647", 2_147_483_647), ("none", nil)]
      as [(String, Int?)])
  func entryLimits(value: String, limit: Int?) throws {
    #expect(try settings("MAX_ENTRIES", value).entryLimit == limit)
  }

  @Test(
    "A text that is not an entry limit is refused",
    arguments: ["0", "-1", "1.5", "2147483648", "1k", "all", "99999999999999999999"])
  func malformedEntryLimits(value: String) {
    expectRefused("MAX_ENTRIES", value)
  }

  @Test(
    "Bounds of a cache's share are read",
    arguments: [
      ("none", nil), ("0", .bytes(0)), ("4MiB", .bytes(4 << 20)), ("25%", .percent(25)),
    ] as [(String, MemorySize?)])
  func bounds(value: String, size: MemorySize?) throws {
    #expect(try settings("MIN_SIZE", value).minimumSize == size)
    #expect(try settings("MAX_SIZE", value).maximumSize == size)
  }

  @Test(
    "A text that is not a bound of a share is refused",
    arguments: ["auto", "-1", "101%", "1.5", "x", "2TiB"])
  func malformedBounds(value: String) {
    expectRefused("MIN_SIZE", value)
    expectRefused("MAX_SIZE", value)
  }

  @Test(
    "Weights are read",
    arguments: [("1", 1), ("2.5", 2.5), ("0.01", 0.01), ("100", 100), (" 3 ", 3)])
  func weights(value: String, weight: Double) throws {
    #expect(try settings("WEIGHT", value).weight == weight)
  }

  @Test(
    "A text that is not a weight is refused",
    arguments: ["0", "0.009", "100.1", "-1", "x", "1%", "none", "1 2", ".5", "nan"])
  func malformedWeights(value: String) {
    expectRefused("WEIGHT", value)
  }

  @Test(
    "A policy is read",
    arguments: [
      ("lru", .leastRecentlyUsed), (" Adaptive ", .adaptive),
      ("adaptive-bytes", .adaptive(preferring: .bytes)),
      ("Adaptive-Time", .adaptive(preferring: .time)),
      ("watch", .leastRecentlyUsed(watching: true)),
    ] as [(String, EvictionPolicy)])
  func policies(value: String, policy: EvictionPolicy) throws {
    #expect(try settings("POLICY", value).policy == policy)
  }

  @Test(
    "A text that is not a policy is refused",
    arguments: ["auto", "lfu", "1", "lru adaptive", "adaptive-hits", "time"])
  func malformedPolicies(value: String) {
    expectRefused("POLICY", value)
  }

  @Test(
    "Limits of one entry are read",
    arguments: [("0", 0), ("512KiB", 524_288), ("none", nil)] as [(String, Int?)])
  func entrySizes(value: String, limit: Int?) throws {
    #expect(try settings("MAX_ENTRY_SIZE", value).entryByteLimit == limit)
  }

  @Test(
    "A text that is not a limit of one entry is refused",
    arguments: ["auto", "10%", "-1", "1.5", "x"])
  func malformedEntrySizes(value: String) {
    expectRefused("MAX_ENTRY_SIZE", value)
  }

  @Test(
    "Jitter is a part of the time to live, or a time",
    arguments: [
      ("10%", .fraction(0.1)), ("0%", .fraction(0)), ("100%", .fraction(1)),
      ("2.5%", .fraction(0.025)), ("none", .none), ("5m", .duration(.seconds(300))),
      ("500 ms", .duration(.milliseconds(500))), ("0s", .duration(.zero)),
    ] as [(String, Expiration.Jitter)])
  func jitter(value: String, jitter: Expiration.Jitter) throws {
    #expect(try settings("TTL_JITTER", value).timeToLiveJitter == jitter)
  }

  @Test(
    "A text that is not jitter is refused",
    arguments: ["10", "0.1", "101%", "-1%", "1h5", "-5m", "auto"])
  func malformedJitter(value: String) {
    expectRefused("TTL_JITTER", value)
  }

  @Test(
    "Intervals of metrics are read",
    arguments: [
      ("off", .off), ("none", .off), ("invocation", .invocations(1)), ("1", .invocations(1)),
      ("100", .invocations(100)), ("1000000", .invocations(1_000_000)),
    ] as [(String, CacheSettings.MetricsInterval)])
  func metrics(value: String, interval: CacheSettings.MetricsInterval) throws {
    #expect(try settings("METRICS", value).metrics == interval)
  }

  @Test(
    "A text that is not an interval of metrics is refused",
    arguments: ["0", "on", "1000001", "1.5"])
  func malformedMetrics(value: String) {
    expectRefused("METRICS", value)
  }

  @Test("An empty variable is as one that is not set", arguments: ["", " ", "\t\n"])
  func emptyValues(value: String) throws {
    let names = [
      "ENABLED", "SIZE", "MIN_SIZE", "MAX_SIZE", "WEIGHT", "MAX_ENTRIES", "MAX_ENTRY_SIZE", "TTL",
      "POLICY", "IDLE_TTL", "TTL_JITTER", "NEGATIVE_TTL", "STALE_WHILE_REVALIDATE",
      "STALE_IF_ERROR",
      "METRICS", "LOG", "LOG_SECRET", "RESERVE",
    ]
    let environment = Dictionary(uniqueKeysWithValues: names.map { ("LAMBDA_CACHE_" + $0, value) })
    let configuration = try CacheConfiguration(environment: environment)
    #expect(configuration.settings(forCache: "any") == CacheSettings())
    #expect(configuration.reserve == .automatic)
    #expect(configuration.unknownVariables.isEmpty)
  }
}
