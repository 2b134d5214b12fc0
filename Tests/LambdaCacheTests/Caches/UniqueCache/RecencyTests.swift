import LambdaCache
import Testing

@Suite("UniqueCache: order of use")
struct UniqueCacheRecencyTests {
  /// A full cache of the keys 0...3, the highest the most recently used.
  private static func fullCache() -> UniqueCache<Int, String> {
    var cache = UniqueCache<Int, String>(byteLimit: 1 << 20, entryLimit: 4)
    for key in 0..<4 { cache[key] = "value \(key)" }
    return cache
  }

  @Test("A look-up makes an entry the most recently used", arguments: 0..<4)
  func lookUpRefreshes(key: Int) {
    var cache = UniqueCacheRecencyTests.fullCache()
    #expect(cache.value(forKey: key) == "value \(key)")
    #expect(cache.core.ringEntries.map(\.key) == [key] + [3, 2, 1, 0].filter { $0 != key })
    for other in 10..<13 { cache[other] = "new" }
    #expect(cache.contains(key) == true)
    #expect(cache.count == 4)
    cache[13] = "new"
    #expect(cache.contains(key) == false)
  }

  @Test("Setting the value of a key that has one replaces it and makes it the most recently used")
  func replacingRefreshes() {
    var cache = UniqueCacheRecencyTests.fullCache()
    #expect(cache.setValue("other", forKey: 0) == .replaced)
    #expect(cache.core.ringEntries.map(\.key) == [0, 3, 2, 1])
    #expect(cache.peekValue(forKey: 0) == "other")
    #expect(cache.setValue("new", forKey: 9) == .inserted)
    #expect(cache.contains(1) == false)
    #expect(cache.statistics.replacements == 1)
    #expect(cache.statistics.insertions == 5)
  }

  @Test("A peek changes neither order nor statistics nor bytes", arguments: -1..<4)
  func peekChangesNothing(key: Int) {
    var cache = UniqueCacheRecencyTests.fullCache()
    _ = cache.value(forKey: 2)
    let statistics = cache.statistics
    let order = cache.core.ringEntries.map(\.key)
    #expect(cache.peekValue(forKey: key) == (key < 0 ? nil : "value \(key)"))
    #expect(cache.contains(key) == (key >= 0))
    #expect(cache.statistics == statistics)
    #expect(cache.core.ringEntries.map(\.key) == order)
  }

  @Test("A miss is counted and changes no order")
  func missChangesNothing() {
    var cache = UniqueCacheRecencyTests.fullCache()
    #expect(cache.value(forKey: 99) == nil)
    #expect(cache.statistics.misses == 1)
    #expect(cache.statistics.hits == 0)
    #expect(cache.core.ringEntries.map(\.key) == [3, 2, 1, 0])
  }

  @Test("The subscript reads, sets and removes")
  func subscriptDoesAll() {
    var cache = UniqueCacheRecencyTests.fullCache()
    #expect(cache[1] == "value 1")
    cache[1] = "other"
    #expect(cache[1] == "other")
    cache[1] = nil
    #expect(cache[1] == nil)
    #expect(cache.count == 3)
    #expect(cache.statistics.hits == 2)
    #expect(cache.statistics.misses == 1)
    #expect(cache.statistics.removals.explicit == 1)
  }

  @Test("A cache of one entry always holds the last one set")
  func oneEntry() {
    var cache = UniqueCache<Int, Int>(byteLimit: 1 << 20, entryLimit: 1)
    for key in 0..<50 {
      cache[key] = key
      #expect(cache.count == 1)
      #expect(cache[key] == key)
      #expect(cache[key - 1] == nil)
    }
    #expect(cache.checkInvariants() == [])
  }

  @Test("Canonically equivalent strings are one key, and the last one set stays")
  func canonicalEquivalence() {
    var cache = UniqueCache<String, Int>(byteLimit: 1 << 20)
    #expect(cache.setValue(1, forKey: "caf\u{E9} K") == .inserted)
    #expect(cache.setValue(2, forKey: "cafe\u{301} \u{212A}") == .replaced)
    #expect(cache.count == 1)
    #expect(cache["caf\u{E9} \u{212A}"] == 2)
    #expect(
      cache.core.ringEntries.map { Array($0.key.utf8) } == [Array("cafe\u{301} \u{212A}".utf8)])
    #expect(cache.removeValue(forKey: "cafe\u{301} K") == 2)
    #expect(cache.isEmpty == true)
  }

  @Test("Keys of equal hashes are kept apart")
  func equalHashes() {
    let vocabulary = CollidingVocabulary()
    var cache = UniqueCache<CollidingVocabulary.Key, Int>(
      byteLimit: 1 << 20, heapByteCount: { _, _ in 0 })
    for number in 0..<300 { cache[vocabulary.key(number, variant: 0)] = number }
    #expect((0..<300).allSatisfy { cache[vocabulary.key($0, variant: 0)] == $0 })
    for number in stride(from: 0, to: 300, by: 2) {
      #expect(cache.removeValue(forKey: vocabulary.key(number, variant: 0)) == number)
    }
    #expect(
      (0..<300).allSatisfy { cache.contains(vocabulary.key($0, variant: 0)) == ($0 % 2 == 1) })
    #expect(cache.checkInvariants() == [])
  }
}
