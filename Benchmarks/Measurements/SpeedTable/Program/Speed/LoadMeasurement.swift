import AllocationCounter
import LambdaCache
import Workload

/// Misses that load a value, over the same look-ups, loads and writes by hand.
///
/// Both take turns in one asynchronous function, which hops nowhere. Their loads do not suspend.
struct LoadMeasurement {
  /// A kind of cache that is loaded into.
  enum Kind: String, CaseIterable {
    case plain = "no time to live, no budget"
    case timeToLive = "a time to live"
    case budget = "a budget"

    var goal: Double { self == .budget ? 2_500 : 2_000 }

    var cache: Cache<Int, Int> {
      let cache =
        switch self {
        case .plain: Cache<Int, Int>(byteLimit: 1 << 24)
        case .timeToLive: Cache<Int, Int>(byteLimit: 1 << 24, timeToLive: .seconds(3_600))
        case .budget: Cache<Int, Int>(named: "loads", in: MemoryBudget(byteLimit: 1 << 24))
        }
      cache.entryLimit = 1_000
      return cache
    }
  }

  private typealias Pass = (Cache<Int, Int>, Range<Int>) async throws -> Int

  let effort: Effort

  func findings() async throws -> [Finding] {
    var findings: [Finding] = []
    for kind in Kind.allCases {
      let (ours, theirs) = try await samples(of: kind.cache, 1, Self.loads, Self.loadsByHand)
      findings.append(
        Finding.difference(
          "miss that loads, \(kind.rawValue)", size: 1_000, of: ours, over: theirs,
          named: "by hand", goal: .atMost(kind.goal)))
    }
    let (ours, theirs) = try await samples(
      of: Kind.plain.cache, 8, Self.loadsOfEight, Self.loadsOfEightByHand)
    findings.append(
      Finding.difference(
        "miss of eight keys that are loaded together", size: 1_000, of: ours, over: theirs,
        named: "by hand", goal: nil))
    return findings
  }

  /// The blocks that a miss asks of the allocator beside those of the load by hand.
  static func allocations(_ kind: Kind) async throws -> Double {
    try await allocations(of: kind.cache, loads, loadsByHand)
  }

  /// Those that a miss of eight keys asks for, in all.
  static func allocationsOfEight() async throws -> Double {
    let each = try await allocations(of: Kind.plain.cache, loadsOfEight) { _, _ in 1 }
    return 8 * each
  }

  private static func allocations(
    of cache: Cache<Int, Int>, _ ours: Pass, _ theirs: Pass
  ) async throws -> Double {
    let count = 8_000
    var next = 0
    func allocations(_ pass: Pass) async throws -> Int {
      defer { next += count }
      let start = allocation_count()
      let sum = try await pass(cache, next..<next + count)
      let end = allocation_count()
      precondition(sum > 0, "nothing was loaded")
      return end - start
    }
    // The first passes fill the cache, and the task takes memory for its frames once.
    _ = try await allocations(ours) + allocations(theirs)
    return Double(try await allocations(ours) - allocations(theirs)) / Double(count)
  }

  private func samples(
    of cache: Cache<Int, Int>, _ keysAtOnce: Int, _ ours: Pass, _ theirs: Pass
  ) async throws -> (ours: Samples, theirs: Samples) {
    let count = effort.operations / 8
    var (mine, hand) = (Samples(), Samples())
    var next = 0
    func time(_ pass: Pass) async throws -> Double {
      defer { next += count }
      let start = Stopwatch.now
      let sum = try await pass(cache, next..<next + count)
      let time = Stopwatch.now - start
      precondition(sum > 0, "nothing was loaded")
      return Double(time) / Double(count / keysAtOnce)
    }
    for _ in 0..<effort.generations * effort.rounds {
      _ = try await time(ours)
      mine.append(try await time(ours))
      _ = try await time(theirs)
      hand.append(try await time(theirs))
    }
    return (mine, hand)
  }

  @inline(never)
  private static func loads(_ cache: Cache<Int, Int>, _ keys: Range<Int>) async throws -> Int {
    var sum = 0
    for key in keys { sum &+= try await cache.value(forKey: key) { try await source($0) } }
    return sum
  }

  @inline(never)
  private static func loadsByHand(
    _ cache: Cache<Int, Int>, _ keys: Range<Int>
  ) async throws -> Int {
    var sum = 0
    for key in keys {
      if let value = cache.value(forKey: key) {
        sum &+= value
      } else {
        let value = try await source(key)
        cache.setValue(value, forKey: key)
        sum &+= value
      }
    }
    return sum
  }

  @inline(never)
  private static func loadsOfEight(
    _ cache: Cache<Int, Int>, _ keys: Range<Int>
  ) async throws -> Int {
    var sum = 0
    for first in stride(from: keys.lowerBound, to: keys.upperBound, by: 8) {
      sum &+= try await cache.values(forKeys: first..<first + 8) { try await source($0) }.count
    }
    return sum
  }

  @inline(never)
  private static func loadsOfEightByHand(
    _ cache: Cache<Int, Int>, _ keys: Range<Int>
  ) async throws -> Int {
    var sum = 0
    for first in stride(from: keys.lowerBound, to: keys.upperBound, by: 8) {
      var missing: [Int] = []
      var found = cache.values(forKeys: first..<first + 8)
      for key in first..<first + 8 where found[key] == nil { missing.append(key) }
      for (key, value) in try await source(missing) {
        cache.setValue(value, forKey: key)
        found[key] = value
      }
      sum &+= found.count
    }
    return sum
  }

  @inline(never)
  private static func source(_ key: Int) async throws -> Int { key | 1 }

  @inline(never)
  private static func source(_ keys: [Int]) async throws -> [Int: Int] {
    var values = [Int: Int](minimumCapacity: keys.count)
    for key in keys { values[key] = key }
    return values
  }
}
