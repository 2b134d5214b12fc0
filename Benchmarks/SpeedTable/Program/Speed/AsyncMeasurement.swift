import LambdaCache
import Workload

/// A hit through `value(forKey:orLoad:)` over a plain hit, from the same asynchronous function.
struct AsyncMeasurement {
  let size: Int
  let effort: Effort

  private struct UnexpectedLoad: Error {}

  func findings() async throws -> [Finding] {
    let cache = Cache<Int, Int>(byteLimit: 1 << 30, entryLimit: size)
    for index in 0..<size { cache.setValue(index, forKey: TestKeys.integer(index)) }
    let probes = TestKeys.indices(count: effort.operations, below: size, seed: 4)
      .map(TestKeys.integer)
    var plain = Samples()
    var loading = Samples()
    for _ in 0..<effort.rounds {
      for isTimed in [false, true] {
        let time = try await plainTime(cache, probes)
        if isTimed { plain.append(time) }
      }
      for isTimed in [false, true] {
        let time = try await loadingTime(cache, probes)
        if isTimed { loading.append(time) }
      }
    }
    return [
      Finding.difference(
        "hit through value(forKey:orLoad:), Int keys", size: size, of: loading, over: plain,
        named: "plain", goal: nil)
    ]
  }

  @inline(never)
  private func plainTime(_ cache: Cache<Int, Int>, _ probes: [Int]) async throws -> Double {
    var sum = 0
    let start = Stopwatch.now
    for probe in probes {
      if let value = cache.value(forKey: probe) { sum &+= value }
    }
    return finished(start: start, sum: sum, count: probes.count)
  }

  @inline(never)
  private func loadingTime(_ cache: Cache<Int, Int>, _ probes: [Int]) async throws -> Double {
    var sum = 0
    let start = Stopwatch.now
    for probe in probes {
      sum &+= try await cache.value(forKey: probe) { _ in throw UnexpectedLoad() }
    }
    return finished(start: start, sum: sum, count: probes.count)
  }

  private func finished(start: Int, sum: Int, count: Int) -> Double {
    let time = Stopwatch.now - start
    precondition(sum > 0, "nothing was found")
    return Double(time) / Double(count)
  }
}
