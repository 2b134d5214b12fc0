import LambdaCache
import Testing

@Suite("Names of caches in variables")
struct CacheNameTests {
  private func configuration(_ environment: [String: String] = [:]) throws -> CacheConfiguration {
    try CacheConfiguration(environment: environment)
  }

  private func issues(_ names: [String]) throws -> [ConfigurationError.Issue] {
    do throws(ConfigurationError) {
      try CacheConfiguration(environment: [:]).checkCacheNames(names)
      return []
    } catch {
      return error.issues
    }
  }

  @Test(
    "Names of caches are refused if several are the same in variables",
    arguments: [
      (["users-1", "users_1", "users.1"], "LAMBDA_CACHE_USERS_1_…"),
      (["users", "Users"], "LAMBDA_CACHE_USERS_…"),
      (["gr\u{FC}n", "gr\u{E4}n"], "LAMBDA_CACHE_GR_N_…"),
    ])
  func same(names: [String], variable: String) throws {
    let issues = try issues(names + ["orders"])
    #expect(issues.map(\.variable) == [variable])
    #expect(Set(issues[0].cacheNames) == Set(names))
    #expect(issues[0].description.contains("does not belong to"))
    #expect(try self.issues([names[0], names[0], "orders"]).isEmpty)
  }

  @Test(
    "Names of caches are refused if they end as a setting begins",
    arguments: [
      ("max", "LAMBDA_CACHE_MAX_SIZE", "SIZE"), ("min", "LAMBDA_CACHE_MIN_SIZE", "SIZE"),
      ("idle", "LAMBDA_CACHE_IDLE_TTL", "TTL"), ("negative", "LAMBDA_CACHE_NEGATIVE_TTL", "TTL"),
      ("users_idle", "LAMBDA_CACHE_USERS_IDLE_TTL", "TTL"),
      ("users.negative", "LAMBDA_CACHE_USERS_NEGATIVE_TTL", "TTL"),
      ("max-entry", "LAMBDA_CACHE_MAX_ENTRY_SIZE", "SIZE"),
      ("users max", "LAMBDA_CACHE_USERS_MAX_SIZE", "SIZE"),
      ("", "LAMBDA_CACHE_", ""),
    ])
  func ambiguous(name: String, variable: String, setting: String) throws {
    let issue = try #require(try issues(["orders", name]).first { $0.variable == variable })
    #expect(issue.cacheNames == [name])
    #expect(!issue.accepted.isEmpty)
    #expect(throws: ConfigurationError.self) { try configuration().checkCacheNames([name]) }
  }

  @Test(
    "Names of caches are accepted if all their variables are their own",
    arguments: [
      "users", "users-1", "ttl", "size", "maximum", "idles", "max-users", "reserve", "enabled",
      "entries", "idle-users", "x", "_", "entry",
    ])
  func accepted(name: String) throws {
    #expect(try issues([name, "orders"]).isEmpty)
    // Each variable that is called after the cache is read for it alone.
    for (setting, value) in [("SIZE", "5MiB"), ("TTL", "7"), ("MAX_ENTRIES", "9")] {
      let inVariables = name.uppercased().replacing("-", with: "_")
      let configuration = try configuration(["LAMBDA_CACHE_\(inVariables)_\(setting)": value])
      #expect(configuration.unknownVariables(forCaches: [name]).isEmpty)
      #expect(configuration.settings(forCache: name) != CacheSettings())
      #expect(configuration.settings(forCache: "another") == CacheSettings())
    }
  }

  @Test("Names of caches in variables are those of the caches that were made")
  func recorded() throws {
    let configuration = try configuration()
    let budget = MemoryBudget(byteLimit: 1 << 20, configuration: configuration)
    let first = Cache<Int, Int>(named: "users-1", in: budget)
    try configuration.checkCacheNames()
    let second = Cache<Int, Int>(named: "users_1", in: budget)
    let error = try #require(throws: ConfigurationError.self) {
      try configuration.checkCacheNames()
    }
    #expect(error.issues.map(\.cacheNames) == [["users-1", "users_1"]])
    #expect(configuration.explainConfiguration().contains("\"users-1\" and \"users_1\""))
    // Whatever their names are, they work.
    first[1] = 1
    second[1] = 2
    #expect(first[1] == 1)
    // A reader of the settings is no cache.
    let other = try self.configuration()
    _ = other.explainConfiguration(forCache: "max")
    _ = other.explainConfiguration()
    try other.checkCacheNames()
  }
}

extension String {
  fileprivate func replacing(_ character: Character, with other: Character) -> String {
    String(map { $0 == character ? other : $0 })
  }
}
