import LambdaCache
import Testing

/// The growth of an index, from its beginning to its end.
@Suite("An index that grows")
struct IndexGrowthTests {
  /// Inserts until a second table has just been opened, beside one of `homeCount` homes at least.
  private func growingCache(
    beyond homeCount: Int
  ) -> (cache: Cache<Int, Int>, count: Int, byteCount: Int) {
    let cache = Cache<Int, Int>(byteLimit: 64 << 20)
    var count = 0
    var largestStep = 0
    while largestStep < homeCount * 4 {
      let before = cache.byteCount
      cache[count] = count
      count += 1
      largestStep = cache.byteCount - before
    }
    return (cache, count, cache.byteCount)
  }

  @Test(
    "An index that grows is finished by look-ups, if nothing is inserted any more",
    arguments: [400, 1_000, 20_000])
  func readsOnly(homeCount: Int) {
    let (cache, count, byteCount) = growingCache(beyond: homeCount)
    for key in 0..<count { #expect(cache[key] == key) }
    // Nothing may be left in the old table before its last cells have been looked at: a miss asks
    // both.
    for key in 1...16 { #expect(cache[-key] == nil) }
    // The old table had two thirds of the new one's homes, 4 bytes each, or more.
    #expect(cache.byteCount <= byteCount - homeCount / 2 * 4)
    #expect(cache.checkInvariants() == [])
    #expect(cache.byteAudit.drift == 0)
  }

  @Test("An index that grows is left alone by peeks")
  func quietReads() {
    let (cache, count, byteCount) = growingCache(beyond: 1_000)
    for key in 0..<count { #expect(cache.peekValue(forKey: key) == key) }
    #expect(cache.byteCount == byteCount)
  }

  @Test(
    "An index grows by a third or a half of its homes",
    arguments: [16, 64, 100, 1_000, 70_000, 1 << 20])
  func shapes(count: Int) {
    let homes = CellShape.homeCount(atLeast: count)
    let shape = CellShape(homeCount: homes)
    #expect(homes >= count && shape.homeCount == homes)
    #expect(shape.cellCount == homes + min(homes, 64))
    let next = CellShape.homeCount(atLeast: homes + 1)
    let factor = Double(next) / Double(homes)
    #expect(homes < 128 ? factor == 2 : (4 / 3.0...1.5).contains(factor), "\(homes), \(next)")
    for hash in [0, 1, UInt32.max, 0xFC00_0000, 0x03FF_FFFF] {
      #expect(shape.home(of: hash) < UInt32(homes))
    }
    #expect(shape.home(of: 0) == 0)
    #expect(shape.home(of: .max) == UInt32(homes - 1))
  }
}
