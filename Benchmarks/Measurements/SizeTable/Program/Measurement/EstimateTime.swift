import LambdaCache

/// How long it takes to estimate a value.
struct EstimateTime {
  let rounds: Int

  /// The median of all rounds, each of them the average over a thousand different values.
  func nanoseconds<Value: HeapSized>(_ make: (Int) -> Value) -> Double {
    let values = (0..<1_000).map(make)
    let passes = passCount(values)
    var times: [Double] = []
    for _ in 0..<rounds {
      var byteCount = 0
      let duration = ContinuousClock().measure {
        for _ in 0..<passes { byteCount &+= Self.byteCount(of: values) }
      }
      blackHole(byteCount)
      times.append(duration / .nanoseconds(1) / Double(passes * values.count))
    }
    return times.sorted()[rounds / 2]
  }

  /// How often all values are estimated in a round of about two milliseconds.
  private func passCount<Value: HeapSized>(_ values: [Value]) -> Int {
    var byteCount = 0
    let duration = ContinuousClock().measure {
      for _ in 0..<3 { byteCount &+= Self.byteCount(of: values) }
    }
    blackHole(byteCount)
    return max(1, min(200, Int(.milliseconds(2) / (duration / 3))))
  }

  private static func byteCount<Value: HeapSized>(of values: [Value]) -> Int {
    var byteCount = 0
    for value in values { byteCount &+= value.heapByteCount }
    return byteCount
  }
}

/// Keeps the optimizer from leaving out an unused result.
@inline(never)
private func blackHole(_ value: Int) {}
