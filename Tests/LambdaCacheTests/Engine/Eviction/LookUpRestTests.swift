import LambdaCache
import TestSupport
import Testing

@Suite("The rest of look-ups while nothing comes into an adaptive cache")
struct LookUpRestTests {
  private func filled(
    _ policy: EvictionPolicy, count: Int = 1_000, timeToLive: Duration? = nil
  ) -> Cache<Int, Int> {
    let cache = Cache<Int, Int>(
      byteLimit: 1 << 20, entryLimit: count, timeToLive: timeToLive, policy: policy)
    // One more than fit: look-ups are noted from the first eviction on.
    for key in 0...count { cache[key] = key }
    return cache
  }

  private func hit(_ cache: Cache<Int, Int>, times: Int) {
    let keys = cache.hottest(.max).map(\.key)
    for number in 0..<times { _ = cache[keys[number % keys.count]] }
  }

  @Test(
    "begins when look-ups have hit for long, and ends when an entry comes or changes",
    arguments: [EvictionPolicy.adaptive, .leastRecentlyUsed(watching: true)],
    [nil, Duration.seconds(3_600)])
  func beginsAndEnds(policy: EvictionPolicy, timeToLive: Duration?) {
    let cache = filled(policy, timeToLive: timeToLive)
    #expect(!cache.lookUpsRest)
    hit(cache, times: 500)
    #expect(!cache.lookUpsRest)
    hit(cache, times: 20_000)
    #expect(cache.lookUpsRest)
    _ = cache[-1]
    #expect(cache.lookUpsRest, "a miss alone changes nothing")
    cache[cache.hottest(1)[0].key] = 7
    #expect(!cache.lookUpsRest)
    hit(cache, times: 20_000)
    #expect(cache.lookUpsRest)
    cache[-1] = 1
    #expect(!cache.lookUpsRest)
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "is begun again from the start after a miss and after each write", arguments: [true, false])
  func isInterrupted(byMisses: Bool) {
    let cache = filled(.adaptive)
    // Fewer look-ups of the sample than it takes, each time.
    for round in 0..<100 {
      hit(cache, times: 500)
      #expect(!cache.lookUpsRest)
      if byMisses {
        // Several, so that one of them is in the sample.
        for key in 1...500 { #expect(cache[-key] == nil) }
      } else {
        cache[cache.hottest(1)[0].key] = round
      }
    }
    #expect(cache.checkInvariants() == [])
  }

  @Test("counts look-ups that are not noted as hits of each mode")
  func counts() {
    let cache = filled(.leastRecentlyUsed(watching: true))
    hit(cache, times: 20_000)
    #expect(cache.lookUpsRest)
    let before = cache.statistics
    hit(cache, times: 80_000)
    let resting = cache.statistics
    let added = resting.watchedLookUps - before.watchedLookUps
    // One in eight, or in sixteen where the shadows were full.
    #expect(added == 80_000 / 8 || added == 80_000 / 16 || added == 80_000 / 32, "\(added)")
    #expect(resting.watchedHitsAdaptive - before.watchedHitsAdaptive == added)
    #expect(
      resting.watchedHitsLeastRecentlyUsed - before.watchedHitsLeastRecentlyUsed == added)
    cache[-1] = 1
    let after = cache.statistics
    #expect((after.watchedLookUps - resting.watchedLookUps).magnitude <= 1)
  }

  @Test("keeps the cache from nothing that it would learn afterwards")
  func learnsAfterwards() {
    let cache = filled(.adaptive, count: 2_000)
    hit(cache, times: 40_000)
    #expect(cache.lookUpsRest)
    // Pairs of uses, for which the order of use is best.
    for step in 10_000..<70_000 {
      for key in [step, max(10_000, step - 700)] where cache[key] == nil { cache[key] = key }
    }
    #expect(cache.statistics.policyMode == "lru")
    #expect(cache.checkInvariants() == [])
  }

  @Test("ends with the memory of the policy")
  func memory() {
    let cache = filled(.adaptive)
    hit(cache, times: 20_000)
    #expect(cache.lookUpsRest)
    cache.byteLimit = 2 << 10
    #expect(!cache.lookUpsRest)
    cache.byteLimit = 1 << 20
    for key in 0..<2_000 { cache[key] = key }
    hit(cache, times: 20_000)
    #expect(cache.lookUpsRest)
    cache.removeAll()
    #expect(!cache.lookUpsRest)
    #expect(cache.checkInvariants() == [])
  }
}
