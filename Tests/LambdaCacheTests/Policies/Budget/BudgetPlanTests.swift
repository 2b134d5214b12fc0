import LambdaCache
import TestSupport
import Testing

@Suite("Dividing a budget")
struct BudgetPlanTests {
  private func limits(_ byteLimit: Int, _ requests: [BudgetRequest]) -> [Int] {
    BudgetPlan.limits(byteLimit: byteLimit, memory: 1000, requests: requests)
  }

  @Test("Automatic requests to a budget share equally what sizes leave")
  func shares() {
    #expect(limits(600, []) == [])
    #expect(limits(600, [.init()]) == [600])
    #expect(limits(600, [.init(), .init()]) == [300, 300])
    #expect(limits(600, [.init(), .init(size: .bytes(100)), .init()]) == [250, 100, 250])
    #expect(limits(600, [.init(), .init(size: .percent(25))]) == [350, 250])
    #expect(limits(0, [.init(), .init(size: .bytes(100))]) == [0, 0])
    #expect(limits(2, [.init(), .init(), .init()]) == [0, 0, 0])
  }

  @Test("Sizes that are too large together for a budget are cut in proportion")
  func cut() {
    #expect(limits(600, [.init(size: .bytes(600)), .init(size: .bytes(600))]) == [300, 300])
    #expect(limits(600, [.init(size: .bytes(900))]) == [600])
    #expect(
      limits(600, [.init(size: .bytes(300)), .init(size: .bytes(600)), .init()]) == [200, 400, 0])
    #expect(limits(600, [.init(size: .bytes(.max)), .init(size: .percent(60))]) == [300, 300])
  }

  @Test("A budget grants minimums first, maximums last")
  func bounds() {
    let floor = BudgetRequest(minimumByteCount: 100)
    let ceiling = BudgetRequest(maximumByteCount: 50)
    #expect(limits(600, [floor, .init(size: .bytes(1000))]) == [100, 500])
    #expect(limits(600, [ceiling, .init()]) == [50, 550])
    #expect(limits(600, [ceiling, ceiling]) == [50, 50])
    #expect(limits(150, [floor, .init(), .init()]) == [100, 25, 25])
    #expect(limits(120, [floor, floor, floor]) == [40, 40, 40])
    let bounded = BudgetRequest(
      size: .bytes(500), minimumByteCount: 10, maximumByteCount: 200)
    #expect(limits(600, [bounded]) == [200])
    #expect(limits(.max >> 13, [.init(minimumByteCount: .max), .init()])[1] == 0)
  }

  @Test("Weights divide what is left of a budget, lightest first")
  func weights() {
    #expect(limits(600, [.init(weight: 2), .init()]) == [400, 200])
    #expect(limits(600, [.init(weight: 0.5), .init(weight: 0.5)]) == [300, 300])
    #expect(limits(650, [.init(weight: 2), .init(), .init(size: .bytes(50))]) == [400, 200, 50])
    #expect(limits(600, [.init(maximumByteCount: 100, weight: 100), .init()]) == [100, 500])
    #expect(limits(1 << 50, [.init(weight: 100), .init(weight: 0.01)]).reduce(0, +) <= 1 << 50)
  }

  @Test(
    "A budget is never given twice, lost, or given out of order, for any requests",
    arguments: 0..<20)
  func anyRequests(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for step in 0..<100 {
      let byteLimit = Int.random(in: 0...400, using: &random)
      let requests = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        BudgetRequest.any(upTo: 200, using: &random)
      }
      let limits = limits(byteLimit, requests)
      let note: Comment = "seed \(seed), step \(step): \(byteLimit) for \(requests) -> \(limits)"
      #expect(limits == NaivePlan(byteLimit: byteLimit, memory: 1000, requests).limits, note)
      #expect(limits.reduce(0, +) <= byteLimit, note)
      let order = requests.indices.shuffled(using: &random)
      #expect(
        self.limits(byteLimit, order.map { requests[$0] }) == order.map { limits[$0] }, note)
    }
  }
}

/// The same division, by handing out levels one byte at a time.
private struct NaivePlan {
  var limits: [Int]

  init(byteLimit: Int, memory: Int, _ requests: [BudgetRequest]) {
    func ceiling(_ request: BudgetRequest) -> Int {
      min(request.maximumByteCount ?? byteLimit, byteLimit)
    }
    let minimums = requests.map { min($0.minimumByteCount, byteLimit) }
    let needed = minimums.reduce(0, +)
    limits = minimums.map { needed > byteLimit ? $0 * byteLimit / needed : $0 }
    let left = byteLimit - limits.reduce(0, +)
    let further = zip(requests, minimums).map { request, minimum in
      switch request.size {
      case .automatic: 0
      case .bytes(let byteCount): max(0, min(byteCount, ceiling(request)) - minimum)
      case .percent(let percent):
        max(0, min(Int(Double(memory) * percent / 100), ceiling(request)) - minimum)
      }
    }
    let wanted = further.reduce(0, +)
    for index in limits.indices {
      limits[index] += wanted > left ? further[index] * left / wanted : further[index]
    }
    // All automatic members that stand at the level rise together by one byte, if there is one
    // for each of them.
    for level in 0..<byteLimit {
      let rising = requests.indices.filter {
        requests[$0].size == .automatic && limits[$0] == level && limits[$0] < ceiling(requests[$0])
      }
      guard limits.reduce(0, +) + rising.count <= byteLimit else { break }
      for index in rising { limits[index] += 1 }
    }
  }
}

extension BudgetRequest {
  /// A request with sizes up to a limit.
  static func any(
    upTo limit: Int, using random: inout some RandomNumberGenerator
  ) -> BudgetRequest {
    let minimum = Bool.random(using: &random) ? 0 : Int.random(in: 0...limit / 2, using: &random)
    let size: MemorySize =
      switch Int.random(in: 0..<4, using: &random) {
      case 0: .bytes(Int.random(in: 0...limit, using: &random))
      case 1: .percent(Double(Int.random(in: 0...100, using: &random)))
      default: .automatic
      }
    let maximum =
      Bool.random(using: &random) ? nil : Int.random(in: minimum...limit * 2, using: &random)
    return BudgetRequest(size: size, minimumByteCount: minimum, maximumByteCount: maximum)
  }
}
