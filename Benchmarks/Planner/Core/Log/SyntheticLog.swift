import Workload

/// A log that is made up, for a first look without one.
package enum SyntheticLog {
  /// Keys asked for by Zipf's law, values of log-normal sizes around 1,000 bytes, random arrivals.
  ///
  /// - Parameters:
  ///   - requests: How many requests.
  ///   - keys: How many keys there are; not all of them are asked for.
  ///   - exponent: How skewed the keys are asked for.
  ///   - rate: Requests in a second.
  package static func make(
    requests: Int = 200_000, keys: Int = 50_000, exponent: Double = 0.9, rate: Double = 20,
    seed: UInt64 = 1
  ) -> RequestLog {
    var generator = SplitMix64(seed: seed)
    var cumulative: [Double] = []
    cumulative.reserveCapacity(keys)
    var sum = 0.0
    for rank in 1...keys {
      sum += Logarithm.power(Double(rank), -exponent)
      cumulative.append(sum)
    }
    var log = RequestLog()
    log.isSynthetic = true
    for _ in 0..<requests {
      let wanted = generator.nextUnit() * sum
      var low = 0
      var high = keys - 1
      while low < high {
        let middle = (low + high) / 2
        if cumulative[middle] > wanted { high = middle } else { low = middle + 1 }
      }
      log.keys.append(KeyHash.hash(UInt64(low)))
      log.heapBytes.append(UInt32(heapBytes(ofKey: low, seed: seed)))
    }
    log.requestsRead = requests
    log.assumeTimes(rate: rate, seed: seed &+ 1)
    return log
  }

  /// The size of a key's value is always the same: drawn from a generator of its own.
  private static func heapBytes(ofKey key: Int, seed: UInt64) -> Int {
    var generator = SplitMix64(seed: KeyHash.hash(UInt64(key)) ^ seed)
    // The sum of twelve uniform numbers less six is nearly normal.
    var normal = -6.0
    for _ in 0..<12 { normal += generator.nextUnit() }
    let bytes = 1000 * Logarithm.power(2.718281828459045, 1.2 * normal)
    return EntrySize.heapBytes(keyLength: 24, valueBytes: Int(min(max(bytes, 16), 1e7)))
  }
}
