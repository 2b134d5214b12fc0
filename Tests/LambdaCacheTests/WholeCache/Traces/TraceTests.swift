import LambdaCache
import Testing

/// Skipped where the recorded traces are missing: put `web07.u32le`, `orm-busy.u32le` and
/// `reference.csv` into one folder and name it in `LAMBDA_CACHE_TRACES`.
@Suite("Recorded traces", .enabled(if: !RecordedTraces.areMissing, "the traces are missing"))
struct TraceTests {
  @Test("UniqueCache has exactly the hits of exact LRU", arguments: RecordedTraces.references)
  func uniqueCacheIsExact(reference: RecordedTraces.Reference) throws {
    let keys = try #require(RecordedTraces.keys(of: reference))
    #expect(keys.count == reference.requests)
    var cache = UniqueCache<UInt32, UInt32>(byteLimit: 1 << 30, entryLimit: reference.capacity)
    for key in keys where cache.value(forKey: key) == nil { cache.setValue(key, forKey: key) }
    #expect(cache.statistics.hits == reference.hits)
    #expect(cache.statistics.misses == reference.requests - reference.hits)
    #expect(cache.count == reference.capacity)
    #expect(cache.checkInvariants() == [])
  }

  @Test(
    "Cache has exactly the hits of exact LRU",
    arguments: RecordedTraces.references.suffix(1))
  func cacheIsExact(reference: RecordedTraces.Reference) throws {
    let keys = try #require(RecordedTraces.keys(of: reference))
    let cache = Cache<UInt32, UInt32>(byteLimit: 1 << 30, entryLimit: reference.capacity)
    for key in keys where cache.value(forKey: key) == nil { cache.setValue(key, forKey: key) }
    #expect(cache.statistics.hits == reference.hits)
    #expect(cache.statistics.misses == reference.requests - reference.hits)
  }
}
