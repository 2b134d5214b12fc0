import LambdaCache
import Testing

@Suite("The explanation of a cache's settings")
struct ExplainConfigurationTests {
  /// The lines, with one blank between words.
  private func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map { line in
      line.split(separator: " ").joined(separator: " ")
    }
  }

  @Test("The explanation names the source of each value: variable, options, default or change")
  func shared() throws {
    let configuration = try CacheConfiguration(environment: [
      "LAMBDA_CACHE_TTL": "90m", "LAMBDA_CACHE_USERS_STALE_IF_ERROR": "1h",
      "LAMBDA_CACHE_USERS_MAX_ENTRIES": "100",
    ])
    let budget = MemoryBudget(byteLimit: 1 << 20, configuration: configuration)
    let cache = Cache<String, Int>(named: "users", in: budget, timeToLive: .seconds(300)) {
      $0.expiration.jitter = .fraction(0.1)
      $0.expiration.afterThaw = .drop(after: .seconds(900))
      $0.loading.earlyRefresh = 1
      $0.loading.transientBackOff = BackOff(first: .milliseconds(100), longest: .seconds(10))
      $0.tags = { _, _ in [] }
    }
    cache.entryByteLimit = 4_096
    cache.missLogCapacity = 64
    #expect(
      lines(cache.explainConfiguration()) == [
        "cache users", "byteLimit 1 MiB assigned by the budget", "isEnabled true default",
        "size auto default", "minimumSize none default", "maximumSize none default",
        "weight 1.0 default", "entryLimit 100 LAMBDA_CACHE_USERS_MAX_ENTRIES=100",
        "entryByteLimit 4 KiB set at run time", "policy lru default",
        "expiration.timeToLive 1h30m LAMBDA_CACHE_TTL=90m",
        "expiration.idleTimeToLive none default", "expiration.jitter 10% options",
        "loading.negativeTimeToLive none default", "loading.staleWhileRevalidate none default",
        "loading.staleIfError 1h LAMBDA_CACHE_USERS_STALE_IF_ERROR=1h", "metrics off default",
        "log off default",
        "expiration.afterThaw drop after 15m options", "expiration.recordsAge false default",
        "loading.earlyRefresh 1.0 options", "loading.refusedTimeToLive 0s default",
        "loading.throttledBackOff none default", "loading.transientBackOff 100ms to 10s options",
        "loading.finishesAbandonedLoads false default", "loading.failureByteLimit 64 KiB default",
        "loading.classify none default", "entryTimeToLive none default", "tags set options",
        "hasExactTags false default", "onRemoval none default",
        "endsProcessForUnknownSize false default", "clock none default",
        "missLogCapacity \(cache.missLogCapacity) set at run time",
      ])
  }

  @Test("The explanation shows a cache's own limit, and its later changes")
  func limited() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, timeToLive: .seconds(300)) {
      $0.loading.staleIfError = .seconds(60)
    }
    var text = lines(cache.explainConfiguration())
    #expect(text.prefix(2) == ["Cache<Int, Int>", "byteLimit 1 MiB options"])
    #expect(text.contains("expiration.timeToLive 5m options"))
    #expect(text.contains("loading.staleIfError 1m options"))
    #expect(text.contains("entryLimit none default"))
    #expect(!text.contains { $0.hasPrefix("minimumSize") || $0.hasPrefix("metrics") })
    cache.timeToLive = nil
    cache.byteLimit = 2 << 20
    cache.entryLimit = 9
    text = lines(cache.explainConfiguration())
    #expect(text.contains("expiration.timeToLive none set at run time"))
    #expect(text.contains("byteLimit 2 MiB set at run time"))
    #expect(text.contains("entryLimit 9 set at run time"))
  }

  @Test("The explanation is the same for a cache with one owner, without what that cannot do")
  func unique() throws {
    let configuration = try CacheConfiguration(environment: ["LAMBDA_CACHE_IDLE_TTL": "60"])
    let budget = MemoryBudget(byteLimit: 1 << 20, configuration: configuration)
    var cache = UniqueCache<Int, Int>(named: "own", in: budget) { $0.expiration.recordsAge = true }
    cache.timeToLive = .seconds(1)
    cache.entryLimit = 5
    cache.entryByteLimit = 16
    let text = lines(cache.explainConfiguration())
    #expect(text.prefix(2) == ["cache own", "byteLimit 1 MiB assigned by the budget"])
    for line in [
      "expiration.timeToLive 1s set at run time", "entryLimit 5 set at run time",
      "entryByteLimit 16 bytes set at run time", "expiration.recordsAge true options",
      "expiration.idleTimeToLive 1m LAMBDA_CACHE_IDLE_TTL=60",
    ] { #expect(text.contains(line), "\(line)") }
    #expect(
      !text.contains { $0.hasPrefix("loading.") || $0.hasPrefix("tags") || $0.hasPrefix("log ") })
    cache.byteLimit = 1 << 10
    #expect(lines(cache.explainConfiguration()).contains("byteLimit 1 KiB set at run time"))
  }

  @Test("The explanation of a configuration has the options of the caches made from it")
  func configuration() throws {
    let budget = MemoryBudget(
      byteLimit: 1 << 20, configuration: try CacheConfiguration(environment: [:]))
    let cache = Cache<Int, Int>(named: "users", in: budget, timeToLive: .seconds(300))
    let text = lines(budget.configuration.explainConfiguration())
    let place = try #require(text.firstIndex(of: "cache users"))
    #expect(text[place...].contains("TTL 5m options"))
    #expect(text[..<place].contains("TTL none default"))
    withExtendedLifetime(cache) {}
  }

  @Test("The explanation is of the budget's configuration, whose errors are named together")
  func budgetConfiguration() throws {
    let environment = ["LAMBDA_CACHE_TTL": "7", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"]
    let budget = try MemoryBudget(environment: environment)
    let cache = Cache<Int, Int>(named: "any", in: budget)
    #expect(cache.timeToLive == .seconds(7))
    let error = #expect(throws: ConfigurationError.self) {
      try MemoryBudget(environment: [
        "LAMBDA_CACHE_TTL": "x", "LAMBDA_CACHE_RESERVE": "y",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "z",
      ])
    }
    #expect(
      error?.issues.map(\.variable) == [
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "LAMBDA_CACHE_RESERVE", "LAMBDA_CACHE_TTL",
      ])
  }
}
