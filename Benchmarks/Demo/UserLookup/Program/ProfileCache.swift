import LambdaCache
import LambdaCacheHandlers
import Synchronization

/// The cache in front of the database, kept outside the handler: all use of the library is here.
struct ProfileCache: Sendable {
  /// The database it reads through to.
  let database: UserDatabase

  private let cache: Cache<String, [UInt8]>
  private let budget: MemoryBudget
  private static let name = "users"
  private let tier: SecondTier?
  private let load: @Sendable (String) async throws -> [UInt8]

  /// Creates a cache as large as the function's memory allows.
  ///
  /// - Parameters:
  ///   - database: The database to read through to.
  ///   - environment: The variables that size the budget and configure the cache.
  ///   - tier: The tier that is asked before the database; `nil` for none.
  /// - Throws: An error that names the variable which is malformed.
  init(
    database: UserDatabase, environment: [String: String], tier: ProfileTier? = nil
  ) throws {
    self.database = database
    self.tier = tier?.tier.named(Self.name)
    let readDidEnd = tier?.readDidEnd
    load = { name in
      defer { readDidEnd?() }
      return try database.profile(ofUserNamed: name)
    }
    budget = try MemoryBudget(environment: environment)
    cache = Cache(named: Self.name, in: budget)
  }

  /// Reads the variables without creating anything.
  ///
  /// - Parameter environment: The variables that would size the budget and configure the cache.
  /// - Returns: Those that look like the library's and have no effect.
  /// - Throws: An error that names the variable which is malformed.
  static func unknownVariables(in environment: [String: String]) throws -> [String] {
    _ = try MemoryBudget(environment: environment)
    return try CacheConfiguration(environment: environment)
      .unknownVariables(forCaches: [Self.name])
  }

  /// The profile of a user, from the cache, else from the tier, else from the database.
  func profile(ofUserNamed name: String) async throws -> [UInt8] {
    guard let tier else { return try await cache.value(forKey: name, orLoad: load) }
    return try await cache.value(forKey: name, through: tier, codec: .bytes, orLoad: load)
  }

  /// Lets the guard look at the memory of the process.
  func endInvocation() {
    budget.invocationDidEnd()
  }

  /// The profile of a user, and whether this call had to read the database for it.
  func profileAndSource(
    ofUserNamed name: String
  ) async throws -> (profile: [UInt8], source: ProfileSource) {
    let didRead = ReadMark()
    let profile = try await cache.value(forKey: name) { [load] name in
      didRead.set()
      return try await load(name)
    }
    return (profile, didRead.isSet ? .database : .cache)
  }

  /// The cache's figures as they are now.
  var statistics: ProfileCacheStatistics {
    let statistics = cache.statistics
    return ProfileCacheStatistics(
      hits: statistics.hits, misses: statistics.misses, databaseReads: database.readCount,
      entries: statistics.count, byteCount: statistics.byteCount, byteLimit: cache.byteLimit)
  }

  /// Each term of the memory budget, and where it came from.
  func explainBudget() -> String {
    budget.explain()
  }
}

/// A tier that the caches of several environments share.
struct ProfileTier: Sendable {
  let tier: SecondTier
  /// Called after each read of the database.
  let readDidEnd: @Sendable () -> Void
}

/// Where a profile came from.
enum ProfileSource: String, Codable {
  /// It had been read before.
  case cache
  /// It was read for this request.
  case database
}

/// The counts of the cache so far.
struct ProfileCacheStatistics: Codable, Equatable {
  var hits: Int
  var misses: Int
  var databaseReads: Int
  var entries: Int
  var byteCount: Int
  var byteLimit: Int
}

/// Remembers across the loading closure that it ran.
private final class ReadMark: Sendable {
  private let mark = Atomic<Bool>(false)

  var isSet: Bool { mark.load(ordering: .acquiring) }

  func set() {
    mark.store(true, ordering: .releasing)
  }
}
