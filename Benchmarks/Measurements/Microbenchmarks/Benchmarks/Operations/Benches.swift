import LambdaCache
import Workload

/// Keys that are asked for one after the other, round and round.
struct KeyCycle<Key> {
  private let keys: [Key]
  private var position = 0

  private init(_ keys: [Key]) {
    self.keys = keys
  }

  /// Keys of indices below a bound, in random order.
  static func present(below bound: Int, _ key: (Int) -> Key) -> KeyCycle {
    KeyCycle(TestKeys.indices(count: max(8_192, bound), below: bound, seed: 1).map(key))
  }

  /// Keys that a full cache of `size` entries has forgotten when their turn comes again.
  static func absent(from size: Int, _ key: (Int) -> Key) -> KeyCycle {
    KeyCycle((0..<max(8_192, 2 * size)).map { key(size + $0) })
  }

  mutating func next() -> Key {
    let key = keys[position]
    position += 1
    if position == keys.count { position = 0 }
    return key
  }
}

/// A dictionary to look things up in.
final class DictionaryBench<Key: Hashable> {
  let dictionary: [Key: Int]
  var keys: KeyCycle<Key>

  init(size: Int, key: (Int) -> Key) {
    dictionary = Dictionary(uniqueKeysWithValues: (0..<size).map { (key($0), $0) })
    keys = .present(below: size, key)
  }
}

/// A full cache without a lock.
final class UniqueBench<Key: Hashable & HeapSized> {
  /// Behind a pointer: access to a class's variable is checked at run time.
  let cache: UnsafeMutablePointer<UniqueCache<Key, Int>>
  var keys: KeyCycle<Key>

  init(size: Int, key: (Int) -> Key) {
    cache = .allocate(capacity: 1)
    cache.initialize(to: UniqueCache(byteLimit: 1 << 30, entryLimit: size))
    keys = .present(below: size, key)
    for index in 0..<size { cache.pointee.setValue(index, forKey: key(index)) }
  }

  deinit {
    cache.deinitialize(count: 1)
    cache.deallocate()
  }
}

/// A full cache behind its lock.
final class SharedBench<Key: Hashable & Sendable & HeapSized> {
  let cache: Cache<Key, Int>
  var keys: KeyCycle<Key>

  init(size: Int, timeToLive: Duration? = nil, keys: KeyCycle<Key>, key: (Int) -> Key) {
    cache = Cache(byteLimit: 1 << 30, entryLimit: size, timeToLive: timeToLive)
    self.keys = keys
    for index in 0..<size { cache.setValue(index, forKey: key(index)) }
  }
}
