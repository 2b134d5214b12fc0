import AllocationCounter
import LambdaCache
import Workload

/// An operation whose cost is watched.
///
/// It is done on many caches, one after the other. Each has its own secrets for hashing, and so
/// probes a little more or less than another. They are the same in every run (`FixedRandomness`),
/// and so are the counts; that they are many keeps a change from looking dearer or cheaper by the
/// luck of one.
enum GateOperation: String, CaseIterable {
  case hitInt = "hit-int"
  case hitString = "hit-string"
  case hitTimeToLive = "hit-time-to-live"
  case insertInt = "insert-int"
  case insertString = "insert-string"
  case lockedHitInt = "locked-hit-int"
  case lockedHitString = "locked-hit-string"
  case lockedInsertInt = "locked-insert-int"
  case adaptiveHitInt = "adaptive-hit-int"
  case adaptiveHitString = "adaptive-hit-string"
  case adaptiveInsertInt = "adaptive-insert-int"
  case load = "load"
  case loadTimeToLive = "load-time-to-live"
  case loadBudget = "load-budget"
  case loadEight = "load-eight"

  static let cacheCount = 64
  /// The entries of each cache, which is full.
  static let entryLimit = 1_000
  /// The operations on each cache in one pass.
  static let passLength = 1_024
  /// The operations of a pass on one cache where each takes thousands of instructions.
  static let shortPassLength = 128

  /// The operations of a pass on all caches; one of several keys counts as many.
  var operationsPerPass: Int {
    let isLoad = [.load, .loadTimeToLive, .loadBudget, .loadEight].contains(self)
    return GateOperation.cacheCount
      * (isLoad ? GateOperation.shortPassLength : GateOperation.passLength)
  }

  /// Does it on every cache.
  ///
  /// - Parameter passes: How often: each is ``operationsPerPass`` operations.
  /// - Returns: The blocks that the operations asked of the allocator.
  func run(passes: Int) -> Int {
    let before = FixedRandomness.numberCount
    let allocations = allocations(inPasses: passes)
    precondition(
      FixedRandomness.numberCount - before >= 2 * GateOperation.cacheCount,
      "the secrets of the caches are not fixed")
    return allocations
  }

  private func allocations(inPasses passes: Int) -> Int {
    switch self {
    case .hitInt: onUnique(TestKeys.integer, present: passes, GateLoop.hits)
    case .hitString: onUnique(TestKeys.text, present: passes, GateLoop.hits)
    case .hitTimeToLive:
      onUnique(TestKeys.integer, timeToLive: .seconds(3_600), present: passes, GateLoop.hits)
    case .insertInt: onUnique(TestKeys.integer, absent: passes, GateLoop.insertions)
    case .insertString: onUnique(TestKeys.text, absent: passes, GateLoop.insertions)
    case .lockedHitInt: onShared(TestKeys.integer, present: passes, GateLoop.hits)
    case .lockedHitString: onShared(TestKeys.text, present: passes, GateLoop.hits)
    case .lockedInsertInt: onShared(TestKeys.integer, absent: passes, GateLoop.insertions)
    case .adaptiveHitInt:
      onShared(TestKeys.integer, policy: .adaptive, present: passes, GateLoop.hits)
    case .adaptiveHitString:
      onShared(TestKeys.text, policy: .adaptive, present: passes, GateLoop.hits)
    case .adaptiveInsertInt:
      onShared(TestKeys.integer, policy: .adaptive, absent: passes, GateLoop.insertions)
    case .load: onLoading(passes, GateLoop.loads)
    case .loadTimeToLive: onLoading(passes, timeToLive: .seconds(3_600), GateLoop.loads)
    case .loadBudget: onLoading(passes, hasBudget: true, GateLoop.loads)
    case .loadEight: onLoading(passes, GateLoop.loadsOfEight)
    }
  }

  /// Keys that every cache has, in random order.
  private func presentKeys<Key>(_ key: (Int) -> Key) -> [[Key]] {
    [
      TestKeys.indices(count: GateOperation.passLength, below: GateOperation.entryLimit, seed: 1)
        .map(key)
    ]
  }

  /// Keys that no full cache has any more when their turn comes: two lists that take turns.
  ///
  /// With an adaptive policy some of them stay: enough lists that none has its turn again.
  private func absentKeys<Key>(
    _ key: (Int) -> Key, policy: EvictionPolicy? = nil
  ) -> [[Key]] {
    (1...(policy == nil ? 2 : 16)).map { part in
      (0..<GateOperation.passLength).map { key(part * 10_000 + $0) }
    }
  }

  /// The same for short passes: together the lists are longer than a cache.
  private func fewAbsentKeys<Key>(_ key: (Int) -> Key) -> [[Key]] {
    (1...8).map { part in (0..<GateOperation.shortPassLength).map { key(part * 10_000 + $0) } }
  }

  private func onUnique<Key: Hashable & HeapSized>(
    _ key: (Int) -> Key, timeToLive: Duration? = nil, present: Int = 0, absent: Int = 0,
    _ loop: (inout UniqueCache<Key, Int>, [Key]) -> Void
  ) -> Int {
    let lists = present > 0 ? presentKeys(key) : absentKeys(key)
    let stored = (0..<GateOperation.entryLimit).map(key)
    var allocations = 0
    for _ in 0..<GateOperation.cacheCount {
      var cache = UniqueCache<Key, Int>(
        byteLimit: 1 << 24, entryLimit: GateOperation.entryLimit, timeToLive: timeToLive)
      for key in stored { cache.setValue(1, forKey: key) }
      let start = allocation_count()
      for pass in 0..<max(present, absent) { loop(&cache, lists[pass % lists.count]) }
      allocations += allocation_count() - start
    }
    return allocations
  }

  private func onShared<Key: Hashable & Sendable & HeapSized>(
    _ key: (Int) -> Key, policy: EvictionPolicy? = nil, present: Int = 0, absent: Int = 0,
    _ loop: (Cache<Key, Int>, [Key]) -> Void
  ) -> Int {
    let lists = present > 0 ? presentKeys(key) : absentKeys(key, policy: policy)
    let stored = (0..<GateOperation.entryLimit).map(key)
    var allocations = 0
    for _ in 0..<GateOperation.cacheCount {
      let cache = Cache<Key, Int>(
        byteLimit: 1 << 24, entryLimit: GateOperation.entryLimit, policy: policy)
      for key in stored { cache.setValue(1, forKey: key) }
      let start = allocation_count()
      for pass in 0..<max(present, absent) { loop(cache, lists[pass % lists.count]) }
      allocations += allocation_count() - start
    }
    return allocations
  }

  /// Reads keys through caches that do not have them.
  private func onLoading(
    _ passes: Int, timeToLive: Duration? = nil, hasBudget: Bool = false,
    _ loop: (Cache<Int, Int>, [Int]) -> Void
  ) -> Int {
    let lists = fewAbsentKeys(TestKeys.integer)
    var allocations = 0
    for _ in 0..<GateOperation.cacheCount {
      let cache =
        hasBudget
        ? Cache<Int, Int>(
          named: "loads", in: MemoryBudget(byteLimit: 1 << 24), timeToLive: timeToLive)
        : Cache<Int, Int>(byteLimit: 1 << 24, timeToLive: timeToLive)
      cache.entryLimit = GateOperation.entryLimit
      for index in 0..<GateOperation.entryLimit {
        cache.setValue(1, forKey: TestKeys.integer(index))
      }
      let start = allocation_count()
      for pass in 0..<passes { loop(cache, lists[pass % lists.count]) }
      allocations += allocation_count() - start
    }
    return allocations
  }
}
