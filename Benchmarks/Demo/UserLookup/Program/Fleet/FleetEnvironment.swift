import LambdaCache
import LambdaCacheHandlers
import LambdaCacheValkey

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One environment of a fleet, in a process of its own.
///
/// It is given requests in turns: their number, and then the users, 32 bits each. After a turn it
/// answers with a byte, and after the last one with its figures.
struct FleetEnvironment {
  /// The byte after a turn.
  static let turnEnd = UInt8(ascii: ".")

  let mode: FleetMode
  /// The modelled time of a database read over a network, in nanoseconds.
  let databaseLatency: Int
  /// The server of the tier; `nil` in modes without one.
  let tierAddress: String?

  /// Plays the turns that come.
  ///
  /// - Parameters:
  ///   - input: Where turns come from.
  ///   - databasePath: The database of users.
  ///   - environment: The variables that size the cache.
  ///   - endTurn: Answers a turn.
  /// - Throws: The error of whatever could not be read.
  func play(
    input: Int32, databasePath: String, environment: [String: String],
    endTurn: () throws -> Void
  ) async throws -> EnvironmentResult {
    let database = try UserDatabase(path: databasePath)
    let tier = try tierAddress.map(makeTier)
    let cache =
      mode == .uncached
      ? nil : try ProfileCache(database: database, environment: environment, tier: tier)
    var reader = WordReader(descriptor: input)
    var result = EnvironmentResult(
      requests: 0, databaseReads: 0, digest: 0, latency: LatencyRecorder(),
      modelledLatency: LatencyRecorder(), peakResidentByteCount: 0)
    var digest = AnswerDigest()
    while let count = try reader.next() {
      for _ in 0..<count {
        guard let user = try reader.next() else {
          throw PhaseError.incomplete(requests: result.requests, expected: result.requests + 1)
        }
        let name = database.directory.name(of: Int(user))
        let readsBefore = database.readCount
        let stopwatch = Stopwatch()
        let profile =
          try await cache?.profile(ofUserNamed: name) ?? database.profile(ofUserNamed: name)
        let elapsed = stopwatch.elapsedNanoseconds
        result.latency.record(elapsed)
        result.modelledLatency.record(
          elapsed + (database.readCount - readsBefore) * databaseLatency)
        digest.add(profile)
        result.requests += 1
      }
      try endTurn()
    }
    result.databaseReads = database.readCount
    result.digest = digest.value
    result.peakResidentByteCount = try ProcessMemory.peakResidentByteCount()
    result.cache = cache?.statistics
    result.tier = tier.map { TierCounts($0.tier.statistics) }
    return result
  }

  /// How long the tier is waited for, and how long a database read takes by its clock.
  ///
  /// Environments of a function do not share their processors; those of a play do, with the server
  /// and whatever else runs. A play counts reads, so that the tier has ten times as long to answer
  /// as it has by default.
  private static let patience = Duration.milliseconds(50)

  private func makeTier(_ address: String) throws -> ProfileTier {
    let clock = ModelClock()
    let tier = SecondTier(
      ValkeyTier(try Endpoint(address)), build: "profiles-1", timeBudget: Self.patience,
      clock: clock)
    return ProfileTier(tier: tier, readDidEnd: { clock.pass(Self.patience) })
  }
}

extension TierCounts {
  init(_ statistics: TierStatistics) {
    hits = statistics.hits
    leaseWaits = statistics.leaseWaits
    failures = statistics.failures
    skippedCalls = statistics.skippedCalls
  }
}
