import LambdaCache
import PlannerCore
import Testing

@Suite("Replaying recorded requests", .disabled(if: RecordedTrace.areMissing))
struct RecordedReplayTests {
  private struct Inline {
    var words: (UInt64, UInt64) = (0, 0)
  }

  @Test(
    "Replaying recorded requests predicts the hits of the real cache at ten sizes",
    arguments: CachePolicy.allCases,
    [
      ("web07", "sizes"), ("web07", "drawn-sizes"), ("web07", "popular-large-sizes"),
      ("oltp", "sizes"), ("cpio", "sizes"), ("adaptsize", "sizes"), ("corda", "sizes"),
      ("pairs", "sizes"), ("phases", "sizes"), ("orm-busy", "sizes"),
      ("orm-busy", "drawn-sizes"), ("orm-busy", "popular-large-sizes"),
    ])
  func predicts(policy: CachePolicy, trace: (name: String, sizes: String)) throws {
    var options = InputOptions()
    options.sizesName = trace.sizes
    let path = try #require(RecordedTrace.path(trace.name))
    let log = try LogReader.read([path], options: options).log
    let most = Replay.run(log, limits: [CacheLimit(byteLimit: 1 << 40)])[0].peakByteCount
    let limits = (1...10).map { CacheLimit(byteLimit: most * $0 * $0 / 100, policy: policy) }
    // An adaptive cache samples keys by their hashes, whose secrets each cache draws.
    FixedSecrets.$isActive.withValue(true) {
      for (limit, result) in zip(limits, Replay.run(log, limits: limits, threads: 1)) {
        let cache = Cache<UInt64, Inline>(
          byteLimit: limit.byteLimit, policy: policy == .adaptive ? .adaptive : .leastRecentlyUsed,
          heapByteCount: { _, _ in 0 })
        var hits = 0
        for index in 0..<log.count {
          let key = log.keys[index]
          if cache.value(forKey: key) != nil {
            hits += 1
          } else {
            cache.setValue(Inline(), forKey: key, heapByteCount: Int(log.heapBytes[index]))
          }
        }
        #expect(result.hits == hits)
        #expect(result.requests == log.count)
      }
    }
  }

  @Test("Replaying requests predicts the hits of a cache of strings and arrays of as many bytes")
  func realValues() throws {
    var options = InputOptions()
    options.sizesName = "drawn-sizes"
    let path = try #require(RecordedTrace.path("web07"))
    let log = try LogReader.read([path], options: options).log
    for byteLimit in [200_000, 2_000_000, 10_000_000] {
      let cache = Cache<String, [UInt8]>(byteLimit: byteLimit)
      var hits = 0
      for index in 0..<log.count {
        let key = Self.text(log.keys[index])
        if cache.value(forKey: key) != nil {
          hits += 1
        } else {
          // So many bytes that their array owns what the log says, in a mapping of its own too.
          let heapBytes = Int(log.heapBytes[index])
          let value = [UInt8](
            repeating: 7, count: heapBytes - (heapBytes < 131_072 ? 40 : 56))
          // The allocator may have had a larger block at hand: what it really took is not asked.
          #expect(abs(value.heapByteCount - heapBytes) <= 16)
          cache.setValue(value, forKey: key, heapByteCount: heapBytes)
        }
      }
      let predicted = Replay.run(log, limits: [CacheLimit(byteLimit: byteLimit)])[0]
      #expect(predicted.hits == hits)
      #expect(predicted.entries == cache.count)
    }
  }

  @Test(
    "Replaying recorded requests has the hits that libCacheSim counts for exact LRU",
    arguments: [(204, 29_797), (1024, 38_487)])
  func oracle(entries: Int, hits: Int) throws {
    let path = try #require(RecordedTrace.path("web07"))
    let log = try LogReader.read([path], options: InputOptions()).log
    let limit = CacheLimit(byteLimit: 1 << 40, entryLimit: entries)
    #expect(Replay.run(log, limits: [limit])[0].hits == hits)
  }

