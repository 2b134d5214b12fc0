import LambdaCache
import TestSupport
import Testing

@Suite("Any environment")
struct ConfigurationFuzzTests {
  private static let settings = [
    "ENABLED", "SIZE", "MIN_SIZE", "MAX_SIZE", "WEIGHT", "MAX_ENTRIES", "MAX_ENTRY_SIZE", "TTL",
    "POLICY", "IDLE_TTL", "TTL_JITTER",
    "NEGATIVE_TTL", "STALE_WHILE_REVALIDATE", "STALE_IF_ERROR", "METRICS", "LOG", "RESERVE",
    "TLL", "",
  ]
  private static let pieces = [
    "0", "1", "9", "48", "300", "1.5", ".", "-", "%", " ", "none", "auto", "off", "true", "d", "h",
    "m", "s", "ms", "KiB", "MB", "GiB", "TiB", "b", "lru", "adaptive", "99999999999999999999",
    "9223372036854775807",
    "\u{0}", "é", "💥", "\r\n", "0000000000000000000",
  ]

  @Test("Any environment is read or refused and never traps", arguments: 0..<20)
  func neverTraps(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    // The same for all: reading the real one takes most of the time of a step.
    let process = ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil)
    for step in 0..<400 {
      var environment: [String: String] = [:]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let name = ["", "USERS_", "_", "ÄÖ_"].randomElement(using: &random)!
        let setting = Self.settings.randomElement(using: &random)!
        environment["LAMBDA_CACHE_" + name + setting] = value(using: &random)
      }
      environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = value(using: &random)
      do throws(ConfigurationError) {
        let configuration = try CacheConfiguration(environment: environment)
        let settings = configuration.settings(forCache: "users")
        settings.validate()
        _ = BudgetRequest(settings, memory: 128 << 20)
        #expect(
          !configuration.explainConfiguration(forCache: "users").isEmpty
            && !configuration.explainConfiguration().isEmpty,
          "seed \(seed), step \(step): \(environment)")
      } catch {
        #expect(
          error.issues.allSatisfy { environment[$0.variable] == $0.value },
          "seed \(seed), step \(step): \(environment)")
      }
      if let budget = try? MemoryBudget(environment: environment, process: process) {
        #expect(budget.byteLimit >= 0, "seed \(seed), step \(step): \(environment)")
      }
    }
  }

  /// Pieces of good values in any order, or any bytes.
  private func value(using random: inout SplitMix64) -> String {
    let count = Int.random(in: 0...5, using: &random)
    if Bool.random(using: &random) {
      return (0..<count).map { _ in Self.pieces.randomElement(using: &random)! }.joined()
    }
    return String(
      decoding: (0..<count * 4).map { _ in UInt8.random(in: 0...255, using: &random) },
      as: UTF8.self)
  }

  @Test("A setting that is read means the same when it is written again", arguments: 0..<10)
  func roundTrip(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for step in 0..<200 {
      let milliseconds = Int64.random(in: 1...315_360_000_000, using: &random)
      let duration = Duration.milliseconds(milliseconds)
      let text = try explained("TTL", CacheSettings(timeToLive: duration))
      let again = try CacheConfiguration(environment: ["LAMBDA_CACHE_TTL": text])
        .settings(forCache: "any")
      #expect(again.timeToLive == duration, "seed \(seed), step \(step): \(text)")
    }
  }

  /// The text that the explanation has for a setting.
  private func explained(_ setting: String, _ settings: CacheSettings) throws -> String {
    let text = try CacheConfiguration(environment: [:])
      .explainConfiguration(forCache: "any", defaults: settings)
    let row = try #require(
      text.split(separator: "\n").first { $0.hasPrefix("  \(setting) ") })
    return String(row.split(separator: " ")[1])
  }
}
