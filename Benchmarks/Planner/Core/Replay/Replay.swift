import LambdaCache

/// Replays a log through caches.
package enum Replay {
  /// Replays a log through one cache for each limit, all of them at the same time.
  ///
  /// Every request looks its key up and, where that misses, sets it, as read-through does.
  ///
  /// - Parameters:
  ///   - log: The requests; with times if a limit has a time to live.
  ///   - limits: Sizes and times to live of whole caches, even where the log is a sample.
  ///   - rate: The part of the log's keys to replay; 1 for all.
  ///   - environments: Caches of the same limit among which requests are dealt at random.
  ///   - threads: Threads that share the limits.
  /// - Returns: A result for each limit, in their order.
  package static func run(
    _ log: RequestLog, limits: [CacheLimit], rate: Double = 1, environments: Int = 1,
    threads: Int = 2
  ) -> [ReplayResult] {
    let sample = rate < 1 ? log.sampled(rate: rate) : log
    let total = log.sampleRate * rate
    return Parallel.map(limits.count, threads: threads) { index in
      var result = replay(
        sample, limit: limits[index].scaled(by: total), environments: environments)
      result.rate = total
      result.expectedRequests = Double(log.requestsRead) * rate * log.keptRate
      return result
    }
  }

  /// Replays a log through the caches of one limit.
  private static func replay(
    _ log: RequestLog, limit: CacheLimit, environments: Int
  ) -> ReplayResult {
    if environments == 1 { return replayOne(log, limit: limit) }
    var result = ReplayResult()
    // One environment after the other: each meets its requests in order, and only one cache is in
    // memory at a time.
    for environment in 0..<environments {
      let part = replayOne(log, limit: limit) { index in
        Int(truncatingIfNeeded: KeyHash.hash(UInt64(index)) % UInt64(environments)) == environment
      }
      result.requests += part.requests
      result.hits += part.hits
      result.entries += part.entries
      result.peakByteCount = max(result.peakByteCount, part.peakByteCount)
    }
    return result
  }

  @inline(__always)
  private static func replayOne(
    _ log: RequestLog, limit: CacheLimit, where isMine: (Int) -> Bool = { _ in true }
  ) -> ReplayResult {
    let clock = SimulationClock()
    var engine = limit.makeEngine(clock: clock)
    let padding = InlinePadding()
    let usesTime = limit.timeToLiveMilliseconds != nil
    var result = ReplayResult()
    log.keys.withUnsafeBufferPointer { keys in
      log.heapBytes.withUnsafeBufferPointer { sizes in
        for index in keys.indices where isMine(index) {
          if usesTime { clock.elapsed = .milliseconds(log.times[index] - log.times[0]) }
          result.requests += 1
          if engine.value(forKey: keys[index]) != nil {
            result.hits += 1
          } else if sizes[index] != RequestLog.neverStored {
            engine.setValue(padding, forKey: keys[index], heapByteCount: Int(sizes[index]))
          }
        }
      }
    }
    result.entries = engine.count
    result.peakByteCount = engine.statistics.peakByteCount
    return result
  }

  /// The standard error of a sample's hit ratio, in parts of 1, by how much parts of it differ.
  ///
  /// - Parameters:
  ///   - log: The requests.
  ///   - limit: The limit of a whole cache.
  ///   - rate: The part of the log's keys that the sample has.
  package static func standardError(
    _ log: RequestLog, limit: CacheLimit, rate: Double, parts: Int = 8
  ) -> Double {
    let total = log.sampleRate * rate
    guard total < 1 else { return 0 }
    let sample = rate < 1 ? log.sampled(rate: rate) : log
    let ratios = Parallel.map(parts, threads: 2) { part in
      var portion = RequestLog()
      for index in sample.keys.indices
      where KeyHash.hash(sample.keys[index] ^ 0x5DEE_CE66) % UInt64(parts) == UInt64(part) {
        portion.keys.append(sample.keys[index])
        portion.heapBytes.append(sample.heapBytes[index])
        if !sample.times.isEmpty { portion.times.append(sample.times[index]) }
      }
      var result = replay(
        portion, limit: limit.scaled(by: total / Double(parts)), environments: 1)
      result.rate = total / Double(parts)
      result.expectedRequests =
        Double(log.requestsRead) * rate * log.keptRate / Double(parts)
      return result.hitRatio
    }
    let mean = ratios.reduce(0, +) / Double(parts)
    let variance = ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(parts - 1)
    return (variance / Double(parts)).squareRoot()
  }
}

extension RequestLog {
  /// The part of the recorded keys that reading has kept.
  var keptRate: Double { recordedRate > 0 ? sampleRate / recordedRate : 1 }

  /// The requests of a part of the keys.
  func sampled(rate: Double) -> RequestLog {
    var sample = RequestLog()
    // Of a log that is a sample already, the lowest part of what is in it.
    let threshold = UInt64(
      (Double(KeyHash.sampleSpace) * keptRate * rate).rounded(.up))
    for index in keys.indices where KeyHash.isSampled(keys[index], threshold: threshold) {
      sample.keys.append(keys[index])
      sample.heapBytes.append(heapBytes[index])
      if !times.isEmpty { sample.times.append(times[index]) }
    }
    return sample
  }
}