  @Test(
    "Replaying recorded requests loses hits to sixteen environments as others have measured",
    arguments: [(1, 55.5), (16, 40.2)])
  func environments(count: Int, percent: Double) throws {
    let path = try #require(RecordedTrace.path("web07"))
    let log = try LogReader.read([path], options: InputOptions()).log
    let limit = CacheLimit(byteLimit: 1 << 40, entryLimit: 2000)
    let result = Replay.run(log, limits: [limit], environments: count)[0]
    // How requests are dealt is up to chance.
    #expect(abs(result.hitRatio * 100 - percent) < 1)
  }

  /// A name of eleven bytes, which a string holds inline.
  private static func text(_ key: UInt64) -> String {
    String(key, radix: 36).suffix(11).description
  }

  @Test("Replaying a sample is within a few points, and states how many")
  func sampled() throws {
    let path = try #require(RecordedTrace.path("orm-busy"))
    let log = try LogReader.read([path], options: InputOptions()).log
    let limits = [4 << 20, 16 << 20, 48 << 20].map { CacheLimit(byteLimit: $0) }
    let exact = Replay.run(log, limits: limits)
    let sampled = Replay.run(log, limits: limits, rate: 0.1)
    for (place, limit) in limits.enumerated() {
      let error = abs(exact[place].hitRatio - sampled[place].hitRatio)
      #expect(error < 0.06)
      let told = Replay.standardError(log, limit: limit, rate: 0.1)
      #expect(told > 0 && told < 0.2)
    }
  }
}

@Suite("Replaying")
struct ReplayTests {
  private let log = SyntheticLog.make(requests: 20_000, keys: 3000, rate: 10)

  @Test("Replaying expires entries by the log's own times")
  func timeToLive() {
    let limits = [1000, 60_000, nil].map {
      CacheLimit(byteLimit: 1 << 30, timeToLiveMilliseconds: $0)
    }
    let results = Replay.run(log, limits: limits)
    for (limit, result) in zip(limits, results) {
      var written: [UInt64: Int64] = [:]
      var hits = 0
      for index in 0..<log.count {
        let (key, time) = (log.keys[index], log.times[index])
        if let before = written[key], time - before < limit.timeToLiveMilliseconds ?? .max {
          hits += 1
        } else {
          written[key] = time
        }
      }
      #expect(result.hits == hits)
    }
    #expect(results[0].hits < results[1].hits && results[1].hits < results[2].hits)
  }

  @Test("Replaying deals requests among environments, each of which meets some of them once")
  func environments() {
    let limits = [CacheLimit(byteLimit: 1 << 30)]
    let one = Replay.run(log, limits: limits)[0]
    let four = Replay.run(log, limits: limits, environments: 4)[0]
    #expect(four.requests == log.count)
    #expect(four.hits < one.hits)
    // Unlimited caches miss once for each key that they meet.
    var met: Set<[UInt64]> = []
    for index in 0..<log.count {
      met.insert([KeyHash.hash(UInt64(index)) % 4, log.keys[index]])
    }
    #expect(four.requests - four.hits == met.count)
  }

  @Test("Replaying is the same on one thread and on several")
  func threads() {
    let limits = (0..<9).map { CacheLimit(byteLimit: 100_000 << $0) }
    #expect(
      Replay.run(log, limits: limits, threads: 1) == Replay.run(log, limits: limits, threads: 3))
  }

  @Test("Replaying of a sample adds the hits of the requests that it lacks")
  func adjustment() {
    var result = ReplayResult()
    result.requests = 900
    result.hits = 500
    result.rate = 0.1
    result.expectedRequests = 1000
    #expect(result.hitRatio == 0.6)
    result.requests = 1200
    #expect(result.hitRatio == 0.3)
    result.rate = 1
    #expect(result.hitRatio == 500.0 / 1200)
  }
}
