import TestSupport
import Testing

@testable import LambdaCache

@Suite("Shadows of a cache")
struct ShadowCacheTests {
  @Test("In the mode of the least recently used entry a shadow hits exactly what that keeps")
  func leastRecentlyUsed() {
    var random = SplitMix64(seed: 1)
    var shadow = ShadowCache(mode: .leastRecentlyUsed, capacity: 128)
    defer { shadow.release() }
    shadow.limit = 1_000
    var model: [(key: UInt32, size: UInt32)] = []
    for _ in 0..<20_000 {
      let key = UInt32(random.number(1...60))
      let found = model.firstIndex { $0.key == key }
      #expect(shadow.access(key) == (found != nil))
      if let found {
        model.insert(model.remove(at: found), at: 0)
      } else {
        let size = UInt32(random.number(1...100))
        shadow.insert(key, size: size)
        model.insert((key, size), at: 0)
        while model.reduce(0, { $0 + Int($1.size) }) > 1_000 { model.removeLast() }
      }
    }
    #expect(shadow.count == model.count)
    #expect(shadow.coldestHash == model.last?.key)
    #expect(shadow.checkInvariants(sampleMask: 0) == [])
  }

  @Test("Shadows keep their limits and their structure", arguments: EvictionMode.allCases)
  func invariants(mode: EvictionMode) {
    var random = SplitMix64(seed: 2)
    var shadow = ShadowCache(mode: mode, capacity: 40)
    defer { shadow.release() }
    for step in 0..<20_000 {
      let key = UInt32(random.number(1...200)) << 3
      switch random.number(0...9) {
      case 0: shadow.remove(key)
      case 1: shadow.limit = random.number(0...30_000)
      default:
        if !shadow.access(key) { shadow.insert(key, size: UInt32(1 << random.number(0...12))) }
      }
      if step % 16 == 0 {
        #expect(shadow.checkInvariants(sampleMask: 7) == [])
      }
    }
    shadow.removeAll(notMatching: 15)
    #expect(shadow.checkInvariants(sampleMask: 15) == [])
    #expect(shadow.count > 0)
  }

  @Test(
    "A shadow hits what the rules say one step after the other",
    arguments: EvictionMode.allCases, [1, 2, 5])
  func rules(mode: EvictionMode, sizeCount: Int) {
    var random = SplitMix64(seed: 4)
    var shadow = ShadowCache(mode: mode, capacity: 128)
    var model = ShadowModel(mode: mode, capacity: 128)
    defer {
      shadow.release()
      model.release()
    }
    var hits = 0
    for step in 0..<2_000 {
      if step % 7 == 0 {
        // As the bytes of a sample, which come and go by chance.
        shadow.limit = 3_000 + 50 * random.number(0...step % 40)
        model.limit = shadow.limit
      }
      // Most of one kind is asked for in turn, as by a scan, and some keys again and again.
      let key = UInt32(random.number(0...2) == 0 ? random.number(1...30) : 100 + step / 3 % 400)
      let isHit = shadow.access(key)
      #expect(isHit == model.access(key), "\(key) in step \(step)")
      hits += isHit ? 1 : 0
      if !isHit {
        let size = UInt32(50 << (Int(key) % sizeCount))
        shadow.insert(key, size: size)
        model.insert(key, size: size)
      }
      if step % 20 == 0 {
        #expect(shadow.count == model.count && shadow.size == model.size, "in step \(step)")
      }
    }
    #expect(hits > 200 && hits < 1_500)
    #expect(shadow.checkInvariants(sampleMask: 0) == [])
  }

  @Test("Where sizes count, small entries stay that large ones would push out")
  func sizes() {
    var hits: [EvictionMode: Int] = [:]
    for mode in [EvictionMode.useCounts, .useCountsAndSizes] {
      var random = SplitMix64(seed: 3)
      var shadow = ShadowCache(mode: mode, capacity: 128)
      defer { shadow.release() }
      shadow.limit = 2_000
      for _ in 0..<5_000 {
        // Thirty small keys fit together, and with one of three large ones half of them do.
        let key = UInt32(random.number(1...33))
        if shadow.access(key) {
          hits[mode, default: 0] += 1
        } else {
          shadow.insert(key, size: key > 30 ? 1_000 : 50)
        }
      }
    }
    #expect(hits[.useCountsAndSizes]! > hits[.useCounts]! * 5 / 4, "\(hits)")
  }
}
