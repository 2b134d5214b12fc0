import TestSupport
import Testing

@testable import LambdaCache

@Suite("The byte that is kept of a load time")
struct LoadCostTests {
  @Test("A time is kept to a sixteenth, from a microsecond to an hour")
  func precision() {
    var microseconds = 1.2
    while microseconds < 3.6e9 {
      let kept = LoadCost(.nanoseconds(Int64(microseconds * 1_000))).microseconds
      // Whole microseconds are looked at.
      #expect(abs(kept - microseconds) <= microseconds / 16 + 1, "\(microseconds) is \(kept)")
      microseconds *= 1.007
    }
  }

  @Test("A longer time is never kept as a shorter one")
  func order() {
    var last = LoadCost.none
    for microseconds in stride(from: 1.0, to: 100_000, by: 1) {
      let cost = LoadCost(microseconds: microseconds)
      #expect(cost.bits >= last.bits && cost.bits > 0)
      last = cost
    }
  }

  @Test(
    "Times outside of the range are kept as its ends",
    arguments: [Duration.zero, .seconds(-5), .nanoseconds(1), .seconds(Int64.max)])
  func ends(duration: Duration) {
    let cost = LoadCost(duration)
    #expect(cost != .none)
    #expect(cost.bits == (duration > .seconds(1) ? 255 : 1))
  }

  @Test("Twice the load time counts as half the size, and no time as the size itself")
  func countedBytes() {
    for exponent in 0..<30 {
      let time = Double(1 << exponent)
      let (one, two) = (LoadCost(microseconds: time), LoadCost(microseconds: 2 * time))
      for bytes in [48, 100, 4_096, 1 << 30] {
        let (counted, half) = (one.counted(bytes), two.counted(bytes))
        if exponent > 0 { #expect(counted / 2 == half) }
        #expect(LoadCost.none.counted(bytes) == bytes)
      }
    }
    #expect(LoadCost(microseconds: 65_536).counted(1_000) == 1_000)
  }

  /// Learns load times of a hundred keys, as many times each.
  private func history(_ milliseconds: (Int) -> Double) -> LoadHistory {
    var history = LoadHistory()
    history.open()
    for round in 0..<40 {
      for key in 0..<100 {
        history.learn(
          LoadCost(microseconds: 1_000 * milliseconds(round * 100 + key)),
          hash: UInt32(key) &* 0x0101_4753)
      }
    }
    return history
  }

  @Test("Where load times of a key agree, the next one is expected to be as the last")
  func agreement() {
    // Half of the keys take 3 milliseconds, the others 40.
    var history = history { $0 % 2 == 0 ? 3 : 40 }
    defer { history.release() }
    #expect(history.reliability > 0.98)
    for milliseconds in [3.0, 40] {
      let cost = LoadCost(microseconds: 1_000 * milliseconds)
      #expect(abs(Int(history.expected(after: cost).bits) - Int(cost.bits)) <= 1)
    }
    // Eleven milliseconds are as far from the one as from the other.
    #expect((8_500...14_000).contains(history.average.microseconds), "\(history.average)")
  }

  @Test("Where they differ by chance, every load is expected to take as long as any")
  func chance() {
    var random = SplitMix64(seed: 8)
    var history = history { _ in random.oneIn(2) ? 3 : 40 }
    defer { history.release() }
    #expect(history.reliability < 0.3, "\(history.reliability)")
    let (fast, slow) = (
      history.expected(after: LoadCost(.milliseconds(3))),
      history.expected(after: LoadCost(.milliseconds(40)))
    )
    #expect(slow.microseconds < 3 * fast.microseconds, "\(fast) and \(slow)")
  }

  @Test("A value without a load time keeps that of the one it replaces, or has the average")
  func unknownTimes() {
    var costs = LoadCosts()
    #expect(costs.cost(replacing: nil) == LoadCost(.milliseconds(8)))
    for key in UInt32(1)...500 {
      costs.expect(.milliseconds(10))
      costs.learn(hash: key)
      #expect(costs.cost(replacing: nil) == LoadCost(.milliseconds(10)))
      costs.expect(nil)
      costs.learn(hash: key)
      #expect(costs.cost(replacing: nil) == LoadCost(.milliseconds(10)))
    }
    let old = LoadCost(.seconds(3))
    #expect(costs.cost(replacing: old) == old)
    costs.expect(.milliseconds(5))
    #expect(costs.cost(replacing: old) == LoadCost(.milliseconds(5)))
  }
}
