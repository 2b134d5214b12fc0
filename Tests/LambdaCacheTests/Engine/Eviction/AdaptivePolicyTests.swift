import LambdaCache
import TestSupport
import Testing

@Suite("An adaptive policy")
struct AdaptivePolicyTests {
  private func read(_ keys: some Sequence<Int>, from cache: Cache<Int, Int>) {
    for key in keys where cache.value(forKey: key) == nil { cache[key] = key }
  }

  /// A cache of a thousand entries, of which keys 0 to 799 were used several times.
  private func filled(_ policy: EvictionPolicy) -> Cache<Int, Int> {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 1_000) { $0.policy = policy }
    for _ in 0..<4 { read(0..<800, from: cache) }
    return cache
  }

  @Test("One pass over more keys than fit does not empty the cache")
  func scan() {
    for (policy, isKept) in [
      (EvictionPolicy.adaptive, true), (.adaptive(preferring: .bytes), true),
      (.adaptive(preferring: .time), true), (.leastRecentlyUsed, false),
    ] {
      let cache = filled(policy)
      read(10_000..<20_000, from: cache)
      let left = (0..<800).count { cache.contains($0) }
      #expect(isKept ? left > 700 : left == 0, "\(left) are left")
      #expect(cache.count == 1_000)
      #expect(cache.checkInvariants() == [])
    }
  }

  @Test("A loop over slightly more keys than fit is hit")
  func loop() {
    let adaptive = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 1_000, policy: .adaptive)
    for _ in 0..<20 { read(0..<1_200, from: adaptive) }
    // Of one that leaves in the order of use not a single key is found.
    #expect(adaptive.statistics.hits > 20 * 1_200 / 3)
  }

  @Test("Pairs of uses that a queue of new entries forgets make it keep to the last use")
  func pairs() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 2_000) { $0.policy = .adaptive }
    // Each key is asked for twice, 700 others apart: 1,400 entries while every one is missed.
    for step in 0..<60_000 { read([step, max(0, step - 700)], from: cache) }
    #expect(cache.statistics.policyMode == "lru")
    #expect(cache.statistics.policyChanges >= 1)
    #expect(cache.statistics.hitRatio > 0.4)
    #expect(cache.checkInvariants() == [])
  }

  @Test("A change of the mode moves no entry, and both find every entry")
  func change() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 2_000) { $0.policy = .adaptive }
    var modes: Set<String> = []
    for round in 0..<4 {
      let base = round * 1_000_000
      for step in 0..<40_000 { read([base + step, base + max(0, step - 700)], from: cache) }
      modes.insert(cache.statistics.policyMode ?? "")
      for _ in 0..<30 { read(base..<base + 2_400, from: cache) }
      modes.insert(cache.statistics.policyMode ?? "")
      #expect(cache.checkInvariants() == [])
      #expect(cache.count == 2_000)
    }
    #expect(modes.count > 1, "\(modes)")
  }

  @Test("An entry that is much larger than others leaves at once, and is reported as evicted")
  func largeNewcomer() {
    let removed = Locked<[(Int, RemovalCause)]>([])
    let cache = Cache<Int, Int>(
      byteLimit: 256 << 10, heapByteCount: { $1 },
      configure: {
        $0.policy = .adaptive
        $0.onRemoval = { key, _, cause in removed.withLock { $0.append((key, cause)) } }
      })
    for key in 0..<3_000 { cache[key] = 100 }
    let before = cache.count
    removed.withLock { $0 = [] }
    #expect(cache.setValue(200 << 10, forKey: -1) == .inserted)
    #expect(!cache.contains(-1))
    #expect(cache.count > before - 100)
    #expect(removed.withLock { $0.last?.0 } == -1 && removed.withLock { $0.last?.1 } == .size)
    // The second time it is known, and competes with those that are used.
    #expect(cache.checkInvariants() == [])
  }

  @Test("A value that grows in its place stays, whatever it is worth")
  func growth() {
    let cache = Cache<Int, Int>(
      byteLimit: 64 << 10, heapByteCount: { $1 }, configure: { $0.policy = .adaptive })
    for key in 0..<1_000 { cache[key] = 32 }
    let key = cache.coldest(1)[0].key
    #expect(cache.setValue(50 << 10, forKey: key) == .replaced)
    #expect(cache.peekValue(forKey: key) == 50 << 10)
    #expect(cache.byteCount <= 64 << 10)
    #expect(cache.checkInvariants() == [])
  }

  @Test("Watching changes nothing about what is hit")
  func watching() {
    var random = SplitMix64(seed: 3)
    let exact = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 500)
    let watching = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 500) {
      $0.policy = .leastRecentlyUsed(watching: true)
    }
    for _ in 0..<50_000 {
      let key = random.number(0...random.number(1...2_000))
      read([key], from: exact)
      read([key], from: watching)
    }
    #expect(exact.statistics.hits == watching.statistics.hits)
    #expect(exact.hottest(500).map(\.key) == watching.hottest(500).map(\.key))
    #expect(watching.statistics.watchedLookUps > 1_000)
    #expect(watching.statistics.policyMode == nil)
    #expect(exact.statistics.watchedLookUps == 0)
    #expect(watching.explainConfiguration().contains("policy.otherwise"))
    #expect(!exact.explainConfiguration().contains("policy.otherwise"))
    #expect(watching.checkInvariants() == [])
  }

  @Test("With an idle time to live entries leave in the order of use all the same")
  func idleTimeToLive() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 3) {
      $0.policy = .adaptive
      $0.expiration.idleTimeToLive = .seconds(60)
    }
    for key in 0..<3 { cache[key] = key }
    _ = cache[0]
    cache[3] = 3
    #expect(cache.hottest(3).map(\.key) == [3, 0, 2])
    #expect(cache.statistics.policyMode == nil)
  }

  @Test("Memory of the policy goes when the cache is emptied or gets small")
  func memory() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20) { $0.policy = .adaptive }
    for key in 0..<100_000 { cache[key] = key }
    #expect(cache.byteCount <= 1 << 20)
    cache.byteLimit = 4 << 10
    #expect(cache.byteCount <= 4 << 10 && cache.count > 0)
    #expect(cache.checkInvariants() == [])
    cache.removeAll()
    #expect(cache.byteCount == 0)
    cache.byteLimit = 1 << 20
    for key in 0..<100_000 { cache[key] = key }
    #expect(cache.checkInvariants() == [])
    cache.byteLimit = 0
    #expect(cache.byteCount == 0 && cache.isEmpty)
  }

  @Test("The structure takes at most 27 bytes an entry, 28 where the index is fullest")
  func structure() {
    var worst = 0.0
    for count in stride(from: 20_000, to: 60_000, by: 1_111) {
      let cache = Cache<Int, Int>(byteLimit: 1 << 30, entryLimit: count) { $0.policy = .adaptive }
      // So many more that the index has done with growing.
      for key in 0..<count + 2_000 { cache[key] = key }
      worst = max(worst, Double(cache.byteCount - 9 << 10) / Double(count) - 16)
    }
    #expect(worst <= 28, "\(worst) bytes")
  }

  @Test("A cache with one owner adapts as well")
  func uniqueCache() {
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, entryLimit: 1_000, policy: .adaptive)
    for _ in 0..<20 {
      for key in 0..<1_200 where cache.value(forKey: key) == nil { cache[key] = key }
    }
    #expect(cache.statistics.hits > 20 * 1_200 / 3)
    #expect(cache.checkInvariants() == [])
  }
}
