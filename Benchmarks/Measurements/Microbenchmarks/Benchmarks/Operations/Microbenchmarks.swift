import Benchmark
import LambdaCache
import Workload

/// The operations of the speed table one by one, for looking at their distributions.
///
/// Nothing is judged here; that is what the speed table and the regression gate are for. An
/// iteration is a thousand operations, and the figures are for one of them.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .throughput], timeUnits: .nanoseconds, warmupIterations: 100,
    scalingFactor: .kilo, maxDuration: .seconds(1), maxIterations: 20_000)
  for size in [1_000, 100_000] {
    addHits(of: TestKeys.integer, named: "Int", size: size)
    addHits(of: TestKeys.text, named: "String", size: size)
    addInsertions(of: TestKeys.integer, named: "Int", size: size)
    addInsertions(of: TestKeys.text, named: "String", size: size)
  }
  addLoads(size: 1_000)
}

/// Hits in random order.
private func addHits<Key: Hashable & Sendable & HeapSized>(
  of key: @escaping @Sendable (Int) -> Key, named name: String, size: Int
) {
  Benchmark("Dictionary hit, \(name), \(size)") { (benchmark, bench: DictionaryBench<Key>) in
    for _ in benchmark.scaledIterations { blackHole(bench.dictionary[bench.keys.next()]) }
  } setup: {
    DictionaryBench(size: size, key: key)
  }
  Benchmark("UniqueCache hit, \(name), \(size)") { (benchmark, bench: UniqueBench<Key>) in
    for _ in benchmark.scaledIterations {
      blackHole(bench.cache.pointee.value(forKey: bench.keys.next()))
    }
  } setup: {
    UniqueBench(size: size, key: key)
  }
  Benchmark("Cache hit, \(name), \(size)") { (benchmark, bench: SharedBench<Key>) in
    for _ in benchmark.scaledIterations { blackHole(bench.cache.value(forKey: bench.keys.next())) }
  } setup: {
    SharedBench(size: size, keys: .present(below: size, key), key: key)
  }
  Benchmark("Cache hit, time to live, \(name), \(size)") { (benchmark, bench: SharedBench<Key>) in
    for _ in benchmark.scaledIterations { blackHole(bench.cache.value(forKey: bench.keys.next())) }
  } setup: {
    SharedBench(
      size: size, timeToLive: .seconds(3_600), keys: .present(below: size, key), key: key)
  }
}

/// Insertions that evict.
private func addInsertions<Key: Hashable & Sendable & HeapSized>(
  of key: @escaping @Sendable (Int) -> Key, named name: String, size: Int
) {
  Benchmark("Cache evicting insert, \(name), \(size)") { (benchmark, bench: SharedBench<Key>) in
    for _ in benchmark.scaledIterations { bench.cache.setValue(1, forKey: bench.keys.next()) }
  } setup: {
    SharedBench(size: size, keys: .absent(from: size, key), key: key)
  }
}

/// Hits through the asynchronous look-up.
private func addLoads(size: Int) {
  Benchmark("Cache hit, orLoad, Int, \(size)") {
    (benchmark, bench: SharedBench<Int>) async throws in
    for _ in benchmark.scaledIterations {
      blackHole(try await bench.cache.value(forKey: bench.keys.next()) { $0 })
    }
  } setup: {
    SharedBench(size: size, keys: .present(below: size, TestKeys.integer), key: TestKeys.integer)
  }
}
