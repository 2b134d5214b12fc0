public import LambdaCache

/// What loading a cache before the first event has come to.
public struct WarmUpReport: Sendable {
  /// Why it ended.
  public enum End: Sendable, Hashable {
    /// Every key was asked for.
    case complete
    /// The time was over.
    case timeLimit
    /// The cache was full: more would have displaced what was loaded before.
    case full
    /// A load threw.
    case failed
  }

  /// Why it ended.
  public var end: End
  /// Keys that the cache has now, those included that it had before.
  public var loaded = 0
  /// Keys that were asked for and have no value.
  public var notFound = 0
  /// The error of the load that threw; `nil` if none did.
  public var error: (any Error)?
}

extension Cache {
  /// Loads values before the first event: in the initialization of the environment, which costs the
  /// first caller less than misses would.
  ///
  /// ```swift
  /// let report = await profiles.warmUp(mostWanted, within: .seconds(2)) { names in
  ///   try await database.profiles(named: names)
  /// }
  /// let runtime = LambdaRuntime(body: handler)
  /// ```
  ///
  /// Keys are loaded in batches, in their order: put the most wanted first. It ends when the cache is full,
  /// so that what was loaded first does not have to leave again, and when the time is over: a function
  /// that is not ready after 10 seconds is started once more (AWS Lambda developer guide, *Lambda
  /// execution environment*, init phase). It does not throw, because a cache that is cold is no reason
  /// not to start.
  ///
  /// - Parameters:
  ///   - keys: The keys, the most wanted first.
  ///   - batchSize: How many keys are loaded in one call, from 1.
  ///   - timeLimit: How long it may take.
  ///   - load: Loads the values of the keys it is given.
  /// - Returns: What it has come to.
  @discardableResult
  public nonisolated(nonsending) func warmUp(
    _ keys: some Sequence<Key>, batchSize: Int = 100, within timeLimit: Duration = .seconds(5),
    orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async -> WarmUpReport {
    demand(batchSize >= 1, "the batch size of a warm-up is not positive: \(batchSize)")
    let end = ContinuousClock.now + timeLimit
    let evictions = statistics.evictions
    var report = WarmUpReport(end: .complete)
    var keys = keys.makeIterator()
    while true {
      var batch: [Key] = []
      while batch.count < batchSize, let key = keys.next() { batch.append(key) }
      guard !batch.isEmpty else { return report }
      let left = end - ContinuousClock.now
      guard left > .zero else {
        report.end = .timeLimit
        return report
      }
      do {
        let values = try await values(forKeys: batch, within: left, orLoad: load)
        report.loaded += values.count
        report.notFound += Set(batch).count - values.count
      } catch CacheLoadError.timedOut {
        report.end = .timeLimit
        return report
      } catch {
        report.end = .failed
        report.error = error
        return report
      }
      if statistics.evictions > evictions {
        report.end = .full
        return report
      }
    }
  }
}
