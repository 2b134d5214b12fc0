import LambdaCache
import Synchronization

/// A counter that closures can share.
final class SharedCounter: Sendable {
  private let value = Atomic<Int>(0)

  var count: Int { value.load(ordering: .sequentiallyConsistent) }

  func increment() { value.add(1, ordering: .sequentiallyConsistent) }
}

/// A reference to a cache for what lies in it or is called by it.
final class CacheBox<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Reference: @unchecked Sendable {
    weak var cache: Cache<Key, Value>?
  }

  private let reference = Mutex(Reference())

  var cache: Cache<Key, Value>? {
    get { reference.withLock { $0.cache } }
    set { reference.withLock { $0.cache = newValue } }
  }
}

/// A key whose hash function calls the cache.
struct CallingKey: Hashable, Sendable {
  let number: Int
  let box: CacheBox<CallingKey, Int>

  static func == (first: CallingKey, second: CallingKey) -> Bool { first.number == second.number }

  func hash(into hasher: inout Hasher) {
    _ = box.cache?.count
    hasher.combine(number)
  }
}

/// A clock that calls the cache it drives.
struct CallingClock: CacheClock {
  let box: CacheBox<CallingKey, Int>

  var elapsed: Duration {
    _ = box.cache?.count
    return .zero
  }
}
