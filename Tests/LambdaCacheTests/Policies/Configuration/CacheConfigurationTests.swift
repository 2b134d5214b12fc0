import LambdaCache
import TestSupport
import Testing

@Suite("The configuration from the environment", .prompt)
struct CacheConfigurationTests {
  @Test("An empty environment leaves the program's settings")
  func emptyEnvironment() throws {
    let configuration = try CacheConfiguration(environment: ["PATH": "/bin", "LAMBDA_TASK": "x"])
    let defaults = CacheSettings(size: .bytes(5), timeToLive: .seconds(9))
    #expect(configuration.settings(forCache: "users") == CacheSettings())
    #expect(configuration.settings(forCache: "users", defaults: defaults) == defaults)
    #expect(configuration.unknownVariables.isEmpty)
  }

  @Test("A variable of one cache wins over that of all caches, and both over the options")
  func precedence() throws {
    let configuration = try CacheConfiguration(environment: [
      "LAMBDA_CACHE_TTL": "5m",
      "LAMBDA_CACHE_USERS_TTL": "1m",
      "LAMBDA_CACHE_MAX_ENTRIES": "10",
      "LAMBDA_CACHE_ENABLED": "off",
      "LAMBDA_CACHE_USERS_ENABLED": "on",
    ])
    let defaults = CacheSettings(
      entryLimit: 99, timeToLive: .seconds(1), staleIfError: .seconds(7))
    let users = configuration.settings(forCache: "users", defaults: defaults)
    let orders = configuration.settings(forCache: "orders", defaults: defaults)
    #expect(users.timeToLive == .seconds(60))
    #expect(orders.timeToLive == .seconds(300))
    #expect(users.entryLimit == 10 && orders.entryLimit == 10)
    #expect(users.staleIfError == .seconds(7))
    #expect(users.isEnabled && !orders.isEnabled)
  }

  @Test("The value none in a variable takes away the program's setting")
  func none() throws {
    let configuration = try CacheConfiguration(environment: ["LAMBDA_CACHE_USERS_TTL": "none"])
    let defaults = CacheSettings(timeToLive: .seconds(1))
    #expect(configuration.settings(forCache: "users", defaults: defaults).timeToLive == nil)
  }

  @Test(
    "The name of a cache stands in its variables in upper case with underscores",
    arguments: [
      ("users", "USERS"), ("Users", "USERS"), ("user-profiles", "USER_PROFILES"),
      ("user.profiles v2", "USER_PROFILES_V2"), ("größe", "GR__E"), ("a_b", "A_B"),
    ])
  func names(name: String, inVariable: String) throws {
    let configuration = try CacheConfiguration(
      environment: ["LAMBDA_CACHE_\(inVariable)_MAX_ENTRIES": "7"])
    #expect(configuration.settings(forCache: name).entryLimit == 7)
    #expect(configuration.settings(forCache: name + "x").entryLimit == nil)
    #expect(configuration.unknownVariables(forCaches: [name]).isEmpty)
  }

  @Test("The longest name of a setting counts in a variable")
  func longestSetting() throws {
    let configuration = try CacheConfiguration(environment: [
      "LAMBDA_CACHE_IDLE_TTL": "1m",
      "LAMBDA_CACHE_USERS_NEGATIVE_TTL": "2m",
    ])
    let users = configuration.settings(forCache: "users")
    #expect(users.idleTimeToLive == .seconds(60))
    #expect(users.negativeTimeToLive == .seconds(120))
    #expect(users.timeToLive == nil)
    #expect(configuration.settings(forCache: "idle").timeToLive == nil)
    #expect(configuration.settings(forCache: "users negative").timeToLive == nil)
  }

