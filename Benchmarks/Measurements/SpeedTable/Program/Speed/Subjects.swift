import Foundation
import LambdaCache

/// Everything that takes part, filled with the same keys in the same order: the value of the key of
/// an index is the index.
final class Subjects<Bench: Workbench> {
  typealias Key = Bench.Key

  /// No limit that a measurement comes near.
  static var ampleByteLimit: Int { 1 << 30 }

  var dictionary: [Key: Int] = [:]
  var unique: UniqueCache<Key, Int>
  var shared: Cache<Key, Int>
  var timed: Cache<Key, Int>
  /// Every entry with a time to live of its own.
  var individual: Cache<Key, Int>
  /// With an idle time to live.
  var idle: Cache<Key, Int>
  /// With a request log of one key in a hundred.
  var logged: Cache<Key, Int>
  var adaptive: Cache<Key, Int>
  /// With an adaptive policy, and full so that an entry had to leave.
  var evicting: Cache<Key, Int>
  var textbook: TextbookLRU<Key, Int>
  var foundation = FoundationCache<Bench.KeyObject>()
  let keys: [Key]

  /// Creates and fills the subjects.
  ///
  /// - Parameter count: The entries of each, which is also the limit of those that have one.
  init(count: Int) {
    keys = (0..<count).map(Bench.key)
    unique = UniqueCache(byteLimit: Subjects.ampleByteLimit, entryLimit: count)
    shared = Cache(byteLimit: Subjects.ampleByteLimit, entryLimit: count)
    timed = Cache(
      byteLimit: Subjects.ampleByteLimit, entryLimit: count, timeToLive: .seconds(3_600))
    individual = Cache(byteLimit: Subjects.ampleByteLimit, entryLimit: count)
    idle = Cache(byteLimit: Subjects.ampleByteLimit, entryLimit: count) {
      $0.expiration.idleTimeToLive = .seconds(3_600)
    }
    logged = Subjects.loggedCache(entryLimit: count)
    adaptive = Cache(byteLimit: Subjects.ampleByteLimit, entryLimit: count, policy: .adaptive)
    evicting = Cache(byteLimit: Subjects.ampleByteLimit, entryLimit: count, policy: .adaptive)
    textbook = TextbookLRU(capacity: count)
    for (index, key) in keys.enumerated() {
      dictionary[key] = index
      unique.setValue(index, forKey: key)
      shared.setValue(index, forKey: key)
      timed.setValue(index, forKey: key)
      // Out of order, so that they wait in the timing wheel.
      individual.setValue(
        index, forKey: key, timeToLive: .seconds(3_600 - index * 7_919 % 600))
      idle.setValue(index, forKey: key)
      logged.setValue(index, forKey: key)
      adaptive.setValue(index, forKey: key)
      evicting.setValue(index, forKey: key)
      textbook.setValue(index, forKey: key)
    }
    // One entry leaves, and comes again: from now on it is a cache that had to evict.
    evicting.entryLimit = count - 1
    evicting.entryLimit = count
    for (index, key) in keys.enumerated() where !evicting.contains(key) {
      evicting.setValue(index, forKey: key)
    }
  }

  private static func loggedCache(entryLimit: Int) -> Cache<Key, Int> {
    do {
      let budget = try MemoryBudget(environment: [
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "10240", "LAMBDA_CACHE_LOG": "1%",
      ])
      return Cache(named: "logged", in: budget) { $0.entryLimit = entryLimit }
    } catch {
      preconditionFailure("a budget of fixed variables is refused: \(error)")
    }
  }

  /// Fills Foundation's cache, which only the small tables have: with many entries it takes
  /// seconds.
  func fillFoundation() {
    for (index, key) in keys.enumerated() {
      foundation.setObject(BoxedInteger(index), forKey: Bench.object(for: key))
    }
  }
}
