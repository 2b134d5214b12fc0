import LambdaCache
import Workload

/// A million entries that expire at one instant: what a single operation has to do for it, and what
/// is left after as many operations as there were entries.
struct MassExpiry {
  let effort: Effort

  private var size: Int { 1_000_000 }
  /// Milliseconds that no operation should exceed.
  private var goal: Double { 0.1 }

  /// A kind of cache and of expiry.
  private enum Kind: String, CaseIterable {
    case fixed = "one time to live"
    case individual = "times to live of their own"
    case idle = "an idle time to live"
    case text = "one time to live, String values"
  }

  func findings() -> [Finding] {
    Kind.allCases.flatMap { kind in
      kind == .text
        ? findings(of: kind, value: { String(repeating: "v", count: 40 + $0 % 40) })
        : findings(of: kind, value: { $0 })
    }
  }

  private func findings<Value: HeapSized & Sendable>(
    of kind: Kind, value: (Int) -> Value
  ) -> [Finding] {
    var least = [Int](repeating: .max, count: size)
    var times = [Int](repeating: 0, count: size)
    var greatest = Samples()
    var left = 0
    for _ in 0..<effort.repetitions {
      left = expire(kind, value: value, times: &times)
      for index in least.indices { least[index] = min(least[index], times[index]) }
      greatest.append(Double(times.max() ?? 0) / 1e6)
    }
    return [
      Finding(
        operation: "longest operation after all expire: \(kind.rawValue)",
        size: Format.count(size),
        measured: "with interruptions \(Format.milliseconds(greatest.median))", against: "",
        result: Double(least.max() ?? 0) / 1e6, unit: .milliseconds, spread: nil,
        goal: .atMost(goal)),
      Finding(
        operation: "bytes left after as many operations", size: Format.count(size), measured: "",
        against: "", result: Double(left), unit: .bytes, spread: nil, goal: .atMost(0)),
    ]
  }

  /// - Returns: The bytes that expired entries take after as many look-ups as there were entries.
  @inline(never)
  private func expire<Value: HeapSized & Sendable>(
    _ kind: Kind, value: (Int) -> Value, times: inout [Int]
  ) -> Int {
    let clock = ManualClock()
    let expiration: Expiration =
      switch kind {
      case .fixed, .text: Expiration(timeToLive: .seconds(3_600))
      case .individual: Expiration()
      case .idle: Expiration(idleTimeToLive: .seconds(3_600))
      }
    let cache = Cache<Int, Value>(byteLimit: 1 << 30) {
      $0.expiration = expiration
      $0.clock = clock
    }
    for index in 0..<size {
      // Out of order, so that they wait in the timing wheel.
      let timeToLive: Duration? =
        kind == .individual ? .milliseconds(3_600_000 - (index * 7_919) % 60_000) : nil
      cache.setValue(value(index), forKey: index, timeToLive: timeToLive)
    }
    precondition(cache.count == size, "the cache has \(cache.count) entries instead of \(size)")
    clock.advance(by: .seconds(7_200))
    for index in 0..<size {
      let start = Stopwatch.now
      let found = cache.value(forKey: -1 - index)
      times[index] = Stopwatch.now - start
      precondition(found == nil, "a key that was never set has a value")
    }
    return cache.count == 0 ? 0 : cache.byteCount
  }
}