  @Test("Variables that name no setting are reported, those of unknown caches when asked")
  func unknownVariables() throws {
    let configuration = try CacheConfiguration(environment: [
      "LAMBDA_CACHE_TLL": "5m",
      "LAMBDA_CACHE_": "1",
      "LAMBDA_CACHE__TTL": "5m",
      "LAMBDA_CACHE_USERS_RESERVE": "5MiB",
      "LAMBDA_CACHE_USERS_TTL": "5m",
      "LAMBDA_CACHE_USRES_SIZE": "5MiB",
      "LAMBDA_CACHES_TTL": "5m",
      "lambda_cache_ttl": "5m",
    ])
    let always = [
      "LAMBDA_CACHES_TTL", "LAMBDA_CACHE_", "LAMBDA_CACHE_TLL", "LAMBDA_CACHE_USERS_RESERVE",
      "LAMBDA_CACHE__TTL", "lambda_cache_ttl",
    ]
    #expect(configuration.unknownVariables == always)
    #expect(
      configuration.unknownVariables(forCaches: ["users", "orders"])
        == (always + ["LAMBDA_CACHE_USRES_SIZE"]).sorted())
    #expect(configuration.settings(forCache: "any").timeToLive == nil)
  }

  @Test("All bad values of variables are reported together, in order, each with what is accepted")
  func severalIssues() throws {
    let error = try #require(
      throws: ConfigurationError.self,
      performing: {
        try CacheConfiguration(environment: [
          "LAMBDA_CACHE_TTL": "5x",
          "LAMBDA_CACHE_USERS_SIZE": "big\n",
          "LAMBDA_CACHE_RESERVE": "much",
          "LAMBDA_CACHE_ENABLED": "true",
        ])
      })
    #expect(
      error.issues.map(\.variable) == [
        "LAMBDA_CACHE_RESERVE", "LAMBDA_CACHE_TTL", "LAMBDA_CACHE_USERS_SIZE",
      ])
    let lines = error.description.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[1].hasPrefix("LAMBDA_CACHE_TTL=\"5x\" cannot be used; accepted: none or a dur"))
    #expect(lines[2].contains("\"big\\n\""))
  }

  @Test(
    "The reserve is read from the environment for all caches together",
    arguments: [
      ("20MiB", .bytes(20 << 20)), ("25%", .percent(25)), ("auto", .automatic), ("0", .bytes(0)),
    ] as [(String, MemorySize)])
  func reserve(value: String, size: MemorySize) throws {
    let configuration = try CacheConfiguration(environment: ["LAMBDA_CACHE_RESERVE": value])
    #expect(configuration.reserve == size)
  }

  @Test("The explanation has every setting, its value and its source")
  func explanation() throws {
    let configuration = try CacheConfiguration(environment: [
      "LAMBDA_CACHE_TTL": "90m",
      "LAMBDA_CACHE_USERS_SIZE": "48MB",
      "LAMBDA_CACHE_TLL": "1",
    ])
    let lines = configuration.explainConfiguration().split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(lines.contains("TTL 1h30m LAMBDA_CACHE_TTL=90m"))
    #expect(lines.contains("MAX_ENTRIES none default"))
    #expect(lines.contains("RESERVE auto default"))
    #expect(lines.contains("SIZE auto default"))
    #expect(lines.contains("cache USERS"))
    #expect(lines.contains("SIZE 48 MiB LAMBDA_CACHE_USERS_SIZE=48MB"))
    #expect(lines.contains("unknown variables: LAMBDA_CACHE_TLL"))

    let defaults = CacheSettings(
      entryLimit: 5, timeToLiveJitter: .fraction(0.1), negativeTimeToLive: .milliseconds(1500),
      metrics: .invocations(10))
    let users = configuration.explainConfiguration(forCache: "users", defaults: defaults)
      .split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(
      users == [
        "cache users", "ENABLED true default", "SIZE 48 MiB LAMBDA_CACHE_USERS_SIZE=48MB",
        "MIN_SIZE none default", "MAX_SIZE none default", "WEIGHT 1.0 default",
        "MAX_ENTRIES 5 options", "MAX_ENTRY_SIZE none default", "POLICY lru default",
        "TTL 1h30m LAMBDA_CACHE_TTL=90m",
        "IDLE_TTL none default", "TTL_JITTER 10% options", "NEGATIVE_TTL 1s500ms options",
        "STALE_WHILE_REVALIDATE none default", "STALE_IF_ERROR none default",
        "METRICS 10 options", "LOG off default",
      ])
  }

  @Test("Settings of a program that are out of range trap")
  func validation() async {
    await #expect(processExitsWith: .failure) { CacheSettings(size: .bytes(-1)).validate() }
    await #expect(processExitsWith: .failure) { CacheSettings(size: .percent(101)).validate() }
    await #expect(processExitsWith: .failure) { CacheSettings(size: .percent(.nan)).validate() }
    await #expect(processExitsWith: .failure) { CacheSettings(weight: 0).validate() }
    await #expect(processExitsWith: .failure) {
      CacheSettings(minimumSize: .percent(101)).validate()
    }
    await #expect(processExitsWith: .failure) { CacheSettings(entryLimit: 0).validate() }
    await #expect(processExitsWith: .failure) { CacheSettings(timeToLive: .zero).validate() }
    await #expect(processExitsWith: .failure) {
      CacheSettings(timeToLiveJitter: .fraction(2)).validate()
    }
    await #expect(processExitsWith: .failure) {
      CacheSettings(metrics: .invocations(0)).validate()
    }
    await #expect(processExitsWith: .success) { CacheSettings().validate() }
  }
}
