import LambdaCache
import Testing

/// Bytes of what is kept beside entries.
@Suite("Bytes beside the entries")
struct TagBytesTests {
  private func tagged(byteLimit: Int = 1 << 20) -> Cache<Int, String> {
    Cache(byteLimit: byteLimit) {
      $0.tags = { _, value in value.split(separator: " ").map(String.init) }
    }
  }

  @Test("Long names of tags are counted, and are given back with the last entry that has them")
  func names() {
    let cache = tagged()
    for key in 0..<100 { cache[key] = "x" }
    let before = cache.byteCount
    let name = String(repeating: "n", count: 1_000)
    // A value's own bytes are those of the name as well.
    for key in 0..<100 { cache.setTags(["\(name)-\(key)"], forKey: key) }
    #expect((100_000...130_000).contains(cache.byteCount - before), "\(cache.byteCount - before)")
    #expect(cache.checkInvariants() == [])
    for key in 0..<100 { cache.setTags([], forKey: key) }
    #expect(cache.byteCount - before < 20_000, "\(cache.byteCount - before) bytes of no tags")
    for round in 0..<20 {
      for key in 0..<100 { cache.setTags(["\(name)-\(round)-\(key)"], forKey: key) }
    }
    #expect(cache.byteCount - before < 150_000, "\(cache.byteCount - before)")
  }

  @Test("Names of tags never make a small cache larger than its limit")
  func smallCache() {
    let cache = tagged(byteLimit: 64 << 10)
    for key in 0..<500 {
      cache.setValue("", forKey: key)
      cache.setTags([String(repeating: "n", count: 1_000) + "\(key)"], forKey: key)
      #expect(cache.byteCount <= 64 << 10)
    }
    // Half a megabyte of names has gone through it.
    #expect(cache.count < 65)
    #expect(cache.byteLimit == 64 << 10)
  }

  @Test("The limit, the statistics and the bytes in use agree, with tags and without")
  func agreement() {
    let cache = tagged(byteLimit: 200_000)
    for key in 0..<200 { cache[key] = "tag-\(key % 7) other-\(key)" }
    #expect(cache.byteLimit == 200_000)
    #expect(cache.statistics.byteCount == cache.byteCount)
    #expect(cache.budgetSample.byteCount == cache.byteCount)
    #expect(cache.byteAudit.drift == 0)
    cache.removeAll()
    #expect(cache.byteLimit == 200_000)
    #expect(cache.byteCount == 0)
    #expect(cache.statistics.byteCount == 0)
  }

  @Test("Bytes that tags took are given back to the entries")
  func givenBack() {
    let cache = tagged(byteLimit: 100_000)
    func fill() -> Int {
      for key in 0..<5_000 { cache[key] = "" }
      return cache.count
    }
    let untagged = fill()
    for _ in 0..<3 {
      for key in 0..<5_000 { cache.setTags(["a-\(key)", "b-\(key % 3)"], forKey: key) }
      for key in 0..<5_000 { cache[key] = "" }
      #expect(fill() >= untagged * 9 / 10)
      #expect(cache.byteLimit == 100_000)
    }
  }

  @Test("Tags that are gone leave no table behind that was made for thousands")
  func shrinking() {
    let cache = tagged(byteLimit: 8 << 20)
    for key in 0..<20_000 { cache[key] = "" }
    let before = cache.byteCount
    for key in 0..<20_000 { cache.setTags(["tag-\(key % 3)"], forKey: key) }
    let full = cache.byteCount - before
    #expect(full > 400_000)
    for key in 0..<19_900 { cache[key] = "" }
    #expect(cache.byteCount - before < full / 10, "\(cache.byteCount - before) of \(full) bytes")
    #expect(cache.removeAll(tagged: "tag-0") > 0)
    #expect(cache.checkInvariants() == [])
  }

  @Test("An entry whose tags do not fit is rejected, and counts as such")
  func rejection() {
    let cache = tagged(byteLimit: 6_000)
    let many = (0..<200).map { "tag-\($0)" }.joined(separator: " ")
    #expect(cache.setValue("", forKey: 1) == .inserted)
    let before = cache.statistics.rejections
    #expect(cache.setValue(many, forKey: 1, heapByteCount: 0) == .rejected)
    #expect(cache.statistics.rejections == before + 1)
    #expect(cache[1] == nil)
  }

  @Test("An entry whose tags nearly fit is one rejection or none")
  func nearRejection() {
    var isRejected: [Bool] = []
    for count in 0..<200 {
      let cache = tagged(byteLimit: 6_000)
      let tags = (0..<count).map { "tag-\($0)" }.joined(separator: " ")
      let outcome = cache.setValue(tags, forKey: 1, heapByteCount: 0)
      isRejected.append(outcome == .rejected)
      #expect(cache.statistics.rejections == (outcome == .rejected ? 1 : 0), "\(count) tags")
      #expect(cache.contains(1) == (outcome != .rejected), "\(count) tags")
    }
    #expect(isRejected.first == false && isRejected.last == true)
  }

  @Test("A limit below the bytes of tags makes the tags go with their entries")
  func loweredLimit() {
    let cache = tagged(byteLimit: 1 << 20)
    for key in 0..<2_000 { cache[key] = "a-\(key) b-\(key)" }
    cache.byteLimit = 20_000
    #expect(cache.byteCount <= 20_000)
    #expect(cache.byteLimit == 20_000)
    #expect(cache.checkInvariants() == [])
    cache[1] = "still here"
    #expect(cache.tags(forKey: 1).count == 2)
    #expect(cache.removeAll(tagged: "here") == 1)
  }

  @Test("Failures take no more than an eighth of a small cache")
  func failures() async throws {
    struct Missing: ClassifiedError {
      var loadErrorClass: LoadErrorClass { .notFound }
    }
    let cache = Cache<Int, Int>(byteLimit: 16_000) {
      $0.loading.negativeTimeToLive = .seconds(600)
      $0.loading.failureByteLimit = 1 << 20
    }
    for key in 0..<100 { cache[key] = key }
    let before = cache.count
    for key in 1_000..<2_000 {
      _ = try? await cache.value(forKey: key) { _ in throw Missing() }
      #expect(cache.byteCount <= 16_000)
    }
    #expect(cache.count >= before * 3 / 4, "\(cache.count) of \(before) entries are left")
    #expect(cache.byteAudit.drift == 0)
  }

  @Test("The structure follows the number of entries: a third of the slots is not kept free")
  func structure() {
    let cache = Cache<Int, Int>(byteLimit: 64 << 20)
    for key in 0..<40_000 { cache[key] = key }
    let slots = cache.byteCount
    for key in 0..<19_900 { cache.removeValue(forKey: key) }
    // Nearly half of them are gone. A quarter of the slots may stay free, and the index does not
    // shrink yet.
    #expect(cache.byteCount < slots * 92 / 100, "\(cache.byteCount) of \(slots) bytes")
    #expect(cache.checkInvariants() == [])
  }
}
