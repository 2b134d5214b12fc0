import LambdaCache
import Workload

/// Growth from nothing to a million entries: all of it, and the longest single insertion.
struct GrowthMeasurement {
  let effort: Effort

  private var size: Int { 1_000_000 }
  /// Milliseconds that no insertion should exceed.
  private var goal: Double { 1 }

  func findings() -> [Finding] {
    let keys = (0..<size).map(TestKeys.integer)
    var total = Samples()
    var dictionaryTotal = Samples()
    for _ in 0..<effort.repetitions {
      total.append(Double(fillCache(keys)) / 1e6)
      dictionaryTotal.append(Double(fillDictionary(keys)) / 1e6)
    }
    let ours = longest { insertionTimes(keys, into: &$0) }
    let theirs = longest { dictionaryInsertionTimes(keys, into: &$0) }
    return [
      Finding(
        operation: "growth from nothing, Int keys", size: Format.count(size),
        measured: Format.milliseconds(total.median),
        against: "Dictionary \(Format.milliseconds(dictionaryTotal.median))",
        result: total.median / dictionaryTotal.median, unit: .ratio,
        spread: Samples.combined(total, dictionaryTotal, by: /).range, goal: nil),
      Finding(
        operation: "its longest single insertion", size: Format.count(size),
        measured: "with interruptions \(Format.milliseconds(ours.interrupted))",
        against: "Dictionary \(Format.milliseconds(theirs.own))", result: ours.own,
        unit: .milliseconds, spread: nil, goal: .atMost(goal)),
    ]
  }

  /// The longest insertion in milliseconds, twice: `own` is what it takes whenever it is done, the
  /// least of all runs for each insertion; `interrupted` is the median of the runs' longest, with
  /// whatever the system did meanwhile.
  private func longest(_ run: (inout [Int]) -> Void) -> (own: Double, interrupted: Double) {
    var least = [Int](repeating: .max, count: size)
    var times = [Int](repeating: 0, count: size)
    var greatest = Samples()
    for _ in 0..<effort.repetitions {
      run(&times)
      for index in least.indices { least[index] = min(least[index], times[index]) }
      greatest.append(Double(times.max() ?? 0) / 1e6)
    }
    return (Double(least.max() ?? 0) / 1e6, greatest.median)
  }

  @inline(never)
  private func fillCache(_ keys: [Int]) -> Int {
    let start = Stopwatch.now
    let cache = Cache<Int, Int>(byteLimit: 1 << 30)
    for index in keys.indices { cache.setValue(index, forKey: keys[index]) }
    let time = Stopwatch.now - start
    precondition(cache.count == size, "the cache has \(cache.count) entries instead of \(size)")
    return time
  }

  @inline(never)
  private func fillDictionary(_ keys: [Int]) -> Int {
    let start = Stopwatch.now
    var dictionary: [Int: Int] = [:]
    for index in keys.indices { dictionary[keys[index]] = index }
    let time = Stopwatch.now - start
    precondition(dictionary.count == size, "the dictionary has \(dictionary.count) entries")
    return time
  }

  @inline(never)
  private func insertionTimes(_ keys: [Int], into times: inout [Int]) {
    let cache = Cache<Int, Int>(byteLimit: 1 << 30)
    for index in keys.indices {
      let start = Stopwatch.now
      cache.setValue(index, forKey: keys[index])
      times[index] = Stopwatch.now - start
    }
  }

  @inline(never)
  private func dictionaryInsertionTimes(_ keys: [Int], into times: inout [Int]) {
    var dictionary: [Int: Int] = [:]
    for index in keys.indices {
      let start = Stopwatch.now
      dictionary[keys[index]] = index
      times[index] = Stopwatch.now - start
    }
  }
}
