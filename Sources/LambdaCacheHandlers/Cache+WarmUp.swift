public import LambdaCache

/// What loading a cache before the first event has come to.
public struct WarmUpReport: Sendable {
  /// Why it ended.
  public enum End: Sendable, Hashable {
    /// Every key was asked for.
    case complete
    /// The time was over.
    case timeLimit
    /// The cache was full: more would have displaced what is in it.
    case full
    /// A load threw.
    case failed
  }

  /// Why it ended.
  public var end: End
  /// Keys that were asked for and that the cache has at the end, those included that it had before.
  public var loaded = 0
  /// Keys that were asked for and have no value.
  public var notFound = 0
  /// Keys that were asked for, have a value, and are not in the cache at the end: larger than an
  /// entry may be, or without room, or removed or expired by then.
  public var notKept = 0
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
  /// Keys are loaded in batches, in their order: put the most wanted first. Nothing that is loaded
  /// displaces anything: it ends when the next value has no room, so what was wanted more than that
  /// stays, and so does what the cache had before. No more keys are loaded than entries fit where
  /// their number is limited; where bytes are, the sizes of a batch show only when it is loaded.
  /// What is in the cache at the end leaves in the opposite order: the most wanted last.
  ///
  /// It also ends when the time is over: a function that is not ready after 10 seconds is started
  /// once more (AWS Lambda developer guide, *Lambda execution environment*, init phase). It does
  /// not throw, because a cache that is cold is no reason not to start.
  ///
  /// - Parameters:
  ///   - keys: The keys, the most wanted first.
  ///   - batchSize: How many keys are loaded in one call, from 1.
  ///   - timeLimit: How long it may take; no time at all if it is not positive.
  ///   - load: Loads the values of the keys it is given.
  /// - Returns: What it has come to.
  /// - Complexity: O(*n*) in the number of keys that are asked for.
  @discardableResult
  public nonisolated(nonsending) func warmUp(
    _ keys: some Sequence<Key>, batchSize: Int = 100, within timeLimit: Duration = .seconds(5),
    orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async -> WarmUpReport {
    requireArgument(batchSize >= 1, "the batch size of a warm-up is not positive: \(batchSize)")
    let end = timeLimit.asTimeLimit.map { ContinuousClock.now + $0 }
    var keys = WantedKeys(keys.makeIterator())
    var report = WarmUpReport(end: .complete)
    var found: [Key] = []
    warming: while true {
      let batch = keys.next(upTo: batchSize, missingUpTo: freeEntryCount) { !contains($0) }
      guard !batch.isEmpty else {
        if keys.hasMore { report.end = .full }
        break
      }
      let left = end.map { $0 - ContinuousClock.now }
      guard left.map({ $0 > .zero }) ?? true else {
        report.end = .timeLimit
        break
      }
      do {
        let (values, isFull) = try await valuesDisplacingNothing(
          forKeys: batch, within: left, orLoad: load)
        found += batch.filter { values[$0] != nil }
        report.notFound += batch.count - values.count
        if isFull {
          report.end = .full
          break warming
        }
      } catch CacheLoadError.timedOut {
        found += batch.filter { contains($0) }
        report.end = .timeLimit
        break warming
      } catch {
        found += batch.filter { contains($0) }
        report.end = .failed
        report.error = error
        break warming
      }
    }
    report.loaded = makeHottest(found)
    report.notKept = found.count - report.loaded
    return report
  }
}

/// Keys in their order, each of them once.
private struct WantedKeys<Keys: IteratorProtocol> where Keys.Element: Hashable {
  private var keys: Keys
  private var seen: Set<Keys.Element> = []
  /// The next key, if it was looked at already.
  private var pending: Keys.Element?

  init(_ keys: Keys) {
    self.keys = keys
  }

  /// Whether there was one more key than the last batch could have.
  var hasMore: Bool { pending != nil }

  /// The next keys.
  ///
  /// - Parameters:
  ///   - count: How many at the most.
  ///   - missingCount: How many at the most that are missing.
  ///   - isMissing: Whether a key has no value yet.
  mutating func next(
    upTo count: Int, missingUpTo missingCount: Int, _ isMissing: (Keys.Element) -> Bool
  ) -> [Keys.Element] {
    var batch: [Keys.Element] = []
    var missing = 0
    while batch.count < count, let key = takeNext() {
      if isMissing(key) {
        guard missing < missingCount else {
          pending = key
          return batch
        }
        missing += 1
      }
      batch.append(key)
    }
    return batch
  }

  private mutating func takeNext() -> Keys.Element? {
    if let key = pending {
      pending = nil
      return key
    }
    while let key = keys.next() {
      if seen.insert(key).inserted { return key }
    }
    return nil
  }
}
