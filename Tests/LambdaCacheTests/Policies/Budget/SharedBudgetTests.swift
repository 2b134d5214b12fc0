import LambdaCache
import Testing

/// Caches of byte arrays on one budget.
struct Household {
  typealias Member = Cache<Int, [UInt8]>

  let budget: MemoryBudget

  init(byteLimit: Int, environment: [String: String] = [:]) throws {
    // On a busy machine nothing else may happen for longer than loads wait by default.
    budget = MemoryBudget(
      byteLimit: byteLimit, configuration: try CacheConfiguration(environment: environment),
      loadWaitLimit: .seconds(3_600))
  }

  func cache(
    _ name: String = "any", minimum: MemorySize? = nil, maximum: MemorySize? = nil,
    weight: Double = 1, onRemoval: (@Sendable (Int, [UInt8], RemovalCause) -> Void)? = nil
  ) -> Member {
    Cache(named: name, in: budget) {
      $0.minimumSize = minimum
      $0.maximumSize = maximum
      $0.weight = weight
      $0.onRemoval = onRemoval
    }
  }
}

extension Cache where Key == Int, Value == [UInt8] {
  /// Sets a range of keys to values of about a size.
  func fill(_ keys: Range<Int>, byteCount: Int = 1000) {
    for key in keys { self[key] = [UInt8](repeating: 1, count: byteCount) }
  }

  /// Looks every key up once.
  ///
  /// - Returns: How many were found.
  @discardableResult
  func use(_ keys: some Sequence<Int>) -> Int {
    keys.reduce(0) { $0 + (value(forKey: $1) == nil ? 0 : 1) }
  }
}

@Suite("Caches that share a budget")
struct SharedBudgetTests {
  @Test("A cache alone has the whole budget, from the beginning")
  func alone() throws {
    let household = try Household(byteLimit: 1 << 20)
    let cache = household.cache()
    #expect(cache.byteLimit == 1 << 20)
    cache.fill(0..<2000)
    #expect(cache.byteLimit == 1 << 20)
    #expect(cache.byteCount > (1 << 20) * 9 / 10 && cache.byteCount <= 1 << 20)
    #expect(cache.budget === household.budget)
    #expect(Cache<Int, Int>(byteLimit: 1).budget == nil)
  }

  @Test("An idle cache's share is lent, and taken back when it is needed")
  func lending() throws {
    let household = try Household(byteLimit: 1 << 20)
    let (idle, busy) = (household.cache("idle"), household.cache("busy"))
    #expect(idle.byteLimit == 1 << 19 && busy.byteLimit == 1 << 19)
    busy.fill(0..<3000)
    #expect(busy.byteCount > (1 << 20) * 9 / 10)
    idle.fill(0..<3000)
    #expect(idle.byteCount > (1 << 20) * 4 / 10)
    #expect(idle.byteCount + busy.byteCount <= 1 << 20)
  }

  @Test("Entries with the oldest last use go first, whichever cache they are in")
  func coldestFirst() throws {
    let household = try Household(byteLimit: 3 << 20)
    let (first, second) = (household.cache("first"), household.cache("second"))
    let third = household.cache("third")
    first.fill(0..<1300)
    second.fill(0..<1300)
    let (before, other) = (first.count, second.count)
    third.fill(0..<600)
    #expect(first.count < before - 50)
    #expect(second.count > other - 50)
  }

  @Test("Hits keep a cache warm, even if each entry was hit only once")
  func hitsCount() throws {
    let household = try Household(byteLimit: 3 << 20)
    let (first, second) = (household.cache("first"), household.cache("second"))
    let third = household.cache("third")
    first.fill(0..<1300)
    second.fill(0..<1300)
    #expect(first.use(0..<1300) == 1300)
    third.fill(0..<600)
    #expect(first.count == 1300)
    #expect(second.count < 1250)
  }

  @Test("Hits on a few entries do not keep the others of a cache")
  func skewedHits() throws {
    let household = try Household(byteLimit: 3 << 20)
    let (first, second) = (household.cache("first"), household.cache("second"))
    let third = household.cache("third")
    first.fill(0..<1300)
    second.fill(0..<1300)
    for _ in 0..<40 { first.use(1290..<1300) }
    third.fill(0..<600)
    #expect(first.count < 1250)
    #expect(second.count > 1250)
    #expect(first.use(1290..<1300) == 10)
  }

