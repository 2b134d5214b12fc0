import Workload

/// Requests in the order of their times, one array for each property.
package struct RequestLog: Sendable {
  /// The hash of each request's key.
  package var keys: [UInt64] = []
  /// The bytes that the key and the value of each request own on the heap, as the allocator rounds
  /// them.
  package var heapBytes: [UInt32] = []
  /// When each request arrived, in milliseconds since 1970; empty if the log has no times.
  package var times: [Int64] = []
  /// How long each request's load took in microseconds, 0 where that is not known; empty if it is
  /// known of none.
  package var loadMicroseconds: [UInt32] = []
  /// The part of all keys that is here, from 0 to 1.
  package var sampleRate = 1.0
  /// The part of all keys that the log was recorded of, from 0 to 1.
  package var recordedRate = 1.0
  /// The requests that were read, those of keys outside the sample included.
  package var requestsRead = 0
  /// Whether the log is made up, and not recorded.
  package var isSynthetic = false
  /// Whether the times are made up.
  package var hasAssumedTimes = false
  /// Whether requests of one second were spread over it.
  package var hasSpreadTimes = false
  /// Whether the sizes are made up.
  package var hasAssumedSizes = false

  /// The bytes of a request whose value no cache keeps: its load failed, or nothing was stored.
  package static let neverStored = UInt32.max

  package init() {}

  package var count: Int { keys.count }
  package var isEmpty: Bool { keys.isEmpty }

  /// The milliseconds between the first and the last request; 0 without times.
  package var spanMilliseconds: Int64 {
    guard let first = times.first, let last = times.last else { return 0 }
    return last - first
  }

  /// The requests of a range, in a log of their own.
  package func slice(_ range: Range<Int>) -> RequestLog {
    var part = RequestLog()
    part.keys = Array(keys[range])
    part.heapBytes = Array(heapBytes[range])
    if !times.isEmpty { part.times = Array(times[range]) }
    if !loadMicroseconds.isEmpty { part.loadMicroseconds = Array(loadMicroseconds[range]) }
    part.sampleRate = sampleRate
    part.recordedRate = recordedRate
    part.requestsRead = Int(Double(range.count) / keptRate)
    part.isSynthetic = isSynthetic
    part.hasAssumedTimes = hasAssumedTimes
    part.hasAssumedSizes = hasAssumedSizes
    part.hasSpreadTimes = hasSpreadTimes
    return part
  }

  /// The mean of the load times that are known; `nil` if none is.
  package var meanLoadMicroseconds: Double? {
    var sum = 0.0
    var known = 0
    for load in loadMicroseconds where load > 0 {
      sum += Double(load)
      known += 1
    }
    return known == 0 ? nil : sum / Double(known)
  }

  /// Gives requests without times random arrivals at a rate (a Poisson process).
  ///
  /// - Parameters:
  ///   - rate: Requests in a second; above zero.
  ///   - seed: Another seed makes other arrivals.
  package mutating func assumeTimes(rate: Double, seed: UInt64 = 1) {
    var generator = SplitMix64(seed: seed)
    var milliseconds = 0.0
    times = []
    times.reserveCapacity(count)
    for _ in 0..<count {
      milliseconds -= Logarithm.natural(1 - generator.nextUnit()) * 1000 / rate
      times.append(Int64(min(milliseconds, 1e15)))
    }
    hasAssumedTimes = true
  }

  /// Adds a request.
  ///
  /// - Parameters:
  ///   - time: Milliseconds since 1970; `nil` in a log without times.
  ///   - loadMicroseconds: 0 if it is not known.
  package mutating func append(
    key: UInt64, heapBytes: UInt32, time: Int64?, loadMicroseconds load: Int64
  ) {
    keys.append(key)
    self.heapBytes.append(heapBytes)
    if let time { times.append(time) }
    if loadMicroseconds.isEmpty {
      guard load > 0 else { return }
      loadMicroseconds = Array(repeating: 0, count: count - 1)
    }
    loadMicroseconds.append(UInt32(clamping: load))
  }

  /// Sorts the requests by time; those of one millisecond keep their order.
  package mutating func sortByTime() {
    guard !times.isEmpty else { return }
    let times = times
    let order = (0..<UInt32(count)).sorted {
      let (left, right) = (times[Int($0)], times[Int($1)])
      return left == right ? $0 < $1 : left < right
    }
    self.times = order.map { times[Int($0)] }
    let keys = keys
    self.keys = order.map { keys[Int($0)] }
    let heapBytes = heapBytes
    self.heapBytes = order.map { heapBytes[Int($0)] }
    guard !loadMicroseconds.isEmpty else { return }
    let loads = loadMicroseconds
    loadMicroseconds = order.map { loads[Int($0)] }
  }

  /// Spreads the requests of each second evenly over it, if the log's times are whole seconds.
  ///
  /// At the same instant they would need as many environments. The requests are in order.
  package mutating func spreadWholeSeconds() {
    guard let first = times.first, times.allSatisfy({ $0 % 1000 == first % 1000 }) else { return }
    var start = 0
    while start < count {
      var end = start + 1
      while end < count, times[end] == times[start] { end += 1 }
      if end - start > 1 { hasSpreadTimes = true }
      let second = times[start]
      for index in start..<end {
        times[index] = second + Int64((index - start) * 1000 / (end - start))
      }
      start = end
    }
  }

  /// Keeps the requests of the keys that a sample has.
  package mutating func keepSample(threshold: UInt64) {
    var kept = 0
    for index in 0..<count where KeyHash.isSampled(keys[index], threshold: threshold) {
      keys[kept] = keys[index]
      heapBytes[kept] = heapBytes[index]
      if !times.isEmpty { times[kept] = times[index] }
      if !loadMicroseconds.isEmpty { loadMicroseconds[kept] = loadMicroseconds[index] }
      kept += 1
    }
    let dropped = count - kept
    keys.removeLast(dropped)
    heapBytes.removeLast(dropped)
    if !times.isEmpty { times.removeLast(dropped) }
    if !loadMicroseconds.isEmpty { loadMicroseconds.removeLast(dropped) }
  }
}
