public import LambdaCache

/// The outcome of loading a cache before the first event.
public struct WarmUpReport: Sendable {
  /// Whether every key was requested.
  ///
  /// If not, the cache was full (``isFull``), a load threw (``error``), or the time was over.
  public internal(set) var isComplete = false
  /// Whether it ended because more would have displaced entries of the cache.
  public internal(set) var isFull = false
  /// Requested keys that the cache has at the end, those included that it had before.
  public internal(set) var loaded = 0
  /// Requested keys that have no value.
  public internal(set) var notFound = 0
  /// Requested keys that have a value and are not in the cache at the end: larger than an entry may
  /// be, or without room, or removed or expired by then.
  public internal(set) var notKept = 0
  /// The error of the load that threw; `nil` if none did.
  public internal(set) var error: (any Error)?
}

extension Cache {
  /// Loads values before the first event: in the initialization of the environment, which costs the
  /// first caller less than misses would.
  ///
  /// <!-- with: database, profiles -->
  /// ```swift
  /// let report = await profiles.warmUp(["ada", "bo"], within: .seconds(2)) { names in
  ///   try await database.profiles(of: names)
  /// }
  /// ```
  ///
  /// Keys are loaded in batches, in their order: put the most wanted first. Loading displaces
  /// nothing: it ends when the next value has no room, so that earlier keys and older entries stay.
  /// No more keys are loaded than entries fit where their number is limited; where bytes are, the
  /// sizes of a batch show only when it is loaded. Loaded entries are evicted in the opposite
  /// order: the most wanted last.
  ///
  /// It also ends when the time is over: a function that is not ready after 10 seconds is started
  /// again (AWS Lambda developer guide, *Lambda execution environment*, init phase). It does not
  /// throw, because a cold cache is no reason not to start.
  ///
  /// - Parameters:
  ///   - keys: The keys, the most wanted first.
  ///   - batchSize: The number of keys that are loaded in one call, from 1.
  ///   - timeLimit: The time it may take; no time at all if it is not positive.
  ///   - load: Loads the values of keys.
  /// - Returns: The outcome.
  /// - Complexity: O(*n*) in the number of keys that are requested.
  @discardableResult
  public nonisolated(nonsending) func warmUp(
    _ keys: some Sequence<Key>, batchSize: Int = 100, within timeLimit: Duration = .seconds(5),
    orLoad load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
  ) async -> WarmUpReport {
    requireArgument(batchSize >= 1, "the batch size of a warm-up is not positive: \(batchSize)")
    let end = timeLimit.asTimeLimit.map { ContinuousClock.now + $0 }
    var keys = WantedKeys(keys.makeIterator())
    var report = WarmUpReport()
    var found: [Key] = []
    warming: while true {
      let batch = keys.next(upTo: batchSize, missingUpTo: freeEntryCount) { !contains($0) }
      guard !batch.isEmpty else {
        report.isFull = keys.hasMore
        report.isComplete = !keys.hasMore
        break
      }
      let left = end.map { $0 - ContinuousClock.now }
      guard left.map({ $0 > .zero }) ?? true else { break }
      do {
        let (values, isFull) = try await valuesDisplacingNothing(
          forKeys: batch, within: left, orLoad: load)
        found += batch.filter { values[$0] != nil }
        report.notFound += batch.count - values.count
        if isFull {
          report.isFull = true
          break warming
        }
      } catch {
        found += batch.filter { contains($0) }
        if case CacheLoadError.timedOut = error { break warming }
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
  /// The next key, if it was taken from the iterator already.
  private var pending: Keys.Element?

  init(_ keys: Keys) {
    self.keys = keys
  }

  /// Whether there was one more key than the last batch could hold.
  var hasMore: Bool { pending != nil }

  /// The next keys.
  ///
  /// - Parameters:
  ///   - count: The most keys.
  ///   - missingCount: The most missing keys.
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
