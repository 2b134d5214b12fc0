import LambdaCache
import Synchronization

/// The loops that are counted, each written out for its own types.
enum GateLoop {
  @inline(never)
  static func hits(_ cache: inout UniqueCache<Int, Int>, _ keys: [Int]) {
    var sum = 0
    for key in keys {
      if let value = cache.value(forKey: key) { sum &+= value }
    }
    precondition(sum > 0, "nothing was found")
  }

  @inline(never)
  static func hits(_ cache: inout UniqueCache<String, Int>, _ keys: [String]) {
    var sum = 0
    for key in keys {
      if let value = cache.value(forKey: key) { sum &+= value }
    }
    precondition(sum > 0, "nothing was found")
  }

  @inline(never)
  static func hits(_ cache: Cache<Int, Int>, _ keys: [Int]) {
    var sum = 0
    for key in keys {
      if let value = cache.value(forKey: key) { sum &+= value }
    }
    precondition(sum > 0, "nothing was found")
  }

  @inline(never)
  static func hits(_ cache: Cache<String, Int>, _ keys: [String]) {
    var sum = 0
    for key in keys {
      if let value = cache.value(forKey: key) { sum &+= value }
    }
    precondition(sum > 0, "nothing was found")
  }

  @inline(never)
  static func insertions(_ cache: inout UniqueCache<Int, Int>, _ keys: [Int]) {
    for key in keys {
      let outcome = cache.setValue(1, forKey: key)
      precondition(outcome == .inserted, "a key was there already")
    }
  }

  @inline(never)
  static func insertions(_ cache: inout UniqueCache<String, Int>, _ keys: [String]) {
    for key in keys {
      let outcome = cache.setValue(1, forKey: key)
      precondition(outcome == .inserted, "a key was there already")
    }
  }

  @inline(never)
  static func insertions(_ cache: Cache<Int, Int>, _ keys: [Int]) {
    for key in keys {
      let outcome = cache.setValue(1, forKey: key)
      precondition(outcome == .inserted, "a key was there already")
    }
  }

  /// Misses that load a value, by loads that do not suspend.
  @inline(never)
  static func loads(_ cache: Cache<Int, Int>, _ keys: [Int]) {
    runHere {
      var sum = 0
      for key in keys { sum &+= try await cache.value(forKey: key) { $0 | 1 } }
      precondition(sum != 0, "nothing was loaded")
    }
  }

  /// Misses of eight keys at a time, which are loaded in one call.
  @inline(never)
  static func loadsOfEight(_ cache: Cache<Int, Int>, _ keys: [Int]) {
    runHere {
      for start in stride(from: 0, to: keys.count, by: 8) {
        let values = try await cache.values(forKeys: keys[start..<start + 8]) { missing in
          var loaded = [Int: Int](minimumCapacity: missing.count)
          for key in missing { loaded[key] = 1 }
          return loaded
        }
        precondition(values.count == 8, "nothing was loaded")
      }
    }
  }

  /// Runs a task that does not suspend, on this thread: the counts of others are not counted.
  private static func runHere(_ body: @escaping @Sendable () async throws -> Void) {
    guard #available(macOS 26, *) else { preconditionFailure("no task starts at once here") }
    let isDone = Flag()
    Task.immediate {
      try await body()
      isDone.value.store(true, ordering: .relaxed)
    }
    precondition(isDone.value.load(ordering: .relaxed), "a load was suspended, or it has failed")
  }

  private final class Flag: Sendable {
    let value = Atomic<Bool>(false)
  }
}
