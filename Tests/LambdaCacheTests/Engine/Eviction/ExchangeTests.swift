import LambdaCache
import TestSupport
import Testing

/// An entry that comes into a full cache takes the slot of another one in one step.
///
/// Whatever needs more comes in several steps, which an engine here takes with every entry: both
/// have to end alike.
@Suite("An entry in the place of another one")
struct ExchangeTests {
  private typealias Core = CacheCore<Int, Int>

  private func makeCore(_ policy: EvictionPolicy, entryLimit: Int) -> Core {
    Core(
      limits: CacheLimits(byteLimit: 1 << 30, entryLimit: entryLimit, entryByteLimit: nil),
      expiration: Expiration(),
      isObserved: false, injectedOrigin: .zero, policy: policy)
  }

  private static func hash(_ key: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: (UInt64(key) &* 0x9E37_79B9_7F4A_7C15) >> 32)
  }

  private func look(up key: Int, in core: inout Core) -> Int? {
    var removedEntries = RemovedEntries<Int, Int>()
    let slot = core.access(key, hash: Self.hash(key), removedEntries: &removedEntries).freshSlot
    return core.value(in: slot)
  }

  private func set(_ key: Int, size: Int, in core: inout Core) {
    var removedEntries = RemovedEntries<Int, Int>()
    let outcome = core.setValue(
      key, forKey: key, hash: Self.hash(key), heapByteCount: size, timeToLive: nil,
      removedEntries: &removedEntries)
    #expect(outcome == .inserted)
  }

  private func setInSteps(_ key: Int, size: Int, in core: inout Core) {
    var removedEntries = RemovedEntries<Int, Int>()
    let outcome = core.insert(
      key, forKey: key, hash: Self.hash(key),
      granules: ByteLedger.granules(forByteCount: size), heapByteCount: size, deadline: 0, now: 0,
      removedEntries: &removedEntries)
    #expect(outcome == .inserted)
  }

  /// The keys in the order of the recency ring.
  private func keys(of core: borrowing Core) -> [Int] {
    var keys: [Int] = []
    var slot = core.table.hottest
    while slot != 0 {
      keys.append(core.entries[Int(slot)].key)
      slot = core.table.links[Int(slot)].next
    }
    return keys
  }

  @Test(
    "ends as an insertion in steps, whatever the policy and the sizes are",
    arguments: [
      EvictionPolicy.leastRecentlyUsed, .leastRecentlyUsed(watching: true), .adaptive,
      .adaptive(preferring: .bytes),
    ], [1, 2, 6])
  func equalsSteps(policy: EvictionPolicy, sizeCount: Int) {
    var random = SplitMix64(seed: UInt64(sizeCount))
    var inOneStep = makeCore(policy, entryLimit: 300)
    var inSteps = makeCore(policy, entryLimit: 300)
    for step in 0..<10_000 {
      // Phases of a scan and of keys that are used often, so that modes change.
      let isScan = step / 1_000 % 2 == 0
      let key = isScan && step % 4 > 0 ? 10_000 + step : random.number(0...(1 + step / 500) * 60)
      // A scan of one size alone has the small queue in one list, before others come again.
      let size = 16 << ((isScan && step % 3_000 < 1_500 ? 0 : key) % sizeCount * 2)
      let hit = look(up: key, in: &inOneStep)
      #expect(hit == look(up: key, in: &inSteps), "\(key) in step \(step)")
      guard hit == nil else { continue }
      set(key, size: size, in: &inOneStep)
      setInSteps(key, size: size, in: &inSteps)
      if step % 1_000 == 0 {
        let (one, several) = (keys(of: inOneStep), keys(of: inSteps))
        #expect(one == several, "in step \(step)")
        let violations = inOneStep.checkInvariants(hash: Self.hash)
        #expect(violations == [])
      }
    }
    let (one, several) = (inOneStep.statistics, inSteps.statistics)
    #expect(one.hits == several.hits && one.evictions == several.evictions)
    #expect(one.hits > 2_000 && one.evictions > 2_000)
    #expect(one.policyMode == several.policyMode && one.policyChanges == several.policyChanges)
    #expect(one.watchedHitsAdaptive == several.watchedHitsAdaptive)
    #expect(one.peakByteCount == several.peakByteCount && one.byteCount == several.byteCount)
  }

  @Test("is not had while cells move from one table of the index to another")
  func movingCells() {
    var movingCount = 0
    for entryLimit in 400..<700 {
      var core = makeCore(.leastRecentlyUsed, entryLimit: entryLimit)
      for key in 0..<entryLimit { set(key, size: 0, in: &core) }
      movingCount += core.index.oldCells == nil ? 0 : 1
      for key in entryLimit..<entryLimit + 20 { set(key, size: 0, in: &core) }
      let violations = core.checkInvariants(hash: Self.hash)
      #expect(violations == [] && core.count == entryLimit)
    }
    #expect(movingCount > 0)
  }

  @Test("waits while there are entries that have expired, which leave first")
  func expiredLeaveFirst() {
    let clock = ManualClock()
    let cache = Cache<Int, Int>(
      byteLimit: 1 << 20, heapByteCount: { $1 }, configure: { $0.clock = clock })
    cache.setValue(16_000, forKey: 0, timeToLive: .seconds(60))
    for key in 1...8 { cache.setValue(3_200, forKey: key, timeToLive: .seconds(1)) }
    cache.byteLimit = cache.byteCount
    #expect(cache.count == 9)
    clock.advance(by: .seconds(2))
    // Four of those that have expired leave with each operation, and have not as many bytes.
    cache.setValue(16_000, forKey: 11, timeToLive: .seconds(60))
    #expect(cache.contains(0) && cache.contains(11))
    #expect(cache.statistics.removals[.size] == 0)
  }
}
