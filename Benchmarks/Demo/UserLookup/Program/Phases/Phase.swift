#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One play of a request stream, in a process of its own.
struct Phase {
  let mode: PhaseMode
  /// The number of requests in the stream, for the progress line.
  let requestCount: Int
  /// The modelled time of a database read over a network, in nanoseconds.
  let databaseLatency: Int

  /// Plays a stream against a database.
  ///
  /// - Parameters:
  ///   - descriptor: The open stream.
  ///   - databasePath: The database of users.
  ///   - environment: The variables that size the cache.
  /// - Throws: The error of whatever could not be read.
  func play(
    descriptor: Int32, databasePath: String, environment: [String: String]
  ) async throws -> PhaseResult {
    let database = try UserDatabase(path: databasePath)
    switch mode {
    case .uncached:
      return try await play(descriptor: descriptor, database: database, cache: nil) { name in
        try database.profile(ofUserNamed: name)
      }
    case .cached:
      let cache = try ProfileCache(database: database, environment: environment)
      return try await play(descriptor: descriptor, database: database, cache: cache) { name in
        try await cache.profile(ofUserNamed: name)
      }
    }
  }

  private func play(
    descriptor: Int32, database: UserDatabase, cache: ProfileCache?,
    lookUp: (String) async throws -> [UInt8]
  ) async throws -> PhaseResult {
    var reader = WordReader(descriptor: descriptor)
    var progress = ProgressLine(mode.label, total: requestCount)
    var measured = LatencyRecorder()
    var modelled = LatencyRecorder()
    var digest = AnswerDigest()
    var samples: [PhaseSample] = []
    var done = 0
    let parent = getppid()
    while let user = try reader.next() {
      let name = database.directory.name(of: Int(user))
      let readsBefore = database.readCount
      let stopwatch = Stopwatch()
      let profile = try await lookUp(name)
      let elapsed = stopwatch.elapsedNanoseconds
      measured.record(elapsed)
      if databaseLatency > 0 {
        modelled.record(elapsed + (database.readCount - readsBefore) * databaseLatency)
      }
      digest.add(profile)
      done += 1
      if done * 100 / requestCount > samples.count {
        samples.append(
          PhaseSample(
            requests: done, hits: cache?.statistics.hits ?? 0,
            residentByteCount: try ProcessMemory.residentByteCount()))
      }
      if done.isMultiple(of: 4096) || done == requestCount {
        progress.update(done: done)
        // Nobody waits for the result of a phase whose play has been killed.
        guard getppid() == parent else { throw PhaseError.abandoned }
      }
    }
    guard done == requestCount else {
      throw PhaseError.incomplete(requests: done, expected: requestCount)
    }
    return PhaseResult(
      mode: mode, requests: done, databaseReads: database.readCount, digest: digest.value,
      latency: measured.figures, modelledLatency: databaseLatency > 0 ? modelled.figures : nil,
      peakResidentByteCount: try ProcessMemory.peakResidentByteCount(), samples: samples,
      cache: cache?.statistics, budget: cache?.explainBudget())
  }
}

/// Why a phase has no result.
enum PhaseError: Error, Equatable {
  /// The stream ended early or went on.
  case incomplete(requests: Int, expected: Int)
  /// The phase's process could not be started or talked to; with the system's error number.
  case process(step: String, number: Int32)
  /// The process that started the phase has ended.
  case abandoned
  /// The phase's process ended with this status; it has said why.
  case failed(String, status: Int32)
  /// The phase's process was ended by this signal.
  case killed(String, signal: Int32)
  /// The phase's process printed something else than a result.
  case unreadable(String)
  /// The two phases answered differently.
  case answersDiffer(UInt64, UInt64)
}