  @Test("An entry that fits the whole budget fits any cache", arguments: [1, 2, 5])
  func largeEntry(others: Int) throws {
    let household = try Household(byteLimit: 1 << 20)
    let caches = (0...others).map { household.cache("\($0)") }
    for cache in caches { cache.fill(0..<300) }
    for cache in caches {
      let large = [UInt8](repeating: 7, count: 1_000_000)
      #expect(cache.setValue(large, forKey: -1) == .inserted)
      #expect(cache.value(forKey: -1)?.count == 1_000_000)
      #expect(caches.reduce(0) { $0 + $1.byteCount } <= 1 << 20)
    }
    let tooLarge = [UInt8](repeating: 7, count: 1 << 20)
    #expect(caches[0].setValue(tooLarge, forKey: -1) == .rejected)
  }

  @Test("Many caches on a small budget do not cut it into pieces", arguments: [2, 8, 32])
  func smallBudget(count: Int) throws {
    let household = try Household(byteLimit: 64 << 10)
    let caches = (0..<count).map { household.cache("\($0)") }
    for round in 0..<3 {
      for cache in caches {
        #expect(
          cache.setValue([UInt8](repeating: 1, count: 40_000), forKey: round) == .inserted)
      }
    }
  }

  @Test("A cache is not pushed below its minimum, and does not grow above its maximum")
  func bounds() throws {
    let household = try Household(byteLimit: 1 << 20)
    let kept = household.cache("kept", minimum: .bytes(300 << 10))
    let capped = household.cache("capped", maximum: .bytes(200 << 10))
    let greedy = household.cache("greedy")
    kept.fill(0..<400)
    capped.fill(0..<2000)
    #expect(capped.byteCount <= 200 << 10 && capped.byteCount > 180 << 10)
    greedy.fill(0..<5000)
    #expect(kept.byteCount > 290 << 10 && kept.byteCount <= 301 << 10)
    #expect(capped.byteCount < 20 << 10)
    #expect(greedy.byteCount > 640 << 10)
  }

  @Test("A minimum is not taken for an entry either that has no room beside it")
  func minimum() throws {
    let household = try Household(byteLimit: 1 << 20)
    let kept = household.cache("kept", minimum: .bytes(300 << 10))
    let greedy = household.cache("greedy")
    kept.fill(0..<270)
    #expect(kept.count == 270)
    let outcomes = [600_000, 900_000].map {
      greedy.setValue([UInt8](repeating: 1, count: $0), forKey: $0)
    }
    #expect(outcomes == [.inserted, .rejected])
    #expect(kept.count == 270)
  }

  @Test("Minimum, maximum and weight may come from variables")
  func variables() throws {
    let household = try Household(
      byteLimit: 1 << 20,
      environment: [
        "LAMBDA_CACHE_KEPT_MIN_SIZE": "300KiB", "LAMBDA_CACHE_KEPT_MAX_SIZE": "10%",
        "LAMBDA_CACHE_HEAVY_WEIGHT": "3", "LAMBDA_CACHE_SMALL_MAX_SIZE": "64KiB",
      ])
    // A maximum below the minimum wins: it is the safer of the two.
    #expect(household.cache("kept").byteLimit == (1 << 20) / 10)
    let (heavy, light) = (household.cache("heavy"), household.cache("light"))
    #expect(heavy.byteLimit > 2 * light.byteLimit)
    #expect(household.cache("small").byteLimit == 64 << 10)
  }

  @Test("Bytes of a cache with more weight are kept longer")
  func weight() throws {
    let household = try Household(byteLimit: 2 << 20)
    let heavy = household.cache("heavy", weight: 8)
    let light = household.cache("light")
    for round in 0..<20 {
      heavy.fill(round * 200..<(round + 1) * 200)
      light.fill(round * 200..<(round + 1) * 200)
    }
    #expect(heavy.byteCount > 3 * light.byteCount)
    #expect(light.byteCount > 0)
  }

  @Test("Caches in equal use share about equally, and do not take turns")
  func equalUse() throws {
    let household = try Household(byteLimit: 2 << 20)
    let (first, second) = (household.cache("first"), household.cache("second"))
    first.fill(0..<4000)
    for round in 0..<200 {
      first.fill(round * 50..<(round + 1) * 50)
      second.fill(round * 50..<(round + 1) * 50)
    }
    let part = Double(first.byteCount) / Double(first.byteCount + second.byteCount)
    #expect((0.35...0.65).contains(part), "\(part)")
  }

  @Test("The limit of a cache can be set, and a cache that is dropped leaves all it had")
  func dropping() throws {
    let household = try Household(byteLimit: 1 << 20)
    let kept = household.cache("kept")
    do {
      let dropped = household.cache("dropped")
      dropped.byteLimit = 100 << 10
      dropped.fill(0..<1000)
      #expect(dropped.byteCount <= 100 << 10 && dropped.byteLimit <= 100 << 10)
      kept.fill(0..<2000)
      withExtendedLifetime(dropped) {}
    }
    #expect(kept.byteLimit == 1 << 20)
    #expect(household.budget.assignedByteCount == 1 << 20)
  }

  @Test("A cache that is turned off takes nothing")
  func disabled() throws {
    let household = try Household(
      byteLimit: 1 << 20, environment: ["LAMBDA_CACHE_OFF_ENABLED": "no"])
    let off = household.cache("off")
    #expect(off.setValue([1], forKey: 1) == .rejected)
    #expect(off.budget == nil && household.budget.assignedByteCount == 0)
    // Whatever the program wants: what is held outside of the budget would not be counted.
    off.byteLimit = 1 << 20
    #expect(off.setValue([1], forKey: 1) == .rejected)
    #expect(off.byteLimit == 0 && off.byteCount == 0)
  }

  @Test("Every way of setting a value asks the budget for bytes", arguments: 0..<4)
  func everyWay(way: Int) async throws {
    let household = try Household(byteLimit: 1 << 20)
    let (cache, other) = (household.cache("cache"), household.cache("other"))
    other.fill(0..<2000)
    let large = [UInt8](repeating: 7, count: 900_000)
    switch way {
    case 0: cache.setValue(large, forKey: 1)
    case 1: _ = cache.value(forKey: 1, orInsert: { large })
    case 2: cache.updateValue(forKey: 1) { $0 = large }
    default: _ = try await cache.value(forKey: 1, orLoad: { _ in large })
    }
    #expect(cache.peekValue(forKey: 1) == large)
    #expect(cache.byteCount + other.byteCount <= 1 << 20)
  }

  @Test("Listeners may use any cache of the budget, from several threads", .timeLimit(.minutes(15)))
  func listeners() throws {
    let household = try Household(byteLimit: 256 << 10)
    let caches = Locked<[Household.Member]>([])
    let excess = Locked(0)
    let listener: @Sendable (Int, [UInt8], RemovalCause) -> Void = { key, _, cause in
      let all = caches.withLock { $0 }
      let sum = all.reduce(0) { $0 + $1.byteCount }
      excess.withLock { $0 = max($0, sum - (256 << 10)) }
      guard cause == .size, key < 100_000, let target = all.randomElement() else { return }
      target[key + 100_000] = [1]
      _ = target.value(forKey: key)
    }
    caches.withLock { all in
      all = (0..<3).map { household.cache("\($0)", onRemoval: listener) }
    }
    let ended = Threads.run(3) { number in
      let cache = caches.withLock { $0[number] }
      for round in 0..<40 { cache.fill(round * 100..<(round + 1) * 100, byteCount: 700) }
    }
    #expect(ended)
    // The sum is not read at one instant: while it is added up, bytes may move to where it was not
    // yet; what is checked exactly is what is booked.
    #expect(household.budget.assignedByteCount <= 256 << 10)
    let left = caches.withLock { all in
      defer { all = [] }
      return all
    }
    #expect(left.reduce(0) { $0 + $1.byteCount } <= 256 << 10)
    #expect(left.allSatisfy { $0.byteCount <= $0.byteLimit })
  }
}
