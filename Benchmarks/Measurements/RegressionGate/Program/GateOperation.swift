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

  static let cacheCount = 64
  /// The entries of each cache, which is full.
  static let entryLimit = 1_000
  /// The operations on each cache in one pass.
  static let passLength = 1_024
  static let operationsPerPass = cacheCount * passLength

  /// Does it on every cache.
  ///
  /// - Parameter passes: How often: each pass is ``operationsPerPass`` operations.
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
  private func absentKeys<Key>(_ key: (Int) -> Key) -> [[Key]] {
    (1...2).map { part in (0..<GateOperation.passLength).map { key(part * 10_000 + $0) } }
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
    _ key: (Int) -> Key, present: Int = 0, absent: Int = 0, _ loop: (Cache<Key, Int>, [Key]) -> Void
  ) -> Int {
    let lists = present > 0 ? presentKeys(key) : absentKeys(key)
    let stored = (0..<GateOperation.entryLimit).map(key)
    var allocations = 0
    for _ in 0..<GateOperation.cacheCount {
      let cache = Cache<Key, Int>(byteLimit: 1 << 24, entryLimit: GateOperation.entryLimit)
      for key in stored { cache.setValue(1, forKey: key) }
      let start = allocation_count()
      for pass in 0..<max(present, absent) { loop(cache, lists[pass % lists.count]) }
      allocations += allocation_count() - start
    }
    return allocations
  }
}
