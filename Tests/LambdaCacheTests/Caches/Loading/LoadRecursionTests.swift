import LambdaCache
import Synchronization
import TestSupport
import Testing

@Suite("A load that would wait for itself", .timeLimit(.minutes(15)))
struct LoadRecursionTests {
  private let cache = Cache<Int, Int>(byteLimit: 1 << 20)

  @Test("A load that directly waits for itself gets an error that names the key")
  func direct() async throws {
    let cache = cache
    await #expect(throws: CacheLoadError.recursiveLoad(key: "42")) {
      try await bounded {
        try await cache.value(forKey: 42) { key in try await cache.value(forKey: key) { $0 } }
      }
    }
    #expect(cache.statistics.loadFailures == 1)
    #expect(CacheLoadError.recursiveLoad(key: "42").description.contains("42"))
    #expect(try await cache.value(forKey: 42) { $0 } == 42)
  }

  @Test(
    "A load that waits for itself through other keys gets an error instead of hanging",
    arguments: [2, 3, 10])
  func throughOthers(length: Int) async throws {
    let cache = cache
    @Sendable func load(_ key: Int) async throws -> Int {
      try await cache.value(forKey: (key + 1) % length, orLoad: load)
    }
    await #expect(throws: CacheLoadError.self) {
      try await bounded { try await cache.value(forKey: 0, orLoad: load) }
    }
    try await eventually("every load ends") { cache.statistics.loadFailures == length }
    #expect(cache.isEmpty)
  }

  @Test("A load that would wait for itself may go on without the key, and its value is kept")
  func mayRecover() async throws {
    let cache = cache
    let value = try await bounded {
      try await cache.value(forKey: 1) { key in
        do {
          return try await cache.value(forKey: key) { $0 }
        } catch is CacheLoadError {
          return 99
        }
      }
    }
    #expect(value == 99)
    #expect(cache[1] == 99)
  }

  @Test("A load that waits for itself through another cache gets an error as well")
  func throughAnotherCache() async throws {
    let first = cache
    let second = Cache<String, Int>(byteLimit: 1 << 20)
    await #expect(throws: CacheLoadError.self) {
      try await bounded {
        try await first.value(forKey: 1) { _ in
          try await second.value(forKey: "1") { _ in try await first.value(forKey: 1) { $0 } }
        }
      }
    }
  }

  @Test("A load that waits for itself in a child task gets an error as well")
  func inAChildTask() async throws {
    let cache = cache
    await #expect(throws: CacheLoadError.self) {
      try await bounded {
        try await cache.value(forKey: 1) { key in
          async let value = cache.value(forKey: key) { $0 }
          return try await value
        }
      }
    }
  }

  @Test("A chain of loads does not take the thread's stack, however long it is")
  func longChain() async throws {
    let cache = Cache<Int, Int>(byteLimit: 4 << 20)
    #expect(try await Self.chain(cache, 3_000) == 3_000)
    #expect(cache.count == 3_001)
  }

  private static func chain(_ cache: Cache<Int, Int>, _ key: Int) async throws -> Int {
    try await cache.value(forKey: key) { key in
      key == 0 ? 0 : try await chain(cache, key - 1) + 1
    }
  }

  @Test("A caller from outside may wait for each load of a chain that fails")
  func outsidersMayWait() async throws {
    let loads = GatedLoads<Int, Int>()
    let stage = Stage()
    let cache = cache
    let outer = try await stage.ask(cache, for: 1) { _ in
      try await cache.value(forKey: 2, orLoad: loads.load) + 1
    }
    try await eventually("the inner load begins") { loads.count == 1 }
    let inner = try await stage.ask(cache, for: 2, orLoad: loads.load)
    let another = try await stage.ask(cache, for: 1, orLoad: loads.load)
    loads[0].gate.open(returning: 10)
    #expect(try await outer.answer() == 11)
    #expect(try await inner.answer() == 10)
    #expect(try await another.answer() == 11)
    #expect(loads.count == 1)
  }

  /// Each of the two was begun by an asker of its own, so neither is inside of the other.
  @Test("A load that waits for itself through a load of another task gets an error, too")
  func mutual() async throws {
    let cache = cache
    let bothLoad = Meeting()
    @Sendable func load(_ key: Int) async throws -> Int {
      try await bothLoad.attend()
      return try await cache.value(forKey: 3 - key) { $0 }
    }
    let first = Task { try await cache.value(forKey: 1, orLoad: load) }
    let second = Task { try await cache.value(forKey: 2, orLoad: load) }
    for task in [first, second] {
      await #expect(throws: CacheLoadError.self) { try await task.answer() }
    }
    first.cancel()
    second.cancel()
    #expect(cache.isEmpty)
  }

  @Test("A load that waits for itself through another cache and another task gets an error, too")
  func mutualBetweenCaches() async throws {
    let caches = [cache, Cache<Int, Int>(byteLimit: 1 << 20)]
    let bothLoad = Meeting()
    let tasks = [0, 1].map { place in
      Task {
        try await caches[place].value(forKey: 1) { _ in
          try await bothLoad.attend()
          return try await caches[1 - place].value(forKey: 1) { $0 }
        }
      }
    }
    for task in tasks {
      await #expect(throws: CacheLoadError.self) { try await task.answer() }
    }
    for task in tasks { task.cancel() }
  }

  /// A task that a load has left behind is inside of no load any more, whatever took that load's
  /// place in memory.
  @Test("A task that a load left behind may ask for any key")
  func noFalseAlarm() async throws {
    let cache = cache
    let loads = GatedLoads<Int, Int>()
    let begin = Gate<Void>()
    let leftBehind = Locked<[Task<Int, any Error>]>([])
    let (endedLoads, keys) = (20, 400)
    for key in 0..<endedLoads {
      _ = try await cache.value(forKey: -1 - key) { key in
        let task = Task {
          try await begin.pass()
          return try await falseAlarms(cache, 0..<keys, loads)
        }
        leftBehind.withLock { $0.append(task) }
        return key
      }
    }
    let starters = (0..<keys).map { key in
      Task { try await cache.value(forKey: key, orLoad: loads.load) }
    }
    try await eventually("all loads begin") { loads.count == keys }
    begin.open()
    try await eventually("all have asked") {
      cache.statistics.misses == endedLoads + keys + endedLoads * keys
    }
    for place in 0..<keys { loads[place].gate.open(returning: loads[place].key) }
    for task in leftBehind.withLock({ $0 }) { #expect(try await task.answer() == 0) }
    for (key, task) in starters.enumerated() { #expect(try await task.answer() == key) }
    #expect(loads.count == keys)
  }
}

/// How many of some keys, asked for at once, are taken for keys that the present task is loading.
private func falseAlarms(
  _ cache: Cache<Int, Int>, _ keys: Range<Int>, _ loads: GatedLoads<Int, Int>
) async throws -> Int {
  try await withThrowingTaskGroup(of: Bool.self) { group in
    for key in keys {
      group.addTask {
        do {
          return try await cache.value(forKey: key, orLoad: loads.load) != key
        } catch is CacheLoadError {
          return true
        }
      }
    }
    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
  }
}

/// Where two tasks wait for each other.
private final class Meeting: Sendable {
  private let gate = Gate<Void>()
  private let present = Atomic<Int>(0)

  func attend() async throws {
    if present.add(1, ordering: .sequentiallyConsistent).newValue == 2 { gate.open() }
    try await gate.pass()
  }
}
