import LambdaCache
import Testing

@Suite("The request log in the environment variables")
struct RequestLogConfigurationTests {
  private func percent(_ value: String) throws -> Double {
    try CacheConfiguration(environment: ["LAMBDA_CACHE_LOG": value])
      .settings(forCache: "users").loggedPercent
  }

  @Test(
    "LAMBDA_CACHE_LOG is a part of the keys",
    arguments: [
      ("off", 0), ("none", 0), ("all", 100), ("ALL", 100), ("1%", 1), (" 0.5 % ", 0.5), ("0%", 0),
      ("100%", 100),
    ] as [(String, Double)])
  func values(value: String, expected: Double) throws {
    #expect(try percent(value) == expected)
  }

  @Test(
    "A value of LAMBDA_CACHE_LOG that is no part of the keys is refused",
    arguments: ["1", "on", "true", "101%", "-1%", "1%%", "some"])
  func malformed(value: String) {
    let error = #expect(throws: ConfigurationError.self) { try percent(value) }
    #expect(error?.issues.map(\.variable) == ["LAMBDA_CACHE_LOG"])
    #expect(error?.description.contains("off, all, or 0% to 100% of the keys") == true)
  }

  @Test("The log of one cache is set by a variable of its own, and off by default")
  func oneCache() throws {
    let configuration = try CacheConfiguration(environment: ["LAMBDA_CACHE_USERS_LOG": "all"])
    #expect(configuration.settings(forCache: "users").loggedPercent == 100)
    #expect(configuration.settings(forCache: "orders").loggedPercent == 0)
    #expect(configuration.unknownVariables(forCaches: ["users"]).isEmpty)
    #expect(configuration.explainConfiguration().contains("LAMBDA_CACHE_USERS_LOG=all"))
  }

  @Test("A secret is read, never shown, and refused if it is short")
  func secret() throws {
    let secret = "correct horse battery"
    let configuration = try CacheConfiguration(environment: ["LAMBDA_CACHE_LOG_SECRET": secret])
    #expect(configuration.unknownVariables.isEmpty)
    let text = configuration.explainConfiguration()
    #expect(!text.contains("horse"))
    let row = text.split(separator: "\n").first { $0.contains("LOG_SECRET") }
    #expect(
      row?.split(separator: " ").map(String.init)
        == ["LOG_SECRET", "set", "LAMBDA_CACHE_LOG_SECRET"])
    let error = #expect(throws: ConfigurationError.self) {
      try CacheConfiguration(environment: ["LAMBDA_CACHE_LOG_SECRET": "fifteen letters"])
    }
    #expect(error?.description.contains("fifteen") == false)
    #expect(error?.description.contains("at least 16 bytes") == true)
    let empty = try CacheConfiguration(environment: ["LAMBDA_CACHE_LOG_SECRET": ""])
    #expect(empty.explainConfiguration().contains("LOG_SECRET              none"))
  }

  @Test("The memory of a log is booked in the budget, and given back with its cache")
  func memory() throws {
    let configuration = try CacheConfiguration(environment: ["LAMBDA_CACHE_LOG": "1%"])
    let budget = MemoryBudget(byteLimit: 1 << 20, configuration: configuration)
    do {
      let cache = Cache<Int, Int>(named: "users", in: budget)
      #expect(budget.explain().contains("log of users"))
      #expect(cache.byteLimit == budget.byteLimit - RequestLog.byteCount)
      cache.setValue(1, forKey: 1)
      #expect(cache.value(forKey: 1) == 1)
    }
    #expect(budget.assignedByteCount == 0)
  }

  @Test("A log says what memory a budget of the process has, and nothing of one of a fixed size")
  func memoryLine() throws {
    let configuration = try CacheConfiguration(environment: ["LAMBDA_CACHE_LOG": "all"])
    let settings = configuration.settings(forCache: "users")
    let measured = try MemoryBudget(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256"],
      process: ProcessMemory(residentByteCount: 10 << 20, containerLimit: nil))
    for (budget, count) in [(measured, 1), (MemoryBudget(byteLimit: 1 << 20), 0)] {
      let captured = CapturedLog()
      do {
        let log = try #require(
          RequestLog(
            ofCache: "users", settings, secret: nil, budget: budget, output: captured.output))
        log.noteLookUp(of: 1, byteCount: nil)
      }
      #expect(captured.text.contains(#""h":0"#))
      let lines = captured.lines.filter { $0.contains(#","m":268435456,"u":10485760,"e":""#) }
      #expect(lines.count == count)
      #expect(captured.lines.count { $0.contains(#""u":"#) } == count)
    }
  }

  @Test("A cache that is turned off, or has no room for a log, has none")
  func noRoom() throws {
    let configuration = try CacheConfiguration(
      environment: ["LAMBDA_CACHE_LOG": "all", "LAMBDA_CACHE_OFF_ENABLED": "false"])
    let small = MemoryBudget(byteLimit: 30_000, configuration: configuration)
    let cache = Cache<Int, Int>(named: "users", in: small)
    #expect(cache.byteLimit == 30_000)
    let budget = MemoryBudget(byteLimit: 1 << 20, configuration: configuration)
    let off = Cache<Int, Int>(named: "off", in: budget)
    #expect(off.value(forKey: 1) == nil && budget.assignedByteCount == 0)
  }
}
