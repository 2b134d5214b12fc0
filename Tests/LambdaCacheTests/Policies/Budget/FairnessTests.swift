import LambdaCache
import TestSupport
import Testing

/// A cache of any kind of value on a budget, asked for keys by number.
private struct Tenant {
  let entryByteCount: Int
  let set: (Int) -> Void
  let hasValue: (Int) -> Bool
  let byteCount: () -> Int
  let count: () -> Int
  let byteLimit: () -> Int
  let violations: () -> [String]

  /// Looks a key up, and sets it where it is missing.
  func ask(for key: Int) {
    if !hasValue(key) { set(key) }
  }
}

/// Caches of different kinds on one budget.
private struct House {
  static let kinds = ["integers", "32 bytes", "1 KB", "100 KB"]

  let budget: MemoryBudget
  /// By the places of their kinds.
  private(set) var tenants: [Tenant]

  init(byteLimit: Int, order: [Int] = [0, 1, 2, 3]) throws {
    budget = MemoryBudget(byteLimit: byteLimit)
    var made: [Int: Tenant] = [:]
    for kind in order {
      made[kind] =
        kind == 0
        ? House.tenant(size: 0, House.cache("integers", budget)) { $0 }
        : House.tenant(
          size: [0, 64, 1_040, 100_040][kind],
          House.cache(House.kinds[kind], budget)
        ) { _ in [UInt8](repeating: 1, count: [0, 32, 1_000, 100_000][kind]) }
    }
    tenants = (0..<4).compactMap { made[$0] }
  }

  private static func cache<Value: HeapSized & Sendable>(
    _ name: String, _ budget: MemoryBudget
  ) -> Cache<Int, Value> {
    Cache(named: name, in: budget)
  }

  private static func tenant<Value>(
    size: Int, _ cache: Cache<Int, Value>, _ make: @escaping (Int) -> Value
  ) -> Tenant {
    Tenant(
      entryByteCount: size + 16 + MemoryLayout<(Int, Value)>.stride + 10,
      set: { cache[$0] = make($0) }, hasValue: { cache.value(forKey: $0) != nil },
      byteCount: { cache.byteCount }, count: { cache.count }, byteLimit: { cache.byteLimit },
      violations: { cache.checkInvariants() })
  }
}

@Suite("Fairness among caches of one budget", .timeLimit(.minutes(10)))
struct FairnessTests {
  private static let orders: [[Int]] = {
    var orders: [[Int]] = [[]]
    for kind in 0..<4 {
      orders = orders.flatMap { order in
        (0...order.count).map { place in
          var longer = order
          longer.insert(kind, at: place)
          return longer
        }
      }
    }
    return orders
  }()

  @Test(
    "The only cache of a budget in use is lent more at once and has its share soon",
    arguments: stride(from: 0, to: 24, by: 5).map { ($0 % 4, orders[$0]) })
  func onlyOneIsAsked(active: Int, order: [Int]) throws {
    let house = try House(byteLimit: 1 << 20, order: order)
    let tenant = house.tenants[active]
    for idle in order where idle != active {
      let other = house.tenants[idle]
      for key in 0..<(3 << 19) / other.entryByteCount { other.set(key) }
    }
    let share = house.budget.byteLimit / 4
    let first = tenant.byteLimit()
    var key = 0
    while tenant.byteLimit() <= first, key < 100_000 {
      tenant.ask(for: key)
      key += 1
    }
    #expect(key <= 2 * first / tenant.entryByteCount + 1_500, "\(key) until more was lent")
    while tenant.byteLimit() < share, key < 200_000 {
      tenant.ask(for: key)
      key += 1
    }
    #expect(key <= 4 * share / tenant.entryByteCount + 1_500, "\(key) until it had its share")
    #expect(house.tenants.flatMap { $0.violations() } == [])
    #expect(house.budget.assignedByteCount <= house.budget.byteLimit)
  }

  @Test(
    "No cache that is asked more than its share stays below it, however small its entries are",
    arguments: [[60, 20, 15, 5], [20, 60, 15, 5], [10, 20, 65, 5], [10, 10, 10, 70]])
  func mixedUse(percents: [Int]) throws {
    let house = try House(byteLimit: 2 << 20)
    var random = SplitMix64(seed: 17)
    let draws = percents.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
    let favoured = percents.firstIndex(of: percents.max() ?? 0) ?? 0
    let (tenant, share) = (house.tenants[favoured], house.budget.byteLimit / 4)
    // Small entries take more steps until they are many.
    let steps = favoured == 0 ? 45_000 : 20_000
    for step in 0..<steps {
      let kind = random.pick(draws)
      house.tenants[kind].ask(for: random.number(0...(1 << 30)))
      guard step >= steps * 2 / 3, step % 1_000 == 0 else { continue }
      // An entry of the largest kind may be missing to it, or a table of twice as many cells, whose
      // turn depends on the secret of the hashes.
      let least = share * 17 / 20 - tenant.entryByteCount
      #expect(tenant.byteCount() >= least, "\(House.kinds[favoured]) at step \(step)")
    }
    #expect(house.tenants.flatMap { $0.violations() } == [])
  }

