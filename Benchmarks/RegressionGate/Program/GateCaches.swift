import AllocationCounter
import LambdaCache
import Workload

/// What every operation of the gate is done on.
///
/// Each cache draws its own secrets for hashing, and so probes a little more or less than another.
/// Over this many caches the differences cancel out.
enum GateCaches {
  static let count = 64
  /// The entries of each cache, which is full.
  static let entryLimit = 1_000
  /// The operations on each cache in one pass.
  static let operations = 1_024

  static let operationsPerPass = count * operations

  static func integer(_ index: Int) -> Int { TestKeys.integer(index) }

  static func text(_ index: Int) -> String { TestKeys.text(index) }

  /// Keys that every cache has, in random order; the strings are copies, as requests bring them.
  static func presentKeys<Key>(_ key: (Int) -> Key) -> [Key] {
    TestKeys.indices(count: operations, below: entryLimit, seed: 1).map(key)
  }

  /// Keys that no cache has when they are next inserted: each list is as long as a pass, and a full
  /// cache has forgotten the first list before it comes again.
  static func absentKeys<Key>(_ key: (Int) -> Key) -> [[Key]] {
    (1...2).map { part in (0..<operations).map { key(part * 10_000 + $0) } }
  }

  /// The blocks that some work asks of the allocator.
  static func allocations(of work: () -> Void) -> Int {
    let start = allocation_count()
    work()
    return allocation_count() - start
  }
}

/// Caches without a lock.
final class UniqueCaches<Key: Hashable & HeapSized> {
  let caches: UnsafeMutablePointer<UniqueCache<Key, Int>>
  let present: [Key]
  let absent: [[Key]]
  var passes = 0

  init(key: (Int) -> Key, timeToLive: Duration? = nil) {
    caches = .allocate(capacity: GateCaches.count)
    present = GateCaches.presentKeys(key)
    absent = GateCaches.absentKeys(key)
    for number in 0..<GateCaches.count {
      (caches + number).initialize(
        to: UniqueCache(
          byteLimit: 1 << 24, entryLimit: GateCaches.entryLimit, timeToLive: timeToLive))
      for index in 0..<GateCaches.entryLimit {
        caches[number].setValue(index, forKey: key(index))
      }
    }
  }

  deinit {
    caches.deinitialize(count: GateCaches.count)
    caches.deallocate()
  }
}

/// Caches behind their locks.
final class SharedCaches<Key: Hashable & Sendable & HeapSized> {
  let caches: [Cache<Key, Int>]
  let present: [Key]
  let absent: [[Key]]
  var passes = 0

  init(key: (Int) -> Key) {
    present = GateCaches.presentKeys(key)
    absent = GateCaches.absentKeys(key)
    caches = (0..<GateCaches.count).map { _ in
      let cache = Cache<Key, Int>(byteLimit: 1 << 24, entryLimit: GateCaches.entryLimit)
      for index in 0..<GateCaches.entryLimit { cache.setValue(index, forKey: key(index)) }
      return cache
    }
  }
}
