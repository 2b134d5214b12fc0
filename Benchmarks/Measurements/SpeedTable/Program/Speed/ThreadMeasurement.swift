import Foundation
import LambdaCache
import Synchronization
import Workload

/// Two threads on one cache against one thread, over 100,000 entries: 95 reads and 5 writes of a
/// hundred operations; and reads that move nothing, which share the lock but write no entry's
/// links.
struct ThreadMeasurement<Bench: Workbench> {
  let effort: Effort

  private var size: Int { 100_000 }
  private var goal: Double { 0.7 }

  func findings() -> [Finding] {
    let cache = Cache<Bench.Key, Int>(byteLimit: 1 << 30, entryLimit: size)
    for index in 0..<size { cache.setValue(index, forKey: Bench.key(index)) }
    let works = [2, 3].map { Work(seed: $0, count: 2 * effort.operations, size: size) }
    let mixed = finding("95 % reads", works) {
      Bench.mixed(cache, $0.probes, isWrite: $0.isWrite) + $0.writeCount
    }
    let quiet = finding("quiet reads", works) { Bench.quietReads(cache, $0.probes) }
    return [mixed, quiet.unjudged] + hits(works, exact: cache)
  }

  /// Reads alone, of an exact cache and of an adaptive one, which writes no links for a hit.
  private func hits(_ works: [Work], exact: Cache<Bench.Key, Int>) -> [Finding] {
    let adaptive = Cache<Bench.Key, Int>(byteLimit: 1 << 30, entryLimit: size, policy: .adaptive)
    for index in 0..<size { adaptive.setValue(index, forKey: Bench.key(index)) }
    let none = [Bool](repeating: false, count: works[0].probes.count)
    let ofExact = throughputs(works) { Bench.mixed(exact, $0.probes, isWrite: none) }
    let ofAdaptive = throughputs(works) { Bench.mixed(adaptive, $0.probes, isWrite: none) }
    return [
      row("two threads, hits, adaptive policy, \(Bench.name)", ofAdaptive, goal: .atLeast(1)),
      Finding(
        operation: "two threads, hits, adaptive policy, \(Bench.name)",
        size: Format.count(size),
        measured: Format.number(ofAdaptive.two.median) + " M/s",
        against: "Cache " + Format.number(ofExact.two.median) + " M/s",
        result: ofAdaptive.two.median / ofExact.two.median, unit: .ratio,
        spread: Samples.combined(ofAdaptive.two, ofExact.two, by: /).range, goal: .atLeast(1.5)),
    ]
  }

  /// - Parameter loop: Does some work on the cache, and returns how many of its operations found or
  ///   wrote what they were meant to.
  private func finding(
    _ what: String, _ works: [Work], loop: @escaping @Sendable (Work) -> Int
  ) -> Finding {
    row("two threads, \(what), \(Bench.name)", throughputs(works, loop), goal: .atLeast(goal))
  }

  /// The throughputs of the first work alone, and of all.
  private func throughputs(
    _ works: [Work], _ loop: @escaping @Sendable (Work) -> Int
  ) -> (one: Samples, two: Samples) {
    var (one, two) = (Samples(), Samples())
    for _ in 0..<effort.generations {
      one.append(throughput(of: [works[0]], loop))
      two.append(throughput(of: works, loop))
    }
    return (one, two)
  }

  private func row(
    _ name: String, _ throughputs: (one: Samples, two: Samples), goal: Finding.Goal
  ) -> Finding {
    let (one, two) = throughputs
    return Finding(
      operation: name, size: Format.count(size),
      measured: Format.number(two.median) + " M/s",
      against: "one thread " + Format.number(one.median) + " M/s",
      result: two.median / one.median, unit: .ratio,
      spread: Samples.combined(two, one, by: /).range, goal: goal)
  }

  /// The work of one thread.
  private struct Work: Sendable {
    let probes: Probes<Bench.Key>
    let isWrite: [Bool]
    let writeCount: Int

    init(seed: UInt64, count: Int, size: Int) {
      probes = Probes(
        TestKeys.indices(count: count, below: size, seed: seed).map { Bench.copy(Bench.key($0)) })
      isWrite = TestKeys.indices(count: count, below: 20, seed: seed + 100).map { $0 == 0 }
      writeCount = isWrite.count(where: { $0 })
    }
  }

  /// Millions of operations a second of all threads together, from the start of the first to the
  /// end of the last.
  private func throughput(of works: [Work], _ loop: @escaping @Sendable (Work) -> Int) -> Double {
    let gate = Gate(count: works.count)
    let done = DispatchSemaphore(value: 0)
    for work in works {
      let thread = Thread {
        // Long enough for the system to give each thread a core of its own.
        _ = loop(work)
        gate.pass()
        let start = Stopwatch.now
        let found = loop(work)
        let end = Stopwatch.now
        gate.note(start: start, end: end)
        precondition(found == work.probes.count, "a read missed")
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
