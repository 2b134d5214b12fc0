import TestSupport
import Testing

@testable import LambdaCache

@Suite("Variables that nothing claims", .prompt)
struct UnclaimedVariableTests {
  private func nearest(_ variable: String, caches: [String] = ["users", "orders"]) throws -> String?
  {
    let configuration = try CacheConfiguration(environment: [variable: "5m"])
    let unclaimed = configuration.unclaimedVariables(forCaches: caches)
    #expect(unclaimed.count <= 1 && unclaimed.allSatisfy { $0.name == variable })
    return unclaimed.first?.nearest
  }

  @Test(
    "A mistyped variable is told with the most similar name that exists",
    arguments: [
      ("LAMBDA_CACHE_USRES_TTL", "LAMBDA_CACHE_USERS_TTL"),
      ("LAMBDA_CACHE_USER_TTL", "LAMBDA_CACHE_USERS_TTL"),
      ("LAMBDA_CACHE_ODRERS_TTL", "LAMBDA_CACHE_ORDERS_TTL"),
      ("LAMBDA_CACHE_TLL", "LAMBDA_CACHE_TTL"), ("LAMBDA_CACHE_TTl", "LAMBDA_CACHE_TTL"),
      ("lambda_cache_ttl", "LAMBDA_CACHE_TTL"), ("lambda_cache_log", "LAMBDA_CACHE_LOG"),
      ("LAMBDACACHE_TTL", "LAMBDA_CACHE_TTL"),
      ("LAMDBA_CACHE_TTL", "LAMBDA_CACHE_TTL"), ("LAMBDA_CASHE_TTL", "LAMBDA_CACHE_TTL"),
      ("Lambda_Cache_Users_Idle_TTL", "LAMBDA_CACHE_USERS_IDLE_TTL"),
      ("LAMBDA_CACHE_RESERV", "LAMBDA_CACHE_RESERVE"),
      ("LAMBDA_CACHE_USERS_SIZES", "LAMBDA_CACHE_USERS_SIZE"),
      ("LAMBDA_CACHE_USERS_LOG_SECRET", "LAMBDA_CACHE_LOG_SECRET"),
    ])
  func mistyped(variable: String, expected: String) throws {
    #expect(try nearest(variable) == expected)
  }

  @Test(
    "A variable that has an effect, or that belongs to others, is not told",
    arguments: [
      "LAMBDA_CACHE_TTL", "LAMBDA_CACHE_USERS_TTL", "LAMBDA_CACHE_ORDERS_IDLE_TTL",
      "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "AWS_LAMBDA_FUNCTION_NAME", "LANG",
      "LAMBDA_CATCH_ALL", "AMBER_CACHE_TTL", "LAMBDA", "CACHE_TTL", "MY_LAMBDA_CACHE_TTL", "",
    ])
  func claimed(variable: String) throws {
    #expect(try nearest(variable) == nil)
  }

  @Test(
    "The distance of two names counts letters left out, put in, replaced and exchanged",
    arguments: [
      ("", "", 0), ("abc", "", 3), ("", "ab", 2), ("users", "users", 0), ("usres", "users", 1),
      ("user", "users", 1), ("uusers", "users", 1), ("vsers", "users", 1), ("suers", "users", 1),
      ("ca", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 1), ("abcd", "badc", 2),
    ])
  func distances(first: String, second: String, distance: Int) {
    #expect(EditDistance.between(first.utf8, second.utf8) == distance)
    #expect(EditDistance.between(second.utf8, first.utf8) == distance)
  }

  @Test("What is not claimed and what cannot be given is logged once, at the first invocation")
  func firstInvocation() async throws {
    let result = try #require(
      await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        let configuration = try CacheConfiguration(environment: [
          "LAMBDA_CACHE_USRES_TTL": "5m", "LAMBDA_CACHE_LARGE_SIZE": "1GiB",
          "LAMBDA_CACHE_USERS_TTL": "5m", "LAMBDA_CACHE_ELSEWHERE_TTL": "5m",
        ])
        let budget = MemoryBudget(byteLimit: 1 << 20, configuration: configuration)
        let users = Cache<Int, Int>(named: "users", in: budget)
        let large = Cache<Int, Int>(named: "large", in: budget)
        // On another budget, and a cache of the process all the same.
        let other = Cache<Int, Int>(named: "elsewhere", in: MemoryBudget(byteLimit: 1 << 20))
        Log.write("before", level: .error)
        for _ in 0..<3 {
          let scope = InvocationScope()
          await scope.finish()
        }
        withExtendedLifetime((users, large, other)) {}
      })
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    let lines = text.split(separator: "\n").drop { $0 != "[ERROR] before" }.dropFirst()
    #expect(
      Array(lines.prefix { $0.hasPrefix("[WARN]") }) == [
        "[WARN] LambdaCache: the variable LAMBDA_CACHE_USRES_TTL has no effect; the most similar "
          + "one that has is LAMBDA_CACHE_USERS_TTL",
        "[WARN] LambdaCache: the budget cannot give cache large the 1073741824 bytes that it asks "
          + "for (LAMBDA_CACHE_LARGE_SIZE=1GiB): its share is 1048576 of 1048576 for all caches",
      ], "\(text)")
    #expect(text.split(separator: "LambdaCache:").count == 3, "\(text)")
  }

  @Test("A minimum of the options that cannot be given is told, and what can be given is not")
  func minimums() throws {
    let budget = MemoryBudget(byteLimit: 1 << 20)
    let first = Cache<Int, Int>(named: "first", in: budget) { $0.minimumSize = .bytes(1 << 20) }
    #expect(budget.shortfalls(cacheNames: ["first"]).isEmpty)
    let second = Cache<Int, Int>(named: "second", in: budget) { $0.minimumSize = .percent(50) }
    let lines = budget.shortfalls(cacheNames: [])
    #expect(lines.count == 2)
    #expect(
      lines.first
        == "the budget cannot give cache first the 1048576 bytes that it asks for (its options): "
        + "its share is 699050 of 1048576 for all caches")
    withExtendedLifetime((first, second)) {}
  }

  @Test("The share of a cache with one owner is compared with what it asked for")
  func unique() throws {
    let configuration = try CacheConfiguration(environment: ["LAMBDA_CACHE_OWN_SIZE": "3MiB"])
    let budget = MemoryBudget(byteLimit: 1 << 20, configuration: configuration)
    let cache = UniqueCache<Int, Int>(named: "own", in: budget)
    let lines = budget.shortfalls(cacheNames: ["own"])
    #expect(lines.count == 1)
    #expect(lines.first?.contains("LAMBDA_CACHE_OWN_SIZE=3MiB") == true, "\(lines)")
    #expect(cache.byteLimit == 1 << 20)
  }

  @Test("A budget without any memory says so")
  func nothing() throws {
    let budget = try MemoryBudget(
      environment: ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "LAMBDA_CACHE_RESERVE": "200MiB"])
    let lines = budget.shortfalls(cacheNames: [])
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("no memory is left for caches, which stay empty") == true)
    #expect(lines.first?.contains("LAMBDA_CACHE_RESERVE") == true, "\(lines)")
  }
}
