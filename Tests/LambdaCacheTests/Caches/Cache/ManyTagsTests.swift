import LambdaCache
import Synchronization
import TestSupport
import Testing

/// A test whose work were not linear would not end in time.
@Suite("Many tags, and entries with a tag", .timeLimit(.minutes(10)))
struct ManyTagsTests {
  private func names(_ range: Range<Int>) -> [String] { range.map { "tag number \($0)" } }

  @Test("Many tags are set, replaced and removed in linear time, given once or twice")
  func linear() {
    let cache = Cache<Int, Int>(byteLimit: 256 << 20) {
      $0.tags = { key, value in (0..<2).flatMap { _ in names(value..<value + key) } }
    }
    cache[20_000] = 0
    #expect(cache.tags(forKey: 20_000).count == 20_000)
    cache[20_000] = 10_000
    #expect(cache.removeAll(tagged: "tag number 9999") == 0)
    #expect(cache.setTags(names(0..<20_000), forKey: 20_000))
    #expect(cache.checkInvariants() == [])
    #expect(cache.removeAll(tagged: "tag number 19999") == 1)
    #expect(cache.isEmpty && cache.checkInvariants() == [])
  }

  @Test("Many tags that have no room are refused before any entry is evicted for them")
  func refused() {
    let cache = Cache<Int, Int>(byteLimit: 64 << 10) {
      $0.tags = { _, value in value > 0 ? names(0..<value) : [] }
    }
    for key in 0..<500 { cache[key] = 0 }
    let byteCount = cache.byteCount
    #expect(cache.setValue(200_000, forKey: 500) == .rejected)
    #expect(cache.value(forKey: 501) { 4_000 } == 4_000)
    #expect(cache.count == 500 && cache.byteCount == byteCount)
    #expect(cache.setValue(4_000, forKey: 0) == .rejected)
    #expect(cache[0] == nil && cache.count == 499)
    #expect(!cache.setTags(names(0..<4_000), forKey: 1))
    #expect(cache[1] == nil && cache.count == 498)
    #expect(cache.statistics.rejections == 3)
    #expect(cache.checkInvariants() == [])
  }

  @Test("Many tags count with the bytes of their names, which a cache has no room for twice")
  func nameBytes() {
    let long = String(repeating: "a long name ", count: 1_000)
    let cache = Cache<Int, Int>(byteLimit: 1 << 20)
    for key in 0..<20 {
      cache[key] = key
      let (byteCount, isKept) = (cache.byteCount, cache.setTags([long + "\(key)"], forKey: key))
      #expect(isKept && cache.byteCount > byteCount + 12_000)
      #expect(cache.byteAudit.drift == 0)
    }
    cache.byteLimit = 64 << 10
    #expect((0..<6).contains(cache.count) && cache.byteCount <= 64 << 10)
    #expect(cache.byteAudit.drift == 0)
    cache[99] = 99
    #expect(!cache.setTags((0..<40).map { long + "\($0)" }, forKey: 99))
    #expect(cache[99] == nil && cache.byteCount <= 64 << 10)
    cache.removeAll()
    #expect(cache.byteCount == 0)
  }

  @Test("Entries with one tag are removed while others use the cache")
  func removalInSteps() {
    let counts = Mutex<Set<Int>>([])
    let itself = Mutex<Cache<Int, Int>?>(nil)
    let cache = Cache<Int, Int>(byteLimit: 64 << 20) {
      $0.tags = { key, _ in key.isMultiple(of: 2) || key < 3 ? ["even", "all"] : ["all"] }
      $0.onRemoval = { key, _, _ in
        let cache = itself.withLock { $0 }
        counts.withLock { _ = $0.insert(cache?.count ?? 0) }
        // An entry set meanwhile with the tag goes as well, or stays.
        if key < 3 { cache?.setValue(key, forKey: key + 100_000) }
      }
    }
    itself.withLock { $0 = cache }
    for key in 0..<20_000 { cache[key] = key }
    let removed = cache.removeAll(tagged: "even")
    #expect((10_001...10_003).contains(removed))
    #expect(counts.withLock { $0.count } > 30)
    #expect((0...2).contains(cache.removeAll(tagged: "even")))
    #expect(cache.removeAll(tagged: "even") == 0)
    #expect((9_999...10_002).contains(cache.removeAll(tagged: "all")))
    #expect(cache.count <= 3 && cache.checkInvariants() == [])
    itself.withLock { $0 = nil }
  }

