import TestSupport
import Testing

@testable import LambdaCache

@Suite("What an adaptive policy prefers")
struct PreferenceTests {
  private static let time = EvictionPolicy.adaptive(preferring: .time)

  /// Every other key takes 3 milliseconds to load, the others 40.
  private func loadTime(of key: Int) -> Duration { .milliseconds(key % 2 == 0 ? 3 : 40) }

  /// Milliseconds that a cache saves on keys of which some are asked for more often than others,
  /// and the share of the slow ones among its entries.
  private func run(_ policy: EvictionPolicy, seed: UInt64) -> (saved: Int, slow: Double) {
    var random = SplitMix64(seed: seed)
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, entryLimit: 500) { $0.policy = policy }
    var saved = 0
    for _ in 0..<100_000 {
      let key = random.number(0...random.number(1...4_000))
      if cache.value(forKey: key) == nil {
        cache.setValue(key, forKey: key, loadTime: loadTime(of: key))
      } else {
        saved += key % 2 == 0 ? 3 : 40
      }
    }
    #expect(cache.checkInvariants() == [])
    let slow = cache.hottest(500).count { $0.key % 2 == 1 }
    return (saved, Double(slow) / 500)
  }

  @Test("Entries that took long to load outlive others, and more milliseconds are saved")
  func time() {
    let hits = run(.adaptive, seed: 5)
    let time = run(Self.time, seed: 5)
    #expect(time.slow > 0.7, "\(time)")
    #expect(hits.slow < 0.6, "\(hits)")
    #expect(time.saved > hits.saved * 5 / 4, "\(time) and \(hits)")
  }

  @Test("Where times do not count, a load time changes nothing")
  func timesIgnored() {
    for policy in [EvictionPolicy.leastRecentlyUsed, .adaptive(preferring: .bytes)] {
      #expect(run(policy, seed: 6).slow < 0.6)
    }
  }

  @Test("A cache with one owner keeps what took long to load")
  func uniqueCache() {
    var random = SplitMix64(seed: 5)
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, entryLimit: 500, policy: Self.time)
    for _ in 0..<100_000 {
      let key = random.number(0...random.number(1...4_000))
      if cache.value(forKey: key) == nil {
        cache.setValue(key, forKey: key, loadTime: loadTime(of: key))
      }
    }
    let slow = cache.hottest(500).count { $0.key % 2 == 1 }
    #expect(slow > 350, "\(slow)")
    #expect(cache.checkInvariants() == [])
  }

  private func cost(of key: Int, in cache: Cache<Int, Int>) -> LoadCost? {
    let hash = cache.hasher.hash(key)
    return cache.readState { state in
      state.core.policy?.pointee.loadCosts?[state.core.find(key, hash: hash)]
    }
  }

  @Test("The time of a load is measured and kept, and a value that is set in its place keeps it")
  func measured() async throws {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20, policy: Self.time)
    cache[0] = 0
    _ = try await cache.value(forKey: 1) { _ in
      try await Task.sleep(for: .milliseconds(30))
      return 1
    }
    let loaded = try #require(cost(of: 1, in: cache))
    // To a sixteenth; it is the only load, and so the average as well.
    #expect(loaded.microseconds >= 28_000)
    cache[1] = 2
    #expect(cost(of: 1, in: cache) == loaded)
    // What has no load time counts as an average load.
    cache[2] = 2
    #expect(cost(of: 2, in: cache) == loaded)
    #expect(cost(of: 0, in: cache) == LoadCost(microseconds: 8_000))
    cache.setValue(3, forKey: 1, loadTime: .seconds(4_000))
    #expect(try #require(cost(of: 1, in: cache)).microseconds > loaded.microseconds)
    #expect(cache.checkInvariants() == [])
  }

  @Test("A rejected value leaves no load time behind")
  func rejected() {
    let cache = Cache<Int, Int>(
      byteLimit: 64 << 10, heapByteCount: { $1 }, configure: { $0.policy = Self.time })
    cache.setValue(10, forKey: 0, loadTime: .milliseconds(5))
    #expect(cache.setValue(1 << 20, forKey: 1, loadTime: .seconds(50)) == .rejected)
    cache.setValue(10, forKey: 2)
    #expect(cost(of: 2, in: cache) == LoadCost(.milliseconds(5)))

    var unique = UniqueCache<Int, Int>(
      byteLimit: 64 << 10, heapByteCount: { $1 }, configure: { $0.policy = Self.time })
    unique.setValue(10, forKey: 0, loadTime: .milliseconds(5))
    #expect(unique.setValue(1 << 20, forKey: 1, loadTime: .seconds(50)) == .rejected)
    unique.setValue(10, forKey: 2)
    let slot = unique.core.find(2, hash: unique.hasher.hash(2))
    #expect(unique.core.policy?.pointee.loadCosts?[slot] == LoadCost(.milliseconds(5)))
  }

  @Test("Times of entries follow them to other slots and leave with their memory")
  func movedSlots() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20) { $0.policy = Self.time }
    for key in 0..<5_000 {
      cache.setValue(key, forKey: key, loadTime: .milliseconds(1 + key % 100))
    }
    let before = (0..<5_000).map { cost(of: $0, in: cache) }
    #expect(Set(before.map { $0?.bits }).count > 30)
    for key in 0..<5_000 where key % 7 != 0 { cache.removeValue(forKey: key) }
    for key in stride(from: 0, to: 5_000, by: 7) {
      #expect(cost(of: key, in: cache) == before[key])
    }
    #expect(cache.checkInvariants() == [])
    cache.removeAll()
    #expect(cache.byteCount == 0)
    cache.setValue(0, forKey: 0, loadTime: .milliseconds(7))
    #expect(cost(of: 0, in: cache) == LoadCost(.milliseconds(7)))
  }

  @Test("Load times take a byte for each entry, and other caches not a byte more")
  func memory() {
    func byteCount(_ policy: EvictionPolicy) -> Int {
      let cache = Cache<Int, Int>(byteLimit: 1 << 30) { $0.policy = policy }
      for key in 0..<1_000 { cache[key] = key }
      return cache.byteCount
    }
    let hits = byteCount(.adaptive)
    #expect(byteCount(.adaptive(preferring: .bytes)) == hits)
    #expect(byteCount(Self.time) == hits + 1_001)
  }

  /// Two thousand small entries, which do not fit, and twenty large ones, for every fifth request.
  private func mixed(_ policy: EvictionPolicy) -> (large: Int, bytes: Int) {
    var random = SplitMix64(seed: 7)
    let cache = Cache<Int, Int>(
      byteLimit: 256 << 10, heapByteCount: { $1 }, configure: { $0.policy = policy })
    var bytes = 0
    for _ in 0..<40_000 {
      let key = random.oneIn(5) ? random.number(0...19) : random.number(20...2_019)
      let size = key < 20 ? 16_000 : 160
      if cache.value(forKey: key) == nil { cache[key] = size } else { bytes += size }
    }
    #expect(cache.checkInvariants() == [])
    return ((0..<20).count { cache.contains($0) }, bytes)
  }

  @Test("Where bytes are preferred, large entries stay and more bytes are served")
  func bytes() {
    // Of one cache in sixteen that prefers hits, chance draws a sample by which it serves as many.
    let (hits, bytes) = (
      (0..<5).map { _ in mixed(.adaptive) },
      (0..<5).map { _ in
        mixed(.adaptive(preferring: .bytes))
      }
    )
    #expect(bytes.allSatisfy { $0.large > 8 }, "\(bytes)")
    let (served, preferred) = (hits.map(\.bytes), bytes.map(\.bytes))
    #expect(preferred.reduce(0, +) > served.reduce(0, +) * 3 / 2, "\(preferred) and \(served)")
  }

  @Test("The mode is chosen by what hits are worth")
  func duel() {
    // Pairs of uses, which the last use alone hits, of keys that load fast; and a third as many of
    // keys that load slowly, which stay if their load times count.
    func mode(_ preference: EvictionPolicy.Preference) -> EvictionMode {
      var counts = EvictionCounts()
      var duel = EvictionDuel(mode: .useCounts, preference: preference, capacity: 128)
      defer { duel.release() }
      func read(_ key: Int, _ loadTime: Duration) {
        let cost = preference == .time ? LoadCost(loadTime) : .none
        let hash = UInt32(key) << 8
        duel.noteLookUp(
          hash, size: nil, cost: .none, limit: 6_000, counts: &counts, mayChange: true)
        duel.noteWrite(hash, size: 100, cost: cost, limit: 6_000, isUse: false)
      }
      for step in 0..<6_000 {
        read(1_000 + step, .milliseconds(1))
        read(1_000 + max(0, step - 20), .milliseconds(1))
        if step % 3 == 0 { read(step / 3 % 20, .milliseconds(100)) }
      }
      return duel.mode
    }
    #expect(mode(.hits) == .leastRecentlyUsed)
    #expect(mode(.time) != .leastRecentlyUsed)
  }

  @Test("Each preference begins in its mode, and is explained by its name")
  func names() {
    for (policy, mode, name) in [
      (EvictionPolicy.adaptive(preferring: .hits), "uses and sizes", "adaptive"),
      (.adaptive(preferring: .bytes), "uses", "adaptive-bytes"),
      (.adaptive(preferring: .time), "uses and sizes", "adaptive-time"),
    ] {
      let cache = Cache<Int, Int>(byteLimit: 1 << 20, policy: policy)
      #expect(cache.statistics.policyMode == mode)
      let line = cache.explainConfiguration().split(separator: "\n").first {
        $0.contains("  policy ")
      }
      #expect(line?.split(separator: " ").dropFirst().first.map(String.init) == name)
    }
    #expect(EvictionPolicy.adaptive(preferring: .hits) == .adaptive)
  }
}
