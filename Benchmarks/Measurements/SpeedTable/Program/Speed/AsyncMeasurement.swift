import AllocationCounter
import LambdaCache
import LambdaCacheHandlers
import Workload

/// Hits through `value(forKey:orLoad:)` over plain hits, from the same asynchronous function, and
/// hits through a handler.
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
        named: "plain", goal: .atMost(15)),
      try await handlerFinding(cache, probes, plain: plain, inScope: false),
      try await handlerFinding(cache, probes, plain: plain, inScope: true),
    ]
  }

  /// Allocations of a hit through `value(forKey:orLoad:)`.
  static func allocations(count: Int) async throws -> Double {
    let measurement = AsyncMeasurement(size: 1_000, effort: .quick)
    let cache = Cache<Int, Int>(byteLimit: 1 << 30, entryLimit: measurement.size)
    for index in 0..<measurement.size { cache.setValue(index, forKey: TestKeys.integer(index)) }
    let probes = TestKeys.indices(count: count, below: measurement.size, seed: 5)
      .map(TestKeys.integer)
    // The task takes memory for its own frames once.
    _ = try await measurement.loadingTime(cache, Array(probes.prefix(10)))
    let start = allocation_count()
    _ = try await measurement.loadingTime(cache, probes)
    return Double(allocation_count() - start) / Double(probes.count)
  }

  /// A hit through a handler that is wrapped, everything but decoding the event included.
  ///
  /// - Parameter inScope: Whether the runtime has begun the invocation, or the handler has to.
  private func handlerFinding(
    _ cache: Cache<Int, Int>, _ probes: [Int], plain: Samples, inScope: Bool
  ) async throws -> Finding {
    let handler = CachedHandler(
      cache: cache, key: { (event: Int) in event },
      handler: { (_: Int, _: Int) in throw UnexpectedLoad() })
    var wrapped = Samples()
    for _ in 0..<effort.rounds {
      for isTimed in [false, true] {
        let scope = inScope ? InvocationScope() : nil
        let time = try await InvocationScope.$current.withValue(scope) {
          try await handlerTime(handler, probes)
        }
        await scope?.finish()
        if isTimed { wrapped.append(time) }
      }
    }
    return Finding.difference(
      "hit through cached(by:), " + (inScope ? "begun by the runtime" : "on its own"), size: size,
      of: wrapped, over: plain, named: "plain", goal: .atMost(1_000))
  }

  @inline(never)
  private func handlerTime(
    _ handler: CachedHandler<Int, Int, Int, Int>, _ probes: [Int]
  ) async throws -> Double {
    var sum = 0
    let start = Stopwatch.now
    for probe in probes { sum &+= try await handler.handle(probe, context: 0) }
    return finished(start: start, sum: sum, count: probes.count)
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
