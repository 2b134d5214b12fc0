import Testing
import Workload

@testable import UserLookup

@Suite("A Zipf stream")
struct ZipfDistributionTests {
  @Test(
    "A Zipf stream draws each rank in proportion to its power of the exponent",
    arguments: [0.0, 0.5, 1.0, 1.5, 3.0])
  func frequencies(exponent: Double) {
    let distribution = ZipfDistribution(count: 8, exponent: exponent)
    var generator = SplitMix64(seed: 42)
    var counts = [Int](repeating: 0, count: 8)
    let draws = 100_000
    for _ in 0..<draws {
      counts[distribution.rank(using: &generator)] += 1
    }
    // 1/k^e as a product of square roots, so that nothing is shared with the tested code.
    let weights = (1...8).map { rank in
      (0..<Int(exponent * 2)).reduce(1.0) { weight, _ in weight / Double(rank).squareRoot() }
    }
    let sum = weights.reduce(0, +)
    for (count, weight) in zip(counts, weights) {
      let share = weight / sum
      let deviation = (Double(draws) * share * (1 - share)).squareRoot()
      #expect(abs(Double(count) - Double(draws) * share) < 5 * deviation)
    }
  }

  @Test("A Zipf stream over one user asks for that user only")
  func oneRank() {
    let distribution = ZipfDistribution(count: 1, exponent: 1)
    var generator = SplitMix64(seed: 1)
    #expect((0..<100).allSatisfy { _ in distribution.rank(using: &generator) == 0 })
  }

  @Test("A Zipf stream is the same for the same seed and another one for another seed")
  func seeds() {
    let distribution = ZipfDistribution(count: 1000, exponent: 1)
    func draw(seed: UInt64) -> [Int] {
      var generator = SplitMix64(seed: seed)
      return (0..<100).map { _ in distribution.rank(using: &generator) }
    }
    #expect(draw(seed: 7) == draw(seed: 7))
    #expect(draw(seed: 7) != draw(seed: 8))
  }
}

@Suite("The scatter of users")
struct UserScatterTests {
  @Test(
    "The scatter of users reaches every user exactly once",
    arguments: [1, 2, 3, 4, 10, 1000, 4096, 6765, 200_000])
  func permutation(userCount: Int) {
    let scatter = UserScatter(userCount: userCount)
    let users = Set((0..<userCount).map { scatter.user(at: $0) })
    #expect(users.count == userCount)
    #expect(users.min() == 0)
    #expect(users.max() == userCount - 1)
  }
}