  @Test(
    "A cache evicts hardly any own entry below its share, whatever idle ones were asked before",
    arguments: [(0, 1), (1, 0), (1, 2), (2, 1), (0, 3), (3, 0)], [0, 20])
  func idleWereAsked(kinds: (idle: Int, active: Int), hitsPerEntry: Int) throws {
    let house = try House(byteLimit: 2 << 20)
    let (idle, active) = (house.tenants[kinds.idle], house.tenants[kinds.active])
    let last = 3 * (house.budget.byteLimit / idle.entryByteCount) / 2
    for key in 0...last { idle.set(key) }
    let idleCount = idle.count()
    for number in 0..<hitsPerEntry * idleCount { _ = idle.hasValue(last - number % idleCount) }
    let share = house.budget.byteLimit / 4
    var key = 0
    // A table of twice as many cells may not fit yet.
    while active.byteLimit() < share * 9 / 10, key < 50_000 {
      active.set(key)
      key += 1
    }
    #expect(key - active.count() <= 1_500, "\(key) set, \(active.count()) kept")
    #expect(house.tenants.flatMap { $0.violations() } == [])
  }

  @Test("A cache's part of the requests counts the recent ones, whatever was asked long ago")
  func askedLongAgo() throws {
    let house = try House(byteLimit: 1 << 20)
    let (past, tenant, rival) = (house.tenants[1], house.tenants[0], house.tenants[3])
    for key in 0..<100 { past.set(key) }
    for number in 0..<100_000 { _ = past.hasValue(number % 100) }
    // By their ages alone nearly all bytes are those of large values.
    for step in 0..<15_000 { (step % 10 < 7 ? tenant : rival).ask(for: step) }
    let share = house.budget.byteLimit / 4
    #expect(tenant.byteCount() >= share * 17 / 20, "\(tenant.byteCount()) of \(share)")
  }

  @Test("A cache that is asked little shrinks to its demand, and grows when it is asked")
  func turns() throws {
    let house = try House(byteLimit: 1 << 20)
    let share = house.budget.byteLimit / 4
    for (round, kind) in [0, 2, 0, 1, 0, 3, 0].enumerated() {
      let tenant = house.tenants[kind]
      for key in 0..<4 * share / tenant.entryByteCount + 2_000 {
        tenant.ask(for: round << 32 + key)
      }
      #expect(tenant.byteLimit() >= share, "\(House.kinds[kind]) in round \(round)")
    }
  }

  @Test(
    "A cache that may not grow takes nothing from idle ones",
    arguments: ["maximum", "size", "byteLimit", "entryByteLimit"])
  func mayNotGrow(reason: String) throws {
    let household = try Household(
      byteLimit: 1 << 20,
      environment: reason == "size" ? ["LAMBDA_CACHE_CAPPED_SIZE": "200KiB"] : [:])
    let capped = household.cache("capped", maximum: reason == "maximum" ? .bytes(200 << 10) : nil)
    let neighbours = [household.cache("first"), household.cache("second")]
    switch reason {
    case "byteLimit": capped.byteLimit = 200 << 10
    case "entryByteLimit": capped.entryByteLimit = 1_500
    default: break
    }
    for neighbour in neighbours { neighbour.fill(0..<320) }
    let values = reason == "entryByteLimit" ? 900_000 : 1_000
    capped.fill(0..<(reason == "entryByteLimit" ? 20 : 5_000), byteCount: values)
    #expect(capped.byteCount <= 200 << 10)
    #expect(neighbours.map(\.count) == [320, 320])
  }

  @Test("A size that no memory has is rejected, and counts for as much as may be")
  func endlessSize() throws {
    let cache = Cache<Int, Int>(named: "sizes", in: MemoryBudget(byteLimit: 1 << 20))
    for byteCount in [0, Int.max, 0, Int.max] {
      let outcome = cache.setValue(1, forKey: byteCount, heapByteCount: byteCount)
      #expect((outcome == .rejected) == (byteCount > 0))
    }
    #expect(cache.checkInvariants() == [])
  }
}