  @Test("Many tags cost an operation only its own work and bytes, as they come and go")
  func bounded() {
    let cache = Cache<Int, Int>(byteLimit: 64 << 20)
    let count = 4_000
    for key in 0..<count { cache[key] = key }
    var (visits, bytes) = (cache.tagVisitCount, cache.byteCount)
    func step(_ number: Int) {
      let (moreVisits, moreBytes) = (cache.tagVisitCount - visits, abs(cache.byteCount - bytes))
      #expect(moreVisits < 64 && moreBytes < 8 << 10, "\(moreVisits), \(moreBytes) at \(number)")
      (visits, bytes) = (cache.tagVisitCount, cache.byteCount)
    }
    let before = bytes
    for key in 0..<count {
      cache.setTags(["tag \(key)"], forKey: key)
      step(key)
    }
    let most = bytes - before
    for key in 0..<count where key % 10 != 0 {
      cache.setTags([], forKey: key * 7 % count)
      step(key)
    }
    // A tenth is left, here and there; what numbers them stays until all are gone.
    #expect(bytes - before < most / 4, "\(bytes - before) of \(most) bytes")
    #expect(cache.checkInvariants() == [])
    for key in 0..<count { cache.setTags([], forKey: key) }
    #expect(cache.byteCount - before < 4 << 10, "\(cache.byteCount - before)")
    #expect(cache.checkInvariants() == [])
  }

  @Test("Many tags take the place of no more entries than they must")
  func gradual() {
    let cache = Cache<Int, Int>(byteLimit: 512 << 10) {
      $0.tags = { key, _ in (0..<30).map { "\(key) \($0)" } }
    }
    var most = 0
    for key in 0..<1_000 {
      let before = cache.statistics.evictions
      cache[key] = key
      most = max(most, cache.statistics.evictions - before)
    }
    #expect(most < 16, "\(most) entries left for one")
    #expect(cache.count > 100 && cache.checkInvariants() == [])
  }

  @Test(
    "Many tags have room in the place of the coldest entries, for as long as entries are written")
  func newestStay() {
    let cache = Cache<Int, Int>(byteLimit: 1 << 20) {
      $0.tags = { key, _ in (0..<30).map { "\(key) \($0)" } }
    }
    for key in 0..<3_000 { #expect(cache.setValue(key, forKey: key) == .inserted) }
    #expect(cache[2_999] == 2_999 && cache[0] == nil && cache.count > 100)
    #expect(cache.byteAudit.drift == 0)
    #expect(cache.checkInvariants() == [])
  }

  @Test("Entries that are written again during the removal of a tag do not prolong the removal")
  func rewriting() {
    let cache = Cell<Cache<Int, Int>?>(nil)
    cache.value = Cache(byteLimit: 4 << 20) {
      $0.tags = { _, _ in ["all"] }
      $0.onRemoval = { key, value, cause in
        if cause == .explicit { cache.value?.setValue(value + 1, forKey: key) }
      }
    }
    for key in 0..<1_000 { cache.value?[key] = 0 }
    #expect(cache.value?.removeAll(tagged: "all") == 1_000)
    #expect(cache.value?.count == 1_000 && cache.value?[999] == 1)
    cache.value = nil
  }

  @Test("Many tags give the bytes of long names back with the entries that had them")
  func longNames() {
    let cache = Cache<Int, Int>(byteLimit: 8 << 20)
    for key in 0..<4 {
      cache[key] = key
      #expect(cache.setTags([String(repeating: "t", count: 1 << 20) + "\(key)"], forKey: key))
    }
    for key in 0..<3 { cache.removeValue(forKey: key) }
    cache[9] = 9
    #expect(cache.byteCount < 2 << 20)
    #expect(cache.byteAudit.drift == 0)
  }
}

private final class Cell<Value>: @unchecked Sendable {
  var value: Value
  init(_ value: Value) { self.value = value }
}
