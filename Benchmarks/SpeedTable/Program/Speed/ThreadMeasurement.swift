import Foundation
import LambdaCache
import Synchronization
import Workload

/// Two threads on one cache against one thread: 95 reads and 5 writes of a hundred operations, over
/// 100,000 entries.
struct ThreadMeasurement<Bench: Workbench> {
  let effort: Effort

  private var size: Int { 100_000 }
  private var goal: Double { 0.7 }

  func findings() -> [Finding] {
    let cache = Cache<Bench.Key, Int>(byteLimit: 1 << 30, entryLimit: size)
    for index in 0..<size { cache.setValue(index, forKey: Bench.key(index)) }
    let works = [2, 3].map { Work(seed: $0, count: 2 * effort.operations, size: size) }
    var one = Samples()
    var two = Samples()
    for _ in 0..<effort.generations {
      one.append(throughput(of: cache, works: [works[0]]))
      two.append(throughput(of: cache, works: works))
    }
    let finding = Finding(
      operation: "two threads, 95 % reads, \(Bench.name)", size: Format.count(size),
      measured: Format.number(two.median) + " M/s",
      against: "one thread " + Format.number(one.median) + " M/s",
      result: two.median / one.median, unit: .ratio,
      spread: Samples.combined(two, one, by: /).range, goal: .atLeast(goal))
    return [finding]
  }

  /// What one thread does.
  private struct Work: Sendable {
    let probes: Probes<Bench.Key>
    let isWrite: [Bool]

    init(seed: UInt64, count: Int, size: Int) {
      probes = Probes(
        TestKeys.indices(count: count, below: size, seed: seed).map { Bench.copy(Bench.key($0)) })
      isWrite = TestKeys.indices(count: count, below: 20, seed: seed + 100).map { $0 == 0 }
    }
  }

  /// Millions of operations a second of all threads together, from the start of the first to the
  /// end of the last.
  private func throughput(of cache: Cache<Bench.Key, Int>, works: [Work]) -> Double {
    let gate = Gate(count: works.count)
    let done = DispatchSemaphore(value: 0)
    for work in works {
      let thread = Thread {
        // Long enough for the system to give each thread a core of its own.
        _ = Bench.mixed(cache, work.probes, isWrite: work.isWrite)
        gate.pass()
        let start = Stopwatch.now
        let found = Bench.mixed(cache, work.probes, isWrite: work.isWrite)
        let end = Stopwatch.now
        gate.note(start: start, end: end)
        precondition(
          found + work.isWrite.count(where: { $0 }) == work.probes.count, "a read missed")
        done.signal()
      }
      thread.start()
    }
    for _ in works { done.wait() }
    let operations = works.reduce(0) { $0 + $1.probes.count }
    return Double(operations) / Double(gate.duration) * 1_000
  }
}

/// Lets threads start together and keeps the times of the first start and the last end.
private final class Gate: Sendable {
  private let missing: Atomic<Int>
  private let start = Atomic<Int>(.max)
  private let end = Atomic<Int>(0)

  init(count: Int) {
    missing = Atomic(count)
  }

  /// Nanoseconds from the first start to the last end.
  var duration: Int { end.load(ordering: .acquiring) - start.load(ordering: .acquiring) }

  func pass() {
    missing.subtract(1, ordering: .acquiringAndReleasing)
    while missing.load(ordering: .acquiring) > 0 {}
  }

  func note(start: Int, end: Int) {
    self.start.min(start, ordering: .acquiringAndReleasing)
    self.end.max(end, ordering: .acquiringAndReleasing)
  }
}
